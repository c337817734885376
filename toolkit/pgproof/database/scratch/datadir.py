"""A fresh data directory: made by initdb once, copied ever after."""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import suppress
from pathlib import Path
from subprocess import TimeoutExpired

from pgproof.database.scratch.account import Account
from pgproof.database.scratch.attempt import Unavailable
from pgproof.database.scratch.binaries import Binaries
from pgproof.database.scratch.rundir import RunDirectory, locked, tried_lock

SUPERUSER = "postgres"
_INITDB_OPTIONS = (
    f"--username={SUPERUSER}",
    "--auth=trust",  # the socket's folder lets only us and the server in
    "--encoding=UTF8",
    "--wal-segsize=1",
    "--no-sync",
    "--no-instructions",
)
# Under collation C a plain btree serves LIKE 'x%', which it does not under a production database's collation
# (11.10 of the manual). C.UTF-8 sorts like C and is planned like the others; not every system has it.
_LOCALES = ("C.UTF-8", "C")
_INITDB_PATIENCE = 120.0  # seconds
_KEPT = 8  # copies in a cache, 28 MB each: five majors and some


def fill(run: RunDirectory, binaries: Binaries, cache: Path) -> bool:
    """Make `run.data` a fresh cluster; True if it was copied from the cache. Raises Unavailable.

    Of several processes with nothing to copy, one runs initdb and the others wait for its copy.
    """
    key = _key(binaries)
    try:
        if _copied(run, cache, key):
            return True
        with locked(cache / f"{key}.lock"):
            if (cache / key).is_dir():
                copy_tree(cache / key, run.data, run.account)
                return True
            initdb(run, binaries)
            _keep(run.data, cache, key)
    except OSError:  # no usable cache: a server can do without one
        empty(run)
        initdb(run, binaries)
    return False


def forget(binaries: Binaries, cache: Path) -> None:
    """Drop the copy made by these binaries."""
    key = _key(binaries)
    with suppress(OSError), locked(cache / f"{key}.lock"):
        shutil.rmtree(cache / key)


def initdb(run: RunDirectory, binaries: Binaries) -> None:
    """Make `run.data`, which is empty, a cluster. Raises Unavailable."""
    for locale in _LOCALES:
        if _initdb(run, binaries, locale) == 0:
            return
        words = run.last_words()
        empty(run)
    raise Unavailable(f"initdb failed: {words}")


def _initdb(run: RunDirectory, binaries: Binaries, locale: str) -> int:
    arguments = ["-D", str(run.data), *_INITDB_OPTIONS, f"--locale={locale}"]
    if binaries.version.major >= 18:
        arguments.append("--no-data-checksums")  # the default before 18
    try:
        with run.log.open("wb") as log:
            run.process = run.account.spawn(binaries.initdb, arguments, log)
            return run.process.wait(_INITDB_PATIENCE)
    except OSError as error:
        raise Unavailable(f"{binaries.initdb} cannot be run: {error.strerror}") from error
    except TimeoutExpired as error:
        raise Unavailable(f"initdb was not done within {_INITDB_PATIENCE:.0f} s") from error


def copy_tree(source: Path | str, target: Path | str, account: Account) -> None:
    """Copy a data directory's files into the folder `target`, for `account`.

    Small files by the thousand: one read and one write each is twice as fast as shutil's way.
    """
    with os.scandir(source) as entries:
        for entry in entries:
            copy = os.path.join(target, entry.name)  # noqa: PTH118  (a thousand Path objects cost as much as the copying)
            if entry.is_dir(follow_symlinks=False):
                os.mkdir(copy, 0o700)  # noqa: PTH102
                copy_tree(entry.path, copy, account)
            else:
                with open(entry.path, "rb", 0) as old, open(copy, "xb", 0, opener=_private) as new:  # noqa: PTH123
                    new.write(old.read())
            account.own(copy)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _key(binaries: Binaries) -> str:
    """Names everything that decides how a fresh cluster looks."""
    server = binaries.postgres.resolve().stat()
    parts = (str(binaries.postgres.resolve()), binaries.banner, str(server.st_mtime_ns), str(server.st_size))
    digest = hashlib.sha256("\n".join((*parts, *_INITDB_OPTIONS, *_LOCALES)).encode()).hexdigest()
    return f"cluster-{binaries.version.major}-{digest[:16]}"


def _copied(run: RunDirectory, cache: Path, key: str) -> bool:
    if not (cache / key).is_dir():
        cache.mkdir(0o700, parents=True, exist_ok=True)
        return False
    with locked(cache / f"{key}.lock", shared=True):
        if not (cache / key).is_dir():
            return False
        copy_tree(cache / key, run.data, run.account)
        os.utime(cache / key)
    return True


def _keep(data: Path, cache: Path, key: str) -> None:
    """Put a copy into the cache: complete, or not at all. The caller holds the key's lock."""
    unfinished = cache / f"{key}.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    with suppress(OSError):
        unfinished.mkdir(0o700)
        copy_tree(data, unfinished, Account())
        unfinished.rename(cache / key)
        _prune(cache)
    shutil.rmtree(unfinished, ignore_errors=True)


def _prune(cache: Path) -> None:
    """Drop the copies that were used longest ago, unless somebody is reading them."""
    copies = [path for path in cache.glob("cluster-*-*") if path.is_dir()]
    for path in sorted(copies, key=lambda path: path.stat().st_mtime_ns, reverse=True)[_KEPT:]:
        with suppress(OSError), tried_lock(path.with_name(path.name + ".lock")) as free:
            if free:
                shutil.rmtree(path)


def empty(run: RunDirectory) -> None:
    shutil.rmtree(run.data, ignore_errors=True)
    run.data.mkdir(0o700, exist_ok=True)
    run.account.own(run.data)
