"""The history of a database in words, and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime

from pgproof.migrate.chronicle import Attempt, Run
from pgproof.migrate.migration import label
from pgproof.migrate.plan import Direction
from pgproof.report.words import duration, one_line
from pgproof.sql import statement
from pgproof.sql.source import Source

SCHEMA = "pgproof.history/1"
"""What `chronicle_json` writes; the number grows when a reader of an older one could break."""


def chronicle_text(database: str, runs: Sequence[Run], *, statements: bool) -> str:
    """One line a run, oldest first; below it, on demand, its statements."""
    lines = [database]
    width = max((len(label(run.name)) for run in runs), default=0)
    for run in runs:
        lines.append(f"  {run.started_at:%Y-%m-%d %H:%M:%S%z}  {label(run.name):{width}}  {_words(run)}")
        if run.error:
            lines.append(f"      {run.error}")
        if statements:
            lines += [f"      {line}" for line in _statements(run)]
    if not runs:
        lines.append("nothing was ever run here by pgproof")
    return "\n".join([*lines, ""])


def chronicle_json(database: str, runs: Sequence[Run]) -> str:
    """The same for programs; times in ISO 8601 with their offset, durations in seconds."""
    document = {"schema": SCHEMA, "database": database, "runs": [_as_json(run) for run in runs]}
    return json.dumps(document, indent=2, ensure_ascii=False, default=_moment) + "\n"


def _as_json(run: Run) -> dict[str, object]:
    attempts = [asdict(attempt) | {"seconds": attempt.seconds} for attempt in run.attempts]
    return asdict(run) | {"direction": str(run.direction), "seconds": run.seconds, "attempts": attempts}


def _moment(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat()


def _words(run: Run) -> str:
    parts = [run.state]
    if run.seconds is not None:
        parts.append(f"in {duration(run.seconds)}")
    elif run.state in {"applying", "reverting"}:
        parts.append(f"({run.done} of {run.total} statements)")
    parts += [f"in schema {run.schema}"] if run.schema else []
    parts += [f"by {run.by}"] if run.by else []
    parts += [f"from {run.host}"] if run.host else []
    parts += [f"(pgproof {run.tool})"] if run.tool else []
    return " ".join(parts)


def _statements(run: Run) -> Iterator[str]:
    texts = _texts(run)
    if not run.attempts:
        yield from (f"{number:>3}  {text}" for number, text in texts.items())
        return
    for attempt in run.attempts:
        yield f"{attempt.number:>3}  {texts.get(attempt.number, '')}".rstrip()
        yield f"     {_outcome(attempt)}"


def _texts(run: Run) -> dict[int, str]:
    """The statements of the upgrade by number; none where its text is no SQL by itself (a template)."""
    if run.direction is Direction.DOWN or run.text is None:
        return {}
    found = statement.split(Source("", run.text)).statements
    return {number: one_line(each.text) for number, each in enumerate(found, 1)}


def _outcome(attempt: Attempt) -> str:
    words = attempt.outcome or "outcome not known"
    took = f" in {duration(attempt.seconds)}" if attempt.seconds is not None else ""
    return f"{words}{took} (backend {attempt.backend_pid})" + (f": {attempt.remark}" if attempt.remark else "")
