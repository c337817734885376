"""Tries constraints on a copy of a scratch database: there are no rows where plans are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from pgproof.contract.promise import Query
from pgproof.database.connection import connect
from pgproof.database.scratch import ScratchServer
from pgproof.synth.probe.fact import Survey
from pgproof.synth.probe.survey import survey


def tried(server: ScratchServer, template: str, queries: Sequence[Query]) -> Survey:
    """What the server does with rows that break the constraints of a scratch database, and with `queries`.

    It is done in a copy of the database `template`, to which nobody may be connected. The copy is dropped. Raises
    DatabaseError if it cannot be made, or the server is lost.
    """
    with server.database(template) as copy, closing(connect(copy)) as conn, closing(connect(copy)) as other:
        return survey(conn, other, queries)
