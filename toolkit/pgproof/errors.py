"""What can go wrong, as values that a person can act on.

A `Problem` is one mistake: what, where, why, what to type next. A `PgproofError` carries one or more of
them (all mistakes of all files at once) and the exit code that a command ends with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pgproof.place import Place
from pgproof.secret import hidden

_WIDTH = 160
"""Characters of a line that are shown; some lines are very long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake, in PostgreSQL's own style of message.

    `message` is one factual line in lower case without a full stop; `detail` is in sentences; `hint` is one
    action, imperative. `sqlstate` is the five-character code of a server error, else empty. `context` is what
    else the person needs to know line by line (for example what is committed and what is not). Passwords in any
    of these, and in the line of `place`, are masked.
    """

    message: str
    place: Place | None = None
    detail: str = ""
    hint: str = ""
    sqlstate: str = ""
    context: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("message", "detail", "hint"):
            object.__setattr__(self, name, hidden(getattr(self, name)))
        object.__setattr__(self, "context", tuple(hidden(line) for line in self.context))
        if self.place:
            object.__setattr__(self, "place", self.place.hidden())

    def __str__(self) -> str:
        lines = [f"{self.place}: {self.message}" if self.place else self.message]
        if self.place and self.place.text:
            shown = self.place.clipped(_WIDTH)
            lines += [f"  {shown.text}", f"  {shown.caret}"]
        if self.sqlstate:
            lines.append(f"SQLSTATE: {self.sqlstate}")
        if self.detail:
            lines.append(f"DETAIL: {self.detail}")
        if self.hint:
            lines.append(f"HINT: {self.hint}")
        return "\n".join([*lines, *self.context])

    @property
    def line(self) -> str:
        """What the server said, in one line: its SQLSTATE, the message, the detail."""
        return " ".join(f"{self.sqlstate} {self.message} {self.detail}".split())


class PgproofError(Exception):
    """Something that the person who called must mend; never a defect of pgproof itself.

    Subclasses differ only in the exit code: 2 usage or input, 3 database, 4 cannot tell, 130 and 143 interrupted.
    """

    exit_code = 2

    def __init__(self, *problems: Problem | str) -> None:
        self.problems: tuple[Problem, ...] = tuple(
            problem if isinstance(problem, Problem) else Problem(message=problem) for problem in problems
        )
        super().__init__("\n\n".join(str(problem) for problem in self.problems))


class InputError(PgproofError):
    """A wrong word on the command line, an unreadable or wrong file."""

    exit_code = 2


class DatabaseError(PgproofError):
    """The server refused, failed or could not be reached."""

    exit_code = 3


class Terminated(KeyboardInterrupt):
    """SIGTERM came: like Ctrl-C, but for the exit code."""


class Interrupted(PgproofError):  # noqa: N818  (a state, not a defect)
    """The person or the system asked us to stop; what was running is cancelled, what has landed is recorded."""

    exit_code = 130

    def __init__(self, *problems: Problem | str, stop: KeyboardInterrupt) -> None:
        super().__init__(*problems)
        self.exit_code = 143 if isinstance(stop, Terminated) else 130


class CannotTell(PgproofError):  # noqa: N818  (a verdict, not a failure)
    """The question could not be decided; the reason is the message."""

    exit_code = 4


def raise_all(error: type[PgproofError], problems: Sequence[Problem]) -> None:
    """Raise `error` with all problems in order of their places; return quietly if there are none."""
    if problems:
        raise error(*sorted(problems, key=_by_place))


def _by_place(problem: Problem) -> tuple[str, int, int]:
    place = problem.place
    return (place.path, place.line, place.column) if place else ("", 0, 0)
