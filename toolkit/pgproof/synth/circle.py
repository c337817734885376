"""Tables that cannot do without each other: one statement puts a row into each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from pgproof.database import failure
from pgproof.errors import Problem
from pgproof.synth.proposal import Combination, NoneFitsError, insert, parts
from pgproof.synth.shape import Bond, Shape, Table

_ATTEMPTS = 12


@dataclass(frozen=True, slots=True)
class Link:
    """A table of a circle, and the foreign key by which it needs the next one."""

    table: Table
    key: Bond


def circle(table: Table, shape: Shape) -> tuple[Link, ...]:
    """The shortest way from a table back to it by keys that its rows cannot do without; () if there is none.

    Of a table that refers to itself alone there is none: that is one row.
    """
    by_number = {each.number: each for each in shape.tables}
    ways: list[tuple[Link, ...]] = [(Link(table, key),) for key in table.foreign_keys if table.needs(key)]
    seen: set[int] = set()
    while ways:
        way = ways.pop(0)
        for leaf in way[-1].key.leaves:
            if leaf == table.number and len(way) > 1:
                return way
            if leaf in seen or leaf not in by_number or leaf == table.number:
                continue
            seen.add(leaf)
            following = by_number[leaf]
            ways += [(*way, Link(following, key)) for key in following.foreign_keys if following.needs(key)]
    return ()


def put(conn: psycopg.Connection[Any], way: tuple[Link, ...], shape: Shape, number: int) -> Problem | None:
    """Put the row of that number into each table of a circle; the last refusal if it cannot be.

    `conn` is in a transaction. The triggers that check foreign keys run behind the whole statement, with all that
    its WITH puts in (7.8.4 of PostgreSQL's manual).
    """
    problem: Problem | None = None
    for attempt in range(_ATTEMPTS):
        first = attempt % len(way)  # which chooses what the others take over
        way = (*way[first:], *way[:first])
        try:
            with conn.transaction():
                rows = _rows(conn, way, shape, number + attempt // len(way))
        except NoneFitsError as error:
            problem = Problem(message=str(error))
            continue
        except psycopg.Error as error:  # too slow, or what cannot be asked: of these tables, not of all
            if conn.closed:
                raise
            problem = failure.problem(error)
            continue
        statements = [insert(link.table, row) for link, row in zip(way, rows, strict=True)]
        named = ", ".join(f"w{place} AS ({each})" for place, each in enumerate(statements[:-1]))
        try:
            with conn.transaction():
                conn.execute(f"WITH {named} {statements[-1]}".encode())
                conn.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except psycopg.Error as error:
            if conn.closed:
                raise
            problem = failure.problem(error)
        else:
            return None
    return problem


def _rows(conn: psycopg.Connection[Any], way: tuple[Link, ...], shape: Shape, number: int) -> list[Combination]:
    """A row for each table, of which each holds what the one before it refers to."""
    rows: list[Combination] = []
    last = way[-1].key
    for place, link in enumerate(way):
        pinned: dict[str, str | None] = {}
        if place:
            key = way[place - 1].key
            pinned |= _handed(key.columns, key.referenced, rows[-1])
        else:
            pinned |= dict.fromkeys(last.referenced)
        if link.key == last:
            pinned |= _handed(last.referenced, last.columns, rows[0])
        others = replace(link.table, bonds=tuple(each for each in link.table.bonds if each != link.key))
        row: dict[str, str | None] = {}
        for part in parts(conn, others, shape, pinned):
            row |= part.combinations[number % len(part.combinations)]
        rows.append(row)
    return rows


def _handed(given: tuple[str, ...], taken: tuple[str, ...], row: Combination) -> Mapping[str, str | None]:
    return {other: row.get(one) for one, other in zip(given, taken, strict=True)}
