"""The hooks that this repository offers to others, run by pre-commit itself when somebody commits."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.house.repository import TOP, tracked

yaml = pytest.importorskip("yaml", reason="PyYAML comes with pre-commit, which is in the extra test")
pytest.importorskip("pre_commit", reason="pre-commit is in the extra test")

BROKEN = "\n-- name: nobody :many\nSELECT id FROM notes WHERE body = '';\n"
"""A query that notes_body_chk forbids to find anything."""


def hooks() -> list[dict[str, Any]]:
    """What .pre-commit-hooks.yaml offers."""
    found: list[dict[str, Any]] = yaml.safe_load((TOP / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    return found


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A new repository of git's, a project of pgproof's that is committed."""
    top = tmp_path / "shop"
    top.mkdir()
    for words in (
        ["git", "init", "-q", "-b", "main"],
        ["git", "config", "user.name", "Ann"],
        ["git", "config", "user.email", "ann@example.com"],
        [sys.executable, "-m", "pgproof", "init"],
        [sys.executable, "-m", "pgproof", "sum"],
        [sys.executable, "-m", "pgproof", "snapshot"],
        ["git", "add", "-A"],
        ["git", "commit", "-q", "-m", "one"],
    ):
        ran = run(top, *words)
        assert ran.returncode == 0, ran.stderr
    return top


def run(top: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a program there; pre-commit keeps what it installs beside the repository."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PRE_COMMIT_HOME": str(top.parent / "pre-commit"),
        "PRE_COMMIT_COLOR": "never",
        "PIP_COMPILE": "0",  # what is run here once is compiled then
    }
    return subprocess.run(words, cwd=top, env=environment, capture_output=True, text=True, check=False)


def offer(top: Path, config: dict[str, Any]) -> None:
    """Let the hooks of that configuration run at each commit."""
    (top / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [config]}))
    for words in (["git", "add", "-A"], ["pre-commit", "install"]):
        ran = run(top, *words)
        assert ran.returncode == 0, ran.stdout + ran.stderr


def committed(top: Path, *paths: str) -> tuple[bool, str]:
    """Commit these files: whether it was let through, and what was said."""
    assert run(top, "git", "add", *paths).returncode == 0
    ran = run(top, "git", "commit", "-m", "more")
    return ran.returncode == 0, ran.stdout + ran.stderr


def outcome(said: str) -> dict[str, str]:
    """What came of each hook."""
    return dict(re.findall(r"^pgproof (\w+)\.+.*?(Passed|Failed|Skipped)$", said, re.MULTILINE))


def test_a_commit_is_let_through_or_not(repository: Path) -> None:
    """With the program that is here, and not one that is installed first."""
    local = [{**hook, "language": "system", "additional_dependencies": []} for hook in hooks()]
    offer(repository, {"repo": "local", "hooks": local})
    done, said = committed(repository, ".pre-commit-config.yaml")
    assert done, said
    assert outcome(said) == dict.fromkeys(["sum", "check", "verify", "snapshot"], "Skipped")

    notes = repository / "checks" / "notes.sql"
    before = notes.read_text()
    notes.write_text(before + BROKEN)
    done, said = committed(repository, "checks")
    assert not done
    assert outcome(said) == {"sum": "Passed", "check": "Failed", "verify": "Passed", "snapshot": "Passed"}
    assert "QRY102 query-never-matches" in said
    assert "nobody never returns a row: notes_body_chk forbids body = ''" in said
    notes.write_text(before)

    migration = repository / "migrations" / "02-title.sql"
    migration.write_text("-- migrate:up\nALTER TABLE notes ADD COLUMN title text;\n-- migrate:down\nSELECT 1;\n")
    done, said = committed(repository, "checks", "migrations")
    assert not done
    assert outcome(said) == {"sum": "Failed", "check": "Passed", "verify": "Failed", "snapshot": "Failed"}
    migration.write_text(migration.read_text().replace("SELECT 1", "ALTER TABLE notes DROP COLUMN title"))
    for command in ("sum", "snapshot"):
        assert run(repository, "pgproof", command).returncode == 0
    done, said = committed(repository, "migrations")
    assert done, said


@pytest.mark.slow
def test_the_hooks_are_installed_from_this_repository(repository: Path, tmp_path: Path) -> None:
    """By pre-commit, with all that they need, as a release of it would be."""
    source = tmp_path / "pgproof"
    for path in tracked():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(TOP / path, source / path)
    for words in (
        ["git", "init", "-q", "-b", "main"],
        ["git", "add", "-A", "-f"],
        ["git", "-c", "user.name=Ann", "-c", "user.email=ann@example.com", "commit", "-q", "-m", "one"],
        ["git", "tag", "v1.0.0"],
    ):
        assert run(source, *words).returncode == 0
    wanted = [{"id": "pgproof-check"}]  # each set of additional dependencies would be another installation
    offer(repository, {"repo": str(source), "rev": "v1.0.0", "hooks": wanted})
    ran = run(repository, "pre-commit", "run", "--all-files", "--verbose")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert outcome(ran.stdout) == {"check": "Passed"}
    assert [*(tmp_path / "pre-commit").glob("repo*/py_env*/bin/pgproof")]


def test_the_file_is_one_that_pre_commit_reads() -> None:
    ran = run(TOP, sys.executable, "-m", "pre_commit", "validate-manifest", ".pre-commit-hooks.yaml")
    assert ran.returncode == 0, ran.stdout + ran.stderr
