"""Cases as text: parts, each under a line `=== title`.

In a case of a library the parts are files, except `variables` (NAME=VALUE, one a line) and `expect`.
"""

from __future__ import annotations

import re
from pathlib import Path

CASES = Path(__file__).parent.parent / "cases" / "migrate"
_TITLE = re.compile(r"^=== (.+)\n", re.MULTILINE)


def parts(path: Path) -> dict[str, str]:
    """The parts of a case by title, in order."""
    pieces = _TITLE.split(path.read_text(encoding="utf-8"))
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


def cases(kind: str) -> list[Path]:
    """The cases of one kind."""
    return sorted((CASES / kind).glob("*.txt"))


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files into a folder; the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        folder.joinpath(name).write_text(text, encoding="utf-8")
    return folder
