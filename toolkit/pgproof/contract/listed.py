"""Documented queries in comments: numbered or bulleted lists of statements, and statements behind "uses INDEX".

An item's id is the file's stem, "#" and its number as written ("07-jobs#2"); statements under one item count on
("07-jobs#4.1"). Items without a number are "q1", "q2", ... in the order of the file, counting only those that
hold a statement. Where a number comes again in one file, the later item gets a letter: "07-jobs#2b".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePath

from pgproof.contract import claim as claims
from pgproof.contract import excerpt as excerpts
from pgproof.contract.clause import Clauses
from pgproof.contract.excerpt import Excerpt
from pgproof.contract.promise import Origin, Promise, Query, Word
from pgproof.contract.vocabulary import Vocabulary
from pgproof.sql.comment import CommentBlock, CommentLine

_NUMBER = re.compile(
    r"(?:(?:query|statement|case|example|q)\s*)?[(#]?(?P<number>\d{1,3}(?:\.\d{1,3})*)(?:[.):]+|\s+-)\s+(?=\S)",
    re.IGNORECASE,
)
_BULLET = re.compile(r"[-*+•–]\s+(?=\S)")
_LABEL = re.compile(r"(?:query|sql|statement|e\.g\.|example)\s*:\s*", re.IGNORECASE)
_LETTERS = "bcdefghijklmnopqrstuvwxyz"


@dataclass(slots=True)
class _Statement:
    """A statement under an item, and the index names said of it alone."""

    excerpt: Excerpt
    uses: tuple[Word, ...]


@dataclass(slots=True)
class _Item:
    """An item of a list while it is read. `number` is "" for a bullet or a paragraph that claims an index."""

    line: CommentLine
    number: str
    title: str
    uses: tuple[Word, ...]
    pending: tuple[Word, ...] = ()
    promises: list[Promise[object]] = field(default_factory=list)
    statements: list[_Statement] = field(default_factory=list)


@dataclass(slots=True)
class Documented:
    """What was found: queries, every name claimed for an index, and the comment lines that are SQL."""

    queries: list[Query] = field(default_factory=list)
    claimed: list[Word] = field(default_factory=list)
    code: set[int] = field(default_factory=set)


def read(
    stem: str,
    blocks: Iterable[CommentBlock],
    vocabulary: Vocabulary,
    taken: set[str],
    read_already: frozenset[int],
    clauses: Clauses,
) -> Documented:
    """Documented queries of one file's comment blocks.

    Ids in `taken` are avoided, new ones are added to it. Lines at offsets in `read_already` are passed over. Lines
    that are one of `clauses` promise something of the one statement of their item.
    """
    reader = _Reader(stem, vocabulary, taken, read_already, clauses)
    previous: int | None = -1
    for block in blocks:
        if block.beside:
            continue
        if block.next != previous:
            reader.close()
        previous = block.next
        reader.read(block)
    reader.close()
    return reader.found


def stem(path: str) -> str:
    """The part of an id that stands for a file."""
    return PurePath(path).stem


class _Reader:
    """Goes through comment lines with the item that they belong to."""

    def __init__(
        self,
        name: str,
        vocabulary: Vocabulary,
        taken: set[str],
        read_already: frozenset[int],
        clauses: Clauses,
    ) -> None:
        self.found = Documented()
        self._clauses = clauses
        self._read_already = read_already
        self._stem = name
        self._vocabulary = vocabulary
        self._taken = taken
        self._unnumbered = 0
        self._item: _Item | None = None

    def read(self, block: CommentBlock) -> None:
        lines = block.lines
        if self._item and self._item.statements:
            self.close()
        index = 0
        while index < len(lines):
            line = lines[index]
            if line.offset in self._read_already:
                index += 1
                continue
            skip = self._head(line) if line.text else 0
            if line.text:
                index = self._line(lines, index, skip)
                continue
            if self._item and self._item.statements and not self._item.number:
                self.close()
            index += 1

    def close(self) -> None:
        """End the item and turn what it holds into queries."""
        item, self._item = self._item, None
        if item is None:
            return
        self._settle(item)
        # text that is not SQL is no query, unless it claims an index: then the server says what is wrong with it
        queries = [s for s in item.statements if s.excerpt.is_query and (s.uses or s.excerpt.broken is None)]
        if not queries:
            return
        if not item.number:
            self._unnumbered += 1
        ids = self._ids(item.number or f"q{self._unnumbered}", len(queries))
        for name, statement in zip(ids, queries, strict=True):
            excerpt = statement.excerpt
            query = Query(
                id=name,
                title=item.title,
                source=excerpt.source,
                origin=Origin.COMMENT,
                parameters=excerpt.parameters,
                promises=claims.promises(statement.uses, order=excerpt.orders),
            )
            more = item.promises if len(queries) == 1 else []
            self.found.queries.append(self._clauses.added(query, more))

    def _settle(self, item: _Item) -> None:
        """A statement without a claim of its own has the title's, else one that stands behind it.

        Where the title names as many indexes as there are several statements, each has one, in order.
        """
        count = len(item.statements)
        each = count > 1 and len(item.uses) == count
        for number, statement in enumerate(item.statements):
            statement.uses = statement.uses or (item.uses[number : number + 1] if each else item.uses)
        if item.statements and not item.statements[-1].uses:
            item.statements[-1].uses = item.pending

    def _ids(self, label: str, count: int) -> list[str]:
        for letter in ("", *_LETTERS):
            name = f"{self._stem}#{label}{letter}"
            ids = [name] if count == 1 else [f"{name}.{number}" for number in range(1, count + 1)]
            if not self._taken & {name, *ids}:
                break
        self._taken.update({name, *ids})
        return ids

    def _head(self, line: CommentLine) -> int:
        """Open an item if the line begins one; the character at which the line's own words begin."""
        numbered = _NUMBER.match(line.text)
        bullet = _BULLET.match(line.text)
        if numbered:
            self.close()
            self._open(line, numbered["number"], numbered.end())
            return numbered.end()
        skip = bullet.end() if bullet else 0
        within = self._item and self._item.number and _indent(line) > _indent(self._item.line)
        if (bullet or _has_marked_bullet(line)) and not within:
            self.close()
            self._open(line, "", skip)
        return skip

    def _open(self, line: CommentLine, number: str, skip: int) -> None:
        title = line.text[skip : _sql_at(line, skip)]
        claim = claims.find(line, self._vocabulary, skip)
        if claim and claim.start >= skip + len(title):
            claim = None  # it stands behind the statement
        elif claim:
            title = line.text[skip : claim.start] + " " + title[claim.end - skip :]
            self.found.claimed += claim.words
        title = re.sub(r"\s+", " ", title).strip(" :;,.-–—→=>")
        self._item = _Item(line, number, title, claim.words if claim else ())

    def _line(self, lines: tuple[CommentLine, ...], index: int, skip: int) -> int:
        """Read a line and whatever statement begins in it; the index of the next line to read."""
        line = lines[index]
        if self._item and self._item.line is line:
            skip = min(_sql_at(line, skip), len(line.text))
        label = _LABEL.match(line.text, skip)
        skip = label.end() if label else skip
        while True:
            excerpt = excerpts.find(lines, index, skip=skip, stop=_is_head)
            if excerpt is None:
                break
            last = lines[excerpt.after - 1]
            self.found.code.update(each.offset for each in lines[index : excerpt.after])
            behind = claims.find(last, self._vocabulary, excerpt.rest)
            self._add(excerpt, behind.words if behind else (), line)
            index, skip = excerpt.after - 1, excerpt.rest
            skip += len(last.text[skip:]) - len(last.text[skip:].lstrip(" ;"))
            if excerpt.broken or not excerpts.begins(last.text[skip:]):
                return excerpt.after
        self._prose(line, skip)
        return index + 1

    def _add(self, excerpt: Excerpt, uses: tuple[Word, ...], line: CommentLine) -> None:
        self.found.claimed += uses
        alone = self._item is None
        if alone and not uses:
            return  # commented-out code: nobody promises anything of it
        self._item = self._item or _Item(line, "", "", ())
        own = uses or self._item.pending
        self._item.pending = ()
        self._item.statements.append(_Statement(excerpt, own))
        if alone:
            self.close()

    def _prose(self, line: CommentLine, skip: int) -> None:
        item = self._item
        if item and item.line is line:
            return
        if item and (promised := self._clauses.spoken(line)):
            item.promises += promised
            return
        claim = claims.find(line, self._vocabulary, skip)
        if item and item.statements and not item.number and not claim:
            self.close()
        if claim is None:
            return
        if item is None or (item.statements and not item.number and item.uses):
            self.close()
            self._open(line, "", skip)
            return
        self.found.claimed += claim.words
        item.pending = claim.words


