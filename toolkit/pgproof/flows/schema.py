"""`snapshot --sql`: what the files build as SQL for people to read, which builds the same catalog, as is shown."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from pgproof.catalog.extract import extract
from pgproof.catalog.fact import OWNED, Facts
from pgproof.database import failure
from pgproof.database.builder import Builder
from pgproof.database.connection import Connection, connect, read_only
from pgproof.database.scratch import ScratchOptions, ScratchServer
from pgproof.drift.compare import Difference, compare
from pgproof.drift.planner.chapters import chapters
from pgproof.drift.planner.repair import NEEDED
from pgproof.drift.recast import but_recast
from pgproof.drift.scope import without
from pgproof.drift.words import label
from pgproof.errors import CannotTell, DatabaseError, Problem
from pgproof.flows.expectation import Step
from pgproof.flows.replay import address_as, commanded, opened, run_steps
from pgproof.flows.stage import now
from pgproof.report.schema import script
from pgproof.sql.name import quote


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaScript:
    """The text, and what no statement of it makes, with why."""

    text: str
    left_out: tuple[tuple[str, str], ...]


def schema(scratch: ScratchOptions, run: Sequence[Step], roles: Sequence[str], role: str) -> SchemaScript:
    """What the steps, run by `role`, build. The text is run in an empty database, and both are compared.

    Raises DatabaseError where a file is refused or there is no server, CannotTell if the text builds something
    else.
    """
    with opened(scratch, run, roles) as (server, database, files_make):
        own = address_as(server, database, role)
        with closing(connect(own)) as conn:
            nothing = _facts(conn)
        run_steps(server, database, run, files_make)
        with closing(connect(own)) as conn:
            row = conn.execute("SELECT current_user").fetchone()
            wanted = _facts(conn)
        return _written(server, nothing, wanted, (row[0] if row else "") or role, role)


def commanded_schema(scratch: ScratchOptions, builder: Builder, role: str) -> SchemaScript:
    """The same of what a command builds. Raises as `schema` does, and InputError where it cannot be started."""
    with commanded(scratch, builder, [], NEEDED, role=role) as built:
        with built.scratch.database() as empty, closing(connect(address_as(built.scratch, empty, role))) as conn:
            nothing = _facts(conn)
        return _written(built.scratch, nothing, without(built.facts), built.role, role)


def _written(server: ScratchServer, nothing: Facts, wanted: Facts, user: str, role: str) -> SchemaScript:
    """The text that leads from nothing to what is wanted, of which `user` owns what is nobody's; it is tried."""
    now("building what the SQL says")
    made, left_out = chapters(nothing, _of_nobody(wanted, user))
    text = script(made, left_out, wanted.major)
    with server.database() as other, closing(connect(address_as(server, other, role))) as conn:
        try:
            with failure.told():
                conn.execute(text.encode())
        except DatabaseError as error:
            raise CannotTell(*(_refused(each) for each in error.problems)) from error
        found = _facts(conn)
    if unlike := _unlike(wanted, found, {what for what, _ in left_out}):
        raise CannotTell(*map(_unsaid, unlike))
    return SchemaScript(text=text, left_out=left_out)


def _facts(conn: Connection) -> Facts:
    with read_only(conn), failure.told():
        return without(extract(conn, options=NEEDED))


def _of_nobody(facts: Facts, role: str) -> Facts:
    """The facts without an owner where that is who runs the files: who runs the text owns what it makes."""
    owner = quote(role)
    words = {catalog: words for catalog, words in facts.words.items() if catalog != OWNED}
    places = {catalog: said.index("owner") for catalog, said in words.items() if "owner" in said}
    changed = {
        key: replace(fact, values=(*fact.values[:place], None, *fact.values[place + 1 :]))
        for key, fact in facts.facts.items()
        if (place := places.get(fact.catalog)) is not None and fact.values[place] == owner
    }
    return replace(facts, facts={**facts.facts, **changed})


def _unlike(wanted: Facts, found: Facts, left_out: set[str]) -> list[Difference]:
    return [
        each
        for each in filter(None, map(but_recast, compare(wanted, found)))
        if not left_out & {label(fact) for fact in (each.fact, *each.along)}
        and not (each.fact.of and _above(each, wanted, found) in left_out)
    ]


def _above(each: Difference, *sides: Facts) -> str:
    of = each.fact.of
    return next((label(side.facts[of]) for side in sides if of and of in side.facts), "")


def _refused(problem: Problem) -> Problem:
    return Problem(
        message=f"the SQL that pgproof wrote of the schema is refused: {problem.message}",
        detail=problem.detail,
        hint="this is a mistake of pgproof's: please report it; pgproof snapshot without --sql works",
    )


def _unsaid(each: Difference) -> Problem:
    what = ", ".join(each.values) or ("is missing" if each.actual is None else "is there too much")
    return Problem(
        message=f"the SQL that pgproof wrote of the schema does not build the same: {label(each.fact)}: {what}",
        hint="this is a mistake of pgproof's: please report it; pgproof snapshot without --sql works",
    )
