"""What it is to be the only migrator at work, however that is brought about (`advisory`, `lease`)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Protocol

import psycopg

from pgproof.database.holder import Held
from pgproof.errors import DatabaseError, Problem


class MutexBusy(DatabaseError):  # noqa: N818  (a state, not a defect)
    """Another migrator was at work for longer than we were ready to wait."""


class MutexLost(DatabaseError):  # noqa: N818
    """We are not alone for sure any more: somebody else may be migrating by now."""


class PoolTooSmall(DatabaseError):  # noqa: N818
    """The pooler had no second session for us."""


class Mutex(ABC):
    """The right to migrate, until `release`."""

    fence: str = ""
    """SQL that has to be among the first of each transaction of the work, without a semicolon; empty if none has.
    It fails (SQLSTATE PP001) if we are not the only migrator any more."""

    remark: Problem | None = None
    """What a person has to know of the way in which it is held, if there is something."""

    @abstractmethod
    def tell(self, step: str) -> None:
        """Say what is being done now ("07-jobs 2/5"), for those who wait. Costs nothing: it is sent some time."""

    @abstractmethod
    def check(self, *, not_older_than: float = 0.0) -> None:
        """Return if the right is still ours, as of so many seconds ago at most (0: ask now, one round trip).

        Not inside of a transaction of the work. Raises MutexLost.
        """

    @abstractmethod
    def follow(self, worker: psycopg.Connection) -> None:
        """Know that the work goes on on another connection than before, because that one was lost."""

    @abstractmethod
    def release(self) -> None:
        """Give the right up. Raises nothing of a server's."""


class Attempts(Protocol):
    """One way to get the mutex, tried again and again."""

    def once(self) -> Mutex | None:
        """Try; None if somebody else has it. Raises DatabaseError."""

    def holding(self) -> Held | None:
        """Who has it, as far as is known. Raises DatabaseError."""

    def close(self) -> None:
        """Try no more."""


def lost(reason: str) -> MutexLost:
    """The error that says how we lost it: `reason` is a sentence without its full stop."""
    return MutexLost(
        Problem(
            message="the migration lock is lost",
            detail=f"{reason}. Another migrator may be at work by now, so nothing more was sent.",
            hint="run again",
        )
    )


def busy(holding: Held | None, waited: float) -> MutexBusy:
    """The error for those who have waited for long enough, for `waited` seconds."""
    stuck = (
        f" If nothing works there any more, this frees it: SELECT pg_terminate_backend({holding.backend})."
        if holding and holding.backend
        else ""
    )
    who = f"{holding} holds the migration lock." if holding else "Others take the migration lock in turns."
    return MutexBusy(
        Problem(
            message="another migrator is at work on this database",
            detail=f"{who[:1].upper()}{who[1:]} Waited {waited:.1f} s for it.{stuck}",
            hint="run again when it has ended, or wait for longer: --lock-wait SECONDS",
        )
    )
