"""A plan as a migration file: the statements of the way there and back, and in comments what they cost.

It is written as its folder wants it (`flows.new`), and read back before: what is written is what was planned.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pgproof.drift.planner.plan import Hazard, Repair
from pgproof.errors import InputError, Problem
from pgproof.flows.new import Part, Slot, create
from pgproof.migrate.library import load
from pgproof.migrate.migration import Migration, Section
from pgproof.migrate.naming import Numbering
from pgproof.sql.comment import as_comment


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """The way there and the way back. `heading` is said at the top of the file, a line each."""

    up: Repair
    down: Repair
    heading: tuple[str, ...] = ()


def write(
    folder: Path,
    name: str,
    ways: Ways,
    *,
    now: datetime,
    numbering: Numbering | None = None,
    variables: Mapping[str, object] | None = None,
) -> tuple[Path, ...]:
    """Write the migration as the next version of a folder; gives the paths of its file or files.

    `now` is the time in UTC, for folders that stamp their files; `variables` are those of templates. Raises
    InputError where the folder cannot be written, and where a file of its kind would not say what was planned (a
    line in a function's body that is a marker, a word that a tool replaces); then nothing is written.
    """
    if not ways.up.statements:
        raise InputError(_nothing(ways.up))

    texts: dict[str, str] = {}

    def text(slot: Slot) -> str | None:
        found = "\n".join(_lines(slot, ways)).rstrip("\n") + "\n"
        is_left_out = slot.part is Part.DOWN and not ways.down.statements
        if not is_left_out:
            texts[slot.path.name] = found
        if slot.part is not Part.UP:
            _check(texts, slot, ways, variables or {})
        return None if is_left_out else found

    return create(folder, name, text, now=now, numbering=numbering)


def losses(plan: Repair) -> tuple[str, ...]:
    """What the statements of a plan lose for good, each by what it is about. Pure."""
    return tuple(dict.fromkeys(each.about for each in plan.statements if Hazard.DATA_LOSS in each.hazards))


def _lines(slot: Slot, ways: Ways) -> Iterator[str]:
    """The file: the heading, and for each section its marker and its statements."""
    yield from (as_comment(line) for line in ways.heading)
    tool = slot.layout.name if slot.layout else ""
    outside = {Part.UP: _is_outside(ways.up), Part.DOWN: _is_outside(ways.down)}
    if tool == "goose" and any(outside.values()):
        yield "-- +goose NO TRANSACTION"
    for part, plan in ((Part.UP, ways.up), (Part.DOWN, ways.down)):
        if slot.part not in (Part.WHOLE, part):
            continue
        if tool == "goose":
            yield f"-- +goose {part.value.title()}"
        elif not tool:
            yield f"-- migrate:{part}{' transaction:false' if outside[part] else ''}"
        yield ""
        yield from _section(plan, is_enclosed=tool == "goose")
    if slot.part is Part.UP and not ways.down.statements:
        yield from (as_comment(f"no way back: {what}: {why}") for what, why in ways.down.impossible)


def _section(plan: Repair, *, is_enclosed: bool) -> Iterator[str]:
    for each in plan.statements:
        if each.hazards:
            yield as_comment(f"{each.about}: {', '.join(sorted(each.hazards))}")
        if is_enclosed:
            yield "-- +goose StatementBegin"
        yield f"{each.sql};"
        if is_enclosed:
            yield "-- +goose StatementEnd"
        yield ""
    for what, why in plan.impossible:
        yield as_comment(f"cannot be done: {what}: {why}")
    if plan.impossible:
        yield ""


def _is_outside(plan: Repair) -> bool:
    """True where the statements are not one transaction: then each is committed by itself, and journalled."""
    return not plan.is_one_transaction


def _check(texts: Mapping[str, str], slot: Slot, ways: Ways, variables: Mapping[str, object]) -> None:
    """Read the files as they would be read later. Raises InputError if they do not say what was planned."""
    with tempfile.TemporaryDirectory(prefix="pgproof-") as place:
        for name, text in texts.items():
            (Path(place) / name).write_text(text, encoding="utf-8")
        try:
            library = load(Path(place), variables, layout=slot.layout.name if slot.layout else None)
        except InputError as error:
            raise InputError(*(_unwritable(each.message) for each in error.problems)) from None
    (found,) = library.migrations
    if not _says(found, ways):
        raise InputError(_misread(found, ways))


def _says(found: Migration, ways: Ways) -> bool:
    up = _is_of(found.up, ways.up)
    return up and (_is_of(found.down, ways.down) if found.down else not ways.down.statements)


def _is_of(section: Section, plan: Repair) -> bool:
    said = [_bare(each.text) for each in section.statements]
    planned = [_bare(each.sql) for each in plan.statements]
    return said == planned and not (section.transactional and _is_outside(plan))


def _bare(sql: str) -> str:
    return sql.strip().removesuffix(";").rstrip()


def _misread(found: Migration, ways: Ways) -> Problem:
    """That the file would say something else, and the first statement of which it would."""
    said = {_bare(each.text) for section in (found.up, found.down) if section for each in section.statements}
    planned = (each.sql for plan in (ways.up, ways.down) for each in plan.statements)
    lost = next((sql for sql in planned if _bare(sql) not in said), "")
    problem = _unwritable("a line of a statement would be read as something else")
    return replace(problem, context=tuple(f"  {line}" for line in lost.splitlines()))


def _unwritable(why: str) -> Problem:
    return Problem(
        message=f"the plan cannot be written as a migration file: {why}",
        detail="Nothing was written.",
        hint="see the statements, and write the file by hand: pgproof new",
    )


def _nothing(plan: Repair) -> Problem:
    context: Sequence[str] = [f"  cannot be done: {what}: {why}" for what, why in plan.impossible]
    return Problem(
        message="no statement is to be written into a migration file",
        detail="Nothing of what differs can be said in statements." if context else "Nothing differs.",
        context=tuple(context),
    )
