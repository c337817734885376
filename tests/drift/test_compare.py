"""Differences, and the order of columns among them."""

from __future__ import annotations

import pytest

from pgproof.database.conninfo import Conninfo
from pgproof.drift.compare import compare, orderly
from pgproof.drift.words import lines
from tests.drift.test_scope import read

TABLE = 'CREATE TABLE t (a int, b int, "C" int, d int); CREATE VIEW v AS SELECT 1 AS x, 2 AS y'
CHANGES = {
    "ALTER TABLE t DROP b": ["- column public.t.b is missing"],
    "ALTER TABLE t ADD e int": ["+ column public.t.e is there, and no file makes it"],
    "ALTER TABLE t DROP b, ADD b int": [
        '~ table public.t: order of columns is a, "C", d, b, the files say a, b, "C", d'
    ],
    "ALTER TABLE t DROP b, DROP d, ADD b int, ADD d int, ADD e int": [
        '~ table public.t: order of columns is a, "C", b, d, e, the files say a, b, "C", d',
        "+ column public.t.e is there, and no file makes it",
    ],
    "ALTER TABLE t DROP b, ADD b int; ALTER TABLE t SET (fillfactor = 70); ALTER TABLE t ALTER b SET NOT NULL": [
        "~ table public.t: options is fillfactor=70, the files say none",
        '~ table public.t: order of columns is a, "C", d, b, the files say a, b, "C", d',
        "~ column public.t.b: not null is yes, the files say no",
    ],
    "DROP VIEW v; CREATE VIEW v AS SELECT 2 AS y, 1 AS x": [
        "~ view public.v: order of columns is y, x, the files say x, y",
        "~ view public.v: definition is SELECT 2 AS y, 1 AS x;, the files say SELECT 1 AS x, 2 AS y;",
    ],
    "CREATE TYPE pair AS (a int, b text); COMMENT ON COLUMN pair.a IS 'a'": [
        "+ type public.pair is there, and no file makes it (with 3 more)",
    ],
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_order_of_columns_is_told_once(database: Conninfo, change: str) -> None:
    expected, actual = read(database, TABLE), read(database, change)
    found = orderly(compare(expected, actual), expected, actual)
    told = [" ".join(line.split()) for each in found for line in lines(each)]
    assert [line for line in told if "not_null" not in line] == CHANGES[change]  # PostgreSQL 18 names it
    assert orderly(compare(actual, actual), actual, actual) == ()
