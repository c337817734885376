"""`new`: an empty migration file, numbered as its folder does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from pgproof.errors import InputError, Problem
from pgproof.migrate import digest, file, naming
from pgproof.migrate import layout as layouts
from pgproof.migrate.layout.in_python import refused
from pgproof.migrate.naming import Numbering

if TYPE_CHECKING:
    from pgproof.migrate.layout.reading import Layout

_SECTIONS = "-- migrate:up\n\n-- migrate:down\n"


class Part(StrEnum):
    """What of a migration a file holds."""

    WHOLE = "whole"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A file still to be written, and what of the migration it holds; `layout` is another tool's."""

    path: Path
    part: Part
    layout: Layout | None = None


def new(folder: Path, name: str, *, now: datetime, numbering: Numbering | None = None) -> tuple[Path, ...]:
    """Create the file (or the pair of files) of the next version; gives their paths.

    The folder is created where it is not there, and pgproof.sum gets their lines where it is. `now` is the time
    in UTC, for folders that stamp their files. A folder of another tool's gets a file of that tool's. Raises
    InputError: a name without a letter or digit, a folder that cannot be written, one of Sqitch's.
    """
    return create(folder, name, _empty, now=now, numbering=numbering)


def create(
    folder: Path,
    name: str,
    text: Callable[[Slot], str | None],
    *,
    now: datetime,
    numbering: Numbering | None = None,
) -> tuple[Path, ...]:
    """As `new`, with the `text` of each file; one whose text is None is left out. All are written, or none.

    Raises what `new` and `text` raise.
    """
    check(folder, name)
    other = layouts.look(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        slots = _slots(folder, name, other, now, numbering)
        texts = {slot.path: written for slot in slots if (written := text(slot)) is not None}
        file.add({path: written.encode() for path, written in texts.items()}, _chained(folder, texts))
    except OSError as error:
        raise InputError(file.unwritten(error, folder)) from None
    return tuple(texts)


def check(folder: Path, name: str, detail: str = "") -> None:
    """Raises InputError where another tool has to add the files, with that `detail`."""
    other = layouts.look(folder)
    if other and other.name == "sqitch":
        raise InputError(replace(_planned(folder, name), detail=detail))
    if other and (problem := refused(folder, other.name)):
        raise InputError(problem)


def _slots(
    folder: Path, name: str, other: Layout | None, now: datetime, numbering: Numbering | None
) -> tuple[Slot, ...]:
    names = [path.name for path in folder.iterdir() if not path.name.startswith(".")]
    how = naming.manner(names, numbering)
    slug = naming.slug(name, how.joint)
    if not slug:
        raise InputError(
            Problem(message=f'"{name}" has no letter or digit of ASCII', hint="name it: pgproof new add-region")
        )
    if other and other.stem:
        stem = other.stem(names, slug.replace("-", "_"), now)
        return tuple(
            Slot(path=folder / f"{each}.sql", part=part, layout=other)
            for each, part in ((stem, Part.UP), (f"U{stem[1:]}", Part.DOWN))
        )
    stem = naming.next_name(names, slug, how, now)
    if how.pairs:
        return tuple(
            Slot(path=folder / f"{stem}.{part}.sql", part=part, layout=other) for part in (Part.UP, Part.DOWN)
        )
    return (Slot(path=folder / f"{stem}.sql", part=Part.WHOLE, layout=other),)


def _empty(slot: Slot) -> str | None:
    if slot.part is Part.WHOLE:
        return slot.layout.sections if slot.layout else _SECTIONS
    is_undo = slot.part is Part.DOWN and slot.layout is not None and slot.layout.stem is not None
    return None if is_undo else ""


def _planned(folder: Path, name: str) -> Problem:
    word = naming.slug(name, "_") or "NAME"
    return Problem(
        message=f"{folder} is a folder of Sqitch's, whose plan says who planned a change, and when",
        hint=f"let Sqitch add it: sqitch add {word}",
    )


def _chained(folder: Path, texts: Mapping[Path, str]) -> dict[Path, bytes]:
    """pgproof.sum with a line for each of the files, where it is there."""
    path = folder / digest.NAME
    if not path.is_file():
        return {}
    chain = path.read_bytes().decode()
    for each, text in texts.items():
        chain = digest.appended(chain, each.name, text)
    return {path: chain.encode()}
