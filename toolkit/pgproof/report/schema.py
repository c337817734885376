"""A whole schema as a script for people to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pgproof.sql.comment import as_comment

if TYPE_CHECKING:
    from pgproof.drift.planner.chapters import Chapter

HEAD = "-- What the migrations build on PostgreSQL "
"""How each such script begins."""


def script(chapters: Sequence[Chapter], left_out: Sequence[tuple[str, str]], major: int) -> str:
    """The chapters, each below its heading, and what none of them makes. Pure."""
    return "\n".join(_lines(chapters, left_out, major))


def _lines(chapters: Sequence[Chapter], left_out: Sequence[tuple[str, str]], major: int) -> Iterator[str]:
    yield f"{HEAD}{major}. Written by pgproof snapshot --sql; do not edit."
    yield "SET check_function_bodies = off;"
    for each in chapters:
        yield f"\n{as_comment(each.heading)}"
        yield from (f"{sql};" for sql in each.statements)
    if left_out:
        yield ""
    yield from (as_comment(f"cannot be written: {what}: {why}") for what, why in left_out)
    yield ""
