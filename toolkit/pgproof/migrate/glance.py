"""What a folder looks like from outside, and what was found in it when it looked like that.

A glance takes name, size, times and inode of every file; as long as they are the same, so are the texts. What was
found is kept in a file of the user's cache. It is believed only if it was written two seconds after the last
change of any file: within the granularity of a file system's clock a file can change and look the same.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISLNK

SNAPSHOT = "schema.json"
"""The file of the folder that `pgproof snapshot` writes. No migration, and nothing that reading them looks at."""

_PATIENCE = 2_000_000_000  # nanoseconds; FAT has the coarsest clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """`key` names the folder in the cache, `signature` is how it looks, `newest` its last change (nanoseconds)."""

    key: str
    signature: str
    newest: int


def glance(folder: Path, variables: Mapping[str, object], tool: str) -> Glance | None:
    """Look at every file of `folder` (but for the snapshot) and of the folders in it; None if that cannot be done.

    What `variables` and which version of the program (`tool`) would read it belong to how it looks.
    """
    try:
        place = folder.resolve(strict=True)
        digest = hashlib.sha256(f"{tool}\n{sorted(variables.items())!r}\n".encode())
        newest = _look(str(place), digest)
    except OSError:
        return None
    key = hashlib.sha256(os.fsencode(place)).hexdigest()[:32]
    return Glance(key=key, signature=digest.hexdigest(), newest=newest)


def recall(cache: Path, seen: Glance) -> str | None:
    """What was remembered of the folder when it looked as `seen`; None if nothing, or nothing to be believed."""
    try:
        with _file(cache, seen).open(encoding="utf-8") as file:
            written = os.fstat(file.fileno()).st_mtime_ns
            document = json.load(file)
    except (OSError, ValueError):
        return None
    if is_too_fresh(written, seen) or not isinstance(document, dict):
        return None
    found = document.get("found") if document.get("signature") == seen.signature else None
    return found if isinstance(found, str) else None


def is_too_fresh(written: int, seen: Glance) -> bool:
    """True if what was written then (nanoseconds) may be of a folder that only looked the same."""
    return written - seen.newest < _PATIENCE


def remember(cache: Path, seen: Glance, found: str) -> None:
    """Keep what was found; a cache that cannot be written is none."""
    path = _file(cache, seen)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps({"signature": seen.signature, "found": found}), encoding="utf-8")
        fresh.replace(path)


def _file(cache: Path, seen: Glance) -> Path:
    return cache / "folders" / f"{seen.key}.json"


def _look(place: str, digest: hashlib._Hash, inside: str = "") -> int:
    """Name, size, times and inode of everything inside into the digest, in order; gives the latest of the times.

    One entry at a time: however many they are, they take no memory. A link is what it leads to, but for a folder.
    """
    newest = 0
    folder = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for name in sorted(os.listdir(folder)):  # noqa: PTH208  (a Path knows no open folder)
            if name == SNAPSHOT and not inside:
                continue
            stat = os.stat(name, dir_fd=folder)
            if S_ISDIR(stat.st_mode) and not S_ISLNK(os.lstat(name, dir_fd=folder).st_mode):
                newest = max(newest, _look(f"{place}/{name}", digest, f"{inside}{name}/"))
                continue
            line = f"{inside}{name}\0{stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns} {stat.st_ino}\n"
            digest.update(os.fsencode(line))
            newest = max(newest, stat.st_mtime_ns, stat.st_ctime_ns)
    finally:
        os.close(folder)
    return newest
