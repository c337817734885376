"""Statements that may fail and leave the transaction as it was, in one message each."""

from __future__ import annotations

from typing import Any

import psycopg

_DONE = "RELEASE SAVEPOINT pgproof_attempt"
_BACK = f"ROLLBACK TO SAVEPOINT pgproof_attempt; {_DONE}"


def attempt(conn: psycopg.Connection[Any], *statements: str) -> psycopg.Cursor[Any]:
    """What comes of the first of the statements, if all are done; else none is. `conn` is in a transaction.

    A savepoint of psycopg's takes two messages more. Raises psycopg.Error.
    """
    try:
        cursor = conn.execute("\n;".join(("SAVEPOINT pgproof_attempt", *statements, _DONE)).encode())
    except psycopg.Error:
        if not conn.closed:
            conn.execute(_BACK.encode())
        raise
    cursor.nextset()
    return cursor
