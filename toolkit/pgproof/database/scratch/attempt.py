"""What a provider says that has no server to give."""

from __future__ import annotations

from dataclasses import dataclass


class Unavailable(Exception):  # noqa: N818  (the ordinary answer of a provider that has nothing)
    """A provider cannot give a server; the text says why, in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A provider that was tried in vain, and why it could not."""

    provider: str
    reason: str

    def __str__(self) -> str:
        return f"{self.provider}: {self.reason}"
