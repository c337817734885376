"""What files hold that something is found out about, one by one: for whoever shows each by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pgproof.finding import Finding
from pgproof.flows.check import Asked
from pgproof.place import Place
from pgproof.sql import ddl

_OF_COMMENTS = "DOC"


class Kind(StrEnum):
    """What it is."""

    TABLE = "table"
    CONSTRAINT = "constraint"
    INDEX = "index"
    QUERY = "query"
    MIGRATION = "up, down, up"
    REST = "everything else"


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing in a file: what it is called in findings, and where it stands.

    A migration is what `verify` speaks of; the `REST` of a file is what else there is in it (its comments).
    """

    kind: Kind
    name: str
    place: Place

    @property
    def title(self) -> str:
        """The two words for people."""
        return str(self.kind) if self.kind in (Kind.MIGRATION, Kind.REST) else f"{self.kind} {self.name}"


def things(asked: Asked) -> tuple[Thing, ...]:
    """All things in the files, by file and in the order in which they stand there. Pure.

    Each file has a `REST`. A migration that has no version cannot be verified, and is none.
    """
    library, contract = asked.library, asked.contract
    found = [*_declared(asked), *(Thing(Kind.QUERY, each.id, each.place) for each in contract.queries)]
    for each in library.migrations:
        begin = Place(path=each.path, line=1)
        found.append(Thing(Kind.REST, each.name, begin))
        if each.digits and not each.repeatable:
            found.append(Thing(Kind.MIGRATION, each.name, begin))
    whole = {each.place.path for each in found if each.kind is Kind.REST}
    spoken = dict.fromkeys(
        [*(each.place.path for each in contract.accepted), *(each.place.path for each in contract.queries)]
    )
    found += [Thing(Kind.REST, path, Place(path=path, line=1)) for path in spoken if path not in whole]
    return tuple(sorted(dict.fromkeys(found), key=_order))


def _declared(asked: Asked) -> Iterator[Thing]:
    statements = [s for migration in asked.library.migrations for s in migration.up.statements]
    declared = ddl.read(statements)
    for table in declared.tables:
        yield Thing(Kind.TABLE, table.relation.name, table.place)
    for each in declared.constraints:
        yield Thing(Kind.CONSTRAINT, f"{each.relation.name}.{each.name or each.implicit}", each.place)
    for index in declared.indexes:
        yield Thing(Kind.INDEX, index.name or index.implicit, index.place)


def _order(thing: Thing) -> tuple[str, int, int, str]:
    kinds = list(Kind)
    last = thing.kind in (Kind.MIGRATION, Kind.REST)
    return thing.place.path, last * 10**9 + thing.place.line, kinds.index(thing.kind), thing.name


def told(findings: Iterable[Finding], among: Sequence[Thing]) -> Mapping[Thing, tuple[Finding, ...]]:
    """Which findings each thing has. Pure.

    A finding belongs to the thing of its name in its file, else to what stands at its place, else to the table of
    the column, else (as those about comments do) to the rest of the file.
    """
    index: dict[tuple[str, ...], Thing] = {}
    for each in reversed(among):
        for key in _keys(each):
            index[key] = each
    found: dict[Thing, list[Finding]] = {each: [] for each in among}
    for finding in findings:
        of = next((index[key] for key in _sought(finding) if key in index), None)
        if of is not None:
            found[of].append(finding)
    return {thing: tuple(each) for thing, each in found.items()}


def _keys(thing: Thing) -> Iterator[tuple[str, ...]]:
    path = thing.place.path
    if thing.kind is Kind.REST:
        yield "rest", path
        return
    yield "name", path, thing.name
    if thing.kind is not Kind.MIGRATION:
        yield "place", str(thing.place)


def _sought(finding: Finding) -> Iterator[tuple[str, ...]]:
    path = finding.place.path
    if not finding.code.startswith(_OF_COMMENTS):
        yield "name", path, finding.object
        yield "place", str(finding.place)
        yield "name", path, finding.object.rpartition(".")[0]
    yield "rest", path
