"""Copies of the server's programs, where they lie out of the server's reach.

Root's virtual environment under /root is closed to the account that runs the server, and a folder of npm packages
may be read-only where links must be made. Such programs find their files relative to themselves, so a
copy of the whole tree works; packages of a distribution do not need one.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from pgproof.database.scratch.account import Account
from pgproof.database.scratch.attempt import Unavailable
from pgproof.database.scratch.binaries import Binaries
from pgproof.database.scratch.options import ScratchOptions
from pgproof.database.scratch.rundir import locked, our_folder

_NOT_NEEDED = shutil.ignore_patterns("include", "pkgconfig", "*.a", "*.py", "__pycache__")


def reachable(binaries: Binaries, account: Account, places: Iterable[Path]) -> Binaries:
    """The same binaries, or a copy of them in one of `places` that `account` may run. Raises Unavailable."""
    if account.may_run(binaries.initdb) and account.may_run(binaries.postgres):
        return binaries
    prefix = binaries.directory.parent
    if not all((prefix / part).is_dir() for part in ("lib", "share")):
        raise Unavailable(f"uid {account.uid}, which would run the server, cannot reach {binaries.directory}")
    for folder in filter(None, map(our_folder, places)):
        copy = replace(binaries, directory=copied(prefix, folder) / binaries.directory.name)
        if account.may_run(copy.postgres):  # the place may be mounted noexec
            return copy
    raise Unavailable(f"no place for a copy of {prefix} that uid {account.uid} could run")


def copies_place(options: ScratchOptions) -> Path:
    """Where copies may lie that only we need to reach. Raises Unavailable."""
    if options.cache_dir is not None and is_usable(options.cache_dir):
        return options.cache_dir
    folders = (our_folder(place) for place in options.run_dirs)
    try:
        return next(folder for folder in folders if folder is not None)
    except StopIteration:
        raise Unavailable("there is no folder that a copy could be written to") from None


def is_usable(folder: Path) -> bool:
    """True if the folder is there, or could be made, and can be written to."""
    try:
        folder.mkdir(0o700, parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)


def copied(prefix: Path, folder: Path) -> Path:
    """A copy of the tree `prefix` in `folder`, complete or not made at all. Raises Unavailable."""
    parts = _parts(prefix)
    try:
        copy = folder / f"programs-{_key(parts)}"
        unfinished = copy.with_suffix(".unfinished")
        with locked(copy.with_suffix(".lock")):
            if not copy.is_dir():
                shutil.rmtree(unfinished, ignore_errors=True)
                for part in parts:
                    shutil.copytree(part, unfinished / part.name, symlinks=True, ignore=_NOT_NEEDED)
                _publish(unfinished)
                unfinished.rename(copy)
    except OSError as error:
        raise Unavailable(f"{prefix} cannot be copied to {folder}: {error.strerror or error}") from error
    return copy / prefix.relative_to(parts[0].parent)


def _parts(prefix: Path) -> tuple[Path, ...]:
    """What has to lie side by side, `prefix` in the first of it.

    The libraries of a wheel are where auditwheel puts them, in PACKAGE.libs; its programs look for them there.
    """
    package = prefix.parent
    libraries = package.with_name(f"{package.name}.libs")
    return (package, libraries) if libraries.is_dir() else (prefix,)


def _publish(tree: Path) -> None:
    """Let everybody read it, whatever the umask was."""
    for folder, _, files in os.walk(tree):
        Path(folder).chmod(0o755)
        for name in files:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def _key(parts: tuple[Path, ...]) -> str:
    """Names the trees by what is in them: the server's bytes, and every file's name and size.

    Not by their place, so that many virtual environments share one copy.
    """
    digest = hashlib.sha256()
    for part in parts:
        for folder, folders, files in os.walk(part):
            left_out = _NOT_NEEDED(folder, [*folders, *files])
            folders[:] = sorted(set(folders) - left_out)
            for name in sorted(set(files) - left_out):
                path = Path(folder, name)
                digest.update(f"{path.relative_to(part.parent)} {path.lstat().st_size}\n".encode())
                if name == "postgres":
                    digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
