"""A command of the user's on a server of our own: it is lent the roles that it misses."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from pgproof.database.builder import Builder
from pgproof.database.connection import connect
from pgproof.database.scratch import ScratchServer
from pgproof.errors import DatabaseError, InputError
from pgproof.flows import builds
from pgproof.place import Place

PROGRAM = """
import os, sys, psycopg
with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as conn:
    try:
        conn.execute('DROP ROLE IF EXISTS "never there"')
        conn.execute('CREATE TABLE a (); GRANT SELECT ON a TO "far ""above"')
        conn.execute(sys.argv[1])
    except psycopg.Error as error:
        print(error, *(f"[SQL: line {number}" for number in range(40)), sep="\\n")
        sys.exit(1)
"""


def builder(folder: Path, statement: str) -> Builder:
    return Builder(
        words=(sys.executable, "-c", PROGRAM, statement),
        folder=folder,
        home=folder,
        environment=dict(os.environ),
        place=Place(path="build", line=1),
        origin="build",
    )


def test_a_role_that_is_named_above_what_is_shown_is_lent(server: ScratchServer, tmp_path: Path) -> None:
    try:
        with (
            builds.database(server, builder(tmp_path, "SELECT 1")) as database,
            closing(connect(database)) as conn,
        ):
            row = conn.execute("SELECT has_table_privilege('far \"above', 'a', 'SELECT')").fetchone()
            assert row == (True,)
        with (
            pytest.raises(DatabaseError) as caught,
            builds.database(server, builder(tmp_path, "SELECT * FROM nowhere")),
        ):
            pass
        (problem,) = caught.value.problems
        lines = [f"  [SQL: line {number}" for number in range(28, 40)]
        assert problem.context[:-1] == ("  ...", *lines)
    finally:
        with closing(connect(server.conninfo)) as conn:
            conn.execute('DROP ROLE IF EXISTS "far ""above"')


def test_an_input_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "input").symlink_to("/proc/self/mem")  # a file of which not even root can read the first byte
    said = replace(builder(tmp_path, "SELECT 1"), inputs=("input",))
    with pytest.raises(InputError, match=f"cannot read {tmp_path}/input: Input/output error"):
        builds.digest(said, builds.Versions())
