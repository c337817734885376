"""Many questions to the planner at once: a plan takes the server less time than its way there and back.

Whatever learns from plans is a generator: it yields questions and is sent their answers. Any number of them can
ask at the same time. Their questions go in few messages, each a simple query of many statements; what stands under
the same changed schema (`scene`), or the same settings, shares them. The next message is on its way to the server
while the answers to the last one are read, and what comes of them is found out. All of it is rolled back.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any, Generic, TypeVar

import psycopg
from psycopg import generators
from psycopg.pq import ExecStatus

from pgproof.explain import plan, planner
from pgproof.explain.plan import Node
from pgproof.explain.planner import LEFT, Prepared, Settings, joined

Scene = tuple[str, ...]
"""Statements that change the schema before a question, and are undone behind it."""

_MOST = 100
"""How many questions a message has: enough that its way counts for nothing, few enough to read while it works."""
_ROWS = ExecStatus.TUPLES_OK
_FAILED = (ExecStatus.FATAL_ERROR, ExecStatus.BAD_RESPONSE)


@dataclass(frozen=True, slots=True)
class Question:
    """Which plan a query has under settings (name and value, in order of name), in a scene."""

    query: Prepared
    settings: tuple[tuple[str, str], ...] = ()
    scene: Scene = ()


@dataclass(frozen=True, slots=True)
class Unset:
    """The answer where the scene could not be made: the server's error."""

    error: psycopg.Error


Answer = Node | Unset | psycopg.Error
T = TypeVar("T")
Asking = Generator[Sequence[Question], Sequence[Answer], T]


def question(query: Prepared, settings: Settings | None = None, scene: Scene = ()) -> Question:
    """The question for a query's plan under settings."""
    return Question(query, tuple(sorted((settings or {}).items())), scene)


def planned(asked: Question) -> Asking[Node]:
    """The answer to one question; the server's error is raised, also where it is about the scene."""
    (answer,) = yield (asked,)
    if isinstance(answer, Node):
        return answer
    raise answer.error if isinstance(answer, Unset) else answer


def beside(askings: Sequence[Asking[T]]) -> Asking[list[T]]:
    """What comes of each of several generators that ask at the same time."""
    if len(askings) == 1:
        return [(yield from askings[0])]
    done: dict[int, T] = {}
    wanted: dict[int, Sequence[Question]] = {}

    def go_on(number: int, answers: Sequence[Answer] | None) -> None:
        try:
            wanted[number] = next(askings[number]) if answers is None else askings[number].send(answers)
        except StopIteration as end:
            done[number] = end.value

    for number in range(len(askings)):
        go_on(number, None)
    while wanted:
        waiting, wanted = wanted, {}
        answers = iter((yield [each for questions in waiting.values() for each in questions]))
        for number, questions in waiting.items():
            go_on(number, list(islice(answers, len(questions))))
    return [done[number] for number in range(len(askings))]


def answered(conn: psycopg.Connection[Any], asking: Asking[T]) -> T:
    """What comes of a generator that asks. While nothing is being asked it may use the connection itself.

    Raises psycopg.Error if the server is lost, and whatever the generator raises.
    """
    (found,) = each_answered(Line(conn), [asking])
    return found


def each_answered(line: Line, askings: Sequence[Asking[T]]) -> list[T]:
    """What comes of each of several generators, each of which goes on as soon as it has its answers.

    It does so while the server answers others, so that it may use the connection by the `line` alone. Raises
    psycopg.Error if the server is lost, and whatever a generator raises.
    """
    crowd = _Crowd(askings)
    with _undone(line):
        line.send(crowd.next(_MOST))
        while line.is_busy():
            heard = line.heard()
            line.send(crowd.next(_MOST))
            for asked, answer in heard:
                crowd.tell(asked, answer if not isinstance(answer, bytes) else plan.read(json.loads(answer)))
            if not line.is_busy():
                line.send(crowd.next(_MOST))
    return [crowd.done[number] for number in range(len(askings))]


class Line:
    """A connection on which questions are on their way to the server while answers to others are read."""

    def __init__(self, conn: psycopg.Connection[Any]) -> None:
        self._conn = conn
        self._sent: Sequence[Question] = ()
        self._heard: list[tuple[Question, Answer | bytes]] = []

    @property
    def conn(self) -> psycopg.Connection[Any]:
        """The connection, for whatever else is to be done, when the answers that are on their way are there."""
        self._receive()
        return self._conn

    def is_busy(self) -> bool:
        """Whether there are questions whose answers nobody has heard."""
        return bool(self._sent or self._heard)

    def send(self, questions: Sequence[Question]) -> None:
        """Send questions as one message."""
        if not questions:
            return
        self._receive()
        self._conn.pgconn.send_query(joined(*_script(questions, planner.major_of(self._conn))))
        self._conn.wait(generators.send(self._conn.pgconn))
        self._sent = questions

    def heard(self) -> list[tuple[Question, Answer | bytes]]:
        """The answers to all that was sent: plans as JSON, or what became of one that was asked alone."""
        self._receive()
        heard, self._heard = self._heard, []
        return heard

    def drop(self) -> None:
        """Forget what is on its way."""
        if self._sent and not self._conn.closed:
            self._conn.wait(generators.fetch_many(self._conn.pgconn))
        self._sent, self._heard = (), []

    def _receive(self) -> None:
        if not self._sent:
            return
        sent, self._sent = self._sent, ()
        results = self._conn.wait(generators.fetch_many(self._conn.pgconn))
        if self._conn.closed:
            raise psycopg.errors.error_from_result(results[-1])
        plans = [result.get_value(0, 0) or b"" for result in results if result.status == _ROWS]
        if results[-1].status in _FAILED or len(plans) != len(sent):
            self._heard += _in_parts(self._conn, sent)
        else:
            self._heard += zip(sent, plans, strict=True)


