"""Files that reports are written to: as a whole, or not at all."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path


def objection(path: Path) -> str:
    """Why a report could not be written there, as far as that can be seen without writing; "" if it could."""
    if path.is_dir():
        return os.strerror(errno.EISDIR)
    if path.exists() and not path.is_file():  # a pipe or a device
        return "" if os.access(path, os.W_OK) else os.strerror(errno.EACCES)
    try:
        folder = path.resolve().parent
        if not folder.exists():
            return os.strerror(errno.ENOENT)
    except (OSError, RuntimeError, ValueError) as refused:  # a circle of links, a name that is too long
        return str(getattr(refused, "strerror", None) or refused)
    if not folder.is_dir():
        return os.strerror(errno.ENOTDIR)
    return "" if os.access(folder, os.W_OK | os.X_OK) else os.strerror(errno.EACCES)


def write(path: Path, data: bytes) -> None:
    """The whole is in the file, or the file is as it was. A pipe or a device is written to as it is."""
    from tempfile import mkstemp

    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    target = path.resolve()
    number, name = mkstemp(prefix=f".{target.name[:40]}.", dir=target.parent)
    fresh = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
        fresh.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_mask())
        fresh.replace(target)
    except BaseException:  # somebody may interrupt it, too
        with suppress(OSError):
            fresh.unlink()
        raise


def _mask() -> int:
    """What new files are not allowed to those who make them; it can be read by setting it alone."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
