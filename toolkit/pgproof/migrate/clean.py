"""Making a session clean behind what has changed it."""

from __future__ import annotations

from functools import cache

from pgproof.migrate import history
from pgproof.migrate.message import Piece
from pgproof.sql import statement as scripts
from pgproof.sql.source import Source


@cache
def reset() -> Piece:
    """What cleans the session, in a transaction."""
    text = history.query("reset_session").decode()
    statements = scripts.split(Source("", text)).statements
    return Piece(";\n".join(each.text for each in statements), count=len(statements))
