"""Variables of another tool in a text: replaced, with the way back to where the author wrote them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pgproof.errors import Problem
from pgproof.sql.name import nearest
from pgproof.sql.source import Piece, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One use of a variable, from `start` to `end` of the text; `default` holds where it has no value."""

    name: str
    start: int
    end: int
    default: str | None = None


def replaced(
    source: Source, found: Sequence[Variable], values: Mapping[str, object]
) -> tuple[Source, list[Problem]]:
    """The text with each variable replaced by its value, and the problems of those that have none.

    `found` ascends and does not overlap; without any, the source comes back as it is.
    """
    if not found:
        return source, []
    problems, parts, pieces, at, length = [], [], [], 0, 0
    for each in found:
        value = values.get(each.name, each.default)
        if value is None:
            problems.append(_undefined(source, each, values))
            value = source.text[each.start : each.end]
        for text, start, verbatim in ((source.text[at : each.start], at, True), (str(value), each.start, False)):
            place = source.place(start)
            pieces.append(Piece(offset=length, line=place.line, column=place.column, verbatim=verbatim))
            parts.append(text)
            length += len(text)
        at = each.end
    place = source.place(at)
    pieces.append(Piece(offset=length, line=place.line, column=place.column))
    parts.append(source.text[at:])
    return Source(source.path, "".join(parts), original=source.text, pieces=tuple(pieces)), problems


def _undefined(source: Source, each: Variable, values: Mapping[str, object]) -> Problem:
    meant = nearest(each.name, values)
    define = f"define it: --var {each.name}=... or `{each.name} = ...` below [tool.pgproof.variables]"
    return Problem(
        message=f'variable "{each.name}" is undefined',
        place=source.place(each.start, each.end - each.start),
        hint=f'did you mean "{meant}"?' if meant else define,
    )
