"""Plans from files and history alone.

A case names the files (with `irreversible` or `edited` behind one), the history (version, state, and for a
half-run one `k/n` and what the server said), and commands with the steps, or the reasons against them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pgproof.errors import InputError
from pgproof.migrate.entry import Entry, History, State
from pgproof.migrate.library import Library, load
from pgproof.migrate.migration import ALGORITHM
from pgproof.migrate.plan import Plan, plan_downgrade, plan_upgrade
from pgproof.migrate.standing import standings
from tests.migrate.case import cases, parts, write

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def library(text: str, folder: Path) -> Library:
    files = {}
    for line in text.splitlines():
        name, *words = line.split()
        down = "" if "irreversible" in words else "-- migrate:down\nSELECT -1;\nSELECT -2;\n"
        edit = "SELECT 'edited';\n" if "edited" in words else ""
        files[f"{name}.sql"] = f"-- migrate:up\nSELECT 1;\n{edit}SELECT 2;\n{down}"
    return load(write(folder, files))


def history(text: str, files: Library, folder: Path) -> History:
    entries = []
    plain = library("1-x", folder).migrations[0].checksum
    for line in text.splitlines():
        version, state, *rest = line.split(maxsplit=3)
        done, total = (int(number) for number in rest[0].split("/")) if rest else (2, 2)
        migration = files.get(int(version))
        entries.append(
            Entry(
                version=int(version),
                name=migration.name if migration else f"{version}-gone.sql",
                state=State(state),
                done=done,
                total=total,
                error=rest[1] if len(rest) > 1 else "",
                checksum=plain,
                algorithm=ALGORITHM,
                started_at=WHEN,
                finished_at=WHEN,
                applied_by="ann",
            )
        )
    return History(entries=tuple(entries), exists=bool(entries))


def describe(plan: Plan) -> str:
    steps = [
        f"{step.direction} {step.migration.label}" + (f" from statement {step.done + 1}" if step.done else "")
        for step in plan.steps
    ]
    return "\n".join(steps or ["nothing"]) + "\n"


@pytest.mark.parametrize("path", cases("plan"), ids=lambda path: path.stem)
def test_case(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    case = parts(path)
    files = library(case.pop("files"), Path("migrations"))
    past = history(case.pop("history", ""), files, Path("plain"))
    expected = dict(case)
    assert expected
    assert {title: run(title, files, past) for title in expected} == expected


def run(title: str, files: Library, past: History) -> str:
    word, _, to = title.replace("--to ", "").partition(" ")
    if word == "status":
        return "".join(
            f"{each.name} {each.condition} {each.detail}".rstrip() + "\n" for each in standings(files, past)
        )
    try:
        return describe(
            plan_downgrade(files, past, to) if word == "downgrade" else plan_upgrade(files, past, to or None)
        )
    except InputError as error:
        return f"{error}\n"
