"""Many questions to the planner at once: a plan takes the server less time than its way there and back.

Whatever learns from plans is a generator: it yields questions and is sent their answers. Any number of them can
ask `beside` each other. In each round the questions of all go in few messages, each a simple query of many
statements; what stands under the same changed schema (`scene`), or the same settings, shares them. The next
message is on its way to the server while the answers to the last one are read. All of it is rolled back.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any, TypeVar

import psycopg
from psycopg import generators
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

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
    try:
        questions = next(asking)
        while True:
            known = dict(_answers(conn, dict.fromkeys(questions)))
            questions = asking.send([known[each] for each in questions])
    except StopIteration as end:
        found: T = end.value
        return found


def _answers(conn: psycopg.Connection[Any], questions: Iterable[Question]) -> Iterator[tuple[Question, Answer]]:
    """All answers, the server being kept at work."""
    ordered = sorted(questions, key=lambda each: (each.scene, each.settings, bool(each.query.values)))
    with _undone(conn):
        last: tuple[list[Question], list[PGresult]] = ([], [])
        for begin in range(0, len(ordered), _MOST):
            part = ordered[begin : begin + _MOST]
            conn.pgconn.send_query(joined(*_script(part)))
            conn.wait(generators.send(conn.pgconn))
            yield from _read(*last)
            results = conn.wait(generators.fetch_many(conn.pgconn))
            if conn.closed:
                raise psycopg.errors.error_from_result(results[-1])
            last = part, [result for result in results if result.status == _ROWS]
            if results[-1].status in _FAILED or len(last[1]) != len(part):
                yield from _in_parts(conn, part)
                last = [], []
        yield from _read(*last)


@contextmanager
def _undone(conn: psycopg.Connection[Any]) -> Iterator[None]:
    """As `planner.savepoint`, by a name of its own: a message that fails leaves savepoints behind."""
    conn.execute("SAVEPOINT pgproof_asked")
    try:
        yield
    finally:
        if not conn.closed:
            conn.execute("ROLLBACK TO SAVEPOINT pgproof_asked; RELEASE SAVEPOINT pgproof_asked; DEALLOCATE ALL")


def _read(questions: Sequence[Question], results: Sequence[PGresult]) -> Iterator[tuple[Question, Node]]:
    for asked, result in zip(questions, results, strict=True):
        yield asked, plan.read(json.loads((result.get_value(0, 0) or b"").decode()))


def _in_parts(conn: psycopg.Connection[Any], questions: Sequence[Question]) -> Iterator[tuple[Question, Answer]]:
    """The answers to a message in which a question was not answered: each half of it is asked again."""
    conn.execute("ROLLBACK TO SAVEPOINT pgproof_asked; DEALLOCATE ALL")
    if len(questions) == 1:
        yield questions[0], _by_itself(conn, questions[0])
        return
    middle = len(questions) // 2
    for half in (questions[:middle], questions[middle:]):
        yield from _answers(conn, half)


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


def _script(questions: Sequence[Question]) -> Iterator[str]:
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
        for _, alike in groupby(under, key=lambda each: (each.settings, bool(each.query.values))):
            yield "SAVEPOINT pgproof"
            for number, each in enumerate(alike):
                if number == 0:
                    yield from planner.assigned(each.query, dict(each.settings))
                yield from planner.explained(each.query)
            yield from LEFT
    yield from LEFT
