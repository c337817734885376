"""Constants mean what they were made of, whatever the server takes backslashes for."""

from __future__ import annotations

from contextlib import closing

import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.sql.literal import fill, literal


@pytest.mark.parametrize("conforming", ["on", "off"])
def test_the_server_reads_what_was_meant(database: Conninfo, conforming: str) -> None:
    values = ["", "it's", "a\\b", "'\\''; DROP TABLE t; --", "é\n\t$1 %s %(x)s", "\\", "''"]
    with closing(connect(database)) as conn:
        conn.execute(f"SET standard_conforming_strings = {conforming}")
        conn.execute("SET escape_string_warning = off")
        assert conn.execute(f"SELECT {', '.join(map(literal, values))}").fetchone() == tuple(values)


def test_parameters_are_filled_in_once() -> None:
    filled = fill("SELECT %(a)s, %(b)s, %(c)s", {"a": "%(b)s", "b": 7, "c": None})
    assert filled == "SELECT '%(b)s', 7, NULL"
