"""What deleting a row does to the rows that refer to it, however many tables they are in."""

from __future__ import annotations

import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.synth import shape
from pgproof.synth.probe.action import _Stage

MANY = 1700
"""More than a list of targets may have entries: 1664 (MaxTupleAttributeNumber, in PostgreSQL's htup_details.h)."""


@pytest.mark.slow
def test_the_rows_of_very_many_tables_are_counted(database: Conninfo) -> None:
    tables = "".join(f"CREATE TABLE r{number} (t int REFERENCES t);" for number in range(MANY))
    with connect(database) as conn:
        conn.execute(f"CREATE TABLE t (id int PRIMARY KEY); {tables}".encode())
        conn.execute("INSERT INTO t VALUES (1), (2); INSERT INTO r1699 VALUES (1), (1), (NULL)")
        found = _Stage(conn, shape.read(conn), {}).counts("public.t")
    assert len(found) == MANY + 1
    assert {name: number for name, number in found.items() if number} == {"public.t": 2, "public.r1699": 3}
