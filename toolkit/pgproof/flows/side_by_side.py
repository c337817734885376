"""The same work on several servers at once, which one Ctrl-C ends on all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextvars import copy_context
from threading import Lock, Thread
from typing import TypeVar

from pgproof.database.scratch.termination import Scope

_PATIENCE = 2.0
"""Seconds for which threads whose servers are gone are waited for: what they do now asks no server."""
_Thing = TypeVar("_Thing")
_Result = TypeVar("_Result")


def side_by_side(
    work: Callable[[_Thing], _Result], things: Sequence[_Thing], at_once: int | None = None
) -> Iterator[_Result]:
    """What `work` gives for each of the things, in their order; at most `at_once` at the same time.

    If that ends before all is done (one raises, nobody listens any more, an interruption), servers and programs
    that the others have started end, and with them the statements that they wait for. One thing alone is worked on
    in the thread of whoever asks.
    """
    if len(things) == 1:
        yield work(things[0])
        return
    scope = Scope()
    results: list[Future[_Result]] = [Future() for _ in things]
    todo, lock = iter(zip(things, results, strict=True)), Lock()

    def run() -> None:
        with scope.here():
            while True:
                with lock:
                    thing, result = next(todo, (None, None))
                if thing is None or result is None:
                    return
                _do(work, thing, result)

    threads = [Thread(target=copy_context().run, args=(run,), daemon=True) for _ in things[:at_once]]
    try:
        for thread in threads:
            thread.start()
        for result in results:
            yield result.result()
    finally:
        if not all(result.done() for result in results):
            scope.end()
        for thread in threads:
            thread.join(_PATIENCE)


def _do(work: Callable[[_Thing], _Result], thing: _Thing, result: Future[_Result]) -> None:
    try:
        result.set_result(work(thing))
    except BaseException as error:  # noqa: BLE001  (who waits for the result gets it)
        result.set_exception(error)
