"""A database on a scratch server that has the schema of another one, to try statements on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace

from pgproof.catalog.extract import extract
from pgproof.catalog.fact import OWNED, Fact, Facts, Key
from pgproof.database import failure
from pgproof.database.connection import Connection, connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from pgproof.drift.compare import compare
from pgproof.drift.planner.repair import NEEDED, repair
from pgproof.drift.recast import but_recast
from pgproof.drift.scope import without
from pgproof.errors import DatabaseError, Problem
from pgproof.sql import role
from pgproof.sql.source import Source
from pgproof.sql.statement import split

_EMPTY: dict[Conninfo, Facts] = {}
"""What a new database of each scratch server holds: it is a copy of template0, which nobody can change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clone:
    """The clone, a connection to it, and the objects that it does not have as they should be.

    `refused` is what the server has said to the statements that should make it, by what they are about.
    """

    database: Conninfo
    conn: Connection
    lacking: frozenset[Key]
    refused: Mapping[str, Problem] = field(default_factory=dict)


@contextmanager
def clone(server: ScratchServer, facts: Facts, template: str | None = None) -> Iterator[Clone]:
    """A database with the schema that the facts tell of: a copy of the scratch database `template`, if given.

    Else it is made by statements of ours. What they cannot make is not there, and told. Raises DatabaseError.
    """
    with server.database(template) as database, closing(connect(database)) as conn:
        conn.execute("SET client_min_messages = error")
        refused = _make(server, conn, facts) if template is None else {}
        unlike = compare(facts, like(read(conn), facts)) if template is None else ()
        lacking = {
            each.key for each in filter(None, map(but_recast, unlike)) if each.values.keys() != {"position"}
        }
        yield Clone(database=database, conn=conn, lacking=frozenset(lacking), refused=refused)


def read(conn: Connection) -> Facts:
    """The facts of a database, as the planner wants them. Raises DatabaseError."""
    with conn.transaction(), failure.told():
        return without(extract(conn, options=NEEDED))


def like(facts: Facts, other: Facts) -> Facts:
    """The facts without owners where the others have none."""
    is_ownerless = not any(other.value(fact, "owner") for fact in other)

    def is_meant(fact: Fact) -> bool:
        there = other.facts.get(fact.key)
        return is_ownerless if there is None else other.value(there, "owner") is None

    return ownerless(facts, is_meant)


def ownerless(facts: Facts, is_meant: Callable[[Fact], bool] = lambda _: True) -> Facts:
    """The facts without owners, or those of them that are meant."""
    places = {catalog: words.index("owner") for catalog, words in facts.words.items() if "owner" in words}
    changed = {
        key: replace(fact, values=(*fact.values[:place], None, *fact.values[place + 1 :]))
        for key, fact in facts.facts.items()
        if (place := places.get(fact.catalog)) is not None and is_meant(fact) and fact.catalog != OWNED
    }
    kept = {key: fact for key, fact in facts.facts.items() if key[0] != OWNED or not is_meant(fact)}
    return replace(facts, facts={**kept, **changed})


def _make(server: ScratchServer, conn: Connection, facts: Facts) -> dict[str, Problem]:
    """All in one message; if the server refuses it, one after the other, without those that it refuses."""
    if server.conninfo not in _EMPTY:
        _EMPTY[server.conninfo] = read(conn)
    statements = repair(_EMPTY[server.conninfo], facts, online=False).statements
    text = ";\n".join(each.sql for each in statements)
    server.lend_roles(role.named(split(Source("the clone", text)).statements))
    refused: dict[str, Problem] = {}
    try:
        with failure.told():
            conn.execute(text.encode())
    except DatabaseError:
        for each in statements:
            try:
                with failure.told():
                    conn.execute(each.sql.encode())
            except DatabaseError as error:  # what comes of it is seen in the facts
                refused.setdefault(each.about, error.problems[0])
    return refused
