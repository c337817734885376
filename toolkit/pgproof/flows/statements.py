"""The statements that a live server has spent the most time on, as queries to be checked. Only read."""

from __future__ import annotations

from contextlib import closing

from pgproof.database.connection import connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.explain import statements
from pgproof.explain.statements import Busiest
from pgproof.flows.stage import now


def busiest(database: Conninfo, top: int) -> Busiest:
    """The `top` statements of pg_stat_statements by time. Raises InputError, CannotTell, DatabaseError."""
    now("reading pg_stat_statements")
    with closing(connect(database)) as conn, read_only(conn, {"lock_timeout": "5s"}):
        return statements.busiest(conn, top)
