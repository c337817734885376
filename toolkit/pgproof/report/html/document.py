"""What is on the page, before it is turned into JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pgproof.catalog.snapshot import Snapshot
from pgproof.drift.outcome import Drift
from pgproof.drift.reversal import Reversal
from pgproof.explain.facts import QueryFacts
from pgproof.migrate.chronicle import Run
from pgproof.migrate.event import Event
from pgproof.migrate.migration import Migration
from pgproof.migrate.standing import Standing
from pgproof.report.model import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """What a database has to say: how each version stands there, everything that was ever run, what differs.

    `database` is a description without a password. Where `runs` are not known, entries of `standings` are told.
    `refusal` is why it could not be compared, "" if it was.
    """

    database: str
    standings: tuple[Standing, ...] = ()
    runs: tuple[Run, ...] = ()
    drift: Drift | None = None
    refusal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Everything that the page shows. All but the `report` may be missing: then it has no such part.

    `sources` are the texts of the files that are spoken of, by the path under which they are shown. `migrations`
    are in the order in which they are run, those that are run again when they change last.

    Of a command that runs migrations itself, `runs` are the events of each run, and `reversals` what became of the
    migrations on each server where they were taken back; then `migrations` are none.
    """

    report: Report
    snapshot: Snapshot | None = None
    queries: tuple[QueryFacts, ...] = ()
    migrations: tuple[Migration, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    live: Live | None = None
    runs: tuple[tuple[Event, ...], ...] = ()
    reversals: tuple[tuple[str, tuple[Reversal, ...]], ...] = ()
