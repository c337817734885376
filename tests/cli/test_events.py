"""`--format json`: what happens, line by line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from pgproof.cli.failure import run
from pgproof.cli.root import root
from pgproof.database.conninfo import Conninfo
from tests.migrate.case import write


def test_up_a_failure_and_down(
    database: Conninfo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database.secret)

    def told(*words: str) -> tuple[int, list[dict[str, Any]]]:
        monkeypatch.setattr(sys, "argv", ["pgproof", *words, "--format", "json"])
        code = run(root)
        return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    up = "-- migrate:up transaction:false\nCREATE TABLE a (b int);\nDO $$ BEGIN RAISE NOTICE 'é'; END $$;\n"
    write(Path("migrations"), {"1-a.sql": up + "-- migrate:down\nDROP TABLE a;\n", "2-b.sql": "SELECT 1/0;"})
    code, said = told("upgrade")
    assert code == 3
    assert [each["event"] for each in said] == "planned began landed noticed landed ended began failed".split()
    assert said[0] == {
        "event": "planned",
        "schema": "pgproof.events/1",
        "database": database.description,
        "direction": "upgrade",
        "current": 0,
        "migrations": [
            {"version": 1, "name": "1-a.sql", "statements": 2, "done": 0, "transaction": False},
            {"version": 2, "name": "2-b.sql", "statements": 1, "done": 0, "transaction": True},
        ],
    }
    first = {"event": "landed", "migration": "1-a.sql", "direction": "upgrade", "number": 1, "of": 2}
    assert said[2] == {**first, "place": "migrations/1-a.sql:2:1", "remark": ""}
    assert (said[3]["severity"], said[3]["message"]) == ("NOTICE", "é")
    assert said[5]["seconds"] > 0
    assert said[-1] == {
        "event": "failed",
        "migrations": 1,
        "problems": [
            {
                "message": "division by zero",
                "place": "migrations/2-b.sql:1:1",
                "detail": "",
                "hint": "",
                "sqlstate": "22012",
                "context": [
                    "COMMITTED: 1-a",
                    "ROLLED BACK: 2-b, all of it",
                    "NEXT: mend migrations/2-b.sql and run: pgproof upgrade",
                ],
            }
        ],
    }
    code, said = told("downgrade", "--to", "0")
    assert (code, [each["event"] for each in said]) == (0, ["planned", "began", "ended", "done"])
