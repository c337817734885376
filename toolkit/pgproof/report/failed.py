"""A command that ended with an error, in words and as JSON (`pgproof.error/1`)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pgproof import __version__
from pgproof.errors import Problem
from pgproof.report.model import Failure


def failed_text(failure: Failure) -> str:
    """For people: all problems, as they stand on standard error."""
    return "\n\n".join(map(str, failure.problems)) + "\n"


def failed_json(command: str, failure: Failure) -> str:
    """For programs: the same, instead of what the command would have told."""
    data = {
        "schema": "pgproof.error/1",
        "version": __version__,
        "command": command,
        "exit_code": failure.exit_code,
        "problems": [problem_object(each) for each in failure.problems],
    }
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def failed_line(problems: Sequence[Problem], migrations: int = 0, event: str = "failed") -> str:
    """The last line of events, after so many migrations."""
    data = {"event": event, "migrations": migrations, "problems": [problem_object(each) for each in problems]}
    return json.dumps(data, ensure_ascii=False) + "\n"


def problem_object(problem: Problem) -> dict[str, Any]:
    """A problem, as events have it, too."""
    return {
        "message": problem.message,
        "place": str(problem.place) if problem.place else None,
        "detail": problem.detail,
        "hint": problem.hint,
        "sqlstate": problem.sqlstate,
        "context": list(problem.context),
    }
