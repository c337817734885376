"""The parts of a section without a transaction that land one by one: a statement, or the author's transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pgproof.migrate.migration import Section
from pgproof.sql import transaction
from pgproof.sql.statement import Statement
from pgproof.sql.transaction import Boundary


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Statements that land together; `first` is the number of the first, from 1.

    `is_block`: it begins and ends with the author's BEGIN and COMMIT (or another end of a transaction).
    """

    first: int
    statements: tuple[Statement, ...]
    is_block: bool = False

    @property
    def last(self) -> int:
        """The number of the last statement."""
        return self.first + len(self.statements) - 1


def units(section: Section, done: int) -> Iterator[Unit]:
    """The units of a section behind its statement `done`."""
    block: list[Statement] = []
    for number, statement in enumerate(section.statements[done:], done + 1):
        boundary = transaction.boundary(statement)
        if block or boundary is Boundary.BEGIN:
            block.append(statement)
            if boundary is Boundary.END:
                yield Unit(first=number - len(block) + 1, statements=tuple(block), is_block=True)
                block = []
        else:
            yield Unit(first=number, statements=(statement,))
