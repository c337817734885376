"""Scratch servers: a connection to an empty database that disappears.

One file per provider (`external`, `binaries` for local ones and the wheel, `npm`, `container`), `provider` for
their order. A cluster of our own is made of `cluster`, `datadir`, `rundir`, `account`, `relocation` and
`termination`; `leftover` is for a server of the user's. That is more files than a room should have, because
each is one concern of the operating system.
"""

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
