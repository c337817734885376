"""A side of `diff` as a server of the other side's major has it: made there, read there, and made once more.

Two majors write the same definition differently, so that texts can be compared only where one server has written
both: the one whose major the plan is for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from importlib.resources import files

from pgproof.catalog.accounting import deparsed
from pgproof.catalog.fact import Fact, Facts, Key, Value
from pgproof.database.connection import connect
from pgproof.database.scratch import ScratchServer
from pgproof.drift.across import Copied, across
from pgproof.drift.compare import Difference, but_altered, leave
from pgproof.drift.lacks import spared
from pgproof.drift.majors import Made, Makes, between
from pgproof.drift.unit import Side as Units
from pgproof.drift.words import label
from pgproof.flows.clone import clone, like, read
from pgproof.flows.sides import Side

_VERSIONS = files("pgproof.flows").joinpath("versions.sql").read_text(encoding="utf-8")
_CHANGED = "objects of initdb's are changed there, and each major makes others: what that is here, nobody can tell"
_BECAUSE = "each server comes with versions of extensions of its own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Translated:
    """The side in the other one's major, what is unlike and cannot be had there, and what majors make of it.

    `impossible` are the objects with the reasons, for the plan; `differences` are those in them. `reasons` are why
    nobody can tell that there is no other difference.
    """

    side: Side
    made: tuple[Made, ...] = ()
    impossible: tuple[tuple[str, str], ...] = ()
    differences: tuple[Difference, ...] = ()
    reasons: tuple[str, ...] = ()


def in_major_of(source: Side, target: Side, server: ScratchServer, stack: ExitStack) -> Translated:
    """The target as `server` has it, which is of the source's major; the copy is there until the stack ends.

    Raises DatabaseError.
    """
    there = source.facts
    if target.facts.major == there.major:
        return Translated(side=target)
    kept = but_altered(target.facts)
    reasons = () if kept is target.facts else (_CHANGED,)
    wanted, versions = _with_versions(kept, there, server)
    first = spared(wanted, there)
    rules = min(wanted.major, there.major)  # a NOT NULL is written as a constraint where both have it so
    with clone(server, replace(first.facts, major=rules)) as copy:
        made = like(read(copy.conn), first.facts)
        copied = Copied(told=first.facts, found=made, refused=copy.refused, kept=first.units)
        found = across(wanted, there, copied)
    final = stack.enter_context(clone(server, found.facts))
    side = replace(target, database=final.database, facts=found.facts, is_live=False, is_made=True, undumped=())
    impossible = {**first.impossible, **found.impossible}
    return Translated(
        side=side,
        made=(*versions, *found.made),
        impossible=tuple((label(wanted.facts[key]), impossible[key]) for key in _in_order(impossible, wanted)),
        differences=tuple(_within(wanted, there, impossible)),
        reasons=(*reasons, *found.reasons),
    )


def _in_order(keys: Iterable[Key], facts: Facts) -> list[Key]:
    place = {catalog: number for number, catalog in enumerate(facts.words)}
    return sorted(keys, key=lambda key: (place[key[0]], key[1]))


def _within(wanted: Facts, there: Facts, impossible: Mapping[Key, str]) -> Iterator[Difference]:
    """What is unlike in what cannot be had; of texts, which majors write differently, nothing if there is more."""
    sides = Units(wanted), Units(there)
    for each in between(wanted, there)[0]:
        side = sides[0] if each.expected else sides[1]
        if each.key in impossible or side.unit_of(each.fact) in impossible:
            yield _but_texts(each) or each


def _but_texts(each: Difference) -> Difference | None:
    texts = deparsed(each.fact.catalog)
    return leave(each, lambda word: word not in texts)


def _with_versions(wanted: Facts, there: Facts, server: ScratchServer) -> tuple[Facts, tuple[Made, ...]]:
    """Extensions in the versions that come with the other major, and where these are others."""
    with server.database() as database, closing(connect(database)) as conn:
        known = {name: (usual, versions) for name, usual, versions in conn.execute(_VERSIONS)}
    made = []
    for fact in wanted:
        if fact.catalog == "pg_extension" and fact.name[0] in known:
            version = wanted.value(fact, "version")
            found = _version(version, there, fact, *known[fact.name[0]])
            if found != version:
                made.append(_made(wanted, there, fact, found))
    changed = {each.difference.key: each.difference.actual for each in made}
    facts = {key: changed.get(key) or fact for key, fact in wanted.facts.items()}
    return replace(wanted, facts=facts), tuple(made)


def _version(version: Value, there: Facts, fact: Fact, usual: str, versions: Sequence[str]) -> Value:
    """The version of an extension that the database would have on the other server.

    It is what is there, if a server of that major has no other one, or gives this one to whoever asks for none.
    """
    twin = there.facts.get(fact.key)
    now = there.value(twin, "version") if twin else usual
    return now if version not in versions or (twin and now == usual) else version


def _made(wanted: Facts, there: Facts, fact: Fact, version: Value) -> Made:
    words = wanted.words[fact.catalog]
    values = tuple(version if word == "version" else value for word, value in zip(words, fact.values, strict=True))
    difference = Difference(
        expected=fact,
        actual=replace(fact, values=values),
        words=words,
        values={"version": (wanted.value(fact, "version"), version)},
    )
    since = max(wanted.major, there.major)
    return Made(difference=difference, makes=Makes(since=since, catalog=fact.catalog, because=_BECAUSE))
