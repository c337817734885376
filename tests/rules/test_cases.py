"""Other schemas, good and bad: each file of tests/cases/check says in its head what is to be found in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pgproof.database.scratch import ScratchServer
from tests.rules.judging import judged, open_ones, written

CASES = Path(__file__).parents[1] / "cases" / "check"
_EXPECT = re.compile(r"^-- expect: (?P<finding>.+)\n", re.MULTILINE)


@pytest.mark.parametrize("case", sorted(CASES.glob("*.sql")), ids=lambda case: case.stem)
def test_exactly_the_expected_is_found(case: Path, server: ScratchServer, tmp_path: Path) -> None:
    text = case.read_text(encoding="utf-8")
    expected = sorted(match["finding"] for match in _EXPECT.finditer(text))
    report = judged(server, written(tmp_path, _EXPECT.sub("", text)))
    assert open_ones(report) == expected, "\n".join(f"{f.place} {f.message} {f.detail}" for f in report.open)
