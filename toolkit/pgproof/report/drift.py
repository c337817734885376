"""What `drift` came to, in words and as data.

What there is to say of differences is loaded where there are any: to load it takes longer than to see that there
are none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pgproof import __version__
from pgproof.drift.outcome import Drift, Origin
from pgproof.report.words import counted

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from pgproof.contract.promise import Accepted
    from pgproof.drift.code import Item
    from pgproof.drift.compare import Difference
    from pgproof.drift.watch.deed import Deed
    from pgproof.drift.watch.recorder import Watched
    from pgproof.migrate.standing import Standing


def drift_text(result: Drift) -> str:
    """For people: what was compared, what differs, and what that means."""
    since = "unchanged since it was " if result.is_unchanged else ""
    lines = [result.database, f"at {result.version}, {since}compared{_how(result)} with {expected(result)}"]
    lines += [line for each in result.differences for line in _difference_lines(result, each)]
    lines += map(_standing_line, result.standings)
    lines += [f"note: {remark}" for remark in (*result.remarks, *result.notes)]
    if result.schemas:
        found = counted(result.outside, "difference", "differences")
        lines.append(f"note: only {', '.join(result.schemas)}; {found} elsewhere")
    if result.witness:
        lines.append(f"note: pg_dump sees no {'other difference' if result.differences else 'difference either'}")
    lines += [f"cannot tell: {reason}" for reason in reasons(result)]
    return "\n".join([*lines, closing(result), ""])


def next_text(result: Drift, *, is_commanded: bool) -> str:
    """For people: the commands of which one is to be typed next; "" where nothing is wrong.

    With `is_commanded`, a command of the project's builds the schema, and no migration of ours can be written.
    """
    lines = list(_next(result, is_commanded=is_commanded))
    if not lines:
        return ""
    head = ["next:"] if len(lines) == 1 else ["next, one of:"]
    return "\n".join([*head, *(f"  {command}  # {what}" for command, what in lines), ""])


def _next(result: Drift, *, is_commanded: bool) -> Iterator[tuple[str, str]]:
    """The commands, and what each is good for."""
    if result.is_stirred:
        yield "pgproof drift", "when nobody changes the schema"
        return
    if result.standings:
        yield "pgproof upgrade --dry-run", "says what to do about the history"
    accepted = next((item for item in result.items if item not in result.accepted), None)
    if accepted is None:
        return
    yield "pgproof drift --repair", "the SQL that makes the database what the files say"
    if not (is_commanded or result.standings):
        when = ", when what is pending is applied" if result.pending else ""
        yield "pgproof drift --adopt NAME", f"a migration that makes it official{when}"
    from shlex import quote

    words = f"--accept {quote(f'{accepted.code}:{accepted.object}')} --because TEXT --until YYYY-MM-DD"
    yield f"pgproof drift {words}", "lives with it"


def _difference_lines(result: Drift, difference: Difference) -> Iterator[str]:
    from pgproof.drift import words
    from pgproof.drift.code import items

    for line, item in zip(words.lines(difference), items(difference), strict=True):
        yield f"{line} [{item.code}]"
        if acceptance := result.accepted.get(item):
            yield f"    {_accepted(acceptance)}"
    if deed := result.deeds.get(difference.key):
        yield f"    {signature(deed)}"


def asides(result: Drift) -> list[str]:
    """For people: what no plan is about."""
    return [*map(_standing_line, result.standings), *(f"cannot tell: {reason}" for reason in reasons(result))]


def _standing_line(each: Standing) -> str:
    from pgproof.drift.code import OF_HISTORY

    return f"  {each.name} {each.condition}: {each.detail} [{OF_HISTORY[each.condition]}]"


def caught_up_text(
    paths: Sequence[object], version: str, losses: Sequence[str], impossible: Sequence[tuple[str, str]]
) -> str:
    """For people: the migration that was written, what it does not do, what its way back loses, what is next."""
    lines = [f"written: {path}" for path in paths] or ["nothing is written: it is not proved"]
    lines += [f"it cannot do: {what}: {why}" for what, why in impossible]
    lines += [f"its way back loses {each}" for each in losses]
    if paths:
        lines += ["next: read it, and enter it where the change is made already:", f"pgproof adopt --to {version}"]
    return "\n".join([*lines, ""])


def snapshot_text(path: str, differences: Sequence[Difference], reasons: Sequence[str]) -> str:
    """For people: what a snapshot does not have as the files build it."""
    from pgproof.drift import words

    if not (differences or reasons):
        return f"{path} is what the files build\n"
    lines = [line for each in differences for line in words.lines(each)]
    count = (
        f": {len(differences)} {'difference' if len(differences) == 1 else 'differences'}" if differences else ""
    )
    lines += [f"note: {reason}" for reason in reasons]
    return "\n".join(
        [*lines, f"{path} is not what the files build{count}", "HINT: write it anew: pgproof snapshot", ""]
    )


def drift_json(
    result: Drift,
    findings: Mapping[str, Any],
    written: Sequence[object] = (),
    plan: Mapping[str, Any] | None = None,
) -> str:
    """For programs: the same, `verdict` first, its findings, and the plan that was asked for."""
    return (
        json.dumps(
            {
                "schema": "pgproof.drift/1",
                "version": __version__,
                "verdict": str(result.verdict),
                "database": result.database,
                "at": result.version,
                "expected": result.expected,
                "origin": str(result.origin),
                "unchanged": result.is_unchanged,
                "by_digest": result.by_digest,
                "by_parts": result.by_parts,
                "by_rows": result.by_rows,
                "pending": result.pending,
                "written": [str(path) for path in written],
                "schemas": list(result.schemas),
                "outside": result.outside,
                "witness": result.witness,
                "accepted": len(result.differences) - result.open,
                "differences": [_difference(result, each) for each in result.differences],
                "history": [_standing(each) for each in result.standings],
                "remarks": list(result.remarks),
                "notes": list(result.notes),
                "reasons": reasons(result),
                "plan": plan,
                **findings,
            },
            ensure_ascii=False,
            indent=2,
        )
        + "\n"
    )


def reasons(result: Drift) -> list[str]:
    """Why nobody can tell, in sentences."""
    stirred = "the schema was changed while it was read, and again when it was read again: run again"
    return [*result.reasons, *([stirred] if result.is_stirred else [])]


def _how(result: Drift) -> str:
    if result.by_digest:
        return ", by a digest of all of it,"
    if result.by_rows:
        return ", where its catalog has newer rows,"
    return ", by digests of its parts," if result.by_parts else ""


def expected(result: Drift) -> str:
    """With what a database was compared."""
    match result.origin:
        case Origin.SNAPSHOT:
            return f"what {result.expected} says that the files build"
        case Origin.MEMORY:
            return f"what the files built on {result.expected}, as remembered"
    return f"what the files build on {result.expected}"


def _difference(result: Drift, each: Difference) -> dict[str, Any]:
    from pgproof.drift.code import items

    found = [_finding(item, result.accepted.get(item)) for item in items(each)]
    return {**difference_object(each, result.deeds.get(each.key)), "findings": found}


def _standing(each: Standing) -> dict[str, str]:
    from pgproof.drift.code import OF_HISTORY

    return {
        "code": str(OF_HISTORY[each.condition]),
        "name": each.name,
        "condition": str(each.condition),
        "detail": each.detail,
    }


def _accepted(acceptance: Accepted) -> str:
    until = f" until {acceptance.until}" if acceptance.until else ""
    place = acceptance.place
    return f"accepted{until}: {acceptance.because} ({place.path}:{place.line})"


def _finding(item: Item, acceptance: Accepted | None) -> dict[str, Any]:
    return {
        "code": str(item.code),
        "object": item.object,
        "pin": item.pin,
        "accepted": None
        if acceptance is None
        else {
            "because": acceptance.because,
            "until": str(acceptance.until) if acceptance.until else None,
            "path": acceptance.place.path,
            "line": acceptance.place.line,
        },
    }


def written_text(written: Sequence[tuple[Path, Item, Sequence[Accepted]]], until: date | None) -> str:
    """For people: what is accepted from now on, where that stands, and what gave way to it."""
    lines = []
    for path, item, instead in written:
        lines.append(f"{path}: {item} is accepted{f' until {until}' if until else ''}")
        lines += [f"    instead of what {_accepted(each)}" for each in instead]
    return "\n".join([*lines, ""])


def watched_text(result: Watched) -> str:
    """For people: what has become of the recorder of DDL."""
    match result.was_there, result.is_there:
        case False, True:
            said = "is recorded from now on, in pgproof.ddl"
        case True, True:
            said = "is recorded already, in pgproof.ddl"
        case True, False:
            said = "is recorded no more, and what was recorded is gone"
        case _:
            said = "was not recorded"
    return f"{result.database}: who changes what {said}\n"


def signature(deed: Deed) -> str:
    """For people: who did it, when, with what, and what was sent."""
    who = deed.session_role if deed.role == deed.session_role else f"{deed.session_role} as {deed.role}"
    with_what = f"with {deed.application} " if deed.application else ""
    whence = f"from {deed.client} " if deed.client else ""
    return f"by {who}, {deed.at} UTC, {with_what}{whence}".rstrip(" ,") + f": {deed.line}"


def difference_object(each: Difference, deed: Deed | None = None) -> dict[str, Any]:
    from pgproof.drift import words

    return {
        "kind": each.fact.kind,
        "catalog": each.fact.catalog,
        "name": list(each.fact.name),
        "label": words.label(each.fact),
        "state": "missing" if each.actual is None else "unexpected" if each.expected is None else "changed",
        "values": {word: {"expected": one, "actual": other} for word, (one, other) in each.values.items()},
        "with": [words.label(fact) for fact in each.along],
        "by": None if deed is None else _by(deed),
    }


def _by(deed: Deed) -> dict[str, str]:
    return {
        "session_role": deed.session_role,
        "role": deed.role,
        "at": f"{deed.at.replace(' ', 'T')}Z",
        "application": deed.application,
        "client": deed.client,
        "tag": deed.tag,
        "statement": deed.statement,
    }


def closing(result: Drift) -> str:
    """What it comes to, in a line."""
    if result.is_stirred:
        return "nobody can tell"
    count = len(result.differences) + len(result.standings)
    pending = f"; {result.pending} pending" if result.pending else ""
    if count:
        lived_with = len(result.differences) - result.open
        accepted = f", {'all' if lived_with == count else lived_with} accepted" if lived_with else ""
        return f"{count} {'difference' if count == 1 else 'differences'}{accepted}{pending}"
    if result.reasons:
        return f"no difference was found, but not all could be seen{pending}"
    return f"no drift: the database is what the files say{pending}"
