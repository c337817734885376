"""Folders as other tools lay them out: what is read from them, and what is wrong with them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pgproof.errors import InputError
from pgproof.migrate.layout import LAYOUTS, flyway, look
from pgproof.migrate.library import load
from pgproof.migrate.plan import target_version
from tests.migrate.case import CASES, parts
from tests.migrate.test_library import describe

LAYOUT_CASES = sorted(CASES.parent.joinpath("layout").glob("*.txt"))


def lay_out(files: dict[str, str], folder: Path) -> Path:
    """Writes files, also into folders inside; the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("path", LAYOUT_CASES, ids=lambda path: path.stem)
def test_case(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    case = parts(path)
    expected = case.pop("expect")
    variables = dict(line.split("=", 1) for line in case.pop("variables", "").splitlines())
    lay_out(case, Path("migrations"))
    try:
        found = describe(load(Path("migrations"), variables))
    except InputError as error:
        found = f"{error}\n"
    assert found == expected


@pytest.mark.parametrize("path", LAYOUT_CASES, ids=lambda path: path.stem)
def test_every_layout_is_seen_by_looking(path: Path, tmp_path: Path) -> None:
    case = parts(path)
    for title in ("expect", "variables"):
        case.pop(title, "")
    seen = look(lay_out(case, tmp_path))
    tool = re.sub(r"-(mistakes|order|baseline)$", "", path.stem)
    assert (seen.name if seen else None) == (None if tool in {"dbmate", "plain-pairs"} else tool)


def test_a_layout_can_be_named(tmp_path: Path) -> None:
    lay_out({"1_a.up.sql": "BEGIN;\nSELECT 1;\nCOMMIT;\n"}, tmp_path)
    assert [len(each.up.statements) for each in load(tmp_path).migrations] == [1]
    with pytest.raises(InputError, match="transaction control inside a migration"):
        load(tmp_path, layout="pgproof")
    with pytest.raises(InputError, match=r'unknown layout "gose"\nHINT: did you mean "goose"\?'):
        load(tmp_path, layout="gose")
    assert set(LAYOUTS) == {"pgproof", "dbmate", "goose", "golang-migrate", "flyway", "sqitch"}


def test_pairs_with_our_own_markers_are_ours(tmp_path: Path) -> None:
    lay_out({"1_a.up.sql": "-- migrate:up transaction:false\nVACUUM;\n"}, tmp_path)
    assert look(tmp_path) is None
    assert not load(tmp_path).migrations[0].up.transactional


@pytest.mark.parametrize(
    ("version", "number"),
    [
        ("1", 1_000_000_000),
        ("001", 1_000_000_000),
        ("1.0", 1_000_000_000),
        ("1_2", 1_002_000_000),
        ("1.2.3.4", 1_002_003_004),
        ("205.68", 205_068_000_000),
        ("999999999", 999_999_999_000_000_000),
        ("20130115113556", 20130115113556),
        ("2013.1.15.11.35.56", 20130115113556),
        ("2013.01.15.11.35.00", 20130115113500),
        ("1.2.3.4.5", None),
        ("1.1000", None),
        ("20130115113556.1", None),
        (str(2**63), None),
    ],
)
def test_versions_of_flyway(version: str, number: int | None) -> None:
    assert flyway.number(version) == number


def test_people_say_versions_as_the_tool_does(tmp_path: Path) -> None:
    library = load(lay_out({"V1__a.sql": "SELECT 1;", "V1_2__b.sql": "SELECT 2;"}, tmp_path))
    words = ["1", "1.2", "V1_2__b", "1002000000"]
    assert [target_version(library, word) for word in words] == [1_000_000_000, *[1_002_000_000] * 3]


def test_an_upgrade_of_another_tool_is_known_by_its_checksum(tmp_path: Path) -> None:
    goose = "-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;\n"
    before = load(lay_out({"1_a.sql": goose}, tmp_path)).migrations[0]
    after = load(lay_out({"1_a.sql": goose.replace("2", "3")}, tmp_path)).migrations[0]
    assert before.checksum == after.checksum
    other = load(lay_out({"1_a.sql": goose.replace("1", "4")}, tmp_path)).migrations[0]
    assert before.checksum != other.checksum
