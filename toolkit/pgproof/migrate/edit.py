"""Files that changed after they were applied: which ones, and what changed in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import unified_diff
from typing import TYPE_CHECKING

from pgproof.errors import Problem
from pgproof.migrate.entry import Entry, History, State
from pgproof.migrate.migration import ALGORITHM, Migration
from pgproof.place import Place
from pgproof.sql import statement
from pgproof.sql.source import Source
from pgproof.sql.statement import COMMENTS

if TYPE_CHECKING:
    from pgproof.migrate.library import Library

_MOST_LINES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What changed in a text: `summary` in a sentence, `lines` as a unified diff.

    `only_form`: the statements are the same, token by token.
    """

    only_form: bool
    summary: str
    lines: tuple[str, ...]


def is_edited(migration: Migration, entry: Entry) -> bool:
    """True if the file's upgrade is not the text that was applied, as far as the checksums tell."""
    return (entry.checksum, entry.algorithm) != (migration.checksum, ALGORITHM)


def edited(library: Library, history: History) -> list[int]:
    """The versions whose files changed after they were applied, wholly or in part."""
    pairs = ((library.get(entry.version), entry) for entry in history.entries)
    return [entry.version for migration, entry in pairs if migration and is_edited(migration, entry)]


def problem(migration: Migration, entry: Entry, applied: str) -> Problem | None:
    """What changed in an applied file, against the text that was `applied`; None if nothing did.

    Of a file that is applied in part, what has not run yet may change.
    """
    if applied == migration.text:
        return None
    if entry.state is State.APPLYING:
        return _changed_prefix(migration, entry, applied)
    edited = change(migration, applied)
    return Problem(
        message=f"{migration.name} was edited after it was applied",
        place=_first_change(migration, applied),
        detail=edited.summary,
        hint=_restore(migration, only_form=edited.only_form),
        context=edited.lines,
    )


def change(migration: Migration, applied: str) -> Change:
    """What changed between the text that was `applied` and the file's."""
    before, after = _words(applied), _words(migration.text)
    only_form = before is not None and before == after
    summary = "Only comments and white space changed." if only_form else _statements_changed(before, after)
    return Change(only_form=only_form, summary=summary, lines=tuple(_diff(applied, migration)))


def _restore(migration: Migration, *, only_form: bool) -> str:
    back = f"put the text of {migration.path} back as it was"
    if only_form:
        return f"{back}, or take the new one: pgproof history accept {migration.digits or migration.version}"
    return f"{back}, and make the change in a new migration"


def _changed_prefix(migration: Migration, entry: Entry, applied: str) -> Problem | None:
    ran = [each.text for each in statement.split(Source(migration.path, applied)).statements][: entry.done]
    now = [each.text for each in migration.up.statements][: entry.done]
    is_template = migration.source.original is not None  # what a template once made is not known any more
    if now == ran and not is_template:
        return None
    rest = (
        "of a template nothing may change until all have." if is_template else "only what comes after may change."
    )
    return Problem(
        message=f"{migration.name} was edited while it is applied in part",
        place=_first_change(migration, applied),
        detail=f"{_count(entry.done)} of {entry.total} landed; {rest}",
        hint=f"put the text of {migration.path} back as it was",
        context=tuple(_diff(applied, migration)),
    )


def _words(text: str) -> list[list[str]] | None:
    """The statements of a text, each as its tokens without comments; None if it cannot be scanned."""
    script = statement.split(Source("", text))
    if script.problems:
        return None
    code = [token for token in script.tokens if token.kind not in COMMENTS]
    return [
        [token.of(text) for token in code if each.start <= token.start < each.end] for each in script.statements
    ]


def _statements_changed(before: list[list[str]] | None, after: list[list[str]] | None) -> str:
    if before is None or after is None:
        return "The text changed."
    if len(before) != len(after):
        return f"It had {_count(len(before))} when it was applied and has {len(after)} now."
    changed = [str(number) for number, pair in enumerate(zip(before, after, strict=True), 1) if pair[0] != pair[1]]
    if len(changed) == 1:
        return f"Statement {changed[0]} of {len(after)} changed."
    return f"Statements {', '.join(changed)} of {len(after)} changed."


def _count(number: int) -> str:
    return "1 statement" if number == 1 else f"{number} statements"


def _first_change(migration: Migration, applied: str) -> Place:
    """The first line of the file that differs from what was applied."""
    old, new = applied.split("\n"), migration.text.split("\n")
    same = next((at for at, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), None)
    index = min(len(old), len(new)) - 1 if same is None else same
    number = _first_line(migration) + index
    return _line(migration.source, number)


def _first_line(migration: Migration) -> int:
    """The line of the file on which its normal text begins."""
    written = migration.source.text if migration.source.original is None else migration.source.original
    return written[: max(0, written.find(migration.text.rstrip("\n")))].count("\n") + 1


def _line(source: Source, number: int) -> Place:
    written = source.text if source.original is None else source.original
    number = min(number, written.count("\n") + 1)
    text = source.line(number)
    blank = len(text) - len(text.lstrip())
    return Place(path=source.path, line=number, column=blank + 1, width=max(1, len(text.strip())), text=text)


def _diff(applied: str, migration: Migration) -> list[str]:
    lines = [
        line.rstrip("\n")
        for line in unified_diff(
            applied.splitlines(), migration.text.splitlines(), "applied", migration.path, n=1, lineterm=""
        )
    ]
    if len(lines) <= _MOST_LINES:
        return lines
    return [*lines[:_MOST_LINES], f"... and {len(lines) - _MOST_LINES} more lines"]


def problems(library: Library, history: History, applied: Mapping[int, str]) -> list[Problem]:
    """The problems of all versions whose applied texts are given."""
    found = []
    for version, text in applied.items():
        migration, entry = library.get(version), history.get(version)
        if migration and entry and (each := problem(migration, entry, text)):
            found.append(each)
    return found
