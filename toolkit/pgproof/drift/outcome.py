"""What a comparison of a database with the files comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pgproof.catalog.fact import Key
    from pgproof.contract.promise import Accepted
    from pgproof.drift.code import Item
    from pgproof.drift.compare import Difference
    from pgproof.drift.watch.deed import Deed
    from pgproof.migrate.standing import Standing


class Verdict(StrEnum):
    """What a comparison comes to."""

    SAME = "same"
    DIFFERS = "differs"
    CANNOT_TELL = "cannot tell"


class Origin(StrEnum):
    """Whence it is known what the files build."""

    BUILT = "built"
    MEMORY = "remembered"
    SNAPSHOT = "snapshot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How a database and the files stand to each other.

    `version` is the label of its last migration. `origin` is whence it is known what the files build, `expected`
    the server that it was built on, or the path of the snapshot. `pending` is how many files are still to be
    applied. `standings` are the versions that are not as they should be, `remarks` what is wrong with the database
    whatever the files say. `reasons` are why nobody can tell.
    With `is_unchanged`, the catalog is, row by row, what it was when that comparison was made; with `by_digest`,
    it has the digest of one that was compared; with `by_parts`, only what has another digest was compared, with
    `by_rows`, only what has newer rows than then, or not as many, and what speaks of that. `deeds` are
    the commands that have made differences, by what identifies these, as far as they were recorded.
    `outside` is how many differences are in none of the `schemas` that were asked for (none: in all).
    With `is_stirred`, the schema was changed each time while it was read; what was found may be of no one state.
    `witness` is whether pg_dump sees no other difference; None where it was not asked. `accepted` is what people
    live with, `notes` are about acceptances that accept nothing.
    """

    database: str
    version: str
    origin: Origin
    expected: str
    differences: tuple[Difference, ...]
    standings: tuple[Standing, ...] = ()
    pending: int = 0
    remarks: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    is_unchanged: bool = False
    by_digest: bool = False
    by_parts: bool = False
    by_rows: bool = False
    schemas: tuple[str, ...] = ()
    outside: int = 0
    is_stirred: bool = False
    witness: bool | None = None
    deeds: Mapping[Key, Deed] = field(default_factory=dict)
    accepted: Mapping[Item, Accepted] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """True if the catalog holds just what the files build, and everything could be seen."""
        return not (self.differences or self.reasons or self.is_stirred)

    @property
    def items(self) -> tuple[Item, ...]:
        """What the lines about the differences are called."""
        if not self.differences:
            return ()
        from pgproof.drift.code import items

        return tuple(item for each in self.differences for item in items(each))

    @property
    def open(self) -> int:
        """How many differences are not accepted; of one that is told in several lines, all have to be."""
        if not self.accepted:
            return len(self.differences)
        from pgproof.drift.code import items

        return sum(any(item not in self.accepted for item in items(each)) for each in self.differences)

    @property
    def verdict(self) -> Verdict:
        """A difference is one, whatever else could not be seen; unless all of it is accepted."""
        if self.is_stirred:
            return Verdict.CANNOT_TELL
        if self.open or self.standings:
            return Verdict.DIFFERS
        return Verdict.CANNOT_TELL if self.reasons else Verdict.SAME
