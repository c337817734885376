"""A scratch database whose tables have rows: what a migration, and its downgrade, does to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from types import TracebackType

from pgproof.catalog.fact import Fact
from pgproof.database.connection import Connection, connect
from pgproof.database.scratch import ScratchServer
from pgproof.drift.reversal import Outcome, Reversal
from pgproof.errors import DatabaseError, Problem
from pgproof.migrate.execute import rehearse
from pgproof.migrate.migration import Migration
from pgproof.migrate.plan import Direction, Step
from pgproof.sql.name import qualified, quote
from pgproof.synth.content import Content, How, Loss, content, losses
from pgproof.synth.fill import Filled, fill


class _RefusedError(DatabaseError):
    """The server refuses a migration that it does not refuse on empty tables."""


class Peopled:
    """A database that goes along from migration to migration, with rows in each table before each of them.

    `roles` are those that the server had before any migration was run: the others go with each database, so that
    migrations can make them again.
    """

    def __init__(self, server: ScratchServer, rows: int, roles: frozenset[str]) -> None:
        self._server = server
        self._rows = rows
        self._roles = roles
        self._done: list[Migration] = []
        self._stack = ExitStack()
        self._conn: Connection
        self._lost: Problem | None = None

    def __enter__(self) -> Peopled:
        self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def pass_by(self, migration: Migration) -> None:
        """Run a migration that nothing is asked about."""
        if self._lost:
            return
        try:
            self._run(migration, Direction.UP)
            self._done.append(migration)
        except DatabaseError:
            self._anew(migration)

    def tell(self, migration: Migration, found: Reversal) -> Reversal:
        """Up, down and up again with rows: what was found on empty tables, and what comes of the rows.

        What cannot be told is told as that: where the server gives no rows, or there is no way to go on.
        """
        if self._lost:
            return replace(found, untold=self._lost)
        try:
            told = self._told(migration, found)
        except _RefusedError as error:
            self._anew(migration)
            return replace(found, outcome=Outcome.ONLY_EMPTY, refused=error.problems[0])
        except DatabaseError as error:
            self._anew(migration)
            return replace(found, untold=error.problems[0])
        self._done.append(migration)
        return told

    def _told(self, migration: Migration, found: Reversal) -> Reversal:
        filled, before = self._fill()
        remarks = list(filled.remarks)
        self._run(migration, Direction.UP)
        up = content(self._conn)
        states = [before, up]
        gone = losses(before, up)
        told = _sentences("upgrading", migration, gone)
        restored: frozenset[Fact] = frozenset()
        if migration.down is not None:
            filled, there = self._fill()
            remarks += filled.remarks
            self._run(migration, Direction.DOWN)
            down = content(self._conn)
            states += [there, down]
            back = [each for each in losses(there, down) if each.how is not How.DROPS]  # the catalog says those
            told += _sentences("downgrading", migration, back)
            both = losses(before, down)
            said = {(each.table, each.column) for each in (*gone, *back)}
            more = [each for each in both if (each.table, each.column) not in said and not _is_of(each, gone)]
            told += _sentences("upgrading and downgrading", migration, more)
            restored = frozenset(each for each in found.emptied if _is_restored(each, gone, both))
            self._run(migration, Direction.UP)
        remarks += [f"{table} cannot be read: {why.line}" for each in states for table, why in each.unread.items()]
        return replace(
            found,
            losses=tuple(told),
            emptied=tuple(each for each in found.emptied if each not in restored),
            restored=tuple(each for each in found.emptied if each in restored),
            unfilled=tuple(dict.fromkeys(remarks)),
        )

    def _fill(self) -> tuple[Filled, Content]:
        filled = fill(self._conn, self._rows)
        return filled, content(self._conn)

    def _anew(self, migration: Migration) -> None:
        """Go on behind a migration that cannot be run with rows: on another database, where there were none."""
        self._done.append(migration)
        try:
            self._stack.close()
            self._open()
            for each in self._done:
                self._run(each, Direction.UP)
        except DatabaseError as error:
            self._lost = error.problems[0]

    def _open(self) -> None:
        self._server.drop_roles(self._roles)
        self._stack = ExitStack()
        database = self._stack.enter_context(self._server.database())
        self._conn = connect(database)
        self._stack.callback(self._conn.close)

    def _run(self, migration: Migration, direction: Direction) -> None:
        try:
            for _ in rehearse(self._conn, [Step(migration=migration, direction=direction)]):
                pass
        except DatabaseError as error:
            raise _RefusedError(*error.problems) from error


def _sentences(doing: str, migration: Migration, found: Iterable[Loss]) -> list[str]:
    return [f"{doing} {migration.label} {each}" for each in found]


def _is_of(loss: Loss, gone: Sequence[Loss]) -> bool:
    """True if it is nothing but what was dropped before: the whole, or a part of it."""
    dropped = {(each.table, each.column) for each in gone if each.how is How.DROPS}
    return loss.how is not How.REWRITES and bool({(loss.table, loss.column), (loss.table, "")} & dropped)


def _is_restored(fact: Fact, gone: Sequence[Loss], both: Sequence[Loss]) -> bool:
    """True if what was dropped had values, and has some again."""
    table = qualified(*fact.name[:2])
    column = quote(fact.name[2]) if len(fact.name) > 2 else ""
    lost = {(each.table, each.column) for each in both if each.how is not How.REWRITES}
    return _is_of(Loss(how=How.DROPS, table=table, column=column, count=0), gone) and not (
        {(table, column), (table, "")} & lost
    )
