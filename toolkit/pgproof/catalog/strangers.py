"""What is said of objects that are not the user's own, initdb's and those of extensions; privileges in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pgproof.catalog import initdb
from pgproof.catalog.ask import OTHERS, catalogs, sql
from pgproof.catalog.batch import Row
from pgproof.catalog.fact import GIVEN, MISSING, OWNED, Fact, Value
from pgproof.database.connection import Connection, Cursor

if TYPE_CHECKING:
    from pgproof.catalog.ask import Catalogs


@dataclass(frozen=True, slots=True)
class Strange:
    """What the server says of them: the rows of each of `OTHERS`, and those of initdb's that were written later.

    `touched` are the catalogs that have such.
    """

    others: Sequence[Sequence[Row]]
    touched: Sequence[str]
    later: Sequence[initdb.Row]


def read_strange(conn: Connection, options: frozenset[str]) -> Strange:
    """That of the database, in the transaction that the caller holds; its settings are changed until its end.

    `options` are those of the accounting. Up to three round trips. Raises psycopg.Error.
    """
    found = catalogs(conn, options)
    return strange_of(conn, found, conn.execute(b"\n".join(strange_queries(found))))


def strange_queries(found: Catalogs) -> list[bytes]:
    """What has to be asked."""
    return [*map(sql, OTHERS), initdb.touched(found).encode()]


def strange_of(conn: Connection, found: Catalogs, cursor: Cursor) -> Strange:
    """What was answered: `cursor` stands at the first of these results."""
    others = []
    for _ in OTHERS:
        others.append(cursor.fetchall())
        cursor.nextset()
    touched = [name for (name,) in cursor]
    return Strange(others, touched, initdb.rows(conn, found, touched))


def of_others(found: Strange, *, defines: bool) -> Iterator[Fact]:
    """A fact for each of these objects of which something is no more what it was at first. Pure."""
    granted, owners, comments, missing = found.others
    for kind, identity, now, first in granted:
        was = privileges(first, str)
        lines = "\n".join(map(str, was)) if isinstance(was, tuple) else ""
        yield Fact(GIVEN, (kind, identity), "", (privileges(now, str),), None, lines if defines else None)
    for kind, identity, owner, first in owners:
        yield Fact(OWNED, (kind, identity), "", (owner,), None, (first or "") if defines else None)
    for kind, identity, comment in comments:
        of = ("pg_extension", (identity,)) if kind == "extension" else None
        yield Fact("pg_description", (kind, identity), "", (comment,), of, "" if defines else None)
    for kind, identity in missing:
        yield Fact(MISSING, (kind, identity), "", ())
    yield from initdb.altered(found.later)


def privileges(granted: list[list[Any]] | None, name: Callable[[Any], str | None]) -> Value:
    """Who may do what, beyond what is usual; None if that is just the usual. `name` gives the name of a role."""
    if granted is None:
        return None
    lines: dict[tuple[str, str], list[str]] = {}
    for grantee, grantor, privilege, is_grantable, owner in granted:
        by = "" if grantor == owner or not owner else name(grantor) or ""
        whom = "owner" if owner and grantee == owner else (name(grantee) if grantee else None) or "public"
        lines.setdefault((whom, by), []).append(privilege + ("*" if is_grantable else ""))
    return tuple(
        sorted(f"{whom}: {', '.join(sorted(may))}{by and f' (by {by})'}" for (whom, by), may in lines.items())
    )
