"""The ledger of rule codes, and the page that every rule has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from importlib import import_module

import pytest

from pgproof.rules.registry import rules
from pgproof.rules.rule import Rule
from tests.house.repository import PACKAGE, git

LEDGER = "toolkit/pgproof/rules/codes.txt"
FAMILIES = {"CAT", "CON", "DOC", "DRF", "HIS", "LCK", "MIG", "PLN", "QRY", "REV"}
# a code that no rule has any more keeps its line: "CAT101 declared-table-missing retired"
LINE = re.compile(r"(?P<code>(?P<family>[A-Z]{3})\d{3}) (?P<name>[a-z0-9]+(?:-[a-z0-9]+)*)(?P<retired> retired)?")
PAGE = re.compile(r"\A[^\n]+[.)]\n\n.*^Bad:\n\n?    \S.*^Good:\n\n?    \S", re.DOTALL | re.MULTILINE)


def ledger() -> list[str]:
    """The lines of the ledger."""
    return (PACKAGE / "rules" / "codes.txt").read_text(encoding="utf-8").splitlines()


def lost(before: Iterable[str], now: Iterable[str]) -> list[str]:
    """Codes with their names that an earlier ledger had and this one has not; retiring is no loss."""
    kept = {line.removesuffix(" retired") for line in now}
    return sorted({line.removesuffix(" retired") for line in before} - kept)


def test_every_line_is_a_code_and_a_name_of_its_own() -> None:
    entries = [LINE.fullmatch(line) for line in ledger()]
    assert [line for line, entry in zip(ledger(), entries, strict=True) if entry is None] == []
    known = [entry for entry in entries if entry]
    assert {entry["family"] for entry in known} - FAMILIES == set()
    for part in ("code", "name"):
        assert [word for word, count in Counter(entry[part] for entry in known).items() if count > 1] == []


def test_ledger_and_rules_agree() -> None:
    alive = [line for line in ledger() if not line.endswith(" retired")]
    assert sorted(alive) == sorted(f"{rule.code} {rule.name}" for rule in rules())


def test_no_code_of_the_past_is_lost() -> None:
    commits = git("log", "--first-parent", "--format=%H", "--", LEDGER).split()
    assert {
        commit: gone
        for commit in commits
        if (gone := lost(git("show", f"{commit}:{LEDGER}").splitlines(), ledger()))
    } == {}


def test_a_lost_code_is_seen() -> None:
    before = ["CAT101 one", "CAT102 two", "CAT103 three"]
    assert lost(before, ["CAT101 one", "CAT102 other", "CAT103 three retired"]) == ["CAT102 two"]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.code)
def test_a_rule_is_one_file_with_its_name_and_its_page(rule: Rule) -> None:
    module = import_module(f"pgproof.rules.{rule.name.replace('-', '_')}")
    assert module.RULE is rule
    assert PAGE.match(module.__doc__ or ""), "a first sentence, a Bad block and a Good block"
