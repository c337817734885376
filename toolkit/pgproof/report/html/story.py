"""Migrations as data of the page: in their order, what each does, and what became of it in a database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pgproof.migrate.chronicle import Run
from pgproof.migrate.migration import Migration
from pgproof.migrate.standing import Standing
from pgproof.report.html.document import Document
from pgproof.report.words import duration, one_line
from pgproof.sql.statement import COMMENTS, Script


def story(document: Document) -> list[dict[str, Any]]:
    """Each file, and each version of the database that has none; with the runs that were of it, oldest first."""
    standings = {each.name: each for each in document.live.standings} if document.live else {}
    runs = document.live.runs if document.live else ()
    files = {each.name for each in document.migrations}
    found = [_file(each, standings.get(each.name), runs) for each in document.migrations]
    return found + [_fileless(each, runs) for name, each in standings.items() if name not in files]


def _file(migration: Migration, standing: Standing | None, runs: tuple[Run, ...]) -> dict[str, Any]:
    up = migration.up
    return {
        "label": migration.label,
        "path": migration.path,
        "repeatable": migration.repeatable,
        "transactional": up.transactional,
        "function": up.function,
        "back": migration.down is not None,
        "statements": list(_statements(up.script)),
        **_stand(standing),
        "runs": [_run(each) for each in runs if each.name == migration.name],
    }


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


def _fileless(standing: Standing, runs: tuple[Run, ...]) -> dict[str, Any]:
    return {
        "label": standing.name,
        "path": "",
        "repeatable": False,
        "transactional": True,
        "function": "",
        "back": False,
        "statements": [],
        **_stand(standing),
        "runs": [_run(each) for each in runs if each.name == standing.name],
    }


def _stand(standing: Standing | None) -> dict[str, str]:
    if standing is None:
        return {"condition": "", "detail": ""}
    return {"condition": str(standing.condition), "detail": standing.detail}


def _run(run: Run) -> dict[str, Any]:
    return {
        "direction": str(run.direction),
        "state": run.state,
        "at": f"{run.started_at:%Y-%m-%d %H:%M:%S %z}",
        "words": ", ".join(_words(run)),
        "error": run.error,
    }


def _words(run: Run) -> Iterator[str]:
    yield run.state if run.seconds is None else f"{run.state} in {duration(run.seconds)}"
    if run.seconds is None:
        yield f"{run.done} of {run.total} statements"
    if run.schema:
        yield f"in schema {run.schema}"
    if run.by:
        yield f"by {run.by}{f' from {run.host}' if run.host else ''}"
