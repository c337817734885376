"""Changes a row that fits to one that breaks a constraint, and says what the server did with it.

A trigger before UPDATE may let through, drop or mend what none before INSERT does. All of it is rolled back.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import psycopg

from pgproof.sql.literal import literal
from pgproof.sql.name import quote
from pgproof.synth.probe.breakage import indexed, is_broken, refuses
from pgproof.synth.probe.fact import Guard, Outcome
from pgproof.synth.proposal import Combination
from pgproof.synth.shape import Table

_KEYS = "puix"
BACK = "ROLLBACK TO SAVEPOINT pgproof_shot; RELEASE SAVEPOINT pgproof_shot"
"""Takes back what was tried behind the savepoint."""

Places = dict[tuple[int, str], str | None]
"""The rows that are changed (ctid), by the number of their table and what they have to be in: all is undone."""


def changed(
    conn: psycopg.Connection[Any],
    table: Table,
    guard: Guard,
    columns: Collection[str],
    row: Combination,
    places: Places,
    before: str = "",
) -> Outcome:
    """What comes of giving a row that is there the values that `row` has in the columns of the guard, or in these.

    UNTRIED where there is no row to change, or UPDATE changes none at all. `conn` is in a transaction, and has to
    do `before` first: that goes in the same message. Raises psycopg.Error if the connection is lost.
    """
    key = (table.number, indexed(guard) if guard.kind in _KEYS else "")
    if key not in places:
        places[key] = _place(conn, table, guard, before)
        before = ""
    place = places[key]
    outcome = Outcome.UNTRIED
    own = {each.name for each in table.columns if each.is_identity and each.name not in guard.columns}
    for names in dict.fromkeys((frozenset(guard.columns) & set(columns), frozenset(columns) - own)):
        pairs = {name: row[name] for name in columns if name in row and name in names}
        if place is not None and pairs:
            outcome = _set(conn, table, guard, pairs, place, before)
            before = ""
        if outcome in (Outcome.REFUSED, Outcome.ACCEPTED, Outcome.SWALLOWED):
            break
    if before:
        conn.execute(before.encode())
    return outcome


def _set(
    conn: psycopg.Connection[Any], table: Table, guard: Guard, pairs: Combination, place: str, before: str
) -> Outcome:
    assigned = ", ".join(f"{quote(name)} = {literal(value)}" for name, value in pairs.items())
    where = f"UPDATE ONLY {table.sql} SET {{}} WHERE ctid = {literal(place)}"
    text = f"SAVEPOINT pgproof_shot; {where.format(assigned)}; SET CONSTRAINTS ALL IMMEDIATE"
    try:
        cursor = conn.execute(f"{before}; {text}".encode() if before else text.encode())
        for _ in range(3 if before else 1):
            cursor.nextset()
        if not cursor.rowcount:
            name = quote(next(iter(pairs)))
            is_aside = not conn.execute(where.format(f"{name} = {name}").encode()).rowcount
            return Outcome.UNTRIED if is_aside else Outcome.SWALLOWED
        is_fit = not guard.domain and not is_broken(conn, table, guard)
        return Outcome.MENDED if is_fit else Outcome.ACCEPTED
    except psycopg.Error as error:
        if conn.closed:
            raise
        return Outcome.REFUSED if refuses(guard, error) else Outcome.OTHERWISE
    finally:
        if not conn.closed:
            conn.execute(BACK)


def _place(conn: psycopg.Connection[Any], table: Table, guard: Guard, before: str) -> str | None:
    """The last row of the table; of a key, only if there is another one before it to collide with."""
    query = f"SELECT ctid::pg_catalog.text FROM ONLY {table.sql}"
    if guard.kind in _KEYS:
        query += f" WHERE ctid <> (SELECT ctid FROM ONLY {table.sql} WHERE {indexed(guard)} ORDER BY ctid LIMIT 1)"
    query += " ORDER BY ctid DESC LIMIT 1"
    cursor = conn.execute(f"{before}; {query}".encode() if before else query.encode())
    while cursor.nextset():
        pass
    row = cursor.fetchone()
    return row[0] if row else None
