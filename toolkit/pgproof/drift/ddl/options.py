"""Options as the catalog has them, `name=value`, and statements that set and reset them."""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.catalog.fact import Value
from pgproof.drift.unit import Unit
from pgproof.sql.literal import literal
from pgproof.sql.name import quote

PERSISTENCE = {"u": "UNLOGGED ", "p": ""}


def options(values: Value) -> dict[str, str]:
    """Options as the catalog has them, `name=value`, by name."""
    return dict(str(each).split("=", 1) for each in values) if isinstance(values, tuple) else {}


def written(values: dict[str, str]) -> str:
    return ", ".join(f"{name} = {literal(value)}" for name, value in values.items())


def changed_options(target: str, old: Value, new: Value) -> Iterator[str]:
    """ALTER ... SET and RESET from some options to others."""
    before, now = options(old), options(new)
    if more := {name: value for name, value in now.items() if before.get(name) != value}:
        yield f"{target} SET ({written(more)})"
    if gone := [name for name in before if name not in now]:
        yield f"{target} RESET ({', '.join(gone)})"


def changed_foreign(target: str, old: Unit, new: Unit, word: str, catalog: str = "") -> Iterator[str]:
    before, now = options(old.say(word, catalog)), options(new.say(word, catalog))
    parts = [f"DROP {quote(name)}" for name in before if name not in now]
    parts += [f"SET {quote(n)} {literal(v)}" for n, v in now.items() if n in before and before[n] != v]
    parts += [f"ADD {quote(n)} {literal(v)}" for n, v in now.items() if n not in before]
    if parts:
        yield f"{target} OPTIONS ({', '.join(parts)})"
