"""Reading what a person wrote: a file's bytes to a text with Unix line ends, or the problem."""

from __future__ import annotations

import re
from pathlib import Path

from pgproof.errors import Problem
from pgproof.migrate.migration import lines
from pgproof.place import Place
from pgproof.sql.source import Source

_TEMPLATE = re.compile(r"\s*--\s*pgproof\s*:\s*template\s*\Z", re.IGNORECASE)
_OTHER_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


def read(path: Path) -> Source | Problem:
    """The text of the file at `path`, without byte order mark and with line feeds alone; or why not."""
    shown = str(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        return Problem(message=f"cannot read the file: {error.strerror}", place=Place(path=shown, line=1))
    if raw[:2] in _OTHER_MARKS:
        return Problem(
            message=f"the file is not in UTF-8 but in {_OTHER_MARKS[raw[:2]]}",
            place=Place(path=shown, line=1),
            hint="save it as UTF-8",
        )
    try:
        text = lines(raw.decode())
    except UnicodeDecodeError as error:
        return _not_utf8(shown, raw, error.start)
    if "\0" in text:
        place = Source(shown, text).place(text.index("\0"))
        return Problem(message="the file holds a NUL character", place=place, hint="save it as UTF-8 text")
    return Source(shown, text)


def _not_utf8(shown: str, raw: bytes, at: int) -> Problem:
    before = lines(raw[:at].decode())
    line_end = raw.find(b"\n", at)
    rest = raw[at : line_end if line_end >= 0 else len(raw)]
    text = before + rest.decode("latin-1").rstrip("\r")
    return Problem(
        message=f"the file is not in UTF-8 (byte 0x{raw[at]:02x})",
        place=Source(shown, text).place(len(before)),
        hint="save it as UTF-8, or convert it: iconv -f latin1 -t utf-8",
    )


def is_template(source: Source) -> bool:
    """True if a comment above the first statement says `-- pgproof: template`."""
    for line in source.text.split("\n"):
        if _TEMPLATE.match(line):
            return True
        if line.strip() and not line.lstrip().startswith("--"):
            return False
    return False
