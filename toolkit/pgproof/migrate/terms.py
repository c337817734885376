"""On what terms a plan is carried out: who does it, how patiently, and what it may cost others."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from pgproof.database.holder import Holder
from pgproof.database.pace import Pace
from pgproof.migrate.limits import Limits


class Orphans(StrEnum):
    """What to do with statements of dead runs that the server is still busy with."""

    WAIT = "wait"
    CANCEL = "cancel"


class Preflight(StrEnum):
    """What to do with what is wrong on the server before anything is run."""

    OFF = "off"
    WARN = "warn"
    STRICT = "strict"


class Unsure(StrEnum):
    """What a person says of a statement that was cut off, where nothing on the server shows whether it landed."""

    ASK = "ask"
    AGAIN = "again"
    LANDED = "landed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The terms of one run. `run` names it in history, journal and pg_stat_activity; `tool` is our version.

    `lock_wait` is how many seconds to wait for other migrators (None: for ever). An attempt that fails because of
    a lock is repeated `lock_retries` times. `victims` is how many sessions may wait behind us (None: any number).
    Files find `schema` as their search_path and run as `role`; empty: as they are after connecting.
    """

    run: UUID
    tool: str
    holder: Holder
    pace: Pace
    lock_wait: float | None = None
    limits: Limits = field(default_factory=Limits)
    lock_retries: int = 5
    victims: int | None = None
    preflight: Preflight = Preflight.WARN
    orphans: Orphans = Orphans.WAIT
    unsure: Unsure = Unsure.ASK
    schema: str = ""
    role: str = ""
