"""What files build, without building it: from the snapshot beside them, or as it was built the last time.

Both are believed only of the very same files, run in the same order by the same roles, for a server of the same
major. A snapshot knows nothing of the roles of the server, so that it is not believed of files that ask for them.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pgproof.catalog import canonical, packed
from pgproof.catalog.canonical import Canonical
from pgproof.catalog.fact import Facts
from pgproof.errors import InputError, Problem
from pgproof.migrate import file
from pgproof.migrate.migration import Migration

_MOST = 16
_LARGEST = 500_000_000


def digest(run: Iterable[Migration], variables: Mapping[str, object]) -> str:
    """Of what is run: the names and the checksums of the files, in their order, and the variables. Pure."""
    whole = hashlib.sha256(f"{sorted(variables.items())!r}\n".encode())
    for each in run:
        whole.update(f"{each.name} {each.checksum}\n".encode())
    return whole.hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What has to be known: `files` is the `digest`, `by` who ran each file, `roles` those of the server.

    `version` is the server's as it counts (170010), `options` are those of the accounting.
    """

    files: str
    by: Sequence[str]
    roles: Sequence[str]
    version: int
    layout: str | None = None
    options: frozenset[str] = frozenset()


def snapshot(path: Path, wanted: Wanted) -> Canonical | None:
    """The snapshot, if there is one and it is of just that. Raises InputError if it would be, and is spoilt."""
    if wanted.options or not path.is_file():
        return None
    source = file.read(path)
    if isinstance(source, Problem):
        raise InputError(source)
    if f'"files": "{wanted.files}"' not in source.text:
        return None
    found = canonical.read(source)
    fits = (
        found.files == wanted.files
        and found.facts.major == wanted.version // 10_000
        and found.reading == canonical.reading()
        and {found.role} == set(wanted.by)
        and not found.depends
    )
    return found if fits else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What files built before, kept in `cache`, a folder of the user's; `tool` is the program and its version.

    Of what was not used for the longest time it keeps nothing.
    """

    cache: Path
    tool: str

    def recall(self, wanted: Wanted) -> tuple[Facts, str] | None:
        """The facts, and the server that they were built on; None if not known."""
        path = self._path(wanted)
        try:
            found = packed.unpack(path.read_bytes())
        except (OSError, EOFError, ValueError, TypeError):
            return None
        with suppress(OSError):
            os.utime(path)
        return found

    def remember(self, wanted: Wanted, facts: Facts, server: str) -> None:
        """Keep what was built; a cache that cannot be written is none."""
        path = self._path(wanted)
        fresh = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}")
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                fresh.write_bytes(packed.pack(facts, server))
                fresh.replace(path)
            finally:
                fresh.unlink(missing_ok=True)
            self._tidy()

    def _path(self, wanted: Wanted) -> Path:
        key = [
            self.tool,
            sys.implementation.cache_tag,
            canonical.reading(),
            wanted.files,
            list(wanted.by),
            sorted(wanted.roles),
            wanted.version,
            wanted.layout,
            sorted(wanted.options),
        ]
        return self.cache / "built" / hashlib.sha256(json.dumps(key).encode()).hexdigest()[:40]

    def _tidy(self) -> None:
        """Drop the oldest of too many, or of too large ones."""
        found = [(path.stat(), path) for path in (self.cache / "built").iterdir()]
        found.sort(key=lambda each: each[0].st_mtime_ns, reverse=True)
        room = _LARGEST
        for number, (stat, path) in enumerate(found):
            room -= stat.st_size
            if number >= _MOST or (number and room < 0):
                path.unlink(missing_ok=True)
