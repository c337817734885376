"""A disk that is full at some moment, and has room again before the next run."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from pgproof.database.scratch.account import server_account
from tests.faults.stage import Stage
from tests.faults.story import LARGE
from tests.faults.tally import Tally

MEGABYTE = 1 << 20
ROOM = 64 * MEGABYTE


def test_a_full_disk_is_made_good_when_there_is_room_again(stage: Stage, tally: Tally, full: bool) -> None:
    stage.undisturbed(LARGE)
    with small_disk() as disk, tablespace(stage, disk):
        used = grown(stage, disk)
        steps = 40 if full else 6
        for number in range(steps):
            free = used * number // steps
            tally.note("disk full", full_at(stage, disk, free))
    tally.check()


def full_at(stage: Stage, disk: Path, free: int) -> str:
    """Run with so many bytes of room, then with enough; gives what is wrong."""
    with stage.database(LARGE, tablespace="small") as database:
        ballast = disk / "ballast"
        fill(ballast, disk, free)
        run = stage.start(LARGE, database)
        code = run.wait()
        ballast.unlink()
        wrong = ""
        if code != 3 or "SQLSTATE: 53100" not in run.said or "Traceback" in run.said:
            wrong = "the run itself ended badly"
        wrong = wrong or stage.finish(LARGE, database)
        return f"with {free} bytes free\n{wrong}\n--- first: {run}" if wrong else ""


def grown(stage: Stage, disk: Path) -> int:
    """How many bytes the story needs: the least that was free, and it still came to its end, is more than this."""
    with stage.database(LARGE, tablespace="small") as database:
        before = room(disk)
        assert stage.start(LARGE, database).wait() == 0
        return before - room(disk)


def fill(ballast: Path, disk: Path, free: int) -> None:
    """Leave so many bytes."""
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, room(disk) - free))


def room(disk: Path) -> int:
    found = os.statvfs(disk)
    return found.f_bavail * found.f_bsize


@contextmanager
def small_disk() -> Iterator[Path]:
    """A file system of its own in memory; skips where none may be mounted."""
    with tempfile.TemporaryDirectory(prefix="pgproof-disk-", dir="/tmp") as folder:
        words = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", folder]
        mounted = subprocess.run(words, capture_output=True, text=True, check=False)
        if mounted.returncode != 0:
            pytest.skip(f"no file system of its own: {mounted.stderr.strip()}")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", folder], check=True)


@contextmanager
def tablespace(stage: Stage, disk: Path) -> Iterator[None]:
    """A tablespace `small` on it."""
    data = disk / "data"
    data.mkdir(0o700)
    server_account(None).own(data)
    disk.chmod(0o711)
    with stage.witness("postgres") as conn:
        conn.execute(sql.SQL("CREATE TABLESPACE small LOCATION {}").format(sql.Literal(str(data))))
        try:
            yield
        finally:
            conn.execute("CHECKPOINT")  # before 15 a dropped database's files wait for one
            with suppress(psycopg.OperationalError):
                conn.execute("DROP TABLESPACE small")
