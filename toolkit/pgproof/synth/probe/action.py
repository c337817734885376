"""Acts out what foreign keys say: a row that others refer to is deleted, or its key changed, and rolled back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from pgproof.database import failure
from pgproof.sql.literal import literal
from pgproof.sql.name import qualified, quote
from pgproof.synth.candidate import candidates
from pgproof.synth.probe.fact import Acted, Action
from pgproof.synth.probe.guard import rows
from pgproof.synth.shape import Shape

_ATTEMPTS = 12
_FEWER = 12
"""Foreign keys of others that are taken away, at most."""
_ANOTHER_VALUE = ("23505", "23514", "23502")
_REFUSALS = ("23503", "23001")  # restrict_violation is what RESTRICT raises as of 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A foreign key as actions.sql has it: the table that refers and its columns, and the one referred to.

    With partitions on either side, a refusal may have any of the `names`, and be about any of the `tables`.
    """

    schema: str
    table_name: str
    name: str
    target_schema: str
    target_name: str
    columns: tuple[str, ...]
    referenced: tuple[str, ...]
    types: tuple[int, ...]
    is_divided: bool
    names: tuple[str, ...]
    tables: tuple[str, ...]
    on_delete: str
    on_update: str

    @property
    def table(self) -> str:
        """The table that refers, as SQL."""
        return qualified(self.schema, self.table_name)

    @property
    def target(self) -> str:
        """The table that is referred to, as SQL."""
        return qualified(self.target_schema, self.target_name)

    @property
    def origin(self) -> str:
        """The same where its rows are meant, without those of tables that inherit from it."""
        return self.target if self.is_divided else f"ONLY {self.target}"


class _Stage:
    """A session in which foreign keys are acted out, with all keys, and what the rows of tables are counted as.

    `roots` names the partitioned table of a partition by the number of that.
    """

    def __init__(self, conn: psycopg.Connection[Any], shape: Shape, roots: Mapping[int, str]) -> None:
        self.conn = conn
        self.shape = shape
        self.roots = roots
        found = [{name: _frozen(value) for name, value in row.items()} for row in rows(conn, "actions")]
        self.keys = tuple(Key(**row) for row in found)

    def counts(self, target: str) -> Counter[str]:
        """The rows of a table, and of all that refer to it or to one of those, counted in one query."""
        reached = {target}
        grown = True
        while grown:
            more = {key.table for key in self.keys if key.target in reached} - reached
            reached |= more
            grown = bool(more)
        named = [(self.roots.get(each.number, each.sql), each.sql) for each in self.shape.tables]
        tables = [(root, table) for root, table in named if root in reached]
        counted = ", ".join(f"(SELECT pg_catalog.count(*) FROM ONLY {table})" for _, table in tables)
        row = self.conn.execute(f"SELECT {counted}".encode()).fetchone() or ()
        found = Counter[str]()
        for (root, _), number in zip(tables, row, strict=True):
            found[root] += int(number)
        return found

    def drop(self, table: str, name: str) -> bool:
        """True if the constraint is gone; inside a part of the transaction that is rolled back."""
        try:
            with self.conn.transaction():
                self.conn.execute(f"ALTER TABLE {table} DROP CONSTRAINT {quote(name)}".encode())
        except psycopg.Error:
            if self.conn.closed:
                raise
            return False
        return True


def actions(conn: psycopg.Connection[Any], shape: Shape, roots: Mapping[int, str]) -> tuple[Action, ...]:
    """What each foreign key does: when a row is deleted, and where it says so, when a key is changed.

    `roots` are the partitioned tables, as SQL, by the numbers of their partitions. `conn` is in a transaction, and
    the tables have rows. Raises psycopg.Error if the connection is lost.
    """
    stage = _Stage(conn, shape, roots)
    found: list[Action] = []
    for key in stage.keys:
        found.append(_acted(stage, key, "DELETE"))
        if key.on_update != "NO ACTION":
            found.append(_acted(stage, key, "UPDATE"))
    return tuple(found)


def _acted(stage: _Stage, key: Key, event: str) -> Action:
    action = Action(
        schema=key.schema,
        table=key.table_name,
        name=key.name,
        columns=key.columns,
        target=key.target_name,
        event=event,
        rule=key.on_delete if event == "DELETE" else key.on_update,
        outcome=Acted.UNTRIED,
    )
    try:
        with stage.conn.transaction(force_rollback=True):
            values = _referred(stage.conn, key)
            if values is None:
                return replace(action, reason=f"no row of {key.table_name} that refers to one could be made")
            return _unhindered(stage, key, action, values)
    except psycopg.Error as error:
        if stage.conn.closed:
            raise
        return replace(action, reason=failure.problem(error).line)


