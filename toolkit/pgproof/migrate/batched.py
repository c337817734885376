"""A statement run in batches, each in a transaction with the row that says how far it has come.

A run that is cut off goes on behind the last batch that was committed. If the statement was edited meanwhile, it
begins anew: what it says now is meant for all rows.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace

from pgproof.database import exchange, failure, keyrange
from pgproof.database.connection import Connection
from pgproof.database.keyrange import KeyRange
from pgproof.errors import DatabaseError, Interrupted
from pgproof.migrate import batch as batches
from pgproof.migrate import history, journal, stand
from pgproof.migrate.batch import Batch
from pgproof.migrate.commitment import Outcome, Request, commit
from pgproof.migrate.event import Batched, Event, Noticed
from pgproof.migrate.message import Message, Part, Piece
from pgproof.migrate.plan import Step
from pgproof.migrate.progress import AS_WHO_CONNECTED, Progress
from pgproof.migrate.session import Session
from pgproof.migrate.transactional import COMMIT, local
from pgproof.sql.literal import literal
from pgproof.sql.statement import Statement

_LOOK = 1.0
"""Seconds between two looks at replicas that are behind."""
_TELL = 2.0
"""Seconds between two words about how far it has come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Far:
    """How far it has come: the last key that is done (None: none), and how many batches and rows."""

    upto: str | None = None
    batches: int = 0
    rows: int = 0

    @property
    def words(self) -> str:
        """The same for a person; empty where there is nothing."""
        return f"{self.batches} {'batch' if self.batches == 1 else 'batches'} ({self.rows} rows)" * bool(
            self.batches
        )


def run(
    session: Session, progress: Progress, number: int, statement: Statement, batch: Batch
) -> Generator[Event, None, None]:
    """Run the batches that are left of statement `number`. Raises DatabaseError and Interrupted."""
    step, pace = progress.step, session.terms.pace
    if begins := progress.begins():
        yield from progress.record(session, (AS_WHO_CONNECTED, *begins))
    far = yield from _resumed(session, step, number, statement)
    progress.batches = far.words
    began = told = pace.monotonic()
    first = far.rows
    with failure.told():
        about = keyrange.about(session.conn, batch.table) if batch.has_ranges else None
    while True:
        yield from _wait_for_replicas(session, step, batch)
        with failure.told():
            keys = _next(session.conn, batch, far)
        if batch.has_ranges and keys is None:
            break
        touched = yield from _run_one(session, progress, number, statement, batch, keys, far)
        far = _Far(upto=keys.last if keys else None, batches=far.batches + 1, rows=far.rows + (touched or 0))
        progress.batches = far.words
        now = pace.monotonic()
        if now - told > _TELL or touched == 0:
            told = now
            yield Batched(
                step=step,
                number=number,
                rows=far.rows,
                about=about,
                rate=(far.rows - first) / max(now - began, 1e-3),
            )
        if not batch.has_ranges and touched == 0:
            break
        if batch.sleep:
            session.pause(batch.sleep)
    records = progress.lands(number, (statement,))
    yield from progress.record(session, records, number=number)


def build(conn: Connection, statement: Statement, batch: Batch) -> None:
    """Run the statement on a scratch database, whose tables are small. Raises DatabaseError.

    One range of all rows; without any, bounds that are NULL, so that the server sees the statement all the same.
    """
    with failure.told():
        keys = keyrange.following(conn, batch.table, batch.column, None, 2**31) if batch.has_ranges else None
    while True:
        reply = exchange.send(conn, _text(statement, batch, keys))
        if reply.stop:
            raise reply.stop
        if reply.error:
            raise DatabaseError(replace(failure.problem(reply.error), place=statement.place)) from reply.error
        if batch.has_ranges or not reply.rows(0):
            return


