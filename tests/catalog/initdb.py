"""Writes the digests of what initdb makes on each major that is there: python -m tests.catalog.initdb"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from textwrap import wrap

from pgproof.catalog import initdb
from pgproof.catalog.ask import catalogs
from pgproof.database.connection import Connection, connect
from pgproof.database.scratch import environment_options, find_binaries, open_cluster

MAJORS = (14, 15, 16, 17, 18)
FILE = Path(initdb.__file__).with_name("initdb.txt")
HEAD = """# Digests of what each row says that initdb makes, on PostgreSQL 14 to 18: see initdb.py. Made by
# python -m tests.catalog.initdb
"""


def rows(conn: Connection) -> list[initdb.Row]:
    """What the rows of initdb's say in a new database, all of them."""
    with conn.transaction():
        found = catalogs(conn, frozenset())
        return initdb.rows(conn, found, initdb.names(found), later=False)


def _of_each() -> Iterator[set[str]]:
    options = environment_options(os.environ)
    for major in MAJORS:
        found, problems = find_binaries(replace(options, postgres=major))
        if not found:
            sys.exit(f"no server of PostgreSQL {major}: {problems}")
        with (
            open_cluster(found[0], options) as server,
            server.database() as database,
            closing(connect(database)) as conn,
        ):
            yield {each.digest for each in rows(conn)}


if __name__ == "__main__":
    digests = sorted(set().union(*_of_each()))
    FILE.write_text(HEAD + "\n".join(wrap(" ".join(digests), 115)) + "\n", encoding="utf-8")
    print(f"{FILE.name}: {len(digests)} digests")
