"""Files of a person's: their bytes to a text with Unix line ends, or the problem; written wholly or not at all."""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from pgproof.errors import Problem
from pgproof.migrate.migration import lines
from pgproof.place import Place
from pgproof.sql.source import Source

_TEMPLATE = re.compile(r"\s*--\s*pgproof\s*:\s*template\s*\Z", re.IGNORECASE)
_FORBIDDEN = "let whoever runs pgproof write there, and run the command again"
_FULL = "make room there, and run the command again"
_HINTS = {
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), _FORBIDDEN),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), _FULL),
}
"""What to do where a file cannot be written, by the error of the system."""
_OTHER_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


def add(texts: Mapping[Path, bytes], changed: Mapping[Path, bytes] | None = None) -> None:
    """Write files that are not there yet, and change others: all of them, or none.

    Raises OSError, whose `filename` is the file that cannot be written.
    """
    made: list[Path] = []
    try:
        for path in texts:
            path.open("xb").close()
            made.append(path)
        put({**texts, **(changed or {})})
    except OSError:
        for path in made:
            with suppress(OSError):
                path.unlink()
        raise


def put(texts: Mapping[Path, bytes]) -> None:
    """Write files, over what is there: all of them, or none. Raises as `add` does.

    Each is written beside its place first, where a full disk shows, and then takes it.
    """
    fresh = {path: path.resolve().with_name(f".{path.name}.new") for path in texts}
    at = None
    try:
        for at, beside in fresh.items():
            beside.write_bytes(texts[at])
            if at.exists():
                _as_it_was(at, beside)
        for at, beside in fresh.items():
            beside.replace(at.resolve())
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(at)) from None
    finally:
        for beside in fresh.values():
            with suppress(OSError):
                beside.unlink()


def _as_it_was(path: Path, beside: Path) -> None:
    """Mode and owner, as far as they may be given."""
    shutil.copymode(path, beside)
    was = path.stat()
    with suppress(OSError):
        os.chown(beside, was.st_uid, was.st_gid)


def unwritten(error: OSError, path: Path) -> Problem:
    """That nothing was written, and why; `path` is meant where the error names no file."""
    return Problem(
        message=f"cannot write {error.filename or path}: {error.strerror or error}",
        detail="Nothing was written.",
        hint=_HINTS.get(error.errno or 0, "name a place where it can be written, and run the command again"),
    )


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
