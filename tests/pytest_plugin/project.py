"""A project of somebody else's, in which pytest is run as its own process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.house.repository import TOP

CASES = TOP / "tests" / "cases" / "pytest_plugin"
STRICT = ("-W", "error", "--strict-config", "--strict-markers", "-p", "no:cacheprovider")
QUICK = ("-p", "no:hypothesispytest")
"""The plugin of hypothesis takes longer to load than all the rest."""
TOLD_LONGER = frozenset({"CI", "BUILD_NUMBER"})
"""Where one of these is set, pytest's last lines say all of what they else say in short."""


@dataclass(frozen=True, slots=True)
class Run:
    """How pytest ended, and what it printed."""

    code: int
    output: str

    def outcomes(self) -> str:
        """The last line, without the time."""
        return self.output.rstrip().rpartition("\n")[2].strip("= ").partition(" in ")[0]


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with the migrations and the checks of this repository, and with tests."""

    folder: Path
    environment: Mapping[str, str]

    def write(self, name: str, text: str) -> None:
        """Write a file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def copy(self, case: str) -> str:
        """Make a file of the cases one of the project's tests; its name there."""
        shutil.copy(CASES / f"{case}.py", self.folder / f"test_{case}.py")
        return f"test_{case}.py"

    def pytest(self, *arguments: str, folder: str = ".", **environment: str) -> Run:
        """Run pytest there, where every warning is an error."""
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *STRICT, *QUICK, *arguments],
            cwd=self.folder / folder,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        return Run(done.returncode, done.stdout + done.stderr)


def made(folder: Path) -> Project:
    """A project in a folder, with pgproof as pip would have installed it: by what pyproject.toml declares."""
    home = folder / "project"
    for name in ("migrations", "checks"):
        shutil.copytree(TOP / name, home / name, ignore=shutil.ignore_patterns("pgproof.sum"))
    (home / "pyproject.toml").write_text("[tool.pgproof]\n[tool.pytest.ini_options]\n", encoding="utf-8")
    installed = folder / "installed" / "pgproof_declared-0.dist-info"
    installed.mkdir(parents=True)
    declared = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    lines = [f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in each.items()) for group, each in declared.items()]
    (installed / "entry_points.txt").write_text("".join(lines), encoding="utf-8")
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: pgproof-declared\nVersion: 0\n")
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST") and k not in TOLD_LONGER}
    path = os.pathsep.join([str(installed.parent), str(TOP / "toolkit")])
    return Project(home, {**kept, "PYTHONPATH": path})
