"""Whether two stories end in the same database: both are told on a scratch server, and everything is compared.

Compared are all facts of the catalog, the order of columns too, and all rows. What differs between two tellings of
one and the same story (`now()`, random keys) says nothing and is left out; it is found by telling it twice.
"""

from __future__ import annotations

import json
import operator
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from pgproof.catalog import read as catalog
from pgproof.catalog.accounting import deparsed
from pgproof.catalog.extract import extract
from pgproof.catalog.fact import Facts
from pgproof.database import failure
from pgproof.database.connection import Connection, connect, read_only
from pgproof.database.scratch import ScratchServer
from pgproof.drift import words
from pgproof.drift.compare import Difference, compare, leave, orderly
from pgproof.drift.scope import without
from pgproof.drift.words import Voice
from pgproof.errors import CannotTell, Problem
from pgproof.flows.stage import now, through
from pgproof.migrate.execute import build
from pgproof.migrate.library import Library
from pgproof.migrate.migration import Migration
from pgproof.sql import role

Rows = Sequence[Mapping[str, Any]]
_STAGE = "building what is compared"
_LONGEST = 200
_OPTIONS = frozenset({"positions"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What a database holds: its facts, and the rows of each table by its qualified name."""

    facts: Facts
    rows: Mapping[str, Rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A way to fill an empty database. `label` says which it is, behind what it leads to ("as applied", "now").

    `fill` raises DatabaseError where the server refuses a statement. `roles` have to be there before.
    """

    label: str
    fill: Callable[[Connection], object]
    roles: tuple[str, ...] = ()


def roles(migrations: Iterable[Migration]) -> tuple[str, ...]:
    """The roles that these upgrades speak of and do not make."""
    return role.named(statement for each in migrations for statement in each.up.statements)


def of_migrations(label: str, migrations: Sequence[Migration]) -> Story:
    """The story of these upgrades, in this order."""
    library = Library(folder="", migrations=tuple(migrations))

    def fill(conn: Connection) -> None:
        through(_STAGE, build(conn, library))

    return Story(label=label, fill=fill, roles=roles(migrations))


def unlike(
    server: ScratchServer, one: Story, other: Story, alike: Callable[[str, str], bool] = operator.eq
) -> tuple[str, ...]:
    """In what the endings of two stories differ, a line each; nothing if they are the same.

    `alike` says of two texts of the server's (expressions, queries of views) that are not written in the same way
    whether they are the same. Raises DatabaseError where a story cannot be told, CannotTell where not all of its
    ending is known.
    """
    server.lend_roles([*one.roles, *other.roles])
    first, second = _told(server, one), _told(server, other)
    voice = Voice(
        missing=f"is made only {one.label}",
        excess=f"is made only {other.label}",
        expected=one.label,
        actual=other.label,
    )
    differences = orderly(compare(first.facts, second.facts), first.facts, second.facts)
    told = (_but_for(each, alike) for each in differences)
    found = [line for each in told if each for line in words.lines(each, voice)]
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


def _but_for(difference: Difference, alike: Callable[[str, str], bool]) -> Difference | None:
    """The difference without texts that are alike; None if that is all."""
    written = deparsed(difference.fact.catalog)

    def is_kept(word: str) -> bool:
        one, other = difference.values[word]
        texts = word in written and isinstance(one, str) and isinstance(other, str)
        return not (texts and alike(str(one), str(other)))

    return leave(difference, is_kept)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "..."


def _told(server: ScratchServer, story: Story) -> Ending:
    now(_STAGE, story.label)
    with server.database() as conninfo, closing(connect(conninfo)) as conn:
        story.fill(conn)
        with failure.told(), read_only(conn):
            facts = without(extract(conn, options=_OPTIONS))
            tables = [each.name for each in facts if facts.value(each, "relkind") == "r"]
            rows = {f"{schema}.{name}": catalog.rows(conn, schema, name) for schema, name in tables}
    if facts.unmodelled:
        raise CannotTell(
            *(Problem(message=f"cannot tell whether it is the same: {each}") for each in facts.unmodelled)
        )
    return Ending(facts=facts, rows=rows)


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
