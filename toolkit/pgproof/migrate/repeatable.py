"""Repeatable files, `R-name.sql`: run again, after the versioned ones, whenever their text has changed.

For what is replaced as a whole: views, functions, grants. A file has no version and no way back; it runs in one
transaction with its row in the table pgproof.repeatable, which holds the text that was run last (`repetition`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgproof.errors import Problem
from pgproof.migrate.migration import Migration

_NAME = re.compile(r"R(?:__|[-_])(?P<slug>[^-_].*)\.sql\Z", re.DOTALL | re.IGNORECASE)


def slug(name: str) -> str | None:
    """The slug of a repeatable file's name; None for the name of another file."""
    match = _NAME.match(name)
    return match["slug"] if match else None


def problems(found: Migration) -> Iterator[Problem]:
    """What a repeatable file must not say."""
    if found.down is not None:
        yield Problem(
            message="a repeatable file with a downgrade",
            place=found.down.place,
            detail="It is not reverted: it is run again when its text changes.",
            hint="remove the downgrade, or number the file",
        )
    if not found.up.transactional:
        yield Problem(
            message="a repeatable file without a transaction",
            place=found.up.place,
            detail="It is run again and again, so it must be there wholly or not at all.",
            hint="move what cannot run in a transaction to a numbered file",
        )
