"""What a person reads: golden text in tests/cases/report, written by `python -m tests.report.test_terminal`."""

from pathlib import Path

import pytest

from pgproof.report import terminal
from pgproof.report.model import Report
from pgproof.report.terminal import Look
from tests.report import example

_CASES = Path(__file__).parents[1] / "cases" / "report"
_VIEWS = {
    "piped": (example.report(*example.FULL), Look()),
    "narrow": (example.report(*example.FULL), Look(width=72)),
    "ascii": (example.report(*example.FULL), Look(width=80, encoding="ascii")),
    "colored": (
        example.report(example.MISSING, example.ACCEPTED, *example.HOLDS[:2]),
        Look(color=True, width=100),
    ),
    "strict": (example.report(example.ACCEPTED, *example.HOLDS[:1], strict=True), Look()),
    "clean": (example.report(example.ACCEPTED, *example.HOLDS[:3]), Look()),
    "nothing": (example.report(), Look()),
}


@pytest.mark.parametrize("name", _VIEWS)
def test_the_view_is_as_agreed(name: str) -> None:
    view, look = _VIEWS[name]
    shown = terminal.render(view, look)
    assert shown == (_CASES / f"{name}.txt").read_bytes().decode()


@pytest.mark.parametrize("width", [40, 60, 72, 80, 100])
def test_nothing_but_unbreakable_words_is_wider_than_the_terminal(width: int) -> None:
    shown = terminal.render(example.report(*example.FULL), Look(width=width))
    headings = ("✗ ", "▲ ", "? ")  # place, code and name stay in one line
    for line in shown.splitlines():
        assert len(line) <= width or line.startswith(headings), line


def test_a_pipe_gets_every_message_in_one_line() -> None:
    shown = terminal.render(example.report(*example.FULL), Look())
    lines = {line.strip() for line in shown.splitlines()}
    assert {f.message for f in example.FULL if f.verdict != "holds" and not f.accepted} <= lines


def test_everything_names_what_else_is_counted() -> None:
    view: Report = example.report(*example.HOLDS)
    assert "index i25 exists" not in terminal.render(view, Look())
    assert "index i25 exists" in terminal.render(view, Look(), everything=True)


def test_the_caret_stands_under_the_word() -> None:
    for width in (None, 44, 50, 72, 200):
        lines = terminal.render(example.report(example.MISSING, example.WIDE), Look(width=width)).splitlines()
        for carets in (line for line in lines if "^" in line):
            above = lines[lines.index(carets) - 1]
            word = above[carets.index("^") :][: carets.count("^")]
            assert word in ("orders_custmer_idx", "ORDER BY placed_at")


def test_what_the_encoding_lacks_is_escaped_and_the_caret_still_fits() -> None:
    shown = terminal.render(example.report(example.WIDE), Look(encoding="ascii"))
    lines = shown.encode("ascii").decode().splitlines()
    carets = next(line for line in lines if "^" in line)
    assert lines[lines.index(carets) - 1][carets.index("^") :] == "ORDER BY placed_at"


def test_no_control_character_of_a_file_reaches_the_terminal() -> None:
    assert "\x1b" not in terminal.render(example.report(*example.FULL), Look())


if __name__ == "__main__":
    for each, (shown_report, shown_look) in _VIEWS.items():
        (_CASES / f"{each}.txt").write_bytes(terminal.render(shown_report, shown_look).encode())
