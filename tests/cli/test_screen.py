"""Ctrl-C at every moment at which bars are drawn, moved or taken away: none of them stays."""

from __future__ import annotations

import io
import signal
import sys
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import pytest

from pgproof.cli import output
from pgproof.cli import screen as screens
from pgproof.errors import Interrupted, Problem
from pgproof.migrate.entry import History
from pgproof.migrate.event import Batched, Began, Ended, Event, Planned
from pgproof.migrate.library import load
from pgproof.migrate.plan import Direction, Plan, Step
from tests.cli.terminal import screen
from tests.migrate.case import write

LAST = "2 migrations applied in 2.0 s; the database is at 2-t"
APPLIED = ["  1-t  applied in 1.0 s", "  2-t  applied in 1.0 s"]
LINES = {"", "DATABASE", *APPLIED, "  1-t  interrupted", "  2-t  interrupted", LAST}


class Screen(io.StringIO):
    """A terminal that remembers all that was written to it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """Two migrations; whatever runs at all gets bars, and each line is drawn at once."""
    for name, value in (("TERM", "xterm"), ("COLUMNS", "80"), ("LINES", "30")):
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(output, "_QUICK", -1.0)
    monkeypatch.setattr(screens, "_PAUSE", -1.0)
    write(tmp_path, {"1-t.sql": "SELECT 1;\n", "2-t.sql": "SELECT 2;\n"})
    steps = tuple(Step(migration=each, direction=Direction.UP) for each in load(tmp_path, {}).migrations)
    return Plan(direction=Direction.UP, steps=steps, history=History())


def events(plan: Plan) -> Generator[Event, None, None]:
    """A run that can be interrupted whenever something is waited for."""
    try:
        yield Planned(plan=plan, database="DATABASE")
        for step in plan.steps:
            yield Began(step=step)
            yield Batched(
                step=step, number=1, rows=10**40, about=3 * 10**40, rate=1e40
            )  # a line as wide as can be
            yield Ended(step=step, seconds=1.0)
    except KeyboardInterrupt as stop:
        raise Interrupted(Problem(message="interrupted"), stop=stop) from None


@dataclass
class Presser:
    """A trace function that presses Ctrl-C before line `at` of those that are run in the `watched` files."""

    at: int
    watched: tuple[str, ...]
    seen: int = 0
    is_pressed: bool = False

    def __call__(self, frame: FrameType, event: str, _: object) -> Presser | None:
        if not any(part in frame.f_code.co_filename for part in self.watched):
            return None
        self.seen += event != "call"
        if self.seen == self.at and not self.is_pressed:
            self.is_pressed = True
            sys.stdout.write("^C")  # as the kernel does
            signal.raise_signal(signal.SIGINT)
        return self


def told(plan: Plan, monkeypatch: pytest.MonkeyPatch, presser: Presser) -> tuple[str, bool]:
    """What was written, and whether it ended because of Ctrl-C."""
    terminal = Screen()
    monkeypatch.setattr(sys, "stdout", terminal)
    before, is_stopped = sys.gettrace(), True
    with suppress(KeyboardInterrupt, Interrupted):
        try:
            sys.settrace(presser)
            output.tell(events(plan), "text")
            is_stopped = False
        finally:
            sys.settrace(before)
    return terminal.getvalue().replace("\n", "\r\n"), is_stopped  # as the kernel writes it to a terminal


OURS = ("/pgproof/cli/output.py", "/pgproof/cli/screen.py", "/pgproof/cli/interruption.py", "/pgproof/report/")


@pytest.mark.parametrize(("watched", "most"), [(OURS, 45), (("/rich/",), 25)])
def test_no_bar_stays(plan: Plan, monkeypatch: pytest.MonkeyPatch, watched: tuple[str, ...], most: int) -> None:
    for _ in range(2):  # what is run only the first time is past then
        nobody = Presser(-1, watched)
        whole, is_stopped = told(plan, monkeypatch, nobody)
    assert not is_stopped
    assert "━" in whole
    assert screen(whole) == ["DATABASE", *APPLIED, LAST]
    pressed = 0
    for at in range(1, nobody.seen + 1, max(1, nobody.seen // most)):
        presser = Presser(at, watched)
        written, is_stopped = told(plan, monkeypatch, presser)
        found = [line.replace("^C", "") for line in screen(written, columns=80)]
        assert set(found) <= LINES, (at, found)
        assert is_stopped is presser.is_pressed, at
        assert written.rfind("\x1b[?25h") >= written.rfind("\x1b[?25l"), at
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler, at
        pressed += presser.is_pressed
    assert pressed > 20