def _is_head(line: CommentLine) -> bool:
    return _NUMBER.match(line.text) is not None or _has_marked_bullet(line)


def _sql_at(line: CommentLine, skip: int) -> int:
    """Where SQL begins in an item's first line: at once, or behind its title; the line's end if nowhere."""
    if excerpts.begins(line.text[skip:]):
        return skip
    begin = re.compile(r"[:—–)]\s+(?=(?:select|insert|update|delete|merge|with|values)\b)", re.IGNORECASE)
    behind = begin.search(line.text, skip)
    return behind.end() if behind else len(line.text)


def _indent(line: CommentLine) -> int:
    """Characters before the line's words, or before the bullet that was taken for a part of the frame."""
    text = line.source.text
    begin = text.rfind("\n", 0, line.offset) + 1
    before = text[begin : line.offset].rstrip()
    return len(before) - 1 if _has_marked_bullet(line) else line.offset - begin


def _has_marked_bullet(line: CommentLine) -> bool:
    """Whether the author wrote a bullet that the comment's reader took for a part of its frame (`-- - item`)."""
    text = line.source.text
    begin = text.rfind("\n", 0, line.offset) + 1
    return bool(line.text) and re.search(r"(?:--\s+-+|\*\s+\*)\s+\Z", text[begin : line.offset]) is not None
