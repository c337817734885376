"""Whether two stories end in the same database: both are told on a scratch server, and everything is compared.

Compared are all definitions of the catalog, and all rows. What differs between two tellings of one and the same
story (`now()`, random keys) says nothing and is left out; it is found by telling it twice.
"""

from __future__ import annotations

import json
import operator
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from pgproof.catalog import read as catalog
from pgproof.catalog.definition import Definition, Difference, differences
from pgproof.database import failure
from pgproof.database.connection import Connection, connect, read_only
from pgproof.database.scratch import ScratchServer
from pgproof.migrate.execute import build
from pgproof.migrate.library import Library
from pgproof.migrate.migration import Migration

Rows = Sequence[Mapping[str, Any]]
_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What a database holds: its definitions, and the rows of each table by its qualified name."""

    definitions: tuple[Definition, ...]
    rows: Mapping[str, Rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A way to fill an empty database. `label` says which it is, behind what it leads to ("as applied", "now").

    `fill` raises DatabaseError where the server refuses a statement.
    """

    label: str
    fill: Callable[[Connection], object]


def of_migrations(label: str, migrations: Sequence[Migration]) -> Story:
    """The story of these upgrades, in this order."""
    library = Library(folder="", migrations=tuple(migrations))

    def fill(conn: Connection) -> None:
        for _ in build(conn, library):
            pass

    return Story(label=label, fill=fill)


def unlike(
    server: ScratchServer, one: Story, other: Story, alike: Callable[[str, str], bool] = operator.eq
) -> tuple[str, ...]:
    """In what the endings of two stories differ, a line each; nothing if they are the same.

    `alike` says of two definitions that are not written in the same way whether they are the same. Raises
    DatabaseError where one of them cannot be told.
    """
    first, second = _told(server, one), _told(server, other)
    found = [
        _line(each, one, other)
        for each in differences(first.definitions, second.definitions)
        if each.expected is None or each.actual is None or not alike(each.expected, each.actual)
    ]
    tables = first.rows.keys() & second.rows.keys()
    suspects = [table for table in sorted(tables) if _bag(first.rows[table]) != _bag(second.rows[table])]
    if suspects:
        vague = _told(server, one)
        for table in suspects:
            columns = _vague(first.rows[table], vague.rows[table])
            before, after = (_bag(ending.rows[table], without=columns) for ending in (first, second))
            lone = [*[(row, one) for row in before - after][:1], *[(row, other) for row in after - before][:1]]
            found += [f"rows of {table}: {_short(row)} only {story.label}" for row, story in lone]
    return tuple(found)


def _line(difference: Difference, one: Story, other: Story) -> str:
    what = f"{difference.kind} {difference.name}"
    if difference.expected is None:
        return f"{what}: only {other.label}"
    if difference.actual is None:
        return f"{what}: only {one.label}"
    return f"{what}: {_short(difference.expected)} {one.label}, {_short(difference.actual)} {other.label}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "..."


def _told(server: ScratchServer, story: Story) -> Ending:
    with server.database() as conninfo, closing(connect(conninfo)) as conn:
        story.fill(conn)
        with failure.told(), read_only(conn):
            tables = [each for each in catalog.read(conn).tables if each.kind == "r"]
            return Ending(
                definitions=catalog.definitions(conn),
                rows={f"{each.schema}.{each.name}": catalog.rows(conn, each.schema, each.name) for each in tables},
            )


def _vague(one: Rows, again: Rows) -> frozenset[str]:
    """The columns whose values are not the same in two tellings of one story."""
    columns = {name for row in (*one, *again) for name in row}
    return frozenset(
        name
        for name in columns
        if _bag([{name: row.get(name)} for row in one]) != _bag([{name: row.get(name)} for row in again])
    )


def _bag(rows: Rows, without: frozenset[str] = frozenset()) -> Counter[str]:
    return Counter(
        json.dumps({name: value for name, value in row.items() if name not in without}, sort_keys=True)
        for row in rows
    )
