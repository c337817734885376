"""What a database says of its own migrations, as data: one entry per version that is not wholly reverted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    """How far a file has come. The two on the way are seen only of files that run without a transaction."""

    APPLYING = "applying"
    APPLIED = "applied"
    REVERTING = "reverting"
    REVERTED = "reverted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of pgproof.history.

    `name` is the file's name when it ran. `done` of `total` statements have landed; `error` is what the server
    said against statement `done + 1`, empty if it said nothing. `checksum` and `algorithm` are of the text
    that was applied. `finished_at` is None while it has not ended.
    """

    version: int
    name: str
    state: State
    done: int
    total: int
    error: str
    checksum: str
    algorithm: str
    started_at: datetime
    finished_at: datetime | None
    applied_by: str

    @property
    def duration(self) -> timedelta | None:
        """How long it took, on the server's clock."""
        return self.finished_at - self.started_at if self.finished_at else None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The entries that count (state other than reverted), ascending by version.

    `exists` is False where the database has no table pgproof.history yet. Each `schema` in which files are run has
    a history of its own; empty is the database's.
    """

    entries: tuple[Entry, ...] = ()
    exists: bool = False
    schema: str = ""
    _by_version: dict[int, Entry] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_version", {entry.version: entry for entry in self.entries})

    def get(self, version: int) -> Entry | None:
        """The entry of that version, if there is one."""
        return self._by_version.get(version)

    @property
    def current(self) -> int:
        """The greatest version that is there, wholly or in part; 0 for none."""
        return self.entries[-1].version if self.entries else 0
