"""The mark of a cluster of our own: a file in its data directory that nobody but its maker can know.

What changes a cluster's files asks for it first (`explain/size/own.py`): that the server on the other end of a
connection reads the same word from its data directory shows that it is this directory, and no server of the
user's.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path

NAME = "pgproof.cluster"
_CONTROL = Path("global", "pg_control")


@dataclass(frozen=True, slots=True)
class Marker:
    """The word of one cluster, its system identifier, and the uid that owns its files."""

    word: str
    system_identifier: int
    uid: int

    @property
    def text(self) -> str:
        """The content of the file."""
        return f"{self.word} {self.system_identifier} {self.uid}\n"


def make(data: Path, word: str) -> Marker:
    """Mark the cluster in `data`, which our initdb has made, with a word that was never used. Raises OSError."""
    marker = Marker(word, system_identifier(data), data.stat().st_uid)
    path = data / NAME
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    try:
        os.write(descriptor, marker.text.encode())
    finally:
        os.close(descriptor)
    return marker


def system_identifier(data: Path) -> int:
    """The first field of pg_control (ControlFileData in src/include/catalog/pg_control.h). Raises OSError."""
    with (data / _CONTROL).open("rb") as file:
        return int(struct.unpack("=Q", file.read(8))[0])
