"""What is said of objects that are not the user's own, initdb's and those of extensions; privileges in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pgproof.catalog import initdb
from pgproof.catalog.batch import Row
from pgproof.catalog.fact import GIVEN, MISSING, OWNED, Fact, Value


def of_others(
    granted: Iterable[Row],
    owners: Iterable[Row],
    comments: Iterable[Row],
    missing: Iterable[Row],
    later: Iterable[initdb.Row],
    *,
    defines: bool,
) -> Iterator[Fact]:
    """What is said of objects that are not the user's own (`OTHERS`), where it is no more what it was at first.

    `later` are rows of initdb's that were written since.
    """
    for kind, identity, now, first in granted:
        was = privileges(first, str)
        lines = "\n".join(map(str, was)) if isinstance(was, tuple) else ""
        yield Fact(GIVEN, (kind, identity), "", (privileges(now, str),), None, lines if defines else None)
    for kind, identity, owner, first in owners:
        yield Fact(OWNED, (kind, identity), "", (owner,), None, (first or "") if defines else None)
    for kind, identity, comment in comments:
        of = ("pg_extension", (identity,)) if kind == "extension" else None
        yield Fact("pg_description", (kind, identity), "", (comment,), of, "" if defines else None)
    for kind, identity in missing:
        yield Fact(MISSING, (kind, identity), "", ())
    yield from initdb.altered(later)


def privileges(granted: list[list[Any]] | None, name: Callable[[Any], str | None]) -> Value:
    """Who may do what, beyond what is usual; None if that is just the usual. `name` gives the name of a role."""
    if granted is None:
        return None
    lines: dict[tuple[str, str], list[str]] = {}
    for grantee, grantor, privilege, is_grantable, owner in granted:
        by = "" if grantor == owner or not owner else name(grantor) or ""
        whom = "owner" if owner and grantee == owner else (name(grantee) if grantee else None) or "public"
        lines.setdefault((whom, by), []).append(privilege + ("*" if is_grantable else ""))
    return tuple(
        sorted(f"{whom}: {', '.join(sorted(may))}{by and f' (by {by})'}" for (whom, by), may in lines.items())
    )
