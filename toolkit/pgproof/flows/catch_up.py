"""`drift --adopt`: what was changed in a database by hand becomes a migration, up and down.

Up is planned from what the files build to what the database holds, down is the reverse. The database has the
change already: there it is entered into the history (`adopt --to`), which proves that the file builds what is
there.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pgproof.drift.outcome import Drift
from pgproof.drift.planner.plan import Hazard, Repair
from pgproof.errors import CannotTell, InputError, Problem
from pgproof.flows import written
from pgproof.flows.drift import Request
from pgproof.flows.steady import stirred
from pgproof.migrate.library import load
from pgproof.report.words import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class CaughtUp:
    """The files that were written, and the `version` that they are, as people write it.

    `losses` are what the way back loses, each by what it is about; `impossible` is what no statement says, with
    the reason, of the way there.
    """

    paths: tuple[Path, ...]
    version: str
    losses: tuple[str, ...]
    impossible: tuple[tuple[str, str], ...]


def write(
    request: Request, result: Drift, name: str, *, now: datetime, allowed: Collection[str] = ()
) -> CaughtUp | None:
    """Write what differs as the next migration of the folder; None if nothing does.

    `result` is what `drift` says of the request, with `adopts`; `now` is the time in UTC; `allowed` are the
    hazards that may be: without "data loss" nothing is written that loses data where it is applied.

    Raises InputError where files are pending (the new one would come behind them, and was planned without them),
    where the history is not in order, where data would be lost, and where nothing can be written; CannotTell where
    the schema was changed each time that it was read.
    """
    _check(result)
    up, down = result.adoption, result.repair
    assert up is not None
    assert down is not None
    if not (result.differences or up.statements):
        return None
    _check_losses(up, allowed)
    losses = written.losses(down)
    heading = [f"adopted: what {result.database} held at {result.version} that no file made"]
    heading += [f"could not be seen: {reason}" for reason in result.reasons]
    heading += [f"the way back loses {each}" for each in losses]
    ways = written.Ways(up=up, down=down, heading=tuple(heading))
    paths = written.write(request.folder, name, ways, now=now, variables=request.variables)
    library = load(request.folder, request.variables, layout=request.layout)
    names = {path.name for path in paths}
    (version,) = (each.digits for each in library.migrations if each.name in names)
    return CaughtUp(paths=paths, version=version, losses=losses, impossible=up.impossible)


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


def _check_losses(up: Repair, allowed: Collection[str]) -> None:
    lossy: Sequence[str] = [each.sql for each in up.statements if Hazard.DATA_LOSS in each.hazards]
    if lossy and Hazard.DATA_LOSS not in allowed:
        raise InputError(
            Problem(
                message="the migration would lose data in every database that it is applied to",
                context=tuple(f"  {sql}" for sql in lossy),
                hint="--allow data-loss, if that is meant; or lead this one back: pgproof drift --repair",
            )
        )
