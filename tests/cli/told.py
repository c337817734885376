"""What a command tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """What a command printed, and its exit code. Durations are replaced by `T`, the database by `DATABASE`."""

    code: int
    out: str
    err: str

    @property
    def found(self) -> str:
        """What was printed, without what to type next."""
        return self.out.partition("\nnext")[0].removesuffix("\n") + "\n"


Pgproof = Callable[..., Told]
