"""How far a step without a transaction has come: in memory, in the history and in the journal, and in words."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator

from pgproof.errors import DatabaseError, Interrupted, Problem
from pgproof.migrate import aftermath, history, journal, limits
from pgproof.migrate.commitment import Request, commit
from pgproof.migrate.event import Event
from pgproof.migrate.limits import Limits
from pgproof.migrate.message import Message, Part, Piece
from pgproof.migrate.plan import Plan, Step
from pgproof.migrate.session import Session
from pgproof.migrate.terms import Terms
from pgproof.sql.statement import Statement

_COMMIT = Piece("COMMIT", Part.COMMIT)
AS_WHO_CONNECTED = Piece("SET LOCAL session_authorization = DEFAULT;\nSET LOCAL role = DEFAULT", count=2)
"""Until the end of the transaction: whatever role the file took on, the records are not written as it."""
_SOMEBODY_ELSE = "22012"
_ATTEMPTS = 3


class Progress:
    """A step on its way: `done` of its statements have landed.

    `has_ended` when the history says so. `is_fresh` until its row in the history is there: then
    nothing of the file can have changed the role either.
    """

    def __init__(self, plan: Plan, index: int, terms: Terms) -> None:
        self.step: Step = plan.steps[index]
        self.done = self.step.done
        self.has_ended = False
        self.batches = ""
        """How many batches of the next statement have landed, in words."""
        self._plan = plan
        self._index = index
        self._terms = terms
        self._has_begun = False
        self._said = limits.said(self.step.section)
        self.is_fresh = not self.step.resumes
        self._end = Piece(history.ended(self.step, terms), Part.RECORD)

    @property
    def total(self) -> int:
        """How many statements the step has."""
        return len(self.step.section.statements)

    def limits(self, number: int) -> Limits:
        """How long statement `number` may wait and run."""
        return self._said.of(number, self._terms.limits)

    def begins(self) -> tuple[Piece, ...]:
        """The record that the step begins, if it has not been made."""
        return () if self._has_begun else (Piece(history.begun(self.step, self._terms), Part.RECORD),)

    def lands(self, first: int, statements: tuple[Statement, ...], *, begins: bool = True) -> Iterator[Piece]:
        """The records, to be written in their own transaction, that these statements have landed.

        With `begins`, and that the step has begun, if that is not written yet.
        """
        yield AS_WHO_CONNECTED
        yield from self.begins() if begins else ()
        for text in journal.landed(self.step, self._terms, first, statements):
            yield Piece(text, Part.RECORD)
        yield from self.comes_to(first + len(statements) - 1)

    def comes_to(self, number: int) -> Iterator[Piece]:
        """The record that statements up to `number` have landed, which may be the end."""
        yield (
            Piece(history.progress(self.step, self._terms, number), Part.RECORD)
            if number < self.total
            else self._end
        )

    def stops_at(self, error: str) -> Iterator[Piece]:
        """The record of what stopped the next statement."""
        yield Piece(history.stop(self.step, self.done, error), Part.RECORD)

    def ends(self) -> Iterator[Piece]:
        """The record that the step is done."""
        yield from (AS_WHO_CONNECTED, *self.begins(), self._end)

    def landed(self, number: int, message: Message) -> None:
        """`message`, which held the records of it, is committed."""
        if number > self.done:
            self.done, self.batches = number, ""
        self._has_begun = True
        self.is_fresh = False
        self.has_ended = self._end in message.pieces

    def record(
        self,
        session: Session,
        pieces: Iterable[Piece],
        *,
        behind: Iterable[Piece] = (),
        number: int | None = None,
        is_there: Callable[[], bool] = lambda: False,
        insists: bool = True,
    ) -> Generator[Event, None, None]:
        """Commit records by themselves, `behind` follows them; with `number`, that it has landed is one of them.

        Whoever `insists` has it tried again after an interruption or a lost connection (unless it `is_there`).
        Raises DatabaseError, and Interrupted, if somebody wanted to, after it is done.
        """
        pieces, behind = tuple(pieces), tuple(behind)
        message = Message((Piece(f"{session.tag(self.step)}BEGIN"), *session.fence, *pieces, _COMMIT, *behind))
        request = Request(
            message=message, tag=session.tag(self.step), place=self.step.section.place, is_there=is_there
        )
        stop: KeyboardInterrupt | None = None
        for left in range(_ATTEMPTS if insists else 1, 0, -1):
            outcome = yield from commit(session, self.step, request)
            stop = stop or outcome.stop
            if outcome.is_committed:
                self.landed(self.done if number is None else number, message)
                break
            if left == 1 or not (outcome.stop or outcome.reply.lost):
                problem = outcome.problem or Problem(message="interrupted")
                if stop:
                    raise Interrupted(self.stopped(problem), stop=stop)
                raise DatabaseError(self.refused(problem))
        if stop:
            raise Interrupted(self.interrupted(), stop=stop)

    def note_failure(self, session: Session, problem: Problem) -> Generator[Event, None, None]:
        """Enter what stopped the next statement; nothing where nothing has landed, for there is no row then."""
        if self.done:
            yield from self.record(session, (AS_WHO_CONNECTED, *self.stops_at(problem.message)))

    def has_landed(self, session: Session, number: int) -> bool:
        """What the journal says of a statement that this run sent. Raises psycopg.Error."""
        return journal.has_landed(session.conn, self.step, number, str(self._terms.run))

    def refused(self, problem: Problem) -> Problem:
        """The server refused our own records."""
        if problem.sqlstate == _SOMEBODY_ELSE:
            return aftermath.somebody_else(self._plan, self._index)
        return self.stopped(problem)

    def stopped(self, problem: Problem, left: str = "") -> Problem:
        """`problem`, met by the next statement, which left `left` behind."""
        return aftermath.of_statement(
            problem, self._plan, self._index, done=self.done, left=left, batches=self.batches
        )

    def unknown(self, problem: Problem) -> Problem:
        """`problem`, after which nobody knows whether the next statement has landed."""
        return aftermath.unknown_statement(problem, self._plan, self._index, done=self.done)

    def interrupted(self) -> Problem:
        """The person or the system stopped us."""
        return aftermath.stopped(self._plan, self._index, done=self.done, batches=self.batches)
