"""Comments of a source, as the blocks that a reader sees."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from pgproof.place import Place
from pgproof.sql.grammar import Token
from pgproof.sql.source import Source
from pgproof.sql.statement import COMMENTS, Script


@dataclass(frozen=True, slots=True)
class CommentLine:
    """One line of a comment: `text` without its dashes, stars and outer blanks, beginning at `offset`."""

    source: Source
    offset: int
    text: str

    @property
    def place(self) -> Place:
        """The line's text."""
        return self.source.place(self.offset, len(self.text))

    def at(self, index: int, width: int = 1) -> Place:
        """The place of a 0-based character index in the line's text."""
        return self.source.place(self.offset + index, width)


@dataclass(frozen=True, slots=True)
class CommentBlock:
    """Comments with no code and no empty line between them.

    `next` is the offset of the first token of code after the block (None at the end of the file), and
    `beside` is True for a comment that stands behind code on the same line.
    """

    lines: tuple[CommentLine, ...]
    next: int | None
    beside: bool = False

    @property
    def text(self) -> str:
        """The lines, joined by line feeds."""
        return "\n".join(line.text for line in self.lines)


def blocks(script: Script) -> tuple[CommentBlock, ...]:
    """The comment blocks of a script, in order."""
    source = script.source
    code = [token.start for token in script.tokens if token.kind not in COMMENTS]
    found = []
    for group, beside in _groups(script):
        after = bisect_right(code, group[-1].start)
        lines = [line for token in group for line in _lines(source, token)]
        found.append(CommentBlock(tuple(lines), code[after] if after < len(code) else None, beside))
    return tuple(found)


def _groups(script: Script) -> Iterator[tuple[list[Token], bool]]:
    """Runs of comments that no code and no empty line parts; True where the run stands behind code."""
    text = script.source.text
    group: list[Token] = []
    beside = False
    code: Token | None = None
    for token in script.tokens:
        if token.kind not in COMMENTS:
            code = token
            continue
        parted = group and (
            beside or (code and code.start > group[-1].start) or text.count("\n", group[-1].end, token.start) > 1
        )
        if parted:
            yield group, beside
            group = []
        if not group:
            beside = code is not None and "\n" not in text[code.end : token.start]
        group.append(token)
    if group:
        yield group, beside


def _lines(source: Source, token: Token) -> list[CommentLine]:
    if token.kind == "SQL_COMMENT":
        return [_trimmed(source, token.start + 2, token.end, "-")]
    lines, at = [], token.start + 2
    for raw in source.text[at : token.end - 2].split("\n"):
        lines.append(_trimmed(source, at, at + len(raw), "*"))
        at += len(raw) + 1
    return lines


def _trimmed(source: Source, start: int, end: int, frame: str) -> CommentLine:
    raw = source.text[start:end]
    text = raw.strip()
    if text.startswith(frame):
        text = text.lstrip(frame).strip()
    if text and not text.strip("=-*#~_+ "):  # a ruler, not words
        text = ""
    at = start + (raw.find(text) if text else len(raw) - len(raw.lstrip()))
    return CommentLine(source, at, text)


def as_comment(line: str) -> str:
    """A text as one comment line: a name with line ends in it cannot end the comment."""
    return f"-- {' '.join(line.split())}"
