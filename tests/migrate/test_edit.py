"""What changed in a file after it was applied."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pgproof.migrate import edit
from pgproof.migrate.entry import Entry, History, State
from pgproof.migrate.library import load
from pgproof.migrate.migration import ALGORITHM, checksum, normal
from tests.migrate.case import cases, parts, write


def entry(text: str, done: str) -> Entry:
    landed, total = (int(number) for number in (done or "2/2").split("/"))
    return Entry(
        version=1,
        name="1-a.sql",
        state=State.APPLYING if done else State.APPLIED,
        done=landed,
        total=total,
        error="no" if done else "",
        checksum=checksum(text),
        algorithm=ALGORITHM,
        started_at=datetime(2026, 1, 2, tzinfo=UTC),
        finished_at=None,
        applied_by="ann",
    )


@pytest.mark.parametrize("path", cases("edit"), ids=lambda path: path.stem)
def test_case(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    case = parts(path)
    assert told(case) == case["expect"]


def told(case: dict[str, str]) -> str:
    library = load(write(Path("migrations"), {"1-a.sql": case["now"]}), {"name": "a"})
    applied = normal(case["applied"])
    past = History(entries=(entry(applied, case.get("done", "").strip()),), exists=True)
    texts = dict.fromkeys(edit.edited(library, past), applied)
    return "\n".join(f"{problem}\n" for problem in edit.problems(library, past, texts))


def test_another_algorithm_is_no_edit_if_the_text_is_the_same(tmp_path: Path) -> None:
    library = load(write(tmp_path, {"1-a.sql": "SELECT 1;\n"}))
    past = History(entries=(_by_another_algorithm(entry("SELECT 1;\n", "")),), exists=True)
    assert edit.edited(library, past) == [1]
    assert edit.problems(library, past, {1: "SELECT 1;\n"}) == []


def _by_another_algorithm(one: Entry) -> Entry:
    return replace(one, algorithm="sha1024", checksum="0")
