"""`sum`: write pgproof.sum, or compare it with the files; and what `upgrade` asks of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pgproof.errors import InputError, Problem, raise_all
from pgproof.migrate import digest, file
from pgproof.migrate.library import Library, load


def write(folder: Path, *, variables: Mapping[str, object], layout: str | None = None) -> tuple[Path, bool]:
    """Write pgproof.sum as the files of `folder` want it: its path, and whether that changed it.

    Raises InputError.
    """
    library = load(folder, variables, layout=layout)
    path, text = folder / digest.NAME, digest.text(library)
    if path.is_file() and path.read_bytes() == text.encode():
        return path, False
    try:
        file.put({path: text.encode()})
    except OSError as error:
        raise InputError(file.unwritten(error, path)) from None
    return path, True


def check(folder: Path, *, variables: Mapping[str, object], layout: str | None = None) -> Path:
    """Compare pgproof.sum with the files: its path. Raises InputError with all differences."""
    library = load(folder, variables, layout=layout)
    path = folder / digest.NAME
    if not path.is_file():
        raise InputError(Problem(message=f"there is no {path}", hint="write it: pgproof sum"))
    agree(folder, library)
    return path


def agree(folder: Path, library: Library) -> None:
    """Raise InputError where pgproof.sum is there and disagrees with the files."""
    path = folder / digest.NAME
    if not path.is_file():
        return
    written = file.read(path)
    raise_all(InputError, [written] if isinstance(written, Problem) else digest.problems(library, written))
