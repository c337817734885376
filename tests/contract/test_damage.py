"""Damaged files: whatever stands in a comment, reading it ends in a contract whose parts fit together."""

import random
from pathlib import Path

import pytest

from pgproof.contract.promise import Contract
from pgproof.contract.read import read_checks, read_migrations
from pgproof.rules import registry
from pgproof.sql import statement
from pgproof.sql.source import Source

_TEXTS = [path.read_text() for path in sorted((Path(__file__).parents[1] / "cases" / "contract").rglob("*.sql"))]
_LINES = [line for text in _TEXTS for line in text.split("\n")]
_BITS = ["?", ":x", "é", "'", '"', ";", "(", ")", "-- ", "$1", "...", "/*", "*/", "\t", "日本", "", "`", "."]


def _damaged(chance: random.Random) -> str:
    lines = chance.choice(_TEXTS).split("\n")
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(lines))
        match chance.randrange(4):
            case 0:
                lines[at] = chance.choice(_LINES)
            case 1:
                lines.insert(at, chance.choice(_LINES))
            case 2 if len(lines) > 1:
                del lines[at]
            case _:
                column = chance.randrange(len(lines[at]) + 1)
                behind = lines[at][column + chance.randint(0, 2) :]
                lines[at] = lines[at][:column] + chance.choice(_BITS) + behind
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(8))
def test_a_contract_comes_out(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(40):
        source = Source("f.sql", _damaged(chance))
        spoken = read_migrations([statement.split(source)], registry.clauses())
        _fits(source, spoken)
        _fits(source, read_checks([source], registry.clauses()))
        ids = [query.id for query in spoken.queries]
        assert len(ids) == len(set(ids))


def _fits(source: Source, contract: Contract) -> None:
    lines = source.text.split("\n")
    places = [query.place for query in contract.queries]
    places += [word.place for query in contract.queries for word in query.uses]
    places += [mention.word.place for mention in contract.mentions]
    places += [problem.place for problem in contract.problems if problem.place]
    for place in places:
        assert place.text == lines[place.line - 1].rstrip("\r")
        assert 1 <= place.column <= len(place.text) + 1
    for query in contract.queries:
        assert [p.number for p in query.parameters] == list(range(1, len(query.parameters) + 1))
