"""What `verify` came to, in words and as data."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pgproof import __version__
from pgproof.catalog.fact import Fact
from pgproof.drift import words
from pgproof.drift.reversal import Outcome, Reversal
from pgproof.drift.words import Voice
from pgproof.report.words import counted

BEFORE = Voice(missing="does not come back", excess="is left", expected="it was")
"""Differences behind the downgrade."""
FIRST = Voice(missing="is missing", excess="is there now", expected="the first time")
"""Differences behind the second upgrade."""


def verified_text(server: str, found: Sequence[Reversal]) -> str:
    """For people: a server, and how each migration came back on it."""
    width = max((len(each.migration.label) for each in found), default=0)
    lines = [f"on {server}"]
    for each in found:
        lines.append(f"  {each.migration.label:{width}}  {each.outcome}".rstrip())
        lines += [f"      {line}" for line in _more(each)]
    return "\n".join([*lines, f"  {closing(found)}", ""])


def verified_json(servers: Sequence[tuple[str, Sequence[Reversal]]], findings: Mapping[str, Any]) -> str:
    """For programs: the same, for all servers in one object, with its findings."""
    told = [{"server": server, "migrations": [_object(each) for each in found]} for server, found in servers]
    data = {"schema": "pgproof.verify/1", "version": __version__, "servers": told, **findings}
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _object(each: Reversal) -> dict[str, Any]:
    return {
        "migration": each.migration.label,
        "outcome": str(each.outcome),
        "left": [line for one in each.left for line in words.lines(one, BEFORE)],
        "again": [line for one in each.again for line in words.lines(one, FIRST)],
        "lost": [words.label(fact) for fact in each.lost],
        "emptied": [words.label(fact) for fact in each.emptied],
        "restored": [words.label(fact) for fact in each.restored],
        "moved": list(each.moved),
        "rows": {
            "losses": list(each.losses),
            "refused": str(each.refused) if each.refused else None,
            "unfilled": list(each.unfilled),
            "untold": str(each.untold) if each.untold else None,
        },
        "problem": str(each.problem) if each.problem else None,
    }


def _more(each: Reversal) -> Iterator[str]:
    if each.problem and each.outcome is not Outcome.FAILED:
        yield "the second upgrade is refused:"
    if each.problem:
        yield from str(each.problem).splitlines()
    if each.left:
        yield "behind the downgrade, not as before:"
        yield from (f"  {line}" for one in each.left for line in words.lines(one, BEFORE))
    if each.again:
        yield "behind the second upgrade, not as behind the first:"
        yield from (f"  {line}" for one in each.again for line in words.lines(one, FIRST))
    yield from _dropped(each)
    if each.refused:
        yield "with rows in the tables the server refuses it:"
        yield from str(each.refused).splitlines()
    yield from each.losses
    yield from each.unfilled
    if each.untold:
        yield "nobody can tell what becomes of rows:"
        yield from str(each.untold).splitlines()
    yield from _moved(each)


def asides(each: Reversal) -> Iterator[str]:
    """What there is to know of a migration that comes back."""
    yield from _dropped(each)
    yield from _moved(each)


def _dropped(each: Reversal) -> Iterator[str]:
    if each.lost:
        yield f"the downgrade drops {_listed(each.lost)}, with all that is in it"
    if each.emptied:
        yield f"the upgrade drops {_listed(each.emptied)}; the downgrade brings it back empty"
    if each.restored:
        yield f"the upgrade drops {_listed(each.restored)}; the downgrade brings it back with values"


def _moved(each: Reversal) -> Iterator[str]:
    if each.moved:
        yield f"the columns of {', '.join(each.moved)} come back in another order"


def _listed(facts: Sequence[Fact]) -> str:
    return ", ".join(words.label(each) for each in facts)


def closing(found: Sequence[Reversal]) -> str:
    """What migrations came to on one server, in one line."""
    counts = {outcome: sum(each.outcome is outcome for each in found) for outcome in Outcome}
    parts = [f"{number} {outcome}" for outcome, number in counts.items() if number]
    return (
        f"{counted(len(found), 'migration', 'migrations')}: {', '.join(parts)}"
        if parts
        else "no migration to verify"
    )
