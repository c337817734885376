"""What was found: one verdict on one object, with its reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from pgproof.place import Place
from pgproof.secret import hidden


class Verdict(StrEnum):
    """The three answers. `UNKNOWN` always comes with its reason in `Finding.detail`."""

    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "unknown"


class Severity(StrEnum):
    """How bad it is if it fails."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """A finding that the team has decided to live with, and why. `place` is where it says so."""

    because: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One judgement of one rule about one object.

    `code` and `name` are the rule's ("PLN101", "expected-index-not-used"). `object` names what it is about in a
    form that stays the same when lines move ("jobs.user_id", "07-jobs#2"); code and object together are the
    finding's identity. `message`, `detail` and `hint` are in PostgreSQL's style; `related` are further places.
    """

    code: str
    name: str
    verdict: Verdict
    object: str
    message: str
    place: Place
    severity: Severity = Severity.ERROR
    detail: str = ""
    hint: str = ""
    related: tuple[Place, ...] = ()
    accepted: Acceptance | None = None

    @property
    def is_open(self) -> bool:
        """True where somebody has to act: it fails or is undecided, and nobody has accepted it."""
        return self.verdict is not Verdict.HOLDS and self.accepted is None

    def hidden(self) -> Finding:
        """The same as it is told: passwords are masked, in the lines that it is about, too."""
        accepted = self.accepted and replace(
            self.accepted, because=hidden(self.accepted.because), place=self.accepted.place.hidden()
        )
        told = replace(
            self,
            message=hidden(self.message),
            detail=hidden(self.detail),
            hint=hidden(self.hint),
            place=self.place.hidden(),
            related=tuple(each.hidden() for each in self.related),
            accepted=accepted,
        )
        return self if told == self else told
