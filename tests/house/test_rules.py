"""The ledgers of codes, of rules and of differences, and the page that every rule has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from importlib import import_module

import pytest

from pgproof.drift.code import Code
from pgproof.report.findings.code import SENTENCES, name
from pgproof.report.findings.code import Code as Told
from pgproof.rules.registry import rules
from pgproof.rules.rule import Rule
from tests.house.repository import PACKAGE, TOP, git

LEDGERS = ("rules/codes.txt", "drift/codes.txt", "report/codes.txt")
FAMILIES = {"CAT", "CON", "DOC", "DRF", "HIS", "LCK", "MIG", "PLN", "QRY", "REV"}
# a code that no rule has any more keeps its line: "CAT101 declared-table-missing retired"
LINE = re.compile(r"(?P<code>(?P<family>[A-Z]{3})\d{3}) (?P<name>[a-z0-9]+(?:-[a-z0-9]+)*)(?P<retired> retired)?")
PAGE = re.compile(r"\A[^\n]+[.)]\n\n.*^Bad:\n\n?    \S.*^Good:\n\n?    \S", re.DOTALL | re.MULTILINE)


def lines(ledger: str) -> list[str]:
    """The lines of a ledger."""
    return (PACKAGE / ledger).read_text(encoding="utf-8").splitlines()


def alive(ledger: str) -> list[str]:
    """Those of codes that are in use."""
    return sorted(line for line in lines(ledger) if not line.endswith(" retired"))


def lost(before: Iterable[str], now: Iterable[str]) -> list[str]:
    """Codes with their names that an earlier ledger had and this one has not; retiring is no loss."""
    kept = {line.removesuffix(" retired") for line in now}
    return sorted({line.removesuffix(" retired") for line in before} - kept)


def test_every_line_is_a_code_and_a_name_of_its_own() -> None:
    every = [line for ledger in LEDGERS for line in lines(ledger)]
    entries = [LINE.fullmatch(line) for line in every]
    assert [line for line, entry in zip(every, entries, strict=True) if entry is None] == []
    known = [entry for entry in entries if entry]
    assert {entry["family"] for entry in known} - FAMILIES == set()
    for part in ("code", "name"):
        assert [word for word, count in Counter(entry[part] for entry in known).items() if count > 1] == []


def test_ledgers_agree_with_rules_and_differences() -> None:
    assert alive("rules/codes.txt") == sorted(f"{rule.code} {rule.name}" for rule in rules())
    differences = sorted(f"{each} {each.name.lower().replace('_', '-')}" for each in Code)
    assert alive("drift/codes.txt") == differences
    assert alive("report/codes.txt") == sorted(f"{each} {name(each)}" for each in Told)
    assert list(SENTENCES) == list(Told)


@pytest.mark.parametrize("ledger", LEDGERS)
def test_no_code_of_the_past_is_lost(ledger: str) -> None:
    path = f"{PACKAGE.relative_to(TOP).as_posix()}/{ledger}"
    commits = git("log", "--first-parent", "--format=%H", "--", path).split()
    assert {
        commit: gone
        for commit in commits
        if (gone := lost(git("show", f"{commit}:{path}").splitlines(), lines(ledger)))
    } == {}


def test_a_lost_code_is_seen() -> None:
    before = ["CAT101 one", "CAT102 two", "CAT103 three"]
    assert lost(before, ["CAT101 one", "CAT102 other", "CAT103 three retired"]) == ["CAT102 two"]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.code)
def test_a_rule_is_one_file_with_its_name_and_its_page(rule: Rule) -> None:
    module = import_module(f"pgproof.rules.{rule.name.replace('-', '_')}")
    assert module.RULE is rule
    assert PAGE.match(module.__doc__ or ""), "a first sentence, a Bad block and a Good block"
