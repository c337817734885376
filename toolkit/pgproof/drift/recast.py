"""What the server writes of an expression, reads, and then writes in other words."""

from __future__ import annotations

import re

from pgproof.drift.compare import Difference, leave

_CAST = re.compile(r"::(?:character varying|double precision|[\w.\"]+)(?:\([\d, ]+\))?(?:\[\])*|[()\s]")


def is_recast(one: str, other: str) -> bool:
    """True if two definitions are the same but for casts and parentheses. Pure.

    The server writes `a IN ('b')` of a varchar with a cast of the array, reads that as a cast of each element
    (transformTypeCast in parse_expr.c), and then writes it so: after any dump and restore the text is another one.
    """
    return _CAST.sub("", one) == _CAST.sub("", other)


def but_recast(each: Difference) -> Difference | None:
    """The difference without values that are expressions in other words; None if there are no others. Pure."""

    def is_kept(word: str) -> bool:
        one, other = each.values[word]
        return not (isinstance(one, str) and isinstance(other, str) and is_recast(one, other))

    return leave(each, is_kept)


def recast_values(each: Difference) -> dict[str, tuple[str, str]]:
    """The values of a difference that look as if they were expressions in other words, as it has them. Pure."""
    return {
        word: (one, other)
        for word, (one, other) in each.values.items()
        if isinstance(one, str) and isinstance(other, str) and one != other and is_recast(one, other)
    }
