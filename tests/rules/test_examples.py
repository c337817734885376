"""Every rule's page is its test: the Bad block is found by the rule, the Good one by none."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from textwrap import dedent

import pytest

from pgproof.database.scratch import ScratchServer
from pgproof.rules.registry import rules
from pgproof.rules.rule import Rule
from tests.rules.judging import judged, open_ones, written

AT_SIZE = {"PLN201"}
"""The rules that judge plans at production size: that takes a second each."""
_BLOCK = r"^{}:\n(?P<block>(?:    .*\n|\n)+)"


def block(rule: Rule, title: str) -> str:
    """The block of the rule's page under `title`."""
    page = import_module(f"pgproof.rules.{rule.name.replace('-', '_')}").__doc__ or ""
    match = re.search(_BLOCK.format(title), page, re.MULTILINE)
    assert match, f"{rule.code} has no {title} block"
    return dedent(match["block"])


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.code)
def test_the_bad_example_is_found(rule: Rule, server: ScratchServer, tmp_path: Path) -> None:
    found = open_ones(judged(server, written(tmp_path, block(rule, "Bad")), at_size=rule.code in AT_SIZE))
    assert [line for line in found if line.startswith(rule.code)], found


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.code)
def test_the_good_example_is_clean(rule: Rule, server: ScratchServer, tmp_path: Path) -> None:
    report = judged(server, written(tmp_path, block(rule, "Good")), at_size=rule.code in AT_SIZE)
    assert open_ones(report) == []
