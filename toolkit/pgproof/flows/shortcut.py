"""How `drift` sees without reading a database that it is what the files build: nothing changed, or a known digest.

Both rest on a comparison of everything that was made before (`catalog.mark`, `catalog.fingerprint`). `--full`
takes neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pgproof.catalog.mark import Pulse, holds, mark
from pgproof.database.connection import Connection
from pgproof.drift.outcome import Drift, Origin
from pgproof.flows.expectation import Known, Memory, Seen, Wanted
from pgproof.migrate.glance import Glance

_MOST = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Glimpse:
    """What an outcome follows from, but for the catalog: how the folder looks from outside, and the `context`.

    That is which database it is, the digest of its history, and what was left out of the comparison.
    """

    memory: Memory
    folder: Glance | None
    context: Sequence[str]

    def seen(self, now: Pulse) -> Seen | None:
        """The last comparison in which nothing was found, if nothing in the database has changed since."""
        seen = self.memory.seen(self.context)
        return seen if seen and holds(seen.mark, now) else None

    def covers(self, seen: Seen) -> bool:
        """True if the folder looks as it did then, so that its files are the same."""
        return self.folder is not None and self.memory.is_as_seen(seen, self.folder, self.context)

    def is_of(self, seen: Seen | None, wanted: Wanted) -> bool:
        """True if that comparison was with just what is wanted."""
        return seen is not None and seen.wanted == self.memory.key(wanted)

    def keep(self, result: Drift, wanted: Wanted, now: Pulse) -> None:
        """Remember that the database is what the files build."""
        if (found := mark(now)) is None:
            return
        seen = Seen(
            mark=found,
            wanted=self.memory.key(wanted),
            folder=self.folder.signature if self.folder and not result.standings else "",
            origin=str(result.origin),
            expected=result.expected,
            remarks=result.remarks,
            version=result.version,
            pending=result.pending,
        )
        self.memory.note(self.context, seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """The digest of a database, and whether it is one of what is `wanted`."""

    memory: Memory
    wanted: Wanted

    def known(self, fingerprint: str | None) -> Known | None:
        """What is known of databases that have it, if they are what the files build."""
        known = self.memory.known(self.wanted) if fingerprint else None
        return known if known and fingerprint in known.fingerprints else None

    def keep(self, result: Drift, fingerprint: str) -> None:
        """Remember by what the database is known, which is what the files build."""
        before = self.memory.known(self.wanted)
        several = dict.fromkeys([fingerprint, *(before.fingerprints if before else ())])
        known = Known(
            fingerprints=tuple(several)[:_MOST],
            origin=str(result.origin),
            expected=result.expected,
            remarks=result.remarks,
        )
        self.memory.know(self.wanted, known)


def fingerprint(conn: Connection, options: frozenset[str]) -> str | None:
    """That of the database (`catalog.fingerprint`), if it can be had. Raises psycopg.Error."""
    from pgproof.catalog.ask import catalogs
    from pgproof.catalog.fingerprint import fingerprint

    return fingerprint(conn, catalogs(conn, options))


def untouched(database: str, seen: Seen) -> Drift:
    """The outcome where nothing has changed, files and all. `database` is a description without a password."""
    standing = Drift(
        database=database,
        version=seen.version,
        origin=Origin(seen.origin),
        expected="",
        differences=(),
        pending=seen.pending,
    )
    return unchanged(standing, seen)


def unchanged(standing: Drift, seen: Seen) -> Drift:
    """The outcome where nothing in the database has changed; `standing` is what is known without the catalog."""
    return replace(
        standing, origin=Origin(seen.origin), expected=seen.expected, remarks=seen.remarks, is_unchanged=True
    )


def alike(standing: Drift, known: Known) -> Drift:
    """The outcome where the digest is that of a database that was compared; `standing` is without the catalog."""
    origin = Origin.MEMORY if known.origin == Origin.BUILT else Origin(known.origin)
    return replace(standing, origin=origin, expected=known.expected, remarks=known.remarks, by_digest=True)
