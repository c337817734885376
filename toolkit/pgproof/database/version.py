"""Versions of the server, and which of them pgproof understands."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pgproof.errors import DatabaseError, Problem

OLDEST = 14
NEWEST_TESTED = 18
_PROGRAM = re.compile(r"\(PostgreSQL\)\s+(?P<major>\d+)(?:\.(?P<minor>\d+))?")


@dataclass(frozen=True, slots=True, order=True)
class ServerVersion:
    """A server's version as libpq numbers it: 150018 is 15.18."""

    number: int

    @classmethod
    def of_program(cls, output: str) -> ServerVersion | None:
        """What `postgres --version` says of itself ("18beta1" counts as 18.0); None if it is another program."""
        found = _PROGRAM.search(output)
        return cls(int(found["major"]) * 10000 + int(found["minor"] or 0)) if found else None

    @property
    def major(self) -> int:
        """15 of 15.18."""
        return self.number // 10000

    @property
    def is_supported(self) -> bool:
        """True from 14 on; newer ones than those tested count as supported."""
        return self.major >= OLDEST

    def require_supported(self, where: str) -> None:
        """Raise DatabaseError unless supported; `where` says whose version it is."""
        if not self.is_supported:
            raise DatabaseError(
                Problem(
                    message=f"PostgreSQL {self} is too old for pgproof",
                    detail=f"{where[:1].upper()}{where[1:]} runs {self}; pgproof needs {OLDEST} or later, "
                    f"and is tested on {OLDEST} to {NEWEST_TESTED}.",
                    hint=f"use a server of version {OLDEST} or later",
                )
            )

    def __str__(self) -> str:
        return f"{self.major}.{self.number % 10000}"
