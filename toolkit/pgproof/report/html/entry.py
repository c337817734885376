"""One migration of the time line as data of the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pgproof.migrate.migration import Migration, Section, label
from pgproof.report.words import counted, one_line
from pgproof.sql.statement import COMMENTS, Script


def entry(
    name: str,
    migration: Migration | None,
    section: Section | None = None,
    *,
    condition: str = "",
    look: str = "file",
    detail: str = "",
    ways: Sequence[dict[str, Any]] = (),
    thing: str = "",
) -> dict[str, Any]:
    """The migration of that name, and what became of it; `migration` is None where no file of that name is there.

    `section` is the one that is shown, else the way up. `condition` is what became of it in words, and `look` how
    that is drawn: "done", "ahead", "amiss", "known" (neither good nor bad) or "file", where nothing has become of
    it. `detail` is a sentence more. `thing` is what findings about it alone call it, if not by its file.
    """
    section = section or (migration.up if migration else None)
    return {
        "label": label(name),
        "thing": thing,
        "path": section.place.path if section else "",
        "manner": " · ".join(_manner(migration, section))
        if migration and section
        else "no file of that name is here",
        "statements": list(_statements(section.script)) if section else [],
        "condition": condition,
        "look": look,
        "detail": detail,
        "runs": list(ways),
    }


def way(at: str, words: str, *, back: bool = False, error: str = "", lines: Sequence[str] = ()) -> dict[str, Any]:
    """One way that it went: when or where, what came of it, what was said meanwhile."""
    return {"at": at, "back": back, "words": words, "error": error, "lines": list(lines)}


def _manner(migration: Migration, section: Section) -> Iterator[str]:
    if migration.repeatable:
        yield "run again whenever it changes"
    if section.function:
        yield f"a program: {section.function}"
    else:
        yield counted(len(section.statements), "statement", "statements")
    yield "in one transaction" if section.transactional else "each statement by itself"
    if section is migration.up:
        yield "can be taken back" if migration.down is not None else "no way back is written"


def _statements(script: Script) -> Iterator[str]:
    """The beginning of each statement, on one line and without the comments in it."""
    comments = [token for token in script.tokens if token.kind in COMMENTS]
    for each in script.statements:
        at, text = each.start, ""
        for comment in comments:
            if each.start <= comment.start < each.end:
                text += f"{script.source.text[at : comment.start]} "
                at = comment.end
        yield one_line(text + script.source.text[at : each.end])
