"""Projects of other tools (tests/cases/build/), laid out in the current folder, and their tools."""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import tomllib
from contextlib import closing
from pathlib import Path

import pytest

from pgproof.database import builder
from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from tests.migrate.case import parts
from tests.migrate.test_layout import lay_out

TOP = Path(__file__).parent.parent.parent
CASES = TOP / "tests" / "cases" / "build"
PLACES = os.pathsep.join([os.environ.get("PATH", ""), str(TOP / "node_modules" / ".bin")])


def lay_out_project(tool: str) -> None:
    """The project of the case of that name, in the current folder; skipped if the tool is not there."""
    dbmate = shutil.which("dbmate", path=PLACES)
    if (tool == "dbmate" and not dbmate) or (tool in ("alembic", "django") and not importlib.util.find_spec(tool)):
        pytest.skip(f"{tool} is not installed")
    places = {"{python}": sys.executable, "{dbmate}": str(dbmate)}
    files = parts(CASES / f"{tool}.txt")
    for name in ("pgproof.toml", "pyproject.toml"):
        for place, path in places.items():
            if name in files:
                files[name] = files[name].replace(place, path)
    lay_out(files, Path())


def command() -> list[str]:
    """The command that the settings of the project name."""
    path = Path("pgproof.toml")
    said = (
        tomllib.loads(path.read_text())
        if path.exists()
        else tomllib.loads(Path("pyproject.toml").read_text())["tool"]["pgproof"]
    )
    return shlex.split(said["build"]) if isinstance(said["build"], str) else list(said["build"])


def migrate(database: Conninfo, *words: str) -> None:
    """The tool does its work on the database, as whoever owns that types it."""
    environment = builder.environment(os.environ, builder.address(database, os.environ))
    ran = subprocess.run(words or command(), env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def execute(database: Conninfo, statement: str) -> None:
    with closing(connect(database)) as conn:
        conn.execute(statement.encode())
