"""`stats export`: the statistics of a live database, which is only read, as JSON that can leave it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from pgproof.catalog.read import read as read_catalog
from pgproof.database import failure
from pgproof.database.connection import connect, read_only
from pgproof.database.conninfo import Conninfo
from pgproof.explain.size.export import export as exported

_LIMITS = {"lock_timeout": "5s", "statement_timeout": "60s"}


@dataclass(frozen=True, slots=True)
class Export:
    """The JSON, and what is to be told beside it: what could not be read, and the GRANTs that it would take."""

    text: str
    tables: int
    columns: int
    unread: tuple[str, ...]
    grants: tuple[str, ...]


def export(database: Conninfo, *, schemas: Sequence[str], key: bytes, values: bool = False) -> Export:
    """The statistics of the tables in these schemas, of all if none is named. `key` is for hashes of values.

    Raises DatabaseError.
    """
    with closing(connect(database)) as conn, read_only(conn, _LIMITS), failure.told():
        found = exported(conn, read_catalog(conn), schemas=schemas, key=key, values=values)
    return Export(
        text=json.dumps(found, ensure_ascii=False, indent=1) + "\n",
        tables=sum(each["kind"] in ("r", "p", "m") for each in found["relations"]),
        columns=len(found["columns"]),
        unread=tuple(f"{_named(each)}: {each['reason']}" for each in found["unread"]),
        grants=tuple(found["grants"]),
    )


def _named(unread: dict[str, str]) -> str:
    if "statistics" in unread:
        return f"statistics {unread['schema']}.{unread['statistics']}"
    return f"{unread['schema']}.{unread['table']}.{unread['column']}"
