"""How each version stands: files and history side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from pgproof.migrate.edit import is_edited
from pgproof.migrate.entry import Entry, History, State
from pgproof.migrate.migration import Migration

if TYPE_CHECKING:
    from pgproof.migrate.library import Library


class Condition(StrEnum):
    """What is to be said of a version."""

    APPLIED = "applied"
    PENDING = "pending"
    EDITED = "edited"
    MISSING = "missing"
    LATE = "late"
    UNWRITTEN = "unwritten"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One version: its file, its entry in the history, or both; and what that means.

    `name` is the file's. `detail` is a sentence for a person where the condition alone does not say enough.
    """

    version: int
    name: str
    condition: Condition
    reversible: bool | None
    entry: Entry | None
    detail: str = ""

    @property
    def goes_on(self) -> bool:
        """True if an upgrade has something to do here, and does it."""
        reverting = self.entry is not None and self.entry.state is State.REVERTING
        return self.condition in _TO_BE_RUN and not reverting


_TO_BE_RUN = frozenset({Condition.PENDING, Condition.STOPPED, Condition.INTERRUPTED})


def standings(library: Library, history: History) -> tuple[Standing, ...]:
    """Every version that has a file or an entry, ascending. Pure."""
    versions = {migration.version for migration in library.migrations} | {e.version for e in history.entries}
    found = (_standing(library.get(v), history.get(v), v, history.current) for v in sorted(versions))
    return tuple(_squashed(library, each) for each in found)


def brief(standings: Sequence[Standing]) -> str | None:
    """What the files say of versions that are all applied as they are; None if one is not, or has no file."""
    if any(each.condition is not Condition.APPLIED or each.reversible is None for each in standings):
        return None
    return "\0".join(f"{'+' if each.reversible else '-'}{each.name}" for each in standings)


def from_brief(words: str, history: History) -> tuple[Standing, ...]:
    """The standings that `brief` had the `words` from; the history has to hold the same checksums. Pure."""
    return tuple(
        Standing(
            version=entry.version,
            name=word[1:],
            condition=Condition.APPLIED,
            reversible=word[0] == "+",
            entry=entry,
        )
        for word, entry in zip(words.split("\0"), history.entries, strict=True)
    )


def _squashed(library: Library, standing: Standing) -> Standing:
    """A file that is missing because a baseline replaced it is as it should be."""
    if standing.condition is not Condition.MISSING or standing.version > library.squashed:
        return standing
    return replace(standing, condition=Condition.APPLIED, detail="")


def _standing(migration: Migration | None, entry: Entry | None, version: int, current: int) -> Standing:
    condition, detail = _judge(migration, entry, version, current)
    return Standing(
        version=version,
        name=migration.name if migration else entry.name if entry else "",
        condition=condition,
        reversible=migration.down is not None if migration else None,
        entry=entry,
        detail=detail,
    )


def _judge(migration: Migration | None, entry: Entry | None, version: int, current: int) -> tuple[Condition, str]:
    if entry is None:
        late = version < current
        if late:
            return Condition.LATE, "A later version is applied already."
        if migration and migration.unwritten:
            place = migration.up.place
            return Condition.UNWRITTEN, f"{place.path}:{place.line} holds no statement yet, and no comment why."
        return Condition.PENDING, ""
    if entry.state in {State.APPLYING, State.REVERTING}:
        return _on_the_way(entry)
    if migration is None:
        return Condition.MISSING, "It is applied, but the folder holds no file of this version."
    if is_edited(migration, entry):
        return Condition.EDITED, "The file is not what was applied; `pgproof upgrade` says what changed."
    return Condition.APPLIED, ""


def _on_the_way(entry: Entry) -> tuple[Condition, str]:
    run = "upgrade" if entry.state is State.APPLYING else "downgrade"
    at = f"statement {entry.done + 1} of {entry.total}"
    if entry.error:
        return Condition.STOPPED, f"The {run} stopped at {at}: {entry.error}."
    return Condition.INTERRUPTED, f"The {run} was interrupted at {at}, or still runs."
