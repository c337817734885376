"""The SQL of this room, which lies in files beside it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def query(name: str) -> bytes:
    """The text of `name`.sql."""
    return files("pgproof.database").joinpath(f"{name}.sql").read_bytes()
