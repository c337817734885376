"""What initdb has made and somebody has changed since: views, functions, text search, with OIDs below 16384.

Each change of a row writes it anew (`catalog.mark`), so that its `xmin` is later than initdb's. The first
privileges are noted in pg_init_privs (setup_privileges in src/bin/initdb/initdb.c); from there on initdb has 158
transactions to the last row that describes a schema, on 14 to 18, and some 40 more for statistics and databases.
Who only grants something, or gives an object to another owner, writes it anew, too. So what a row says beyond that
is compared with `initdb.txt`: digests of what initdb's rows say on each major, the first 32 bits in eight digits
(`python -m tests.catalog.initdb` writes it). That a changed row has one of them has a chance of some 1 in 300,000.

What is gone leaves no row: `others_missing.sql` has the names of all that can be dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

from pgproof.catalog.accounting import Form
from pgproof.catalog.batch import Batch
from pgproof.catalog.fact import ALTERED, Fact
from pgproof.catalog.portable import portable
from pgproof.catalog.query import written
from pgproof.database.connection import Connection

if TYPE_CHECKING:
    from pgproof.catalog.ask import Catalogs

_LAST = 178
_SINCE = (
    "WITH since (xid) AS MATERIALIZED (SELECT pg_catalog.min(p.xmin::pg_catalog.text::pg_catalog.int8)"
    f" + {_LAST} FROM pg_catalog.pg_init_privs AS p WHERE p.objoid < 12000)"
)
_LATER = "t.xmin::pg_catalog.text::pg_catalog.int8 > (SELECT s.xid FROM since AS s)"
_USERS = re.compile(r"t\.(\w+) >= 16384")
_ONLY = {
    # the schema public is read as if it were the user's own
    "pg_namespace": "t.oid <> 2200",
    # those that initdb finds on its machine are others on each
    "pg_collation": "t.oid < 12000",
    # found by what they lead to; what views need is written anew with them
    "pg_depend": "t.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND t.deptype = 'x'",
}
_SAID_ELSEWHERE = frozenset({"owner", "privileges"})


@dataclass(frozen=True, slots=True)
class Row:
    """What a row says: of which object (as pg_identify_object() has it), a line for each value that is set."""

    kind: str
    identity: str
    lines: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Eight hexadecimal digits."""
        return sha256(repr((self.kind, self.identity, self.lines)).encode()).hexdigest()[:8]


def touched(found: Catalogs) -> str:
    """A query for the names of the catalogs in which a row of initdb's was written since."""
    asked = [
        # counted, since for the first one alone the server would go through all rows, the users' too
        f"SELECT '{each.relation.name}' WHERE (SELECT pg_catalog.count(*)"
        f" FROM pg_catalog.{each.relation.name} AS t WHERE t.{column} < 16384{_only(each)} AND {_LATER}) > 0"
        for each, column in _of_initdb(found)
    ]
    return f"{_SINCE} {' UNION ALL '.join(asked)}"


def rows(conn: Connection, found: Catalogs, names: Iterable[str], *, later: bool = True) -> list[Row]:
    """The rows of initdb's in these catalogs; those alone that were written `later`, if not asked otherwise.

    One round trip, none for no name. Raises psycopg.Error.
    """
    if not (query := said(found, names, later=later)):
        return []
    return [Row(kind, identity, tuple(lines)) for kind, identity, lines in conn.execute(query.encode())]


def said(found: Catalogs, names: Iterable[str], *, later: bool = True) -> str:
    """The query for that; empty for no name."""
    wanted = set(names)
    asked = [
        _said(found, each, column, later) for each, column in _of_initdb(found) if each.relation.name in wanted
    ]
    if not asked:
        return ""
    return (
        f"{_SINCE} SELECT o.type, o.identity, r.lines FROM ({' UNION ALL '.join(asked)})"
        " AS r (classoid, objoid, objsubid, lines)"
        " CROSS JOIN LATERAL pg_catalog.pg_identify_object(r.classoid, r.objoid, r.objsubid) AS o"
    )


def altered(written_later: Iterable[Row]) -> Iterator[Fact]:
    """A fact for each object that is no more as initdb made it. Pure."""
    states: dict[tuple[str, str], tuple[str, ...]] = {}
    for row in sorted(written_later, key=repr):
        if row.digest not in known():
            key = row.kind, row.identity
            states[key] = (*states.get(key, ()), *row.lines)
    for key, state in sorted(states.items()):
        yield Fact(ALTERED, key, "", (state,), None)


def names(found: Catalogs) -> list[str]:
    """The catalogs that have, or may have, rows of initdb's."""
    return [each.relation.name for each, _ in _of_initdb(found)]


@cache
def known() -> frozenset[str]:
    """The digests of what initdb's rows say."""
    text = files("pgproof.catalog").joinpath("initdb.txt").read_text(encoding="utf-8")
    return frozenset(each for line in text.splitlines() if not line.startswith("#") for each in line.split())


def _of_initdb(found: Catalogs) -> Iterator[tuple[Batch, str]]:
    """Catalogs in which users' rows are told from others by an OID, and the column that has it."""
    for name, batch in found.batches.items():
        column = _USERS.search(batch.relation.rows)
        is_usual = batch.relation.source == name and not batch.relation.option
        if column and is_usual and name != "pg_description":  # comments are told of by others_comments.sql
            yield batch, column[1]


def _only(batch: Batch) -> str:
    return f" AND {_ONLY[batch.relation.name]}" if batch.relation.name in _ONLY else ""


def _said(found: Catalogs, batch: Batch, column: str, later: bool) -> str:
    relation = batch.relation
    first = next((each for each in batch.columns if not each.word and each.name == column), None)
    if first is None:
        catalog = str(batch.oid)
    else:
        catalog = f"t.{first.target}" if first.form is Form.OBJECT else str(found.oids[first.target])
    more = [each for each in batch.columns if not each.word and each is not first]
    numbers = [written(each) for each in more if each.form is Form.COLUMNS and first]
    number = "t.attnum" if relation.number == "t.attnum" else numbers[0] if numbers else "0"
    plain = [written(each) for each in more if each.form is Form.PLAIN and first and relation.number != "t.attnum"]
    place = "".join(f"({each})::pg_catalog.text || ' ' || " for each in plain)
    lines = ", ".join(
        f"{place}'{each.word}: ' || ({portable(each, batch, 0)})::pg_catalog.text"
        for each in batch.columns
        if each.word and each.word not in _SAID_ELSEWHERE and not each.option
    )
    users = f"t.{column} >= 16384"
    return (
        f"SELECT {catalog}::pg_catalog.oid, t.{column}, ({number})::pg_catalog.int4,"
        f" pg_catalog.array_remove(ARRAY[{lines}]::pg_catalog.text[], NULL) FROM pg_catalog.{relation.name} AS t"
        f" WHERE ({relation.rows.replace(users, f't.{column} < 16384')}){_only(batch)}"
        + (f" AND {_LATER}" if later else "")
    )
