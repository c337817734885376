"""Directives: words in comments that are meant for a tool, `-- key: value`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from pgproof.errors import Problem
from pgproof.place import Place
from pgproof.sql.comment import CommentLine
from pgproof.sql.name import nearest

_ITEM = re.compile(r"""(?:'(?:[^']|'')*'|"[^"]*"|\((?:[^()]|\([^()]*\))*\)|[^,])+""")
_DIRECTIVE = re.compile(r"(?P<key>[a-z][a-z_-]*)\s*:(?!:)\s*(?P<value>.*)\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Directive:
    """`key: value` found in a comment line; `key` in lower case, `value` without outer blanks."""

    key: str
    value: str
    line: CommentLine
    _value_at: int

    @property
    def place(self) -> Place:
        """The place of the key."""
        return self.line.at(0, len(self.key))

    def value_place(self, index: int = 0, width: int | None = None) -> Place:
        """The place of the value, or of `width` characters from a 0-based index in it."""
        return self.line.at(self._value_at + index, len(self.value) - index if width is None else width)

    def items(self) -> Iterator[tuple[str, Place]]:
        """The parts of the value between commas, without blanks; those in parentheses and quotes part nothing."""
        for part in _ITEM.finditer(self.value):
            item = part.group().strip()
            if item:
                at = part.start() + len(part.group()) - len(part.group().lstrip())
                yield item, self.value_place(at, len(item))


def read(line: CommentLine) -> Directive | None:
    """The directive that a comment line is, or None if it has not that form."""
    match = _DIRECTIVE.match(line.text)
    if match is None:
        return None
    return Directive(match["key"].lower(), match["value"].strip(), line, match.start("value"))


def alone(line: CommentLine, words: Collection[str]) -> Directive | None:
    """The directive without a value that a comment line is: one of `words`, and nothing else."""
    return Directive(line.text, "", line, len(line.text)) if line.text in words else None


def unknown(directive: Directive, known: Iterable[str]) -> Problem:
    """The problem of a key that nobody reads, with the one that was probably meant."""
    words = sorted(known)
    meant = nearest(directive.key, words, cutoff=0.55)
    hint = f"did you mean `{meant}:`?" if meant else "known directives: " + ", ".join(words)
    return Problem(message=f'unknown directive "{directive.key}:"', place=directive.place, hint=hint)
