"""What bars show of a run: the migrations, the statements of the one that is on, and what its statement is at.

They repeat in passing what the lines say in the end. rich is loaded when they are drawn for the first time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pgproof.migrate.event import Advanced, Batched, Began, Ended, Event, Landed, Planned, Retried
from pgproof.report import advance
from pgproof.report.words import duration

if TYPE_CHECKING:
    from rich.console import RenderableType

_WIDTH = 24


class Bars:
    """How far a plan is; seconds are those of the caller's clock.

    `early` are the events so far, from the one with the plan on, each with the time when it came.
    """

    def __init__(self, early: Sequence[tuple[float, Event]]) -> None:
        (self._began, first), *others = early
        assert isinstance(first, Planned)
        self._steps = len(first.plan.steps)
        self._step_began = self._began
        self._done = 0
        self._label = ""
        self._landed, self._statements = 0, 0
        self._news: Advanced | Batched | None = None
        for when, event in others:
            self.hear(event, when)

    def hear(self, event: Event, now: float) -> None:
        """Take note of what happened."""
        if isinstance(event, Began):
            section = event.step.section
            self._label, self._step_began = event.step.migration.label, now
            self._landed = event.step.done
            self._statements = 0 if section.transactional else len(section.statements)
            if section.transactional and len(section.statements) > 1:
                self._label += f", {len(section.statements)} statements in one transaction"
        elif isinstance(event, Landed):
            self._landed = event.number
        elif isinstance(event, Ended):
            self._done += 1
            self._label = ""
        if isinstance(event, Advanced | Batched):
            if not isinstance(self._news, Batched) or not isinstance(event, Advanced) or advance.phase(event):
                self._news = event
        elif isinstance(event, Began | Landed | Ended | Retried):
            self._news = None

    def seconds_to_go(self, now: float) -> float:
        """About how long the migrations that are left will take, if they are like those that were."""
        left = self._steps - self._done
        return (now - self._began) / self._done * left if self._done else 0.0

    def draw(self, now: float) -> RenderableType:
        """A line with a bar for each of them.

        The last line is empty: what the terminal echoes there (`^C`) must not make a full line go on in the next.
        """
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(width=_WIDTH, no_wrap=True)
        grid.add_column(no_wrap=True)
        grid.add_column()  # the one that gives way where there is little room
        for share, much, words in self._rows(now):
            bar = ProgressBar(total=100, completed=share, width=_WIDTH) if share is not None else ""
            grid.add_row(bar, Text(much), Text(words, no_wrap=True, overflow="ellipsis"))
        by = advance.holder(self._news) if isinstance(self._news, Advanced) else ""
        held_up = [Text(f"held up by {by}", no_wrap=True, overflow="ellipsis")] if by else []
        return Group(grid, *held_up, Text())

    def _rows(self, now: float) -> list[tuple[float | None, str, str]]:
        """Share of a hundred (None: unknown), the same in words, and what it is a share of."""
        rows = [_row(self._done, self._steps, f"migrations, {duration(now - self._began)}")]
        if self._label:
            words = f"{self._label}, {duration(now - self._step_began)}"
            rows.append(_row(self._landed, self._statements, words) if self._statements > 1 else (None, "", words))
        if isinstance(self._news, Batched):
            rows.append(_batches(self._news))
        elif self._news and (phase := advance.phase(self._news)):
            which = advance.command(self._news)
            words = f"{phase} ({which})" if which else phase
            rows.append((advance.percent(self._news), advance.so_far(self._news), words))
        return rows


def _row(done: int, total: int, words: str) -> tuple[float | None, str, str]:
    return 100.0 * done / total, f"{done} of {total}", words


def _batches(event: Batched) -> tuple[float | None, str, str]:
    words = f"statement {event.number}, {event.rows} rows"
    if not event.about or event.about < event.rows:
        return None, "", words
    share = 100.0 * event.rows / event.about
    to_go = f", {duration((event.about - event.rows) / event.rate)} to go" if event.rate else ""
    return share, f"{share:.0f} %", f"{words} of about {event.about}{to_go}"
