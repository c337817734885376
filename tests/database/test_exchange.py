"""One message and its answers, where a person interrupts in the worst moments."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing
from itertools import count, takewhile
from types import FrameType

import psycopg

from pgproof.database import exchange
from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo

_GATHERING = {"_answers", "_some"}


def test_an_interruption_in_the_midst_of_gathering_loses_neither_answers_nor_connection(
    database: Conninfo,
) -> None:
    """Ctrl-C may come in any line; it ends a generator that gathers, and the rest is still to be heard."""
    with closing(connect(database)) as conn:
        places = takewhile(lambda place: _interrupted(conn, place), count(1))
        assert len(list(places)) > 10


def _interrupted(conn: psycopg.Connection, place: int) -> bool:
    """Interrupt before that line (counted as they are run) of what gathers the answers; False if it has fewer."""
    seen = 0

    def trace(frame: FrameType, event: str, _: object) -> Callable[[FrameType, str, object], object] | None:
        nonlocal seen
        if frame.f_code.co_filename != exchange.__file__ or frame.f_code.co_name not in _GATHERING:
            return None
        seen += event == "line"
        if event == "line" and seen == place:
            raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        reply = exchange.send(conn, "SELECT 1; SELECT pg_sleep(0.01); SELECT 3")
    finally:
        sys.settrace(before)
    assert not reply.lost
    assert exchange.is_idle(conn)
    assert reply.done == 3 or isinstance(reply.error, psycopg.errors.QueryCanceled)
    assert (reply.stop is not None) == (seen >= place)
    return seen >= place
