"""What a file without a transaction may leave in its session behind a pooler of transactions."""

from __future__ import annotations

from contextlib import closing

import psycopg
import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from tests.database.bouncer import bouncer
from tests.migrate.running import ALONE, Files, refused, tables, up

STRAYS = [
    "SET work_mem = '5MB';",
    "SELECT set_config('work_mem', '5MB', false);",
    "LISTEN news;",
    "SELECT pg_advisory_lock(1);",
    "CREATE TEMP TABLE t (a int);",
    "PREPARE p AS SELECT 1;",
    "BEGIN; SET work_mem = '5MB'; COMMIT;",
]


@pytest.mark.parametrize("stray", STRAYS)
def test_strays_are_refused_before_anything_runs(
    conn: psycopg.Connection, database: Conninfo, files: Files, stray: str
) -> None:
    library = files({"01-a.sql": f"{ALONE}CREATE TABLE a (b int);\n{stray}\n"})
    with bouncer(database, mode="transaction") as pool, closing(connect(pool)) as pooled:
        said = refused(pooled, library)
    assert "01-a.sql:3:" in said
    assert "behind this pooler" in said
    assert "public.a" not in tables(conn)
    up(conn, library)
    assert "public.a" in tables(conn)


def test_all_of_them_are_named_at_once(database: Conninfo, files: Files) -> None:
    text = ALONE + "".join(f"{stray}\nSELECT 1;\n" for stray in ("LISTEN news;", "SET work_mem = '5MB';"))
    with bouncer(database, mode="transaction") as pool, closing(connect(pool)) as pooled:
        said = refused(pooled, files({"01-a.sql": text}))
    assert said.count("behind this pooler") == 2
    assert "01-a.sql:2:" in said
    assert "01-a.sql:4:" in said
    assert said.count("say SET LOCAL") == 1


def test_what_ends_with_its_transaction_is_run(conn: psycopg.Connection, database: Conninfo, files: Files) -> None:
    text = f"{ALONE}BEGIN;\nSET LOCAL work_mem = '5MB';\nCREATE TABLE a (b int);\nCOMMIT;\n"
    with bouncer(database, mode="transaction") as pool, closing(connect(pool)) as pooled:
        up(pooled, files({"01-a.sql": text}))
    assert "public.a" in tables(conn)
