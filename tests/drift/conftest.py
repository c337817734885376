"""The option --schemas, and what the random schemas have come to, at the end of the run."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--schemas",
        type=int,
        default=0,
        metavar="NUMBER",
        help="so many random schemas and changes on each major (name the folder: tests/drift); else a few on one",
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = itertools.chain.from_iterable(terminalreporter.stats.values())
    ends = [each for each in reports if getattr(each, "when", "") == "teardown"]
    counted: Counter[str] = Counter()
    for name, value in (pair for report in ends for pair in report.user_properties):
        if name.startswith("random schemas"):
            counted[name.removeprefix("random schemas, ")] += int(str(value))
    if counted:
        terminalreporter.section("random schemas")
        for what, number in counted.most_common():
            terminalreporter.write_line(f"{number:>6} {what}")
