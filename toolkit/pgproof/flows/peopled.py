"""A scratch database whose tables have rows: what a migration, and its downgrade, does to them."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from types import TracebackType

from pgproof.database.connection import Connection, connect
from pgproof.database.scratch import ScratchServer
from pgproof.drift.reversal import Outcome, Reversal
from pgproof.errors import DatabaseError, Problem
from pgproof.migrate.execute import rehearse
from pgproof.migrate.migration import Migration
from pgproof.migrate.plan import Direction, Step
from pgproof.synth.content import Content, content, losses
from pgproof.synth.fill import Filled, fill


class Peopled:
    """A database that goes along from migration to migration, with rows in each table before each of them."""

    def __init__(self, server: ScratchServer, rows: int) -> None:
        self._server = server
        self._rows = rows
        self._done: list[Migration] = []
        self._stack = ExitStack()
        self._conn: Connection

    def __enter__(self) -> Peopled:
        self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def pass_by(self, migration: Migration) -> None:
        """Run a migration that nothing is asked about. Raises DatabaseError."""
        try:
            self._run(migration, Direction.UP)
            self._done.append(migration)
        except DatabaseError:
            self._anew(migration)

    def tell(self, migration: Migration, found: Reversal) -> Reversal:
        """Up, down and up again with rows: what was found on empty tables, and what comes of the rows."""
        before = self._fill()
        try:
            self._run(migration, Direction.UP)
            told = _lost("upgrading", migration, before[1], content(self._conn))
            unfilled = list(before[0].remarks)
            if migration.down is not None:
                filled, there = self._fill()
                unfilled += filled.remarks
                self._run(migration, Direction.DOWN)
                back = content(self._conn)
                told += _lost("downgrading", migration, there, back)
                if not told:
                    told += _lost("upgrading and downgrading", migration, before[1], back)
                self._run(migration, Direction.UP)
        except DatabaseError as error:
            self._anew(migration)
            return self._refused(found, error.problems[0])
        self._done.append(migration)
        return replace(found, losses=tuple(told), unfilled=tuple(dict.fromkeys(unfilled)))

    def _refused(self, found: Reversal, problem: Problem) -> Reversal:
        return replace(found, outcome=Outcome.ONLY_EMPTY, refused=problem)

    def _fill(self) -> tuple[Filled, Content]:
        filled = fill(self._conn, self._rows)
        return filled, content(self._conn)

    def _anew(self, migration: Migration) -> None:
        """Go on behind a migration that cannot be run with rows: on another database, where there were none."""
        self._stack.close()
        self._open()
        self._done.append(migration)
        for each in self._done:
            self._run(each, Direction.UP)

    def _open(self) -> None:
        self._stack = ExitStack()
        database = self._stack.enter_context(self._server.database())
        self._conn = connect(database)
        self._stack.callback(self._conn.close)

    def _run(self, migration: Migration, direction: Direction) -> None:
        for _ in rehearse(self._conn, [Step(migration=migration, direction=direction)]):
            pass


def _lost(doing: str, migration: Migration, before: Content, after: Content) -> list[str]:
    return [f"{doing} {migration.label} {each}" for each in losses(before, after)]
