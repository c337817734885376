"""What `diff` finds: the way from one schema to another, what it costs, and whether it was proved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pgproof.drift.compare import Difference
from pgproof.drift.majors import Made
from pgproof.drift.planner.plan import Repair
from pgproof.drift.planner.renames import Rename
from pgproof.errors import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What came of the statements on a clone.

    `refused` has each statement that the server refused, `left` what is still unlike, `again` the statements
    that a second plan would have, `dump` what pg_dump sees and we do not; `unasked` says why it was not asked.
    On another clone `rows` were put into the tables before: `unfit` is what was refused because of them, `lost`
    what of them is not there any more and was not said to be lost.
    """

    server: str
    refused: tuple[tuple[str, Problem], ...]
    left: tuple[Difference, ...]
    again: tuple[str, ...] = ()
    dump: tuple[str, ...] = ()
    unasked: str = ""
    rows: int = 0
    unfit: tuple[tuple[str, Problem], ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """True if they lead where they should, and lose nothing that was not said."""
        return not (self.refused or self.left or self.again or self.dump or self.lost)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """What is unlike, the way from the one to the other, and the proof, if that was asked for.

    `state` is the digest of the schema that the plan is for. `proposals` are what may be a renaming; `refused` are
    the statements that a clone refused while they were measured. `written` are the files of the migration. `made`
    is what a major of PostgreSQL makes unlike the other one by itself, and no difference. `untried` are the
    statements about roles, of which a clone has those of its cluster: they were not run.
    `reasons` are why nobody can tell that there is no other difference.
    """

    source: str
    target: str
    state: str
    differences: tuple[Difference, ...]
    repair: Repair
    proposals: tuple[Rename, ...] = ()
    refused: tuple[tuple[str, Problem], ...] = ()
    proof: Proof | None = None
    untried: tuple[str, ...] = ()
    written: tuple[Path, ...] = ()
    made: tuple[Made, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def may_be_written(self) -> bool:
        """True unless a proof was asked for that does not hold."""
        return self.proof is None or self.proof.holds
