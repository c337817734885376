"""A migration as data: one file of the folder, its version, its way up and its way down."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from pgproof.place import Place
from pgproof.sql.source import Source
from pgproof.sql.statement import Script, Statement

ALGORITHM = "sha256"
"""Names how `checksum` is computed: SHA-256 of `normal(text)` in UTF-8, in hexadecimal digits."""

_BLANK_LINES = re.compile(r"\A(?:[ \t]*\n)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One direction of a migration: `script` holds its statements and comments, in order.

    With `transactional` all of it runs in one transaction; without, each statement commits by itself
    (`transaction:false`). `place` is its marker, or the first line of a file without markers. `function` is the
    function of a Python file that does the work; empty for SQL.
    """

    script: Script
    place: Place
    transactional: bool = True
    function: str = ""

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The statements, in order; maybe none."""
        return self.script.statements


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One migration file.

    `version` is the number that its name begins with and `digits` that number as written ("07"; empty for a
    plain script that has none and is numbered by its turn); `slug` is the rest of the name. `path` is shown to
    people. `down` is None where nobody wrote a way back. `text` is the up section as its author wrote it, in
    normal form: what the checksum is over (for a template: the template, so that another value of a variable
    is no edit). A `repeatable` one has no version (0) and is known by its name. An `unwritten` one is as `pgproof
    new` made it, its two sections empty, or at least the one for the way up: not even a comment says why.

    Of a file that is applied as it is, that may be all that anybody wants to know: then `brief` is its checksum,
    `text`, `source` and the statements of `up` are empty, and `down` only tells whether there is a way back.
    """

    version: int
    digits: str
    slug: str
    path: str
    source: Source
    up: Section
    down: Section | None
    text: str
    repeatable: bool = False
    unwritten: bool = False
    brief: str = ""

    @property
    def name(self) -> str:
        """The file's name: "07-jobs.sql"."""
        return self.path.replace("\\", "/").rpartition("/")[2]

    @property
    def label(self) -> str:
        """What people call it: the file's name without its ending, "07-jobs"."""
        return label(self.name)

    @property
    def checksum(self) -> str:
        """The checksum of `text`, as `ALGORITHM` says."""
        return self.brief or checksum(self.text)


def label(name: str) -> str:
    """A file's name without its ending: `.sql`, `.up.sql`, or `.py`."""
    if name.endswith(".py"):
        return name[: -len(".py")]
    stem = name[: -len(".sql")] if name.lower().endswith(".sql") else name
    return stem[: -len(".up")] if stem.lower().endswith(".up") else stem


def normal(text: str) -> str:
    """`text` without what editors and checkouts change: the byte order mark, line ends (now line feeds), blank
    lines at the beginning, and blanks and line ends at the end (now exactly one line feed, if anything is left).
    """
    text = lines(text)
    text = _BLANK_LINES.sub("", text).rstrip()
    return text + "\n" if text else ""


def lines(text: str) -> str:
    """`text` without a byte order mark, its lines ended by line feeds alone."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def checksum(text: str) -> str:
    """The checksum of a text in normal form."""
    return hashlib.sha256(text.encode()).hexdigest()
