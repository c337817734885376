"""Programs whose schema a command builds."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import pgproof
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from tests.migrate.case import write

MAKE = (
    "import os, psycopg\n"
    "with psycopg.connect(os.environ['DATABASE_URL']) as conn:\n"
    "    conn.execute('CREATE TABLE made (a int CONSTRAINT made_chk CHECK (a > 0))')\n"
)


def test_what_a_command_builds(
    database: Conninfo, server: ScratchServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"make.py": MAKE})
    write(tmp_path / "checks", {"made.sql": "-- name: never :many\nSELECT a FROM made WHERE a = -1;\n"})
    build, scratch = [sys.executable, "make.py"], pgproof.scratch(url=server.conninfo.secret)
    report = pgproof.check(build=build, scratch=scratch)
    assert [each.code for each in report.open] == ["QRY102"]
    assert '"made"' in pgproof.snapshot(build=build, scratch=scratch)
    found = pgproof.find_drift(database, build=build, scratch=scratch)
    assert (str(found.verdict), len(found.differences)) == ("differs", 1)
    with pytest.raises(pgproof.CannotTell, match="it is made to fail"):
        pgproof.find_drift(database, build=[sys.executable, "-c", "exit('it is made to fail')"], scratch=scratch)
    way = pgproof.diff(database.secret_url(), "build", build=build, scratch=scratch)
    assert "CREATE TABLE public.made" in pgproof.script(way)
