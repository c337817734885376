"""`pgproof stats export`, and `pgproof check` with what it has written."""

from __future__ import annotations

import json
from pathlib import Path

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from tests.cli.conftest import Pgproof

SCHEMA = """
CREATE TABLE t (id bigint PRIMARY KEY, kind text NOT NULL, made_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX t_kind ON t (kind);
"""
QUERY = """
-- name: of_kind
-- uses: t_kind
SELECT * FROM t WHERE kind = @kind;
"""


def test_what_is_exported_is_planned_with(pgproof: Pgproof, database: Conninfo, tmp_path: Path) -> None:
    with connect(database) as conn:
        conn.execute(SCHEMA.encode())
        conn.execute("INSERT INTO t SELECT n, 'secret ' || n % 50 FROM generate_series(1, 20000) AS n")
        conn.execute("ANALYZE t")
    told = pgproof("stats", "export", "--database", database.secret)
    assert (told.code, told.err) == (0, "3 columns of 1 table\n")
    assert "secret" not in told.out
    assert json.loads(told.out)["schema"] == "pgproof.stats/1"
    for folder in ("migrations", "checks"):
        (tmp_path / folder).mkdir()
    (tmp_path / "migrations" / "01-t.sql").write_text(SCHEMA)
    (tmp_path / "checks" / "t.sql").write_text(QUERY)
    (tmp_path / "checks" / "stats.json").write_text(told.out)
    (tmp_path / "checks" / "profile.toml").write_text('statistics = "stats.json"\n')
    folders = ("--migrations", str(tmp_path / "migrations"), "--checks", str(tmp_path / "checks"))
    checked = pgproof("check", *folders, "--verbose")
    assert "sizes 2000, 2e4, 2e5, 2e6 rows" in checked.out, checked.err
    assert "planned with t_kind at 2000 to 2e6 rows" in " ".join(checked.out.split()), checked.out
    (tmp_path / "checks" / "stats.json").unlink()
    missing = pgproof("check", *folders)
    assert missing.code == 2
    assert "stats.json" in missing.err
    assert "pgproof stats export" in missing.err
    (tmp_path / "checks" / "profile.toml").write_text('statistics = "."\n')
    folder = pgproof("check", *folders)
    assert folder.code == 2
    assert "cannot read" in folder.err