def _resumed(session: Session, step: Step, number: int, statement: Statement) -> Generator[Event, None, _Far]:
    """How far an earlier run has come with the statement as it is now."""
    found = _read(session, step, number)
    if found is None:
        return _Far()
    written, far = found
    if written != journal.hash_of(statement):
        message = f"statement {number} was edited after {far.batches} batches: they begin anew"
        yield Noticed(step=step, severity="PGPROOF", message=message)
        return _Far()
    message = f"statement {number} goes on behind {far.batches} batches"
    yield Noticed(step=step, severity="PGPROOF", message=message)
    return far


def _read(session: Session, step: Step, number: int) -> tuple[str, _Far] | None:
    values = {
        "version": step.migration.version,
        "schema": step.schema,
        "direction": step.direction,
        "number": number,
    }
    with failure.told():
        row = session.conn.execute(history.query("read_batch"), values).fetchone()
    if row is None:
        return None
    written, upto, count, rows = row
    return written, _Far(upto=upto, batches=count, rows=rows)


def _next(conn: Connection, batch: Batch, far: _Far) -> KeyRange | None:
    if not batch.has_ranges:
        return None
    return keyrange.following(conn, batch.table, batch.column, far.upto, batch.size)


def _run_one(
    session: Session,
    progress: Progress,
    number: int,
    statement: Statement,
    batch: Batch,
    keys: KeyRange | None,
    far: _Far,
) -> Generator[Event, None, int | None]:
    """One batch; how many rows it touched, None if that is not known."""
    step, tag = progress.step, session.tag(progress.step, number)
    settings = (*session.fence, *stand.role(session.terms), *local(progress.limits(number)))
    values: dict[str, str | int | None] = {
        "version": step.migration.version,
        "schema": step.schema,
        "run": str(session.terms.run),
        "direction": str(step.direction),
        "number": number,
        "hash": journal.hash_of(statement),
        "upto": keys.last if keys else None,
        "batches": far.batches + 1,
        "rows": far.rows,
    }
    record = Piece(history.filled("note_batch", values), Part.RECORD)
    text = Piece(_text(statement, batch, keys), Part.STATEMENT)
    message = Message((Piece(f"{tag}BEGIN"), *settings, text, AS_WHO_CONNECTED, record, COMMIT))
    session.tell(step, number)
    request = Request(
        message=message,
        tag=tag,
        place=statement.place,
        number=number,
        is_there=lambda: (found := _read(session, step, number)) is not None and found[1].batches > far.batches,
    )
    outcome = yield from commit(session, step, request)
    if outcome.stop:
        raise Interrupted(progress.interrupted(), stop=outcome.stop)
    if not outcome.is_committed:
        yield from _fail(session, progress, outcome)
    before = 1 + sum(piece.count for piece in settings)
    return outcome.reply.rows(before) if outcome.reply.done > before else None


def _fail(session: Session, progress: Progress, outcome: Outcome) -> Generator[Event, None, None]:
    problem = outcome.problem
    assert problem is not None
    if outcome.is_committed is None:
        raise DatabaseError(progress.unknown(problem))
    if outcome.piece and outcome.piece.part is Part.RECORD:
        raise DatabaseError(progress.refused(problem))
    yield from progress.record(session, (AS_WHO_CONNECTED, *progress.stops_at(problem.message)))
    raise DatabaseError(progress.stopped(problem))


def _text(statement: Statement, batch: Batch, keys: KeyRange | None) -> str:
    if not batch.has_ranges:
        return statement.text
    first, last = (keys.first, keys.last) if keys else (None, None)
    return batches.bounded(statement, literal(first).strip(), literal(last).strip())


def _wait_for_replicas(session: Session, step: Step, batch: Batch) -> Generator[Event, None, None]:
    if batch.lag is None:
        return
    told = False
    while True:
        with failure.told():
            behind = keyrange.replica_lag(session.conn)
        if behind <= batch.lag:
            return
        if not told:
            message = f"waiting for a replica that is {behind:.0f} s behind"
            yield Noticed(step=step, severity="PGPROOF", message=message)
            told = True
        session.pause(_LOOK)
