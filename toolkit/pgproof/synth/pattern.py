"""A text that a regular expression may match: the least that it asks for, in each of some variants."""

from __future__ import annotations

import re
from typing import Any

_LONGEST = 200
_CLASSES = {
    "alpha": "a-z",
    "alnum": "a-z0-9",
    "lower": "a-z",
    "upper": "A-Z",
    "digit": "0-9",
    "xdigit": "0-9a-f",
    "space": " ",
    "punct": ".,-",
    "word": "a-z_",
}


def texts(expression: str) -> tuple[str, ...]:
    """Texts that may match a regular expression; () where it cannot be read.

    Python's grammar of expressions is not PostgreSQL's (9.7.3 of its manual): the server says what matches.
    """
    for name, range_ in _CLASSES.items():
        expression = expression.replace(f"[:{name}:]", range_)
    try:
        tree = re._parser.parse(expression)  # type: ignore[attr-defined]  # noqa: SLF001  # no other way to its tree
    except (re.error, OverflowError, RecursionError):
        return ()
    ends = ("",) * 6 if expression.endswith("$") else ("", "1", "2", "3", "4", "5")
    return tuple(dict.fromkeys(_text(tree, number)[:_LONGEST] + end for number, end in enumerate(ends)))


def _text(tree: Any, number: int) -> str:
    return "".join(_part(str(kind), value, number) for kind, value in tree)


def _part(kind: str, value: Any, number: int) -> str:
    match kind:
        case "LITERAL":
            return chr(value)
        case "ANY":
            return "a"
        case "IN":
            return _one_of(value, number)
        case "BRANCH":
            return _text(value[1][number % len(value[1])], number)
        case "SUBPATTERN":
            return _text(value[-1], number)
        case "MAX_REPEAT" | "MIN_REPEAT":
            least, most, inner = value
            times = min(max(int(least), 1) + number // 2, int(most), _LONGEST)
            return "".join(_text(inner, number + each) for each in range(times))
        case _:
            return ""


def _one_of(items: Any, number: int) -> str:
    kind, value = items[number % len(items)]
    match str(kind):
        case "LITERAL":
            return chr(value)
        case "RANGE":
            low, high = value
            return chr(low + number % (high - low + 1))
        case "CATEGORY":
            return {"CATEGORY_DIGIT": str(number % 10), "CATEGORY_SPACE": " "}.get(str(value), "ab1x"[number % 4])
        case _:  # a negation: [^...]
            return "z"
