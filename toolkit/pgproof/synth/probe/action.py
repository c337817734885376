"""Acts out what foreign keys say: a row that others refer to is deleted, or its key changed, and rolled back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from pgproof.database import failure
from pgproof.sql.declared import grouped
from pgproof.sql.literal import literal
from pgproof.sql.name import qualified, quote
from pgproof.synth.candidate import candidates
from pgproof.synth.probe.fact import Acted, Action
from pgproof.synth.probe.guard import rows
from pgproof.synth.proposal import NoneFitsError, insert, parts
from pgproof.synth.shape import Shape, Table

_ATTEMPTS = 12
_FEWER = 12
"""Foreign keys of others that are taken away, at most."""
_ANOTHER_VALUE = ("23505", "23514", "23502")
_DEFAULT = "SET DEFAULT"
_REFUSALS = ("23503", "23001")  # restrict_violation is what RESTRICT raises as of 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A foreign key as actions.sql has it: the table that refers and its columns, and the one referred to.

    With partitions on either side, a refusal may have any of the `names`, and be about any of the `tables`. `set`
    are the columns of ON DELETE SET NULL or SET DEFAULT, if not all are meant.
    """

    schema: str
    table_name: str
    name: str
    target_schema: str
    target_name: str
    columns: tuple[str, ...]
    referenced: tuple[str, ...]
    types: tuple[int, ...]
    set: tuple[str, ...]
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
        found = [{name: _frozen(value) for name, value in row.items()} for row in rows(conn, "actions")]
        self.keys = tuple(Key(**row) for row in found)
        root = {each.sql: roots.get(each.number, each.sql) for each in shape.tables}
        self._tables = grouped(root, root.__getitem__)
        self._referring: dict[str, list[str]] = {}
        for key in self.keys:
            self._referring.setdefault(key.target, []).append(key.table)

    def counts(self, target: str) -> Counter[str]:
        """The rows of a table, and of all that refer to it or to one of those, counted in one query."""
        reached, left = {target}, [target]
        while left:
            more = set(self._referring.get(left.pop(), ())) - reached
            reached |= more
            left += more
        tables = [(root, table) for root in reached for table in self._tables.get(root, ())]
        counted = ", ".join(f"(SELECT pg_catalog.count(*) FROM ONLY {table})" for _, table in tables)
        # an array: a list of targets has 1664 entries at most (MaxTupleAttributeNumber)
        ((numbers,),) = self.conn.execute(f"SELECT ARRAY[{counted}]::pg_catalog.int8[]".encode()).fetchall()
        found = Counter[str]()
        for (root, _), number in zip(tables, numbers, strict=True):
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
        columns=(key.set or key.columns) if event == "DELETE" else key.columns,
        target=key.target_name,
        event=event,
        rule=key.on_delete if event == "DELETE" else key.on_update,
        outcome=Acted.UNTRIED,
    )
    try:
        with stage.conn.transaction(force_rollback=True):
            values = _replaceable(stage, key) if action.rule == _DEFAULT else _referred(stage.conn, key)
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
        refusing = _refusing(stage, error)
        if not stage.drop(*refusing):
            break
        gone.append(refusing[1])
        action, error = _statement(stage, key, action, values)
    return replace(action, beside=tuple(gone))


def _refusing(stage: _Stage, error: psycopg.Error) -> tuple[str, str]:
    """The table and the name of the key that refuses, that of a partitioned table for its partitions'."""
    found = next((each for each in stage.keys if _is_own(each, error)), None)
    if found is not None:
        return found.table, found.name
    said = error.diag  # one that is not acted out itself: it fires on one side alone
    return qualified(said.schema_name or "", said.table_name or ""), said.constraint_name or ""


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


def _referred(conn: psycopg.Connection[Any], key: Key, but: str = "") -> tuple[str, ...] | None:
    """The key of a row that others refer to; where that is the same table, not one that is its own parent.

    If there is none, a row is changed so that it refers to one. `but` is SQL of another condition for it.
    """
    columns, referenced = (", ".join(map(quote, names)) for names in (key.columns, key.referenced))
    selected = ", ".join(f"{quote(each)}::pg_catalog.text" for each in key.referenced)
    others = f" WHERE ROW({columns}) IS DISTINCT FROM ROW({referenced})" if key.table == key.target else ""
    query = f"SELECT {selected} FROM {key.origin} WHERE {{}}{but} ORDER BY 1 LIMIT 1"
    is_referred = f"({referenced}) IN (SELECT {columns} FROM {key.table}{others})"
    row = conn.execute(query.format(is_referred).encode()).fetchone()
    if row is not None:
        return tuple(row)
    row = conn.execute(query.format("true").encode()).fetchone()
    return tuple(row) if row and _turned(conn, key, tuple(row)) else None


def _turned(conn: psycopg.Connection[Any], key: Key, values: tuple[str, ...]) -> bool:
    """Let one of the rows that could refer to this key do so, unless it is that row itself."""
    itself = f" WHERE NOT ({_are(key.referenced, values)})" if key.table == key.target else ""
    assigned = ", ".join(f"{quote(n)} = {literal(v)}" for n, v in zip(key.columns, values, strict=True))
    one = f"SELECT tableoid, ctid FROM {key.table}{itself} ORDER BY tableoid, ctid LIMIT 1"
    try:
        with conn.transaction():
            text = f"UPDATE {key.table} SET {assigned} WHERE (tableoid, ctid) IN ({one})"
            return bool(conn.execute(text.encode()).rowcount)
    except psycopg.Error:
        if conn.closed:
            raise
        return False


def _replaceable(stage: _Stage, key: Key) -> tuple[str, ...] | None:
    """The key of a row that others refer to, of which they can do with the default: a row that has that is there.

    It is put there if it is not. Where it cannot be, it is not: what the server says then is what there is to say.
    """
    table = next((each for each in stage.shape.tables if each.sql == key.table), None)
    target = next((each for each in stage.shape.tables if each.sql == key.target), None)
    values = _referred(stage.conn, key)
    if table is None or target is None or values is None:
        return values
    expressions = {
        each.name: each.default or "NULL" for each in table.columns if each.name in (key.set or key.columns)
    }
    kept = dict(zip(key.columns, values, strict=True))
    given = ", ".join(
        f"({expressions[name]})::pg_catalog.text" if name in expressions else literal(kept[name])
        for name in key.columns
    )
    row = stage.conn.execute(f"SELECT {given}".encode()).fetchone() or ()
    wanted = dict(zip(key.referenced, row, strict=True))
    if None in wanted.values():
        return values
    _provide(stage, target, wanted)
    return _referred(stage.conn, key, f" AND NOT ({_are(tuple(wanted), tuple(row))})")


def _provide(stage: _Stage, target: Table, wanted: Mapping[str, str]) -> None:
    """Put a row with these values into a table, if it has none and takes one."""
    is_there = f"SELECT 1 FROM ONLY {target.sql} WHERE {_are(tuple(wanted), tuple(wanted.values()))}"
    if stage.conn.execute(is_there.encode()).fetchone():
        return
    try:
        found = parts(stage.conn, target, stage.shape, wanted)
    except NoneFitsError:
        return
    for number in range(_ATTEMPTS):
        row = {
            name: each for p in found for name, each in p.combinations[-1 - number % len(p.combinations)].items()
        }
        try:
            with stage.conn.transaction():
                stage.conn.execute(insert(target, {**row, **wanted}).encode())
        except psycopg.Error:
            if stage.conn.closed:
                raise
            continue
        return


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
