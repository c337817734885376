"""A plan as a tree: a line for each node, what it does below it, where its rows come from under that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pgproof.explain.telling import Step


@dataclass(frozen=True, slots=True)
class _Lines:
    """What the tree is drawn with: the way on, the last way, beside a way that goes on, beside none."""

    fork: str
    last: str
    beside: str
    none: str = "   "


_DRAWN = _Lines("├─ ", "└─ ", "│  ")
_ASCII = _Lines("+- ", "`- ", "|  ")
_THOUSAND = 100_000_000


def render(step: Step, *, is_unicode: bool = True) -> str:
    """The plan as lines of text, figures in columns at their right, ending with a line feed."""
    lines = _DRAWN if is_unicode else _ASCII
    rows = list(_rows(step, lines, "", ""))
    width = max(len(text) for text, figures in rows if figures)
    return "".join(f"{text:{width}}   {figures}\n" if figures else f"{text}\n" for text, figures in rows)


def _rows(step: Step, lines: _Lines, begin: str, below: str) -> Iterator[tuple[str, str]]:
    """Lines with their figures: the node's own begins with `begin`, all under it with `below`."""
    yield f"{begin}{step.name}", f"{_rows_of(step.rows):>16}   cost {_figure(step.cost)}"
    for note in step.notes:
        yield f"{below}{lines.beside if step.steps else lines.none}{note}", ""
    for number, each in enumerate(step.steps, 1):
        is_last = number == len(step.steps)
        yield from _rows(
            each,
            lines,
            f"{below}{lines.last if is_last else lines.fork}",
            f"{below}{lines.none if is_last else lines.beside}",
        )


def _rows_of(rows: float) -> str:
    return "1 row" if rows == 1 else f"{_figure(rows)} rows"


def _figure(value: float) -> str:
    """In thousands as far as that is readable: 1,234, 0.42, 1.3e+11."""
    if value >= _THOUSAND:
        return f"{value:.2g}"
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
