"""The command as a person types it, in a folder of its own and on a database of its own."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from pgproof.cli.failure import run
from pgproof.cli.root import root
from pgproof.database.conninfo import Conninfo
from tests.cli.told import Pgproof, Told
from tests.conftest import OPTIONS


@pytest.fixture
def pgproof(
    database: Conninfo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Pgproof:
    """Runs the command in an empty folder, on an empty database named by DATABASE_URL."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database.secret)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))
    if OPTIONS.url is not None:  # scratch servers are where the test's database is
        monkeypatch.setenv("PGPROOF_SCRATCH_URL", OPTIONS.url.secret)

    def told(*words: str) -> Told:
        monkeypatch.setattr(sys, "argv", ["pgproof", *words])
        code = run(root)
        printed = capsys.readouterr()
        out = printed.out.replace(database.description, "DATABASE")
        return Told(code, re.sub(r"\b\d+(\.\d+)? m?s\b", "T", out), printed.err)

    return told
