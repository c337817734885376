"""Carrying out a plan: statements sent one by one, each step recorded in the history, told as events.

A step with a transaction commits together with its row of the history, or not at all. A step without one
enters that it begins, runs each statement by itself, and enters how far it came after each.

Each file finds the session as it was after connecting: after it ended, `DISCARD ALL` resets settings (among
them search_path and the role), temporary tables, prepared statements, session locks and LISTEN. Whatever role
a file took on, the history is written as the user who connected.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import psycopg
from psycopg.pq import TransactionStatus

from pgproof.database import failure
from pgproof.errors import DatabaseError, Problem
from pgproof.migrate import aftermath, history
from pgproof.migrate.event import Began, Ended, Event, Landed, Noticed
from pgproof.migrate.library import Library
from pgproof.migrate.plan import Direction, Plan, Step
from pgproof.sql import transaction
from pgproof.sql.name import quote
from pgproof.sql.statement import Statement

Notice = tuple[str, str]
"""Severity and message."""


def execute(conn: psycopg.Connection, plan: Plan, *, tool: str) -> Iterator[Event]:
    """Carry out `plan` on an idle connection in autocommit; `tool` is the version that the history will name.

    Raises DatabaseError at the first refusal: its place is in the author's file, and its context says what is
    committed, what is not, and what to type next.
    """
    assert conn.autocommit
    assert conn.info.transaction_status == TransactionStatus.IDLE
    exists = plan.history.exists
    with _notices(conn) as notices:
        for index, step in enumerate(plan.steps):
            yield Began(step=step)
            run = _Run(conn, plan, index, tool, notices, creates=not exists)
            yield from run.in_one_transaction() if step.section.transactional else run.one_by_one()
            exists = True


def build(conn: psycopg.Connection, library: Library) -> Iterator[Event]:
    """Run all upgrades of a library on a scratch database, without a history.

    Raises DatabaseError at the first refusal.
    """
    assert conn.autocommit
    steps = tuple(Step(migration=each, direction=Direction.UP) for each in library.migrations)
    with _notices(conn) as notices:
        for step in steps:
            yield Began(step=step)
            statement: Statement | None = None
            try:
                if step.section.transactional:
                    conn.execute("BEGIN")
                for number, statement in enumerate(step.section.statements, 1):
                    _send(conn, statement)
                    yield from _drain(notices, step)
                    yield Landed(step=step, statement=statement, number=number)
                statement = None
                if step.section.transactional:
                    conn.execute("COMMIT")
                conn.execute("DISCARD ALL")
            except psycopg.Error as error:
                raise DatabaseError(_problem(error, step, statement)) from error
            finally:
                _roll_back(conn)


class _Run:
    """One step on its way."""

    def __init__(
        self,
        conn: psycopg.Connection,
        plan: Plan,
        index: int,
        tool: str,
        notices: list[Notice],
        *,
        creates: bool,
    ) -> None:
        self._conn = conn
        self._plan = plan
        self._index = index
        self._step = plan.steps[index]
        self._tool = tool
        self._notices = notices
        self._creates = creates

    def in_one_transaction(self) -> Iterator[Event]:
        """BEGIN, the entry, the statements, the end of the entry, COMMIT."""
        conn, step = self._conn, self._step
        statement: Statement | None = None
        committing = False
        try:
            conn.execute("BEGIN")
            self._claim()
            for number, statement in enumerate(step.section.statements, 1):
                _send(conn, statement)
                yield from _drain(self._notices, step)
                yield Landed(step=step, statement=statement, number=number)
            statement = None
            _as_who_connected(conn)
            seconds = history.end(conn, step.migration.version)
            committing = True
            conn.execute("COMMIT")
            committing = False
            conn.execute("DISCARD ALL")
        except psycopg.Error as error:
            problem = self._at_commit(error) if committing else _problem(error, step, statement)
            raise DatabaseError(
                aftermath.of_transaction(problem, self._plan, self._index, lost=conn.closed, committing=committing)
            ) from error
        finally:
            _roll_back(conn)
        yield Ended(step=step, seconds=seconds)

    def one_by_one(self) -> Iterator[Event]:
        """The entry, committed; then each statement by itself, and after each how far the file has come."""
        conn, step = self._conn, self._step
        done = step.done
        statement: Statement | None = None
        try:
            conn.execute("BEGIN")
            self._claim()
            conn.execute("COMMIT")
            for number, statement in enumerate(step.section.statements[done:], done + 1):
                self._run_alone(statement)
                yield from _drain(self._notices, step)
                yield Landed(step=step, statement=statement, number=number)
                if conn.info.transaction_status == TransactionStatus.IDLE:  # else in a transaction of the file's
                    done = number
                    self._note(done)
            statement = None
            conn.execute("DISCARD ALL")
            seconds = history.end(conn, step.migration.version)
        except (psycopg.Error, _InvalidIndexError) as error:
            raise DatabaseError(self._stopped(error, statement, done)) from error
        finally:
            _roll_back(conn)
        yield Ended(step=step, seconds=seconds)

    def _claim(self) -> None:
        """Enter that the step begins, or raise DatabaseError if somebody else has come first."""
        step = self._step
        if self._creates:
            self._create()
        if step.direction is Direction.UP:
            ours = history.begin_upgrade(self._conn, step.migration, done=step.done, tool=self._tool)
        else:
            ours = history.begin_downgrade(
                self._conn,
                step.migration.version,
                done=step.done,
                total=len(step.section.statements),
                tool=self._tool,
            )
        if not ours:
            raise DatabaseError(aftermath.somebody_else(self._plan, self._index))

    def _create(self) -> None:
        try:
            history.create(self._conn)
        except psycopg.errors.InsufficientPrivilege as error:
            said = failure.problem(error)
            _roll_back(self._conn)
            row = self._conn.execute("SELECT current_user").fetchone()
            user = quote(row[0]) if row else "..."
            hint = f"let an owner of the database run: CREATE SCHEMA pgproof AUTHORIZATION {user}"
            raise DatabaseError(replace(said, detail=_NEEDS_HISTORY, hint=hint)) from error

    def _run_alone(self, statement: Statement) -> None:
        """Send a statement; an index that it built, or found there, must be valid."""
        _send(self._conn, statement)
        index = transaction.concurrent_index(statement)
        if index and _is_invalid(self._conn, index):
            raise _InvalidIndexError(index, statement)

    def _note(self, done: int, error: str = "") -> None:
        conn = self._conn
        conn.execute("BEGIN")
        _as_who_connected(conn)
        history.note_progress(conn, self._step.migration.version, done=done, error=error)
        conn.execute("COMMIT")

    def _stopped(
        self, error: psycopg.Error | _InvalidIndexError, statement: Statement | None, done: int
    ) -> Problem:
        """Enter what went wrong, and tell what it leaves behind."""
        problem = (
            error.problem if isinstance(error, _InvalidIndexError) else _problem(error, self._step, statement)
        )
        cure = ""
        if statement and not self._conn.closed:
            _roll_back(self._conn)
            with suppress(psycopg.OperationalError):  # lost meanwhile: then the entry stays without an error
                self._note(done, problem.message)
                cure = _cure(self._conn, statement)
        lost = self._conn.closed
        return aftermath.of_statement(problem, self._plan, self._index, done=done, lost=lost, first=cure)

    def _at_commit(self, error: psycopg.Error) -> Problem:
        """Deferred constraints and triggers speak at COMMIT; no statement is to blame."""
        problem = failure.problem(error)
        return replace(problem, place=self._step.section.place, message=f"at COMMIT: {problem.message}")


class _InvalidIndexError(Exception):
    """CREATE INDEX CONCURRENTLY IF NOT EXISTS found an index that an earlier attempt left behind."""

    def __init__(self, index: str, statement: Statement) -> None:
        super().__init__(index)
        self.problem = Problem(
            message=f"index {index} exists, but is not valid",
            place=statement.place,
            detail="An earlier CREATE INDEX CONCURRENTLY failed and left it behind: no query uses it, every write "
            "pays for it, and IF NOT EXISTS takes it for done.",
            hint="drop it, and let pgproof build it again",
        )


_NEEDS_HISTORY = "pgproof keeps its history in a schema of its own in the database, and has to create it."


def _send(conn: psycopg.Connection, statement: Statement) -> None:
    conn.execute(statement.text, prepare=False)


def _as_who_connected(conn: psycopg.Connection) -> None:
    """Until the end of the transaction, be the user (and role) that the connection began with."""
    conn.execute("SET LOCAL session_authorization = DEFAULT; SET LOCAL role = DEFAULT")


def _roll_back(conn: psycopg.Connection) -> None:
    """End a transaction that is open; a connection that is lost has none any more."""
    if not conn.closed and conn.info.transaction_status != TransactionStatus.IDLE:
        with suppress(psycopg.OperationalError):
            conn.execute("ROLLBACK")


def _cure(conn: psycopg.Connection, statement: Statement) -> str:
    """What drops the index that a failed CREATE INDEX CONCURRENTLY has left behind, if it has."""
    index = transaction.concurrent_index(statement)
    return f"DROP INDEX CONCURRENTLY {index}" if index and _is_invalid(conn, index) else ""


def _is_invalid(conn: psycopg.Connection, index: str) -> bool:
    query = "SELECT 1 FROM pg_catalog.pg_index WHERE indexrelid = pg_catalog.to_regclass(%s) AND NOT indisvalid"
    return conn.execute(query, [index]).fetchone() is not None


def _problem(error: psycopg.Error, step: Step, statement: Statement | None) -> Problem:
    problem = failure.problem(error, statement=statement)
    return problem if problem.place else replace(problem, place=step.section.place)


@contextmanager
def _notices(conn: psycopg.Connection) -> Iterator[list[Notice]]:
    """What the server says besides results, in the order in which it says it."""
    said: list[Notice] = []

    def hear(notice: psycopg.errors.Diagnostic) -> None:  # its fields are gone when this returns
        said.append((notice.severity or "", notice.message_primary or ""))

    conn.add_notice_handler(hear)
    try:
        yield said
    finally:
        conn.remove_notice_handler(hear)


def _drain(notices: list[Notice], step: Step) -> Iterator[Noticed]:
    while notices:
        severity, message = notices.pop(0)
        yield Noticed(step=step, severity=severity, message=message)