def _unhindered(stage: _Stage, key: Key, action: Action, values: tuple[str, ...]) -> Action:
    """Act; where it is refused by others, without other keys to the same table, then without those that refuse."""
    gone: list[str] = []
    action, error = _statement(stage, key, action, values)
    if error is not None and not _is_own(key, error):
        others = [each for each in stage.keys if each.target == key.target and each != key]
        gone += [each.name for each in others if stage.drop(each.table, each.name)]
        action, error = _statement(stage, key, action, values)
    while error is not None and error.sqlstate in _REFUSALS and not _is_own(key, error) and len(gone) < _FEWER:
        refusing = next((each for each in stage.keys if _is_own(each, error)), None)
        if refusing is None or not stage.drop(refusing.table, refusing.name):
            break
        gone.append(refusing.name)
        action, error = _statement(stage, key, action, values)
    return replace(action, beside=tuple(gone))


def _is_own(key: Key, error: psycopg.Error) -> bool:
    """True if the error is about the table that refers, and not about another one."""
    is_named = error.sqlstate not in _REFUSALS or error.diag.constraint_name in key.names
    return is_named and f"{error.diag.schema_name}.{error.diag.table_name}" in key.tables


def _statement(
    stage: _Stage, key: Key, action: Action, values: tuple[str, ...]
) -> tuple[Action, psycopg.Error | None]:
    """Delete the row that has these values, or change the last of them, and take it back."""
    conn, where = stage.conn, _are(key.referenced, values)
    last: psycopg.Error | None = None
    for change in _changes(key, stage.shape) if action.event == "UPDATE" else ("",):
        text = f"DELETE FROM {key.origin} WHERE {where}"
        if change:
            text = f"UPDATE {key.origin} SET {change} WHERE {where}"
        before, referring = stage.counts(key.target), _number(conn, key, _are(key.columns, values))
        try:
            with conn.transaction(force_rollback=True):
                done = conn.execute(text.encode()).rowcount
                conn.execute("SET CONSTRAINTS ALL IMMEDIATE")
                after, left = stage.counts(key.target), _number(conn, key, _are(key.columns, values))
                orphans = _number(conn, key, _orphaned(key))
        except psycopg.Error as error:
            if conn.closed:
                raise
            last = error
            if change and error.sqlstate in _ANOTHER_VALUE and not _is_own(key, error):
                continue
            return _refused(key, action, error), error
        if not done:
            return replace(action, outcome=Acted.ASIDE), None
        outcome = Acted.ORPHANED if orphans else Acted.DONE if not left else Acted.KEPT
        before[key.target] -= action.event == "DELETE"
        lost = tuple((name.removeprefix("public."), number) for name, number in sorted((before - after).items()))
        return replace(action, outcome=outcome, rows=referring, lost=lost, sqlstate="", other="", reason=""), None
    return (_refused(key, action, last) if last else action), last


def _refused(key: Key, action: Action, error: psycopg.Error) -> Action:
    problem = failure.problem(error)
    is_own = error.sqlstate in _REFUSALS and _is_own(key, error)
    name = error.diag.constraint_name or error.diag.column_name or ""
    return replace(
        action,
        outcome=Acted.REFUSED if is_own else Acted.OTHERWISE,
        sqlstate=problem.sqlstate,
        other="" if _is_own(key, error) else name or "a trigger",
        reason=problem.message,
    )


def _referred(conn: psycopg.Connection[Any], key: Key) -> tuple[str, ...] | None:
    """The key of a row that others refer to; where that is the same table, not one that is its own parent."""
    columns, referenced = (", ".join(map(quote, names)) for names in (key.columns, key.referenced))
    selected = ", ".join(f"{quote(each)}::pg_catalog.text" for each in key.referenced)
    others = f" WHERE ROW({columns}) IS DISTINCT FROM ROW({referenced})" if key.table == key.target else ""
    query = (
        f"SELECT {selected} FROM {key.origin} WHERE ({referenced}) IN (SELECT {columns} FROM {key.table}{others})"
    )
    row = conn.execute(f"{query} ORDER BY 1 LIMIT 1".encode()).fetchone()
    return tuple(row) if row else None


def _changes(key: Key, shape: Shape) -> list[str]:
    """Other values for the key, as UPDATE sets them: for its last column."""
    name, number = key.referenced[-1], key.types[-1]
    values = list(reversed(candidates(number, shape.types)))
    return [f"{quote(name)} = {literal(value)}" for value in values[:_ATTEMPTS]]


def _number(conn: psycopg.Connection[Any], key: Key, where: str) -> int:
    """How many rows of the table that refers are so."""
    row = conn.execute(f"SELECT pg_catalog.count(*) FROM {key.table} WHERE {where}".encode()).fetchone()
    return int(row[0]) if row else 0


def _are(names: tuple[str, ...], values: tuple[str, ...]) -> str:
    pairs = zip(names, values, strict=True)
    return " AND ".join(f"{quote(name)}::pg_catalog.text = {literal(value)}" for name, value in pairs)


def _orphaned(key: Key) -> str:
    columns, referenced = (", ".join(map(quote, names)) for names in (key.columns, key.referenced))
    filled = "".join(f" AND {quote(each)} IS NOT NULL" for each in key.columns)
    return f"(({columns}) IN (SELECT {referenced} FROM {key.origin})) IS NOT TRUE{filled}"


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
