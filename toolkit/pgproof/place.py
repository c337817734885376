"""Where something stands in a file that a person wrote."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pgproof.secret import hidden

TYPED = "query"
"""The path of what stands in no file: it was typed on the command line."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """A stretch of one line of a file.

    `line` and `column` count from 1, `column` and `width` in characters (not bytes). `text` is the whole
    line as the author wrote it, so that whoever shows a place needs no access to the file.
    """

    path: str
    line: int
    column: int = 1
    width: int = 1
    text: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"

    @property
    def caret(self) -> str:
        """The line under `text` that points at the place: spaces (tabs kept), then one caret per character."""
        before = "".join("\t" if char == "\t" else " " for char in self.text[: self.column - 1])
        room = max(1, len(self.text) - self.column + 1)
        return before.ljust(self.column - 1) + "^" * max(1, min(self.width, room))

    def clipped(self, width: int) -> Place:
        """The same stretch of a line that is shown in part, `width` characters at most, where it is longer."""
        if len(self.text) <= width:
            return self
        begin = max(0, min(self.column - 1 - width // 2, len(self.text) - width))
        end = begin + width
        head, tail = "..." if begin else "", "..." if end < len(self.text) else ""
        text = f"{head}{self.text[begin + len(head) : end - len(tail)]}{tail}"
        return replace(self, text=text, column=self.column - begin, width=min(self.width, width))

    def hidden(self) -> Place:
        """The same stretch of the line as it is shown: with a mask in the place of each password."""
        text = hidden(self.text)
        path = hidden(self.path)
        if (text, path) == (self.text, self.path):
            return self
        begin = min(len(hidden(self.text[: self.column - 1])), len(text))
        end = len(hidden(self.text[: self.column - 1 + self.width]))
        return replace(self, path=path, text=text, column=begin + 1, width=max(1, end - begin))

    def in_file(self, path: str) -> Place:
        """The same place, in a file shown under another path."""
        return replace(self, path=path)
