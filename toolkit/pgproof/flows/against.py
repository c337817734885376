"""Old code on the new schema, and new code on the old one: the queries of two revisions crossed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pgproof.contract.promise import Origin, Query
from pgproof.errors import InputError
from pgproof.explain.deploy.crossing import crossings
from pgproof.explain.facts import Crossing
from pgproof.explain.service import Bench
from pgproof.finding import Finding
from pgproof.flows.revision import checked_out, names_at
from pgproof.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The revision before: its folders, where they were laid out, and what each is called in messages."""

    migrations: Path
    checks: Path | None = None
    names: tuple[tuple[Path, str], ...] = ()


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


def crossed(old: Bench, new: Bench, before: Sequence[Query], now: Sequence[Query]) -> tuple[Crossing, ...]:
    """The queries of the revision before on the new schema, and those that are new since on the old one."""
    known = {(query.id, query.text) for query in before}
    written = [query for query in now if query.origin is not Origin.STATEMENTS]
    fresh = [query for query in written if (query.id, query.text) not in known]
    return (*crossings(old, new, before, is_old=True), *crossings(new, old, fresh, is_old=False))


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
