"""Texts that match regular expressions."""

from __future__ import annotations

import re

import pytest

from pgproof.synth import pattern


@pytest.mark.parametrize(
    "expression",
    [
        r"^[A-Z]{3}-\d{4}$",
        r"^[a-z]+@[a-z]+\.[a-z]{2,}$",
        r"^(on|off)$",
        r"^\w+\s?x*$",
        r"^#[0-9a-f]{6}$",
        "^[[:upper:]]+$",
    ],
)
def test_a_text_matches(expression: str) -> None:
    found = pattern.texts(expression)
    assert len(found) > 1
    assert [each for each in found if re.search(expression.replace("[:upper:]", "A-Z"), each)]


@pytest.mark.parametrize("expression", ["(", "a{99999999999}"])
def test_what_cannot_be_read_gives_none(expression: str) -> None:
    assert pattern.texts(expression) == ()
