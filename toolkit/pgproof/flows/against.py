"""Old code on the new schema, and new code on the old one: the queries of two revisions crossed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pgproof.contract.promise import Origin, Query
from pgproof.errors import InputError
from pgproof.explain.deploy.crossing import crossings
from pgproof.explain.facts import Attempt, Crossing
from pgproof.explain.service import Bench
from pgproof.finding import Finding, Verdict
from pgproof.flows.revision import checked_out, names_at
from pgproof.place import Place
from pgproof.synth.probe.fact import Ran, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The revision before: its folders, where they were laid out, and what each is called in messages."""

    migrations: Path
    checks: Path | None = None
    names: tuple[tuple[Path, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """The schema of a revision: where it is asked, and what came of statements there, by query (id and text)."""

    bench: Bench
    runs: Mapping[tuple[str, str], Run]


@contextmanager
def revision(name: str, migrations: Path, checks: Path | None) -> Iterator[Base]:
    """The folders as a revision of git has them ("git:main"), as long as they are needed. Raises InputError.

    A revision without `checks` promises what the comments of its migrations do.
    """
    with ExitStack() as stack:
        places: dict[Path, str] = {}

        def laid_out(path: Path) -> Path:
            folder = path.parent if path.is_file() else path
            place = stack.enter_context(checked_out(name, folder))
            places[place] = f"{name}:{folder}"
            return place / path.name if path.is_file() else place

        old_checks = laid_out(checks) if checks is not None and names_at(name, checks) else None
        yield Base(migrations=laid_out(migrations), checks=old_checks, names=tuple(places.items()))


def crossed(old: Side, new: Side, before: Sequence[Query], now: Sequence[Query]) -> tuple[Crossing, ...]:
    """The queries of the revision before on the new schema, and those that are new since on the old one."""
    fresh = since(before, now)
    there = (_run(each, old, new) for each in crossings(old.bench, new.bench, before, is_old=True))
    back = (_run(each, new, old) for each in crossings(new.bench, old.bench, fresh, is_old=False))
    return (*there, *back)


def since(before: Sequence[Query], now: Sequence[Query]) -> tuple[Query, ...]:
    """The queries of files that were not there before, or not so."""
    known = {(query.id, query.text) for query in before}
    written = (query for query in now if query.origin is not Origin.STATEMENTS)
    return tuple(query for query in written if (query.id, query.text) not in known)


def _run(crossing: Crossing, home: Side, abroad: Side) -> Crossing:
    """The crossing with what came of the statement on rows that fit each of the schemas.

    Where it changes rows at home and is always refused abroad, that is how; or maybe, where the rows or values
    that were made may be to blame. Where it changes rows on both and every value is said, no value is open; rows
    that refer to those it takes away still are.
    """
    query = crossing.query
    own, other = home.runs.get((query.id, query.text)), abroad.runs.get((query.id, query.text))
    if crossing.problem or crossing.attempt or own is None or other is None or own.outcome is not Ran.DONE:
        return crossing
    if other.outcome is Ran.DONE and query.parameters and all(each.value for each in query.parameters):
        return replace(crossing, unsure=tuple(each for each in crossing.unsure if not each.columns))
    if not other.sqlstate or any(each.verdict is Verdict.FAILS for each in crossing.refusals):
        return crossing
    refused = Attempt(sqlstate=other.sqlstate, constraint=other.constraint, message=other.reason)
    if not other.is_certain:
        is_told = crossing.refusals or crossing.unsure
        return crossing if is_told else replace(crossing, doubt=refused)
    return replace(crossing, attempt=refused, unsure=())


def named(finding: Finding, base: Base) -> Finding:
    """The finding with places in the revision as people call them."""
    related = tuple(_named(place, base) for place in finding.related)
    return replace(finding, place=_named(finding.place, base), related=related)


def _named(place: Place, base: Base) -> Place:
    for folder, name in base.names:
        if place.path.startswith(f"{folder}/"):
            return replace(place, path=name + place.path.removeprefix(str(folder)))
    return place


def told(error: InputError, base: Base) -> InputError:
    """Mistakes in the files of the revision, with places as people call them."""
    return InputError(*(replace(p, place=_named(p.place, base) if p.place else None) for p in error.problems))
