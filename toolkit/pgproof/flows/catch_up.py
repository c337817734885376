"""`drift --repair` and `drift --adopt`: the database catches up with the files, or the files with the database.

What was changed in a database by hand is led back by the SQL that `diff` would write, or becomes a migration, up
and down: up is planned from what the files build to what the database holds, down is the reverse. The database has
the change already: there it is entered into the history (`adopt --to`), which proves that the file builds what is
there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pgproof.drift.outcome import Drift
from pgproof.drift.way import Diff
from pgproof.errors import CannotTell, InputError, Problem
from pgproof.flows import new, written
from pgproof.flows.clone import ownerless
from pgproof.flows.drift import Request, parted
from pgproof.flows.sides import Pair, Side
from pgproof.flows.steady import stirred
from pgproof.flows.way import Way, Wish, way
from pgproof.migrate.library import load
from pgproof.report.words import counted

_BY_TWO = (
    "What its files are to hold is written by two commands: `pgproof diff FOLDER DATABASE` for the way there, "
    "`pgproof drift --repair` for the way back."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaughtUp:
    """The way there that is `told`, the files that were written, and the `version` that they are, as typed.

    Nothing is written if the proof was asked for and does not hold. `losses` are what the way back loses, each by
    what it is about.
    """

    told: Diff
    paths: tuple[Path, ...] = ()
    version: str = ""
    losses: tuple[str, ...] = ()


def repair(request: Request, wish: Wish) -> tuple[Drift, Diff | None]:
    """What `drift` says, and the way from the database to what the files say; None where nobody can tell.

    Raises what `drift` and `way` raise.
    """
    with parted(replace(request, plans=True)) as (result, pair):
        if pair is None:
            return result, None
        back = way(pair.server, pair.live, pair.built, wish, request.scratch, result.differences)
        return result, back.told


def adopt(request: Request, wish: Wish, name: str, *, now: datetime) -> tuple[Drift, CaughtUp | None]:
    """Write what differs as the next migration of the folder; None if nothing does.

    `now` is the time in UTC; without "data loss" among what the wish allows nothing is written that loses data
    where it is applied.

    Raises InputError where files are pending (the new one would come behind them, and was planned without them),
    where the history is not in order, where data would be lost, and where nothing can be written; CannotTell where
    the schema was changed each time that it was read; and what `drift` and `way` raise.
    """
    new.check(request.folder, name, _BY_TWO)
    with parted(replace(request, plans=True)) as (result, pair):
        _check(result)
        assert pair
        built, live = _unowned(pair)
        found = way(pair.server, built, live, wish, request.scratch, result.differences, is_written=True)
        if not (result.differences or found.told.repair.statements):
            return result, None
        if not found.told.may_be_written:
            return result, CaughtUp(told=found.told)
        return result, _write(request, result, found, name, now, online=wish.online)


def _unowned(pair: Pair) -> tuple[Side, Side]:
    """What the files build, and the database: who runs the migration owns what it makes, where that is so here."""

    def without(side: Side, other: Side) -> Side:
        facts = side.facts
        return replace(
            side,
            facts=ownerless(
                facts,
                lambda fact: fact.key not in other.facts.facts and facts.value(fact, "owner") == pair.role,
            ),
        )

    return without(pair.built, pair.live), without(pair.live, pair.built)


def _write(request: Request, result: Drift, found: Way, name: str, now: datetime, *, online: bool) -> CaughtUp:
    up, down = found.told.repair, found.back(online=online)
    losses = written.losses(down)
    heading = [f"adopted: what {found.target.name} held at {result.version} that no file made"]
    heading += [f"could not be seen: {reason}" for reason in result.reasons]
    heading += [f"the way back loses {each}" for each in losses]
    ways = written.Ways(up=up, down=down, heading=tuple(heading))
    paths = written.write(request.folder, name, ways, now=now, variables=request.variables)
    library = load(request.folder, request.variables, layout=request.layout)
    names = {path.name for path in paths}
    (version,) = (each.digits for each in library.migrations if each.name in names)
    return CaughtUp(paths=paths, version=version, losses=losses, told=found.told)


def _check(result: Drift) -> None:
    if result.is_stirred:
        raise CannotTell(replace(stirred(result.database), detail="Nothing was written."))
    if result.standings:
        raise InputError(
            Problem(
                message="the history is not in order, so that nothing can be added to it",
                context=tuple(f"  {each.name} {each.condition}: {each.detail}" for each in result.standings),
                hint="see what to do: pgproof status",
            )
        )
    if result.pending:
        raise InputError(
            Problem(
                message=f"{counted(result.pending, 'file is', 'files are')} pending",
                detail="The new one would come behind, and would be planned without what they do.",
                hint="apply them first: pgproof upgrade",
            )
        )
