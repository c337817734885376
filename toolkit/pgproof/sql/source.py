"""A text with a name, and the way from an offset in it to the place that its author sees."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from pgproof.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Text from `offset` on (0-based, characters) comes from `line` and `column` (1-based) of the original.

    With `verbatim`, characters follow the original one by one until the next piece; without it the text was
    computed (a template's expression) and all of it stands for that one place.
    """

    offset: int
    line: int
    column: int
    verbatim: bool = True


@dataclass(frozen=True, slots=True)
class Source:
    """A text and where it came from. Offsets are 0-based and count characters, as PostgreSQL's positions do.

    `path` is shown to people. A source that was rendered from a template carries the `original` text and the
    `pieces` (ascending by offset, the first at 0) that lead back to it; places then point into the original.
    """

    path: str
    text: str
    original: str | None = None
    pieces: Sequence[Piece] = ()
    _starts: list[int] = field(init=False, repr=False, compare=False)
    _lines: list[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        written = self.text if self.original is None else self.original
        object.__setattr__(self, "_starts", line_starts(self.text))
        object.__setattr__(self, "_lines", written.split("\n"))

    def place(self, offset: int, width: int = 1) -> Place:
        """The place of `width` characters at `offset`; the end of the text is a valid offset."""
        offset = max(0, min(offset, len(self.text)))
        line, column = self._line_and_column(offset)
        text = self._lines[line - 1].rstrip("\r") if line <= len(self._lines) else ""
        return Place(path=self.path, line=line, column=column, width=max(1, width), text=text)

    def line(self, number: int) -> str:
        """Line `number` (from 1) of the text as the author wrote it."""
        return self._lines[number - 1].rstrip("\r")

    def _line_and_column(self, offset: int) -> tuple[int, int]:
        index = bisect_right(self._starts, offset) - 1
        if not self.pieces:
            return index + 1, offset - self._starts[index] + 1
        piece = self.pieces[bisect_right(self.pieces, offset, key=lambda p: p.offset) - 1]
        if not piece.verbatim:
            return piece.line, piece.column
        first = bisect_right(self._starts, piece.offset) - 1
        if first == index:
            return piece.line, piece.column + offset - piece.offset
        return piece.line + index - first, offset - self._starts[index] + 1


def line_starts(text: str) -> list[int]:
    """Offsets at which the lines of `text` begin; lines end at a line feed."""
    starts = [0]
    at = text.find("\n")
    while at >= 0:
        starts.append(at + 1)
        at = text.find("\n", at + 1)
    return starts
