"""The files of migrations and checks as files of tests: an item for each promise, constraint and migration."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from pgproof.errors import InputError, PgproofError, Problem
from pgproof.finding import Finding, Severity, Verdict
from pgproof.flows.things import Kind, Thing
from pgproof.pytest_plugin.choice import is_wanted
from pgproof.pytest_plugin.found import Found, Untold
from pgproof.report.terminal import Look, render_finding

_FOUND = pytest.StashKey[Found | InputError]()


class File(pytest.File):
    """A file of migrations or checks."""

    def collect(self) -> Iterable[pytest.Item]:
        """What stands in it."""
        if _FOUND not in self.config.stash:
            self.config.stash[_FOUND] = _found(self.config)
        found = self.config.stash[_FOUND]
        if isinstance(found, InputError):
            if own := [each for each in found.problems if self._is_here(each)] or self._elsewhere(found):
                raise self.CollectError("\n\n".join(map(str, own)))
            return ()
        things = [each for each in found.things if (self._here / each.place.path).resolve() == self.path.resolve()]
        return [Item.from_parent(self, name=each.title, thing=each, found=found) for each in things]

    @property
    def _here(self) -> Path:
        return self.config.invocation_params.dir

    def _is_here(self, problem: Problem) -> bool:
        return problem.place is not None and (self._here / problem.place.path).resolve() == self.path.resolve()

    def _elsewhere(self, error: InputError) -> tuple[Problem, ...]:
        """The problems, unless each of them is told of a file of its own."""
        for each in error.problems:
            path = (self._here / each.place.path).resolve() if each.place else None
            if path is None or path.suffix != ".sql" or not is_wanted(path, self.config):
                return error.problems
        return ()


def _found(config: pytest.Config) -> Found | InputError:
    try:
        return Found(config)
    except InputError as error:
        return error


class NotHeldError(Exception):
    """What a thing promises does not hold, or nobody can tell; the message is for people."""


class Item(pytest.Item):
    """A thing in such a file."""

    def __init__(self, *, thing: Thing, found: Found, **others: Any) -> None:
        super().__init__(**others)
        self._thing = thing
        self._found = found

    def runtest(self) -> None:
        """Fails where something is open, and is expected to where that has been accepted."""
        told = self._found.of(self._thing)
        if isinstance(told, Untold):
            raise NotHeldError(told.said)
        accepted = [each for each in told if each.accepted and each.verdict is not Verdict.HOLDS]
        open_ones = [each for each in told if each.is_open and each.severity is not Severity.NOTE]
        if self.config.option.runxfail:
            open_ones += accepted
        if others := [_text(each) for each in told if each not in open_ones]:
            self.add_report_section("call", "by pgproof", "\n".join(others))
        if open_ones:
            raise NotHeldError("\n".join(map(_text, open_ones)))
        if accepted:
            pytest.xfail("; ".join(dict.fromkeys(each.accepted.because for each in accepted if each.accepted)))
        if self._thing.kind is not Kind.REST and not any(each.verdict is Verdict.HOLDS for each in told):
            self._end_without(told)

    def _end_without(self, told: tuple[Finding, ...]) -> None:
        """Nothing is wrong, and nothing was seen to hold."""
        if told:
            pytest.skip("; ".join(each.message for each in told))
        why = "no rule has said anything about it"
        if self._thing.kind is Kind.MIGRATION:
            why = "it was not come to, since a migration before it is refused"
        raise NotHeldError(f"cannot tell: {why}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What was found, for people; of a defect of pgproof's, its traceback."""
        if isinstance(excinfo.value, NotHeldError | PgproofError):
            return str(excinfo.value).rstrip()
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it stands."""
        return self.path, self._thing.place.line - 1, self.name


def _text(finding: Finding) -> str:
    if finding.verdict is Verdict.HOLDS:
        return f"{finding.code} {finding.message}"
    return render_finding(finding, Look())
