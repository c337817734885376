"""`new`: an empty migration file, numbered as its folder does."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pgproof.errors import InputError, Problem
from pgproof.migrate import digest, naming
from pgproof.migrate import layout as layouts
from pgproof.migrate.naming import Numbering

_SECTIONS = "-- migrate:up\n\n-- migrate:down\n"


def new(folder: Path, name: str, *, now: datetime, numbering: Numbering | None = None) -> tuple[Path, ...]:
    """Create the file (or the pair of files) of the next version; gives their paths.

    The folder is created where it is not there, and pgproof.sum gets their lines where it is. `now` is the time
    in UTC, for folders that stamp their files. A folder of another tool's gets a file of that tool's. Raises
    InputError: a name without a letter or digit, a folder that cannot be written, one of Sqitch's.
    """
    other = layouts.look(folder)
    if other and other.name == "sqitch":
        raise InputError(_planned(folder, name))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        names = [path.name for path in folder.iterdir() if not path.name.startswith(".")]
        how = naming.manner(names, numbering)
        slug = naming.slug(name, how.joint)
        if not slug:
            raise InputError(
                Problem(
                    message=f'"{name}" has no letter or digit of ASCII', hint="name it: pgproof new add-region"
                )
            )
        stem = naming.next_name(names, slug, how, now)
        if other and other.stem:
            return (_written(folder / f"{other.stem(names, slug.replace('-', '_'), now)}.sql", other.sections),)
        if how.pairs:
            return _written(folder / f"{stem}.up.sql", ""), _written(folder / f"{stem}.down.sql", "")
        return (_written(folder / f"{stem}.sql", other.sections if other else _SECTIONS),)
    except OSError as error:
        where = error.filename or folder
        raise InputError(Problem(message=f"cannot write {where}: {error.strerror}")) from None


def _planned(folder: Path, name: str) -> Problem:
    word = naming.slug(name, "_") or "NAME"
    return Problem(
        message=f"{folder} is a folder of Sqitch's, whose plan says who planned a change, and when",
        hint=f"let Sqitch add it: sqitch add {word}",
    )


def _written(path: Path, text: str) -> Path:
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    chain = path.with_name(digest.NAME)
    if chain.is_file():
        chain.write_bytes(digest.appended(chain.read_bytes().decode(), path.name, text).encode())
    return path
