"""Tries constraints on a copy of a scratch database: there are no rows where plans are asked for."""

from __future__ import annotations

from contextlib import closing

from pgproof.database.connection import connect
from pgproof.database.scratch import ScratchServer
from pgproof.synth.probe.fact import Survey
from pgproof.synth.probe.survey import survey


def tried(server: ScratchServer, template: str) -> Survey:
    """What the server does with rows that break the constraints of the scratch database `template`.

    Nobody may be connected to that. The copy is dropped. Raises DatabaseError if it cannot be made, or the server
    is lost.
    """
    with server.database(template) as copy, closing(connect(copy)) as conn:
        return survey(conn)