class _Crowd(Generic[T]):
    """Generators that ask, and their questions that nobody has answered yet."""

    def __init__(self, askings: Sequence[Asking[T]]) -> None:
        self.done: dict[int, T] = {}
        self._askings = askings
        self._begun = 0
        self._wanted: dict[int, Sequence[Question]] = {}
        self._told: dict[int, dict[Question, Answer]] = {}
        self._waiting: dict[Question, list[int]] = {}
        self._plain: list[Question] = []
        self._staged: list[Question] = []

    def next(self, most: int) -> list[Question]:
        """At most so many questions that were not sent: those that share a scene when there are no others."""
        while len(self._plain) < most and self._begun < len(self._askings):
            self._begun += 1
            self._go_on(self._begun - 1, None)
        self._plain.sort(key=_settings_of)
        taken, self._plain = self._plain[:most], self._plain[most:]
        if len(taken) < most:
            self._staged.sort(key=lambda each: (each.scene, _settings_of(each)))
            rest = most - len(taken)
            taken += self._staged[:rest]
            del self._staged[:rest]
        return taken

    def tell(self, asked: Question, answer: Answer) -> None:
        """Give the answer to all who wait for it; whoever has all answers goes on."""
        for number in self._waiting.pop(asked):
            told, wanted = self._told[number], self._wanted[number]
            told[asked] = answer
            if len(told) == len(set(wanted)):
                self._go_on(number, [told[each] for each in wanted])

    def _go_on(self, number: int, answers: Sequence[Answer] | None) -> None:
        asking = self._askings[number]
        try:
            wanted = next(asking) if answers is None else asking.send(answers)
            while not wanted:
                wanted = asking.send([])
        except StopIteration as end:
            self.done[number] = end.value
            return
        self._wanted[number], self._told[number] = wanted, {}
        for each in dict.fromkeys(wanted):
            if each not in self._waiting:
                (self._staged if each.scene else self._plain).append(each)
            self._waiting.setdefault(each, []).append(number)


def _settings_of(asked: Question) -> tuple[tuple[tuple[str, str], ...], tuple[bool, bool]]:
    return asked.settings, planner.way(asked.query)


@contextmanager
def _undone(line: Line) -> Iterator[None]:
    """As `planner.savepoint`, by a name of its own: a message that fails leaves savepoints behind."""
    conn = line.conn
    conn.execute("SAVEPOINT pgproof_asked")
    try:
        yield
    finally:
        line.drop()
        if not conn.closed:
            conn.execute("ROLLBACK TO SAVEPOINT pgproof_asked; RELEASE SAVEPOINT pgproof_asked; DEALLOCATE ALL")


def _in_parts(
    conn: psycopg.Connection[Any], questions: Sequence[Question]
) -> Iterator[tuple[Question, Answer | bytes]]:
    """The answers to a message in which a question was not answered: each half of it is asked again."""
    conn.execute("ROLLBACK TO SAVEPOINT pgproof_asked; DEALLOCATE ALL")
    if len(questions) == 1:
        yield questions[0], _by_itself(conn, questions[0])
        return
    middle = len(questions) // 2
    for half in (questions[:middle], questions[middle:]):
        line = Line(conn)
        line.send(half)
        yield from line.heard()


def _by_itself(conn: psycopg.Connection[Any], asked: Question) -> Answer:
    """The answer to one question, or the error, whose position is that of `planner.explain`."""
    with planner.savepoint(conn):
        try:
            for statement in asked.scene:
                conn.execute(statement.encode())
        except psycopg.Error as error:
            if conn.closed:
                raise
            return Unset(error)
        try:
            return planner.explain(conn, asked.query, dict(asked.settings))
        except psycopg.Error as error:
            if conn.closed:
                raise
            return error


def _script(questions: Sequence[Question], major: int) -> Iterator[str]:
    """The statements of a message. A scene that another one begins with is made on top of that."""
    made: Scene | None = None
    for scene, under in groupby(questions, key=lambda each: each.scene):
        if made is None or scene[: len(made)] != made:
            if made is not None:
                yield from LEFT
            yield "SAVEPOINT pgproof"
            made = ()
        yield from scene[len(made) :]
        made = scene
        for _, alike in groupby(under, key=_settings_of):
            yield "SAVEPOINT pgproof"
            for number, each in enumerate(alike):
                if number == 0:
                    yield from planner.assigned(each.query, dict(each.settings), major)
                yield from planner.explained(each.query, major)
            yield from LEFT
    yield from LEFT
