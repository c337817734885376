"""A word without its option: which one it was meant for, and nothing of a password."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.told import Pgproof

MEANT = {
    "check migrations": 'Without an option, "migrations" means nothing here. Write --migrations migrations.',
    "verify --strict migrations": "Write --migrations migrations.",
    "drift checks": "Write --checks checks.",
    "upgrade 07": "Write --to 07.",
    "drift postgresql://ann:hidden@host/shop": "Write --database URL.",
    "status password=hidden": "the address of a database means nothing here. Write --database URL.",
    "explain SELECT 1": 'Without an option, "1" means nothing here. Put what belongs together into quotes.',
    "status nowhere": 'Without an option, "nowhere" means nothing here.',
    "sum 07": 'Without an option, "07" means nothing here.',
}


@pytest.mark.parametrize("words", MEANT)
def test_it_is_told_what_was_meant(pgproof: Pgproof, words: str) -> None:
    Path("migrations").mkdir()
    Path("checks").mkdir()
    told = pgproof(*words.split())
    assert (told.code, told.out) == (2, "")
    assert told.err.endswith(f"{MEANT[words]}\n")
    assert "hidden" not in told.err


def test_an_option_without_its_value_is_told_with_where_help_is(pgproof: Pgproof) -> None:
    told = pgproof("upgrade", "--to")
    assert (told.code, told.out) == (2, "")
    assert "upgrade --help' for help." in told.err
    assert told.err.endswith("Error: Option '--to' requires an argument.\n")
