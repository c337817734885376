"""Where a scratch server lives: a folder that its owner holds a lock on, and that dies with it.

    <run_dir>/pgproof-<uid>/lock          held while a folder is made or stale ones are removed
    <run_dir>/pgproof-<uid>/run-XXXXXXXX/
        lock          held by the owner as long as it lives (a flock ends with its process)
        data/         the cluster
        socket/       its socket, reachable for the owner and the server alone
        server.log

A folder whose lock is free belongs to a process that is gone: the next run ends its server and removes it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from pgproof.database.scratch.account import Account, end
from pgproof.database.scratch.attempt import Unavailable
from pgproof.database.scratch.termination import undone

_ROOM = 512 * 1024 * 1024  # bytes: a cluster of 40 MB and the databases of a test run
_SOCKET_PATH_LIMIT = 103  # bytes in sockaddr_un.sun_path, without its end: 107 on Linux, 103 on macOS
_SOCKET_NAME = ".s.PGSQL.5432.lock"


@dataclass(slots=True)
class RunDirectory:
    """A server's folder, and the program of ours that is running in it."""

    path: Path
    account: Account
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def data(self) -> Path:
        """The cluster's data directory."""
        return self.path / "data"

    @property
    def socket(self) -> Path:
        """The folder of the server's socket."""
        return self.path / "socket"

    @property
    def log(self) -> Path:
        """What initdb and the server print."""
        return self.path / "server.log"

    def last_words(self) -> str:
        """The end of the log in one line."""
        lines = [line.strip() for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        return " ".join(lines[-3:]) or "it printed nothing"

    def remove(self) -> None:
        """End what runs here and remove the folder; more than once does no harm."""
        if self.process is not None:
            end(self.process)
        _remove(self.path)


@contextmanager
def run_directory(places: Iterable[Path], account: Account) -> Iterator[RunDirectory]:
    """A new folder in the first of `places` that has room, removed at the end with the server in it.

    First removes what processes that are gone have left in any of them. Raises Unavailable.
    """
    parents = [parent for place in places if (parent := our_folder(place)) is not None]
    for parent in parents:
        sweep(parent)
    roomy = [parent for parent in parents if _has_room(parent)]
    if not roomy:
        raise Unavailable(f"no folder with {_ROOM >> 20} MB of room among {', '.join(map(str, places))}")
    with _created(roomy[0], account) as run, undone(run.remove):
        yield run


def sweep(parent: Path) -> None:
    """Remove the folders in `parent` whose owners are gone, and end their servers."""
    with locked(parent / "lock"):
        for path in sorted(parent.glob("run-*")):
            # its owner removes a folder without asking, maybe just now
            with suppress(FileNotFoundError), tried_lock(path / "lock") as free:
                if free:  # also where there was no lock file: that folder was never finished
                    _remove(path)


@contextmanager
def locked(path: Path, *, shared: bool = False) -> Iterator[None]:
    """Hold a lock file, waiting for it. Raises OSError."""
    with _opened(path) as lock:
        fcntl.flock(lock, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield


@contextmanager
def _created(parent: Path, account: Account) -> Iterator[RunDirectory]:
    with locked(parent / "lock"):
        path = Path(tempfile.mkdtemp(prefix="run-", dir=parent))
        lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        path.chmod(parent.stat().st_mode & 0o711)
        run = RunDirectory(path, account)
        for folder in (run.data, run.socket):
            folder.mkdir(0o700)
            account.own(folder)
        yield run
    finally:
        os.close(lock)


@contextmanager
def tried_lock(path: Path) -> Iterator[bool]:
    """True with the lock file held, False if another process holds it. Made if missing. Raises OSError."""
    with _opened(path) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def our_folder(place: Path) -> Path | None:
    """Our folder in a place that others may write to, too; made if missing.

    None if it is not ours alone, if its path is too long for a socket, or if the server could not reach it.
    """
    uid = os.geteuid()
    parent = place / f"pgproof-{uid}"
    if len(os.fsencode(parent / "run-12345678" / "socket" / _SOCKET_NAME)) > _SOCKET_PATH_LIMIT:
        return None
    try:
        parent.mkdir(0o700, exist_ok=True)
        found = parent.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid:
            return None
        parent.chmod(0o711 if uid == 0 else 0o700)
        # root's server runs as somebody else, who must be able to pass through
        passable = uid != 0 or all(above.stat().st_mode & 0o001 for above in parent.parents)
    except OSError:
        return None
    return parent if passable and os.access(parent, os.W_OK) else None


def _has_room(parent: Path) -> bool:
    return shutil.disk_usage(parent).free >= _ROOM


def _remove(path: Path) -> None:
    """End the server that runs in the folder, if any, and remove the folder."""
    _end_postmaster(path / "data")
    for _ in range(100):  # an initdb whose parent is gone may still be writing
        shutil.rmtree(path, ignore_errors=True)
        if not path.exists():
            return
        time.sleep(0.01)


def _end_postmaster(data: Path) -> None:
    pid = _postmaster(data)
    if pid is None:
        return
    for number, tries in ((signal.SIGQUIT, 500), (signal.SIGKILL, 100)):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        for _ in range(tries):
            if not _runs_in(pid, data):
                return
            time.sleep(0.01)


def _postmaster(data: Path) -> int | None:
    """The pid in postmaster.pid, if that process is this cluster's server and not one that got its number."""
    try:
        first = (data / "postmaster.pid").read_text().split("\n", 1)[0]
    except OSError:
        return None
    return int(first) if first.isdecimal() and _runs_in(int(first), data) else None


def _runs_in(pid: int, data: Path) -> bool:
    """True if the process's command line names the data directory (whose name is never used again)."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()  # empty for a zombie
    except OSError:
        if Path("/proc/self").exists():
            return False
        shown = subprocess.run(["ps", "-p", str(pid), "-o", "args="], capture_output=True, check=False)
        words = shown.stdout
    return os.fsencode(data) in words
