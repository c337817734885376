"""Runs documented statements that change rows on rows that fit, and rolls them back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from pgproof.contract.promise import Query
from pgproof.database import failure
from pgproof.sql.condition import columns as named
from pgproof.sql.literal import literal
from pgproof.sql.modification import Modification, modification
from pgproof.sql.name import qualified, quote
from pgproof.synth.candidate import candidates, quoted
from pgproof.synth.probe.certainty import NOT_NULL, Refused, is_certain, passing
from pgproof.synth.probe.fact import Ran, Run
from pgproof.synth.proposal import Combination, NoneFitsError, Part, insert, parts
from pgproof.synth.shape import Bond, Shape, Table

_ROWS = 8
"""For which a statement is tried, at most."""
_ENOUGH = 3
"""Rows that are all refused by the same constraint, for that to be more than chance."""
_FIRST = 2
"""Of the rows that fit, those before it are there already."""
_NAMED = (
    "SELECT 1, n.nspname::text, c.relname::text FROM pg_catalog.pg_class AS c"
    " JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = pg_catalog.to_regclass(%s)"
)
_TYPES = "SELECT parameter_types::oid[]::int8[] FROM pg_catalog.pg_prepared_statements WHERE name = 'pgproof_run'"
_TOLD = ("fails", "succeeds")
"""Where these are promised, the statement is run as they say."""


Fits = Callable[[Table], tuple[Part, ...]]
"""Gives what may be in each part of a table's columns; raises NoneFitsError, psycopg.Error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A documented statement, the table that holds rows of the one that it changes, and rows to propose for it.

    `given` are constants for parameters: what is said of them, or values that rows of other tables have.
    """

    query: Query
    says: Modification
    table: Table
    shape: Shape
    found: tuple[Part, ...]
    given: Mapping[int, str]

    def refused(self, constraint: str) -> Refused:
        """It, as that constraint has refused it."""
        return Refused(query=self.query, says=self.says, table=self.table, shape=self.shape, constraint=constraint)

    def proposed(self, number: int) -> Combination:
        """A row that fits, and meets the conditions of the statement."""
        row: dict[str, str | None] = {}
        for part in self.found:
            row |= part.combinations[number % len(part.combinations)]
        return row


def runs(
    conn: psycopg.Connection[Any], shape: Shape, queries: Iterable[Query], roots: Mapping[int, str], fits: Fits
) -> tuple[Run, ...]:
    """What comes of each documented statement that changes rows, unless that is promised.

    `roots` are the partitioned tables, as SQL, by the numbers of their partitions. `fits` gives what fits a table.
    `conn` is in a transaction, and the tables have rows. Raises psycopg.Error if the connection is lost.
    """
    found: list[Run] = []
    for query in queries:
        says = None if query.promises_any(*_TOLD) else modification(query.text)
        table = holder(conn, shape, says, roots) if says else None
        if says is None or table is None:
            continue
        run = Run(query=query.id, kind=says.kind, table=says.table, outcome=Ran.UNTRIED)
        try:
            with conn.transaction(force_rollback=True):
                found.append(_run(conn, scene(conn, query, says, table, shape, fits(table)), run))
        except NoneFitsError as error:
            found.append(replace(run, reason=str(error)))
        except psycopg.Error as error:
            if conn.closed:
                raise
            found.append(replace(run, reason=failure.problem(error).line))
        finally:
            if not conn.closed:
                conn.execute("DEALLOCATE ALL")
    return tuple(found)


def holder(
    conn: psycopg.Connection[Any], shape: Shape, says: Modification, roots: Mapping[int, str]
) -> Table | None:
    """The table that the statement changes, or its first partition; None of a view, for example."""
    name = qualified(says.schema, says.table) if says.schema else quote(says.table)
    row = conn.execute(_NAMED, (name,)).fetchone()
    if row is None:
        return None
    meant = qualified(row[1], row[2])
    return next((each for each in shape.tables if meant in (each.sql, roots.get(each.number))), None)


def scene(
    conn: psycopg.Connection[Any],
    query: Query,
    says: Modification,
    table: Table,
    shape: Shape,
    fitting: tuple[Part, ...],
    wishes: Iterable[tuple[tuple[str, ...], str]] = (),
) -> Scene:
    """The statement with rows that meet its conditions, and these wishes: columns, and a condition about them.

    `fitting` is what fits the table, for columns of which nothing is asked. Raises NoneFitsError, psycopg.Error.
    """
    own = {each.name for each in table.columns}
    compared = (
        set() if says.kind == "INSERT" else set(says.parameters.values()) - {name for name, _ in says.assigned}
    )
    said = {each.number: each.value for each in query.parameters if each.value}
    fixed = {(name, said[n]) for n, name in says.parameters.items() if n in said and name in compared & own}
    wanted = [
        *(((name,), f"{quote(name)} = {value}") for name, value in sorted(fixed)),
        *((tuple(sorted(named(each) & own)), each) for each in says.conditions if named(each) <= own),
        *(((name,), f"{quote(name)} IS NOT NULL") for name in sorted(compared & own)),
        *wishes,
    ]
    bonds = [
        Bond(name="what the statement asks for", kind="c", columns=about, condition=f"({wish}) IS TRUE", made=True)
        for about, wish in wanted
        if about
    ]
    about = {name for each in bonds for name in each.columns}
    asked = parts(conn, replace(table, bonds=(*table.bonds, *bonds)), shape, about=about) if about else ()
    given = {number: literal(value) for number, value in _elsewhere(conn, says)}
    given |= said
    return Scene(query=query, says=says, table=table, shape=shape, found=(*fitting, *asked), given=given)


def _elsewhere(conn: psycopg.Connection[Any], says: Modification) -> Iterator[tuple[int, str]]:
    """What rows of other tables have in the columns that parameters are compared with, where they can be asked."""
    for number, (schema, table, column) in says.elsewhere.items():
        name = qualified(schema, table) if schema else quote(table)
        try:
            with conn.transaction():
                query = f"SELECT pg_catalog.min({quote(column)}::pg_catalog.text) FROM {name}"
                row = conn.execute(query.encode()).fetchone()
        except psycopg.Error:
            if conn.closed:
                raise
            continue
        if row and row[0] is not None:
            yield number, "{" + quoted(row[0]) + "}" if number in says.arrays else row[0]


def prepared(conn: psycopg.Connection[Any], scene: Scene) -> tuple[int, ...]:
    """Prepare the statement as pgproof_run; the types of its parameters, as numbers. Raises psycopg.Error."""
    types = ", ".join(each.type or "unknown" for each in scene.query.parameters)
    head = f"PREPARE pgproof_run ({types}) AS " if types else "PREPARE pgproof_run AS "
    conn.execute((head + scene.query.text).encode())
    row = conn.execute(_TYPES).fetchone()
    return tuple(row[0]) if row else ()


def execution(scene: Scene, types: tuple[int, ...], row: Combination) -> str:
    """The statement that runs it for a row: parameters are what is said of them, or the row's values."""
    arguments = [
        scene.given.get(number) or _argument(scene, number, kind, row) for number, kind in enumerate(types, 1)
    ]
    return f"EXECUTE pgproof_run ({', '.join(arguments)})" if arguments else "EXECUTE pgproof_run"


