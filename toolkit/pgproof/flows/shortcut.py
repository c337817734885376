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

_MOST = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """The ways that there are for one database: what is `wanted`, and the `context` of what was seen of it.

    A digest knows nothing of what is left out besides pgproof's own: with `foreign` tables there is none.
    """

    memory: Memory
    wanted: Wanted
    context: Sequence[str]
    foreign: bool

    def seen(self, now: Pulse) -> Seen | None:
        """That the database was found to be what the files build, if nothing in it has changed since."""
        seen = self.memory.seen(self.wanted, self.context)
        return seen if seen and holds(seen.mark, now) else None

    def fingerprint(self, conn: Connection) -> str | None:
        """That of the database, if it can be had."""
        if self.foreign:
            return None
        from pgproof.catalog.ask import catalogs
        from pgproof.catalog.fingerprint import fingerprint

        return fingerprint(conn, catalogs(conn, self.wanted.options))

    def known(self, fingerprint: str | None) -> Known | None:
        """What is known of databases that have it, if they are what the files build."""
        known = self.memory.known(self.wanted) if fingerprint else None
        return known if known and fingerprint in known.fingerprints else None

    def keep(self, result: Drift, now: Pulse, fingerprint: str | None) -> None:
        """Remember by what the database is known, which is what the files build."""
        origin, expected, remarks = str(result.origin), result.expected, result.remarks
        if found := mark(now):
            seen = Seen(mark=found, origin=origin, expected=expected, remarks=remarks)
            self.memory.note(self.wanted, self.context, seen)
        if fingerprint:
            before = self.memory.known(self.wanted)
            several = dict.fromkeys([fingerprint, *(before.fingerprints if before else ())])
            known = Known(fingerprints=tuple(several)[:_MOST], origin=origin, expected=expected, remarks=remarks)
            self.memory.know(self.wanted, known)


def unchanged(standing: Drift, seen: Seen) -> Drift:
    """The outcome where nothing has changed; `standing` is what is known without the catalog."""
    return replace(
        standing, origin=Origin(seen.origin), expected=seen.expected, remarks=seen.remarks, is_unchanged=True
    )


def alike(standing: Drift, known: Known) -> Drift:
    """The outcome where the digest is that of a database that was compared."""
    origin = Origin.MEMORY if known.origin == Origin.BUILT else Origin(known.origin)
    return replace(standing, origin=origin, expected=known.expected, remarks=known.remarks, by_digest=True)
