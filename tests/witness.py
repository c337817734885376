"""pg_dump as a witness against us, on every major that is there: python -m tests.witness [MAJOR...]

Each of the changes of cases/catalog/changes.sql that is one of the database itself is made to a copy of a database
that holds one of everything; then pg_dump and we are asked what is not as before. What pg_dump sees we have to
see, and each object that it tells of has to be one that our differences are about. The exit code is 1 where it
is not so.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import psycopg

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.dump import dump_schema
from pgproof.database.scratch import ScratchServer
from pgproof.drift.compare import compare
from pgproof.drift.witness import unexplained, unlike
from tests.catalog.everything import roles_for
from tests.recall import MAJORS, OPTIONS, facts, servers

# pg_dump tells nothing of what all databases share, and a copy has no subscriptions
_OTHERS = re.compile(
    r"(?:ALTER|CREATE|COMMENT ON) ROLE|(?:GRANT|REVOKE) reader\w* (?:TO|FROM)"
    r"|.*(?:PARAMETER|ALTER (?:DATABASE|SUBSCRIPTION)|pg_subscription|pg_sh)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Of how many changes pg_dump and we have seen how many, and what pg_dump saw and we did not."""

    changes: int
    by_pg_dump: int
    by_us: int
    missed: tuple[str, ...]

    def __str__(self) -> str:
        return f"of {self.changes} changes pg_dump sees {self.by_pg_dump}, pgproof {self.by_us}"


def ask(server: ScratchServer, *, every: int = 1) -> Heard:
    """Ask about each change, or about every so manieth. Raises DatabaseError if there is no pg_dump for that."""
    changes = by_pg_dump = by_us = 0
    missed = []
    with roles_for(server.conninfo) as found, server.database() as template:
        with closing(connect(template)) as conn:
            conn.execute(found.script(template.database).encode())
        try:
            with _copy(server, template) as (conn, said):
                before, dumped = facts(conn), said()
            some = found.changes(template.database, every=every, turn=server.version.major)
            for change in [each for each in some if not _OTHERS.match(each)]:
                with _copy(server, template) as (conn, said):
                    conn.execute(change.encode())
                    ours, theirs = compare(before, facts(conn)), unlike(dumped, said())
                changes, by_us, by_pg_dump = changes + 1, by_us + bool(ours), by_pg_dump + bool(theirs)
                missed += [] if ours else [f"{change}: seen by nobody of us"]
                missed += [f"{change}: {each.entry}" for each in unexplained(theirs, ours)]
        finally:
            with closing(connect(template)) as conn:
                conn.execute("DROP SUBSCRIPTION feed")
                conn.execute(f"DROP OWNED BY {', '.join(found.roles)} CASCADE".encode())
    return Heard(changes=changes, by_pg_dump=by_pg_dump, by_us=by_us, missed=tuple(missed))


@contextmanager
def _copy(server: ScratchServer, template: Conninfo) -> Iterator[tuple[psycopg.Connection, Callable[[], str]]]:
    """A copy of a database, and what asks pg_dump about it."""
    with server.database(template.database) as database, closing(connect(database)) as conn:
        conn.execute("SET allow_system_table_mods = on; SET client_min_messages = error")
        yield conn, lambda: dump_schema(database, server.version.major, OPTIONS)


def main() -> int:
    bad = 0
    with servers(tuple(int(each) for each in sys.argv[1:]) or MAJORS) as found:
        for major, server in found.items():
            heard = ask(server)
            print(f"PostgreSQL {major}: {heard}", *heard.missed, sep="\n  ", flush=True)
            bad |= bool(heard.missed)
    return bad


if __name__ == "__main__":
    sys.exit(main())
