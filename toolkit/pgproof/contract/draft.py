"""A statement made from parts of an author's text, which still knows where each part stands."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise

from pgproof.sql.comment import CommentLine
from pgproof.sql.source import Piece, Source


class Draft:
    """Collects stretches of `base` and text of our own into a source whose places lead to the author's file."""

    def __init__(self, base: Source) -> None:
        self._base = base
        self._parts: list[str] = []
        self._pieces: list[Piece] = []
        self._length = 0

    def copy(self, start: int, end: int) -> None:
        """Append the base's text from `start` to `end`."""
        for first, last in self._stretches(start, end):
            place = self._base.place(first)
            self._add(self._base.text[first:last], place.line, place.column, self._is_verbatim(first))

    def write(self, text: str, at: int) -> None:
        """Append `text`, which stands for the base's offset `at`."""
        place = self._base.place(at)
        self._add(text, place.line, place.column, False)

    def end_line(self) -> None:
        """Append a line feed, which belongs to what stands before it."""
        self._parts.append("\n")
        self._length += 1

    def source(self) -> Source:
        """What was collected."""
        base = self._base
        original = base.text if base.original is None else base.original
        return Source(base.path, "".join(self._parts), original, tuple(self._pieces))

    def _add(self, text: str, line: int, column: int, verbatim: bool) -> None:
        if text:
            self._pieces.append(Piece(offset=self._length, line=line, column=column, verbatim=verbatim))
            self._parts.append(text)
            self._length += len(text)

    def _is_verbatim(self, offset: int) -> bool:
        pieces = self._base.pieces
        return not pieces or pieces[bisect_right(pieces, offset, key=lambda p: p.offset) - 1].verbatim

    def _stretches(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The parts of a stretch that lie in one line and in one piece of the base."""
        cuts = {piece.offset for piece in self._base.pieces if start < piece.offset < end}
        at = self._base.text.find("\n", start, end)
        while at >= 0:
            cuts.add(at + 1)
            at = self._base.text.find("\n", at + 1, end)
        edges = [start, *sorted(cut for cut in cuts if cut < end), end]
        yield from pairwise(edges)


def part(base: Source, start: int, end: int) -> Source:
    """The base's text from `start` to `end` as a source of its own."""
    draft = Draft(base)
    draft.copy(start, end)
    return draft.source()


def of_lines(lines: list[CommentLine], *, skip: int = 0, prefix: str = "") -> Source:
    """Comment lines as one text, without the comment's marks; `skip` characters of the first line are left out.

    A `prefix` of our own is put before it and stands for the place where the text begins.
    """
    first = lines[0]
    draft = Draft(first.source)
    draft.write(prefix, first.offset + skip)
    for number, line in enumerate(lines):
        if number:
            draft.end_line()
        draft.copy(line.offset + (0 if number else skip), line.offset + len(line.text))
    return draft.source()
