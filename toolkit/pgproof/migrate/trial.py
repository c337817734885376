"""What happens while a plan is tried on a scratch server."""

from __future__ import annotations

from dataclasses import dataclass

from pgproof.migrate.event import Planned
from pgproof.migrate.plan import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where the plan is tried: a server, built by the files to the version of the target."""

    server: str
    provider: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A step of the plan has run there, in `seconds`."""

    step: Step
    seconds: float


Trial = Planned | Ground | Tried
