"""`drift --witness pg_dump`: what pg_dump says of both sides. Where it sees more than we do, nobody can tell."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from pgproof.catalog.fact import Facts, Name
from pgproof.database import failure
from pgproof.database.connection import Connection
from pgproof.database.conninfo import Conninfo
from pgproof.database.dump import dump_schema
from pgproof.database.scratch import ScratchOptions
from pgproof.drift.compare import Difference
from pgproof.drift.scope import left_out
from pgproof.drift.witness import lines, unexplained, unlike
from pgproof.errors import DatabaseError

_FOR_SUPERUSERS = frozenset({"SUBSCRIPTION", "USER MAPPING"})
"""Kinds that pg_dump tells others nothing of, or not all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What pg_dump said of a database, but for what is `without`, or the `problem` that kept it from that."""

    text: str = ""
    problem: str = ""
    without: Sequence[Name] = ()
    is_superuser: bool = False


def hear(
    conn: Connection, database: Conninfo, options: ScratchOptions, actual: Facts, foreign: Collection[str]
) -> Heard:
    """What pg_dump says of the database as the transaction of `conn` sees it, but for other tools' objects."""
    without = left_out(actual, foreign)
    try:
        with failure.told():
            row = conn.execute("SELECT pg_catalog.pg_export_snapshot()").fetchone()
        assert row
        text = dump_schema(database, actual.major, options, snapshot=row[0], without=without)
    except DatabaseError as error:
        return Heard(problem=" ".join(filter(None, (error.problems[0].message, error.problems[0].detail))))
    return Heard(text=text, without=without, is_superuser=conn.info.parameter_status("is_superuser") == "on")


def objections(heard: Heard, built: str, differences: Sequence[Difference], *, positions: bool) -> Iterator[str]:
    """Why nobody can tell, for all that we have seen: what pg_dump sees and no difference is about. Pure.

    `built` is what pg_dump says of what the files build.
    """
    if heard.problem:
        yield f"pg_dump could not be asked: {heard.problem}"
        return
    found = (
        each
        for each in unlike(built, heard.text, positions=positions)
        if heard.is_superuser or each.entry.kind not in _FOR_SUPERUSERS
    )
    for each in unexplained(found, differences):
        for line in lines(each, "as the files build it", "in the database"):
            yield f"pg_dump sees a difference that pgproof does not see, please report it: {line}"
