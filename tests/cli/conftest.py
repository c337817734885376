"""The command as a person types it, in a folder of its own and on a database of its own."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pgproof.cli.failure import run
from pgproof.cli.root import root
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from tests.cli.described import keep_to_schema
from tests.cli.told import Pgproof, Told
from tests.conftest import OPTIONS

CLUSTERS = "cluster-*-????????????????"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An XDG_CACHE_HOME in which nothing is known of any database; fresh clusters are those of the other tests.

    To make one takes initdb a second, to copy it a tenth of that. What a test has made is there for the others.
    """
    folder, shared = tmp_path / ".cache", OPTIONS.cache_dir
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    ours = folder / "pgproof"
    ours.mkdir(parents=True)
    for copy in shared.glob(CLUSTERS) if shared else ():
        ours.joinpath(copy.name).symlink_to(copy)
    yield folder
    for copy in ours.glob(CLUSTERS) if shared and shared.is_dir() else ():
        if not copy.is_symlink():
            with suppress(OSError):  # another process was quicker
                copy.rename(shared / copy.name)


@pytest.fixture
def pgproof(
    database: Conninfo,
    cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Pgproof:
    """Runs the command in an empty folder, on an empty database named by DATABASE_URL.

    What it prints as JSON has to keep to its schema.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database.secret)
    if OPTIONS.url is not None:  # scratch servers are where the test's database is
        monkeypatch.setenv("PGPROOF_SCRATCH_URL", OPTIONS.url.secret)

    def told(*words: str) -> Told:
        monkeypatch.setattr(sys, "argv", ["pgproof", *words])
        code = run(root)
        printed = capsys.readouterr()
        keep_to_schema(words, printed.out)
        out = printed.out.replace(database.description, "DATABASE")
        return Told(code, re.sub(r"\b\d+(\.\d+)? m?s\b", "T", out), printed.err)

    return told


@pytest.fixture
def same_server(server: ScratchServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scratch databases are beside the tests' own, which takes less time than a server of their own."""
    monkeypatch.setenv("PGPROOF_SCRATCH_URL", server.conninfo.secret)


@pytest.fixture
def own_server(same_server: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scratch databases are on a server that pgproof starts, in a module where others are on the tests' own."""
    monkeypatch.delenv("PGPROOF_SCRATCH_URL")