def _argument(scene: Scene, number: int, kind: int, row: Combination) -> str:
    column = scene.says.parameters.get(number, "")
    if column not in row:
        return literal(candidates(kind, scene.shape.types)[0])
    value = row[column]
    if number in scene.says.arrays and value is not None:
        return literal("{" + quoted(value) + "}")
    return literal(value)


def stored(conn: psycopg.Connection[Any], scene: Scene, row: Combination) -> Combination:
    """Put a row into the table; all that it holds then, `ctid` too. Raises psycopg.Error."""
    names = ["ctid", *(each.name for each in scene.table.columns)]
    returned = ", ".join(f"{quote(each)}::pg_catalog.text" for each in names)
    answer = conn.execute(f"{insert(scene.table, row)} RETURNING {returned}".encode()).fetchone()
    if answer is None:
        raise NoneFitsError("a rule or a trigger puts rows of the table aside")
    return dict(zip(names, answer, strict=True))


def _run(conn: psycopg.Connection[Any], of: Scene, run: Run) -> Run:
    """Run it for one row after the other, until it changes one; then where no other row can be to blame."""
    types = prepared(conn, of)
    ran = _tried(conn, of, run, types)
    if ran.outcome is Ran.DONE:
        return ran
    with conn.transaction(force_rollback=True):
        conn.execute(f"TRUNCATE {of.table.sql} CASCADE".encode())  # also what refers to it, not what it refers to
        alone = _tried(conn, of, run, types)
        ran = ran if alone.outcome is Ran.UNTRIED else alone
        return _with_other_rows(conn, of, run, ran, types) if ran.is_certain else ran


def _with_other_rows(conn: psycopg.Connection[Any], of: Scene, run: Run, ran: Run, types: tuple[int, ...]) -> Run:
    """What comes of it for rows for which the constraint takes what is written, if there are any."""
    refused = of.refused(ran.constraint)
    if not refused.own:
        return ran
    try:
        with conn.transaction(force_rollback=True):
            wish = passing(conn, refused)
            if wish is None:
                return replace(ran, is_certain=False)
            other = scene(conn, of.query, of.says, of.table, of.shape, of.found, [wish])
            again = _tried(conn, other, run, types)
    except NoneFitsError:
        return ran
    except psycopg.Error:  # it cannot be asked of the row
        if conn.closed:
            raise
        return replace(ran, is_certain=False)
    return again if again.outcome is Ran.DONE else replace(ran, is_certain=False)


def _tried(conn: psycopg.Connection[Any], of: Scene, run: Run, types: tuple[int, ...]) -> Run:
    refused: list[Run] = []
    for number in range(_FIRST, _FIRST + _ROWS):
        is_there = False
        try:
            with conn.transaction(force_rollback=True):
                row = of.proposed(number)
                if of.says.kind != "INSERT":
                    row = stored(conn, of, row)
                    conn.execute("SET CONSTRAINTS ALL IMMEDIATE")
                is_there = True
                rows = conn.execute(execution(of, types, row).encode()).rowcount
                conn.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except psycopg.Error as error:
            if conn.closed:
                raise
            if is_there:  # else the row itself was not taken
                refused.append(_refused(run, error))
            continue
        if rows:
            return replace(run, outcome=Ran.DONE, rows=rows)
        run = replace(run, outcome=Ran.NOTHING)
    if not refused:
        why = "" if run.outcome is Ran.NOTHING else "no row that it is about was taken by the server"
        return replace(run, reason=why)
    is_same = len({(each.sqlstate, each.constraint) for each in refused}) == 1 and len(refused) >= _ENOUGH
    is_sure = is_same and is_certain(conn, of.refused(refused[0].constraint))
    return replace(refused[0], tried=len(refused), is_certain=is_sure)


def _refused(run: Run, error: psycopg.Error) -> Run:
    problem = failure.problem(error)
    name = error.diag.constraint_name or (f"{NOT_NULL}{error.diag.column_name}" if error.diag.column_name else "")
    is_of_rows = problem.sqlstate.startswith("23") and bool(name)
    return replace(
        run,
        outcome=Ran.REFUSED if is_of_rows else Ran.OTHERWISE,
        sqlstate=problem.sqlstate,
        constraint=name,
        reason=problem.message,
    )
