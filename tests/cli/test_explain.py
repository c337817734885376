"""`pgproof explain`: what it tells of queries of the shipped schema, and what it says where it cannot."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from tests.cli.told import Pgproof

ROOT = Path(__file__).parents[2]
FOLDERS = ("--migrations", str(ROOT / "migrations"), "--checks", str(ROOT / "checks"))
FREQUENT = "at 1e4 to 1e10 rows (figures: at 1e10), the most frequent values:"


@pytest.fixture
def explained(pgproof: Pgproof, monkeypatch: pytest.MonkeyPatch) -> Pgproof:
    monkeypatch.delenv("PGPROOF_SCRATCH_URL", raising=False)
    return pgproof


@pytest.mark.slow
def test_a_documented_query_at_each_size(explained: Pgproof) -> None:
    told = explained("explain", "recent_jobs_of_user", *FOLDERS)
    assert (told.code, told.err) == (0, "")
    head, *plans = told.out.split("\n\n")
    assert re.match(r"recent_jobs_of_user \(.*jobs\.sql:\d+:1\), PostgreSQL \d+", head)
    assert "sizes 1e4, 1e6, 1e8, 1e10 rows by" in head
    (frequent,) = (plan for plan in plans if plan.startswith(FREQUENT))
    assert "Index Scan using idx_jobs_user_id_created_at on jobs" in frequent
    assert "10,000,000 rows" in frequent  # one in a thousand, as checks/profile.toml says
    assert "the index leads to the rows where jobs.user_id = '" in frequent
    assert "rows come in the order of the index: nothing has to be sorted" in frequent


@pytest.mark.slow
def test_at_one_size(explained: Pgproof) -> None:
    told = explained("explain", "SELECT count(*) FROM jobs WHERE user_id = $1", "--at", "1e7", *FOLDERS)
    assert told.code == 0
    assert "at 1e7 rows, any values:\n" in told.out
    assert "at 1e4" not in told.out
    assert "makes one row of all" in told.out


@pytest.mark.slow
def test_figures_of_other_sizes_are_read_off_between_them(explained: Pgproof, tmp_path: Path) -> None:
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "profile.toml").write_text("sizes = [100, 10000]\n[rows]\njobs = [100, 10000]\n")
    told = explained(
        "explain", "SELECT id FROM jobs", "--at", "1000", *FOLDERS[:2], "--checks", str(tmp_path / "checks")
    )
    assert told.code == 0
    assert "1,000 rows" in told.out


@pytest.mark.slow
def test_a_live_database(explained: Pgproof, database: Conninfo) -> None:
    assert explained("upgrade", "--migrations", str(ROOT / "migrations")).code == 0
    told = explained("explain", "start_job", "--database", database.secret, *FOLDERS)
    assert told.code == 0
    assert "\nnow, any values:\nUpdate on jobs" in told.out
    assert "with the statistics of DATABASE" in told.out


def test_what_cannot_be_told(explained: Pgproof, server: ScratchServer) -> None:
    def err(code: int, *words: str) -> str:
        told = explained("explain", *words, *FOLDERS)
        assert told.code == code, told.err
        return told.err

    assert "HINT: did you mean recent_jobs_of_user?" in err(2, "recent_jobs_of_usr")
    refused = err(2, "SELECT *\n  FROM jobs WHERE nope = @user", "--at", "1e4")
    assert 'query:2:19: error: column "nope" does not' in refused
    assert "HINT: correct the query, and type it again\n" in refused
    assert "query:1:11: error: more than one statement" in err(2, "SELECT 1; SELECT 2")
    assert "query:1:1: error: that statement has no plan" in err(2, "VACUUM jobs")
    assert "there is no query to explain" in err(2, "/* a */ ;")
    mistyped = err(2, "SELEC 1 FROM jobs")
    assert mistyped.startswith("query:1:1: error: syntax error")
    assert "NEXT" not in mistyped  # there is no file to be mended
    assert "say a number of rows, for example 1e8" in err(2, "start_job", "--at", "many")
    assert "--at is about a scratch server" in err(2, "start_job", "--at", "1e8", "-d", "x")
    named = err(4, "start_job", "--scratch-url", server.conninfo.secret)
    assert "cannot plan start_job at production size" in named
    assert "HINT: leave out --scratch-url" in named
