"""Differences that people have decided to live with: which acceptances of `checks/` count for what was found.

    -- accept: DRF102 index public.jobs_by_state #5d0c3e2b91aa
    -- because: the operators are trying it out
    -- until: 2027-01-31

The word behind `#` is the pin of what was accepted: an index that is altered afterwards is told again. Without it,
the difference is accepted whatever becomes of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pgproof.contract.promise import Accepted
from pgproof.drift.code import ACCEPTABLE, Code, Item
from pgproof.errors import Problem

_PINNED = re.compile(r"(?P<object>.*) #(?P<pin>[0-9a-f]{12})", re.DOTALL)
PREFIX = "DRF"
"""What the codes of differences begin with; other findings than these are those of `check`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What is accepted, by which acceptance; and what is to be said of acceptances that accept nothing."""

    accepted: Mapping[Item, Accepted]
    notes: tuple[str, ...]


def judge(found: Sequence[Item], acceptances: Sequence[Accepted], today: date, *, is_whole: bool) -> Judged:
    """Which of the lines are accepted. Pure.

    One that ended before `today`, or is of what was there before, accepts nothing. That one has nothing to accept
    is said only if all could be seen (`is_whole`).
    """
    accepted: dict[Item, Accepted] = {}
    notes: list[str] = []
    for each in acceptances:
        name, pin = unpinned(each.object)
        where = f"{each.place.path}:{each.place.line}"
        about = [item for item in found if item.code == each.code and item.object == name]
        covered = [item for item in about if pin in ("", item.pin)]
        if covered and not (each.until and each.until < today):
            accepted.update(dict.fromkeys(covered, each))
        elif covered:
            notes.append(f"{where}: the acceptance of {each.code} {name} ended on {each.until}")
        elif about:
            notes.append(f"{where}: {each.code} {name} has changed since it was accepted")
        elif is_whole:
            notes.append(f"{where}: nothing is found here that {each.code} {each.object} accepts")
    return Judged(accepted=accepted, notes=tuple(notes))


def unpinned(name: str) -> tuple[str, str]:
    """The object of an acceptance, and its pin or "". Pure."""
    match = _PINNED.fullmatch(name)
    return (match["object"], match["pin"]) if match else (name, "")


def mistakes(acceptances: Sequence[Accepted]) -> Iterator[Problem]:
    """Acceptances of what cannot be accepted. Pure."""
    for each in acceptances:
        if problem := unacceptable(each.code):
            yield Problem(message=problem.message, place=each.place, detail=problem.detail, hint=problem.hint)


def unacceptable(code: str) -> Problem | None:
    """Why differences of that code are not accepted; None if they are."""
    if code in ACCEPTABLE:
        return None
    if code in set(Code):
        return Problem(
            message=f"{code} is about the history, and cannot be accepted",
            detail="What was applied and what the files say would never be one again.",
            hint="see pgproof status; for a file that was edited: pgproof history accept",
        )
    return Problem(
        message=f'"{code}" is not the code of a difference', hint=f"write one of {', '.join(sorted(ACCEPTABLE))}"
    )
