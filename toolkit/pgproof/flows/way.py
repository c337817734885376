"""The way from one side to another: planned, measured on a clone, and proved there if that is asked for."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pgproof.database.scratch import ScratchOptions, ScratchServer
from pgproof.drift.compare import Difference
from pgproof.drift.planner.plan import Hazard, Repair
from pgproof.drift.planner.renames import Rename
from pgproof.drift.planner.repair import repair
from pgproof.drift.roles import labels, without_cluster
from pgproof.drift.way import Diff, Proof
from pgproof.errors import InputError, Problem
from pgproof.flows import trial
from pgproof.flows.cost import Measured
from pgproof.flows.renamed import Renamed, renamed
from pgproof.flows.sides import Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How the way is to be.

    With `prove` it is run on a clone; if not `online`, it is one transaction. `renames` are what has another name
    in the target, "public.t.a=b"; with `renames_all`, nothing else has. `allowed` are the hazards that may be.
    """

    prove: bool = False
    online: bool = True
    renames: tuple[str, ...] = ()
    renames_all: bool = False
    allowed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What leads from the `source` to the `target`, and what is told of it (`Diff`)."""

    source: Side
    target: Side
    moved: Renamed
    measured: Measured
    told: Diff

    def back(self, *, online: bool) -> Repair:
        """The plan of the way back."""
        return self.moved.behind(repair(self.target.facts, self.moved.facts, online=online))


def way(
    server: ScratchServer,
    source: Side,
    target: Side,
    wish: Wish,
    options: ScratchOptions,
    differences: Sequence[Difference],
    *,
    is_written: bool = False,
) -> Way:
    """Plan the way, on clones of that server's. `differences` are what is told to be unlike.

    Raises InputError where renames do not fit, where something would be dropped that may only have another name,
    and, if it is to be written as a migration, where data would be lost that may not be; DatabaseError.
    """
    moved = renamed(server, source, target.facts, wish.renames)
    proposals = () if wish.renames_all else moved.proposals
    plan = moved.before(repair(moved.facts, target.facts, online=wish.online))
    _check(wish, plan, proposals, is_written=is_written)
    measured, proof = _tried(server, source, target, plan, len(moved.renames), options if wish.prove else None)
    told = Diff(
        source=source.told,
        target=target.told,
        state=source.facts.digest(),
        differences=tuple(differences),
        repair=measured.plan,
        proposals=proposals,
        refused=measured.refused,
        proof=proof,
        untried=tuple(each.sql for each in plan.statements if each.about in _of_cluster(source, target)),
    )
    return Way(source=source, target=target, moved=moved, measured=measured, told=told)


def _tried(
    server: ScratchServer, source: Side, target: Side, plan: Repair, renames: int, options: ScratchOptions | None
) -> tuple[Measured, Proof | None]:
    """The plan measured, and proved with `options`: but for roles, of which a clone has those of its cluster."""
    there, aim = (replace(each, facts=without_cluster(each.facts)) for each in (source, target))
    of_cluster = _of_cluster(source, target)
    rest = replace(plan, statements=tuple(each for each in plan.statements if each.about not in of_cluster))
    found = trial.measure(server, there, rest)
    costs = iter(found.plan.statements)
    whole = tuple(each if each.about in of_cluster else next(costs) for each in plan.statements)
    proof = trial.prove(server, there, aim, rest, renames, options) if options else None
    return replace(found, plan=replace(plan, statements=whole)), proof


def _of_cluster(source: Side, target: Side) -> frozenset[str]:
    """What the objects are called that no clone has, since they are the cluster's."""
    return labels(source.facts) | labels(target.facts)


def _check(wish: Wish, plan: Repair, proposals: Sequence[Rename], *, is_written: bool) -> None:
    """Nothing is dropped that may only have another name, nothing lost that may not be. Raises InputError."""
    loses = [each for each in plan.statements if Hazard.DATA_LOSS in each.hazards]
    is_allowed = Hazard.DATA_LOSS in wish.allowed
    renames = tuple(f"  --rename {shlex.quote(each.word)}" for each in proposals)
    if loses and is_allowed and proposals:
        raise InputError(
            Problem(
                message="what would be dropped may only have another name",
                context=renames,
                hint="decide: --rename for each that has, --renames-all if there are no others",
            )
        )
    if is_written and loses and not is_allowed:
        raise InputError(
            Problem(
                message="the migration would lose data in every database that it is applied to",
                context=(*(f"  {each.sql}" for each in loses), *renames),
                hint="--rename what only has another name; or --allow data-loss, if that is meant"
                if renames
                else "--allow data-loss, if that is meant",
            )
        )
