"""psql, as a person would run it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import find_binaries
from tests.conftest import OPTIONS


def program() -> str:
    """The newest psql of this machine; skips the test if there is none."""
    found, _ = find_binaries(OPTIONS)
    beside = [str(each.directory / "psql") for each in found if (each.directory / "psql").exists()]
    psql = next(iter(beside), shutil.which("psql"))
    if psql is None:
        pytest.skip("no psql: neither beside the server's programs nor on the PATH")
    return psql


def run(script: str, database: Conninfo, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script from a file."""
    path = folder / "script.sql"
    path.write_text(script, encoding="utf-8")
    words = [program(), "--no-psqlrc", f"--file={path}", f"--dbname={database.secret}"]
    return subprocess.run(words, capture_output=True, text=True, check=False, env={"LC_ALL": "C.UTF-8"})
