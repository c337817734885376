"""Folders and files that whoever runs pgproof may not write, and disks that are full: nothing is half written."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from tests.cli.told import Pgproof
from tests.migrate.case import write

NOBODY = 65534
FORBIDDEN = (
    ": Permission denied\nDETAIL: Nothing was written.\n"
    "HINT: let whoever runs pgproof write there, and run the command again\n"
)
FULL = ": File too large\nDETAIL: Nothing was written.\nHINT: make room there, and run the command again\n"
FOLDERS = {
    "own": {"1-a.sql": "-- migrate:up\nCREATE TABLE a (b int);\n"},
    "pairs": {"1_a.up.sql": "CREATE TABLE a (b int);\n", "1_a.down.sql": "DROP TABLE a;\n"},
}
REASON = ("--because", "so it is")


@pytest.fixture(autouse=True)
def _drifted(request: pytest.FixtureRequest, pgproof: Pgproof, database: Conninfo, server: ScratchServer) -> None:
    """A database that has a column more than the files say; scratch databases are where it is."""
    request.getfixturevalue("monkeypatch").setenv("PGPROOF_SCRATCH_URL", server.conninfo.secret)
    write(Path("migrations"), FOLDERS[getattr(request, "param", "own")])
    write(Path("checks"), {"accepted-drift.sql": "-- of ours\n"})
    assert pgproof("upgrade").code == 0
    assert pgproof("sum").code == 0
    with closing(connect(database)) as conn:
        conn.execute("ALTER TABLE a ADD COLUMN c int")


def all_files() -> dict[str, bytes]:
    return {
        str(path): path.read_bytes()
        for path in sorted(Path().rglob("*"))
        if path.is_file() and ".cache" not in path.parts
    }


def put_back(before: dict[str, bytes]) -> None:
    for path in all_files():
        if path not in before:
            Path(path).unlink()
    for path, content in before.items():
        Path(path).write_bytes(content)


@contextmanager
def _closed(*paths: str) -> Iterator[None]:
    """Nobody may write there; root is nobody meanwhile, since modes are nothing to it (setfsuid(2))."""
    system = ctypes.CDLL(None)
    Path().chmod(0o755)
    for path in paths:
        Path(path).chmod(0o555 if Path(path).is_dir() else 0o444)
    if os.geteuid() == 0:
        system.setfsuid(NOBODY)
    try:
        yield
    finally:
        system.setfsuid(os.geteuid())
        for path in paths:
            Path(path).chmod(0o755)


@contextmanager
def full(size: int) -> Iterator[None]:
    """No file may become larger: what is written then fails in its middle, as on a full disk."""
    was = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, was[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, was)
        signal.signal(signal.SIGXFSZ, before)


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (("drift", "--adopt", "it"), "migrations/2-it.sql"),
        (("diff", "migrations", "DATABASE", "--write", "it"), "migrations/2-it.sql"),
        (("new", "it"), "migrations/2-it.sql"),
        (("drift", "--accept", "DRF102:column public.a.c", *REASON), "checks/accepted-drift.sql"),
        (("snapshot",), "migrations/schema.json"),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, tuple) else "",
)
def test_nothing_is_written_where_nobody_may(
    pgproof: Pgproof, database: Conninfo, words: tuple[str, ...], where: str
) -> None:
    before = all_files()
    given = [database.secret if each == "DATABASE" else each for each in words]
    assert pgproof(*given).code in (0, 1)  # and all is imported that it needs, which may be out of nobody's reach
    put_back(before)
    with _closed("migrations", "checks"):
        told = pgproof(*given)
    assert (told.code, told.err.partition("cannot write ")[2]) == (2, where + FORBIDDEN), told
    assert all_files() == before


@pytest.mark.parametrize("_drifted", FOLDERS, indirect=True)
@pytest.mark.parametrize("size", [70, 200])
def test_nothing_is_half_written_where_there_is_no_room(pgproof: Pgproof, size: int) -> None:
    """Neither the first of two files, nor files without their lines in pgproof.sum, nor a part of one."""
    write(Path("migrations"), {"pgproof.sum": Path("migrations/pgproof.sum").read_text()})
    before = all_files()
    with full(size):
        told = pgproof("drift", "--adopt", "it")
    assert (told.code, told.err.endswith(FULL)) == (2, True), told
    assert all_files() == before


def test_what_was_accepted_before_is_kept_where_there_is_no_room(pgproof: Pgproof) -> None:
    before = all_files()
    with full(40):
        told = pgproof("drift", "--accept", "DRF102:column public.a.c", *REASON)
    assert (told.code, told.err) == (2, f"pgproof: error: cannot write checks/accepted-drift.sql{FULL}"), told
    assert all_files() == before
    assert pgproof("drift", "--accept", "DRF102:column public.a.c", *REASON).code == 0
    assert Path("checks/accepted-drift.sql").read_text().startswith("-- of ours\n\n-- accept: ")
