"""How `drift` sees without reading a database that it is what the files build: nothing changed, or a known digest.

Both rest on a comparison of everything that was made before (`catalog.mark`, `catalog.fingerprint`). `--full`
takes neither.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pgproof.catalog.mark import Pulse, holds, mark
from pgproof.database.connection import Connection
from pgproof.drift.outcome import Drift, Origin
from pgproof.flows.expectation import Known, Memory, Seen, Wanted
from pgproof.migrate.glance import Glance

if TYPE_CHECKING:
    from pgproof.catalog.ask import Catalogs
    from pgproof.catalog.fact import Facts
    from pgproof.catalog.fingerprint import Fingerprint
    from pgproof.catalog.packed import Digests

_MOST = 16
MANY = 400_000
"""Rows of all catalogs from which on two sessions count them: a new session takes as long as 100,000 rows."""
LARGE = 50_000
"""Rows of all catalogs from which on it is worth while to ask in two sessions; an empty database has 25,000."""
_FEW = 64
"""Parts of 256 (`catalog.parts`): if more differ, all is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A comparison in which nothing was found, and the `digests` that the database had then."""

    seen: Seen
    digests: Digests


@dataclass(frozen=True, slots=True, kw_only=True)
class Glimpse:
    """What an outcome follows from, but for the catalog: how the folder looks from outside, and the `context`.

    That is which database it is, the digest of its history, and what was left out of the comparison.
    """

    memory: Memory
    folder: Glance | None
    context: Sequence[str]

    def is_known(self) -> bool:
        """True if there was a comparison in which nothing was found."""
        return self.memory.seen(self.context) is not None

    def seen(self, now: Pulse) -> Seen | None:
        """The last comparison in which nothing was found, if nothing in the database has changed since."""
        seen = self.memory.seen(self.context)
        return seen if seen and holds(seen.mark, now) else None

    def covers(self, seen: Seen) -> bool:
        """True if the folder looks as it did then, so that its files are the same."""
        return self.folder is not None and self.memory.is_as_seen(seen, self.folder, self.context)

    def built(self) -> Built | None:
        """The last comparison in which nothing was found, if the database had the digests of what was built."""
        seen = self.memory.seen(self.context)
        said = self.memory.said(seen.wanted) if seen and seen.is_as_built else None
        return Built(seen=seen, digests=said.digests) if seen and said and said.digests else None

    def is_of(self, seen: Seen | None, wanted: Wanted) -> bool:
        """True if that comparison was with just what is wanted."""
        return seen is not None and seen.wanted == self.memory.key(wanted)

    def keep(self, result: Drift, wanted: Wanted, now: Pulse, *, is_as_built: bool) -> None:
        """Remember that the database is what the files build, and whether it has just its digests."""
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
            is_as_built=is_as_built,
        )
        self.memory.note(self.context, seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """The session that asks, and an `other` one that sees the same, if there is one."""

    conn: Connection
    other: Connection | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Digested:
    """The catalogs of a database, as they were asked for in these `sessions`, and its digest."""

    sessions: Sessions
    catalogs: Catalogs
    digest: Fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Partly:
    """Of what the files build, as it was remembered: the `parts` in which the database differs, and no others.

    That was seen by digests, or `by_rows`, which are newer. `remarks` are about those that were left out.
    """

    parts: frozenset[int]
    facts: Facts
    server: str
    remarks: tuple[str, ...]
    by_rows: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """The digest of a database, and whether it is one of what is `wanted`."""

    memory: Memory
    wanted: Wanted
    digested: Digested | None

    def known(self) -> Known | None:
        """What is known of databases that have it, if they are what the files build."""
        known = self.memory.known(self.wanted) if self.digested else None
        return known if known and self.digested and self.digested.digest.whole in known.fingerprints else None

    def partly(self) -> Partly | None:
        """What is to be compared of it, if that is little, and what the files build is remembered.

        Parts whose digests are equal hold the same. In the transaction of the digest. Raises psycopg.Error.
        """
        said = self.memory.said(self.memory.key(self.wanted)) if self.digested else None
        if not (self.digested and said and said.digests):
            return None
        from pgproof.catalog.fingerprint import in_parts

        at = self.digested.sessions
        before, now = said.digests, self.digested.digest.catalogs
        names = [name for name in now if now[name] != before.catalogs.get(name)]
        every = self.digested.digest.parts
        if every is None:
            every = in_parts(at.conn, self.digested.catalogs, names, at.other)
        parts = {
            part
            for name in names
            for part, digest in (every.get(name, {}).items() ^ before.parts.get(name, {}).items())
        }
        return remembered(self.memory, self.wanted, parts) if len(parts) <= _FEW else None

    def is_as_built(self) -> bool:
        """True if each of its catalogs has the digest of what was built."""
        said = self.memory.said(self.memory.key(self.wanted)) if self.digested else None
        return bool(
            said and said.digests and self.digested and said.digests.catalogs == self.digested.digest.catalogs
        )

    def keep(self, result: Drift) -> None:
        """Remember by what the database is known, which is what the files build."""
        if self.digested is None:
            return
        before = self.memory.known(self.wanted)
        several = dict.fromkeys([self.digested.digest.whole, *(before.fingerprints if before else ())])
        known = Known(
            fingerprints=tuple(several)[:_MOST],
            origin=str(result.origin),
            expected=result.expected,
            remarks=result.remarks,
        )
        self.memory.know(self.wanted, known)


def digested(at: Sessions, options: frozenset[str], *, by_part: bool) -> Digested | None:
    """The digest of the database (`catalog.fingerprint`), if it can be had; `by_part`, if parts will be asked for.

    Raises psycopg.Error.
    """
    from pgproof.catalog.ask import catalogs, settle
    from pgproof.catalog.fingerprint import fingerprint

    found = catalogs(at.conn, options)
    if at.other:
        settle(at.other)
    digest = fingerprint(at.conn, found, at.other, by_part=by_part)
    return Digested(sessions=at, catalogs=found, digest=digest) if digest else None


def newer(conn: Connection, was: Built, now: Pulse, options: frozenset[str]) -> frozenset[int] | None:
    """The parts that are not as they were, by the rows that are newer (`catalog.newer`), if these are few.

    Raises psycopg.Error.
    """
    from pgproof.catalog.ask import catalogs
    from pgproof.catalog.newer import parts

    found = parts(conn, catalogs(conn, options), was.seen.mark, now, was.digests)
    return None if found is None or len(found) > _FEW else found


def remembered(memory: Memory, wanted: Wanted, parts: Collection[int]) -> Partly | None:
    """What the files build in these parts, if that is remembered."""
    found = memory.recall(wanted, parts)
    if found is None:
        return None
    facts, said = found
    remarks = [each for part, every in said.remarks.items() if part not in parts for each in every]
    return Partly(parts=frozenset(parts), facts=facts, server=said.server, remarks=tuple(remarks))


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
