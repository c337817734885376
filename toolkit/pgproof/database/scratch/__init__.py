"""Scratch servers: a connection to an empty database that disappears.

One file per provider (`external`, `binaries` for local ones and the wheel, `npm`, `container`), `provider` for
their order. A cluster of our own is made of `cluster`, `datadir`, `rundir`, `marker`, `account`, `relocation`
and `termination`; `leftover` is for a server of the user's. That is more files than a room should have, because
each is one concern of the operating system.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pgproof.database.scratch.attempt import Attempt, Unavailable
    from pgproof.database.scratch.binaries import Binaries
    from pgproof.database.scratch.cluster import open_cluster
    from pgproof.database.scratch.options import ScratchOptions, environment_options
    from pgproof.database.scratch.provider import find_binaries, open_scratch
    from pgproof.database.scratch.server import ScratchServer

__all__ = [
    "Attempt",
    "Binaries",
    "ScratchOptions",
    "ScratchServer",
    "Unavailable",
    "environment_options",
    "find_binaries",
    "open_cluster",
    "open_scratch",
]
_HOMES = {
    "Attempt": "attempt",
    "Binaries": "binaries",
    "ScratchOptions": "options",
    "ScratchServer": "server",
    "Unavailable": "attempt",
    "environment_options": "options",
    "find_binaries": "provider",
    "open_cluster": "cluster",
    "open_scratch": "provider",
}


def __getattr__(name: str) -> object:
    """Each part is loaded when it is asked for (PEP 562): who only says where servers come from starts none."""
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
