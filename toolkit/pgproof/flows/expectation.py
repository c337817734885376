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
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pgproof.catalog.accounting import reading
from pgproof.catalog.mark import Mark
from pgproof.errors import InputError, Problem
from pgproof.migrate.glance import Glance, is_too_fresh

if TYPE_CHECKING:
    from pgproof.catalog.canonical import Canonical
    from pgproof.catalog.fact import Facts, Key
    from pgproof.catalog.packed import Said
    from pgproof.migrate.migration import Migration

_MOST = 16
_MOST_NOTES = 256
_UNPACKED = (OSError, EOFError, ValueError, TypeError)
_UNREADABLE = (OSError, ValueError, TypeError, KeyError)
_LARGEST = 500_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A migration that is run, and the role that runs it; empty for whoever the server lets in."""

    migration: Migration
    role: str


class File(Protocol):
    """A file that is run, as far as it matters which it is."""

    @property
    def name(self) -> str:
        """The file's name."""

    @property
    def checksum(self) -> str:
        """The checksum of its text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A file that was run, and the role that ran it."""

    name: str
    checksum: str
    role: str


def digest(run: Iterable[File], variables: Mapping[str, object]) -> str:
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
    from pgproof.catalog import canonical
    from pgproof.migrate import file

    source = file.read(path)
    if isinstance(source, Problem):
        raise InputError(source)
    if f'"files": "{wanted.files}"' not in source.text:
        return None
    found = canonical.read(source)
    fits = (
        found.files == wanted.files
        and found.facts.major == wanted.version // 10_000
        and found.reading == reading()
        and {found.role} == set(wanted.by)
        and not found.depends
    )
    if not fits:
        return None
    return replace(found, facts=canonical.brief(found.facts)) if found.full else found


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """That a database was found to be what the files build, and its `mark` then.

    `wanted` is the key of what was known of these files, `folder` how the folder looked if all that is told of it
    is here: `version`, the label of its last migration, and `pending`, how many files were still to be applied.
    `origin` and `expected` say what it was compared with, `remarks` what there was to say of it all the same.
    With `is_as_built`, the digests of its catalogs were those of what was built.
    """

    mark: Mark
    wanted: str
    folder: str
    origin: str
    expected: str
    remarks: tuple[str, ...]
    version: str
    pending: int
    is_as_built: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The `fingerprints` of databases that were found to be what the files build; the rest is as in `Seen`."""

    fingerprints: tuple[str, ...]
    origin: str
    expected: str
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What files built before, kept in `cache`, a folder of the user's; `tool` is the program and its version.

    Of what was not used for the longest time it keeps nothing.
    """

    cache: Path
    tool: str

    def recall(self, wanted: Wanted, parts: Collection[int] | None = None) -> tuple[Facts, Said] | None:
        """The facts, or those of these parts and of none, and what was said of them; None if not known."""
        from pgproof.catalog import packed

        path = self._path(wanted)
        try:
            with path.open("rb") as file:
                found = packed.unpack(file, parts)
        except _UNPACKED:
            return None
        with suppress(OSError):
            os.utime(path)
        return found

    def said(self, key: str) -> Said | None:
        """What was said of the facts that are known by that `key`; None if they are not."""
        from pgproof.catalog import packed

        try:
            with self._place("built", [key]).open("rb") as file:
                return packed.said(file)
        except _UNPACKED:
            return None

    def remember(self, wanted: Wanted, facts: Facts, said: Said, labels: Mapping[Key, int]) -> None:
        """Keep what was built, by the parts that it is in; a cache that cannot be written is none."""
        from pgproof.catalog import packed

        _write(self._path(wanted), packed.pack(facts, said, labels), _MOST)

    def known(self, wanted: Wanted) -> Known | None:
        """What databases that hold what the files build are known by; None if there was none."""
        try:
            found = self._json(self._path(wanted, "known"))
            return Known(
                **{**found, "fingerprints": tuple(found["fingerprints"]), "remarks": tuple(found["remarks"])}
            )
        except _UNREADABLE:
            return None

    def know(self, wanted: Wanted, known: Known) -> None:
        """Keep what they are known by."""
        _write(self._path(wanted, "known"), json.dumps(asdict(known)).encode())

    def seen(self, context: Sequence[str]) -> Seen | None:
        """When the database was what some files build, the last time; None if not known.

        `context` is which database it is, and what was left out of the comparison.
        """
        try:
            found = json.loads(self._place("seen", context).read_text(encoding="utf-8"))
            return Seen(**{**found, "mark": Mark(**found["mark"]), "remarks": tuple(found["remarks"])})
        except _UNREADABLE:
            return None

    def sizes(self, context: Sequence[str]) -> Mapping[str, int]:
        """How many rows the catalogs had then; nothing if that is not known."""
        seen = self.seen(context)
        return seen.mark.counts if seen else {}

    def is_as_seen(self, seen: Seen, folder: Glance, context: Sequence[str]) -> bool:
        """True if the folder looks as it did then; not if that was just after it had changed."""
        with suppress(OSError):
            written = self._place("seen", context).stat().st_mtime_ns
            return seen.folder == folder.signature and not is_too_fresh(written, folder)
        return False

    def note(self, context: Sequence[str], seen: Seen) -> None:
        """Keep that it is."""
        _write(self._place("seen", context), json.dumps(asdict(seen)).encode())

    def _json(self, path: Path) -> Any:
        found = json.loads(path.read_text(encoding="utf-8"))
        with suppress(OSError):
            os.utime(path)
        return found

    def key(self, wanted: Wanted) -> str:
        """What files, roles and server come down to."""
        return _hashed(
            [
                wanted.files,
                list(wanted.by),
                sorted(wanted.roles),
                wanted.version,
                wanted.layout,
                sorted(wanted.options),
            ]
        )

    def _path(self, wanted: Wanted, what: str = "built") -> Path:
        return self._place(what, [self.key(wanted)])

    def _place(self, what: str, key: Sequence[str]) -> Path:
        which = [self.tool, sys.implementation.cache_tag, reading(), *key]
        return self.cache / what / _hashed(which)[:40]


def _hashed(key: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(key).encode()).hexdigest()


def _write(path: Path, content: bytes, most: int = _MOST_NOTES) -> None:
    """A file, whole or not at all; then drop the oldest of too many, or of too large ones."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            fresh.write_bytes(content)
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
        found = [(each.stat(), each) for each in path.parent.iterdir()]
        found.sort(key=lambda each: each[0].st_mtime_ns, reverse=True)
        room = _LARGEST
        for number, (stat, each) in enumerate(found):
            room -= stat.st_size
            if number >= most or (number and room < 0):
                each.unlink(missing_ok=True)
