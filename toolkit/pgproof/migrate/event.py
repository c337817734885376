"""What happens while a plan is carried out, told one event at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pgproof.database.watch import Blockage, Orphan
    from pgproof.errors import Problem
    from pgproof.migrate.plan import Plan, Step
    from pgproof.sql.statement import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """Another migrator is at work: waited `seconds` for it by now; `holder` says who it is and what it does."""

    seconds: float
    holder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphaned:
    """A statement of a dead run is going on on the server: it is waited for, or `cancelled`."""

    orphan: Orphan
    cancelled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What is about to be done, and where: `database` describes it without a password."""

    plan: Plan
    database: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """Migrations that run late were tried on `server`: their place in the order makes no difference."""

    names: tuple[str, ...]
    server: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """Something on the server may get in the way, found before anything has run."""

    problem: Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """A migration begins; nothing of it has run yet."""

    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """Statement `number` (from 1) of a step without a transaction has run and is committed.

    `remark` says how that is known if an earlier run had sent it.
    """

    step: Step
    statement: Statement
    number: int
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """The server said something meanwhile (RAISE NOTICE, a warning), or pgproof did (severity PGPROOF)."""

    step: Step
    severity: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """An attempt failed because of a lock, and left nothing; the next of `left` begins in `delay` seconds."""

    step: Step
    problem: Problem
    delay: float
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A migration is done and committed, with its row in the history; it took `seconds` on the server's clock."""

    step: Step
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooked:
    """A hook begins that runs in a transaction of its own."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batched:
    """Statement `number` has come so far in batches: `rows` are done, of `about` as many (None: nobody knows).

    `rate` is in rows a second.
    """

    step: Step
    number: int
    rows: int
    about: int | None
    rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Advanced:
    """A statement has been running for `seconds` and goes on; told about twice a second.

    `number` is None where a transaction holds several statements (the server does not say at which it is) or where
    it is not the author's. `look` is the last look at it (`database.watch`): how far it is, whom it waits for. It
    is None if nobody could look, behind a pooler without a session to spare.
    """

    step: Step
    number: int | None
    seconds: float
    look: Blockage | None = None


Event = (
    Queued
    | Orphaned
    | Planned
    | Proved
    | Warned
    | Began
    | Landed
    | Batched
    | Advanced
    | Hooked
    | Noticed
    | Retried
    | Ended
)
