"""Places of their own for servers, so that a test sees what is left behind."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pgproof.database.scratch import Binaries, ScratchOptions, find_binaries


@pytest.fixture
def place() -> Iterator[Path]:
    """An empty folder that every account can pass through (pytest's own are closed), with a short path."""
    shared_memory = Path("/dev/shm")
    path = Path(tempfile.mkdtemp(prefix="pgp-", dir=shared_memory if shared_memory.is_dir() else "/tmp"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def options(scratch_options: ScratchOptions, place: Path) -> ScratchOptions:
    """Local binaries, or whatever there is, with servers in `place` and the common cache."""
    if not find_binaries(scratch_options)[0]:
        pytest.skip("no PostgreSQL binaries on this machine")
    return replace(scratch_options, url=None, run_dirs=(place,))


@pytest.fixture
def binaries(options: ScratchOptions) -> Binaries:
    """Those that `options` lead to."""
    return find_binaries(options)[0][0]


def left_in(place: Path) -> list[str]:
    """The folders of servers that are still there."""
    return sorted(path.name for path in place.glob("pgproof-*/run-*"))


def is_alive(pid: int) -> bool:
    """True if the process runs (a zombie does not)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        if Path("/proc/self").exists():
            return False
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        return True
    return state != "Z"


def postmaster_in(place: Path) -> int:
    """The pid of the one server that lives in `place`."""
    (pid_file,) = place.glob("pgproof-*/run-*/data/postmaster.pid")
    return int(pid_file.read_text().split("\n", 1)[0])
