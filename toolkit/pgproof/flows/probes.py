"""Tries constraints on a copy of a scratch database: there are no rows where plans are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

from pgproof.contract.promise import Query
from pgproof.database.connection import connect
from pgproof.database.scratch import ScratchServer
from pgproof.flows.stage import now
from pgproof.sql.modification import modification
from pgproof.synth.probe.fact import Run, Survey
from pgproof.synth.probe.survey import all_run, survey


def tried(server: ScratchServer, template: str, queries: Sequence[Query]) -> Survey:
    """What the server does with rows that break the constraints of a scratch database, and with `queries`.

    It is done in a copy of the database `template`, to which nobody may be connected. The copy is dropped. Raises
    DatabaseError if it cannot be made, or the server is lost.
    """
    now("breaking constraints")
    with server.database(template) as copy, closing(connect(copy)) as conn, closing(connect(copy)) as other:
        return survey(conn, other, queries)


def ran(server: ScratchServer, template: str, queries: Sequence[Query]) -> dict[tuple[str, str], Run]:
    """What comes of those of `queries` that change rows, on rows that fit a schema: by id and text.

    Two texts may have the same id: one before it was edited, and one after. It is done in a copy, as `tried` does;
    raises DatabaseError as that does.
    """
    changing = {str(number): query for number, query in enumerate(queries) if modification(query.text)}
    if not changing:
        return {}
    now("running statements")
    with server.database(template) as copy, closing(connect(copy)) as conn:
        runs = all_run(conn, [replace(query, id=number) for number, query in changing.items()])
    told = ((changing[run.query], run) for run in runs)
    return {(query.id, query.text): replace(run, query=query.id) for query, run in told}
