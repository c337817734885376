"""What happens while a plan is carried out, told one event at a time."""

from __future__ import annotations

from dataclasses import dataclass

from pgproof.migrate.plan import Plan, Step
from pgproof.sql.statement import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What is about to be done, and where: `database` describes it without a password."""

    plan: Plan
    database: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """A migration begins; nothing of it has run yet."""

    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """Statement `number` (from 1) of the step has run; committed by now only if the step has no transaction."""

    step: Step
    statement: Statement
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """The server said something meanwhile (RAISE NOTICE, a warning)."""

    step: Step
    severity: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A migration is done and committed, with its row in the history; it took `seconds` on the server's clock."""

    step: Step
    seconds: float


Event = Planned | Began | Landed | Noticed | Ended
