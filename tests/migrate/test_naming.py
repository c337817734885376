"""The name of a new file beside the names that are there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pgproof.migrate.naming import Numbering, manner, next_name, slug

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("there", "name"),
    [
        ("", "01-add-region"),
        ("01-a.sql 02-b.sql", "03-add-region"),
        ("1-a.sql 9-b.sql", "10-add-region"),
        ("0001_a.sql", "0002_add_region"),
        ("07__first_table.sql", "08__add_region"),
        ("07__first.sql", "08__add_region"),
        ("03_some-words.sql", "04_add-region"),
        ("99-a.sql 100-b.sql", "101-add-region"),
        ("20250101000000_a.sql", "20260102030405_add_region"),
        ("20260102030405_a.sql", "20260102030406_add_region"),
        ("20991231235959_a.sql", "20991231235960_add_region"),
        ("99999999999999_a.sql", "100000000000000_add_region"),
        ("readme.md pgproof.sum R-views.sql", "01-add-region"),
        ("01-a.sql 02_b.up.sql 02_b.down.sql", "03_add_region"),
    ],
)
def test_next(there: str, name: str) -> None:
    names = there.split()
    how = manner(names)
    assert next_name(names, slug("Add région", how.joint), how, NOW) == name


def test_a_folder_of_pairs_gets_a_pair() -> None:
    assert manner(["02_b.up.sql", "02_b.down.sql"]).pairs
    assert not manner(["02_b.sql", "02_b.down.sql"]).pairs


def test_the_numbering_can_be_chosen() -> None:
    stamped = ["20250101000000_a.sql"]
    assert next_name(stamped, "x", manner(stamped, Numbering.NUMBER), NOW) == "20250101000001_x"
    assert next_name(["01-a.sql"], "x", manner(["01-a.sql"], Numbering.TIMESTAMP), NOW) == "20260102030405-x"


def test_a_slug_of_nothing() -> None:
    assert slug("-- / ..", "-") == ""
