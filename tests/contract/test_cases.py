"""Invented schemas and comment styles, good and bad: tests/cases/contract/*/*.sql beside what is read from them.

`python -m tests.contract.test_cases` writes the second halves; read them before you commit them.
"""

from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path

import pytest

from pgproof.contract.promise import Contract, Origin, Query, Served, Word
from pgproof.contract.read import read_checks, read_migrations
from pgproof.rules import registry
from pgproof.sql import grammar, statement
from pgproof.sql.grammar import GrammarError
from pgproof.sql.source import Source

_CASES = Path(__file__).parents[1] / "cases" / "contract"
_MIGRATIONS = sorted((_CASES / "migrations").glob("*.sql"))
_CHECKS = sorted((_CASES / "checks").glob("*.sql"))


def _contract(path: Path) -> Contract:
    source = Source(path.name, path.read_text())
    if path.parent.name == "checks":
        return read_checks([source], registry.clauses())
    return read_migrations([statement.check(source)], registry.clauses())


def shown(contract: Contract) -> str:
    """A contract as text that can be read and compared."""
    return "\n".join(_lines(contract)) + "\n"


def _lines(contract: Contract) -> Iterator[str]:
    for query in contract.queries:
        yield f"query {query.id}  {_at(query.place.line, query.place.column)}  {query.origin}"
        yield f"  title: {query.title}"
        yield from (f"  | {line}" for line in query.text.split("\n"))
        yield from _refused(query)
        named = [
            " ".join(filter(None, [f"${p.number}", p.name, p.type, p.value and f"= {p.value}"]))
            for p in query.parameters
        ]
        yield from [f"  parameters: {', '.join(named)}"] if named else []
        served = " ".join(kind for kind in reversed(Served) if kind in query.serves)
        yield from [f"  uses: {_words(query.uses)} {served}".rstrip()] if query.uses else []
        hidden = ("uses", "order", "params") if query.origin is Origin.FILE else ("uses", "serves")
        others = [each for each in query.promises if each.word not in hidden]
        yield from (f"  {each.word}: {each.value}  {_at(each.place.line, each.place.column)}" for each in others)
        yield from (f"  given: {each.text}" for each in query.setup)
    for mention in contract.mentions:
        name = f"{mention.qualifier}.{mention.word.text}" if mention.qualifier else mention.word.text
        place = mention.word.place
        yield f"mention {name}  {_at(place.line, place.column)}  {mention.cue}".rstrip()
    for claim in contract.foreign_keys:
        words = " ".join(word.text for word in claim.words)
        target = claim.line.source.place(claim.next).text.strip() if claim.next is not None else "the end"
        yield f"foreign key  {_at(claim.line.place.line, claim.line.place.column)}  {words}  before: {target}"
    for accepted in contract.accepted:
        yield f"accepted {accepted.code} {accepted.object}  {accepted.place.line}  until {accepted.until}"
        yield f"  because: {accepted.because}"
    for problem in contract.problems:
        yield str(problem)


def _refused(query: Query) -> Iterator[str]:
    try:
        grammar.parse(query.text)
    except GrammarError as error:
        place = query.source.place(error.problem.offset)
        yield f"  will be refused: {error.problem.message}  {_at(place.line, place.column)}"


def _at(line: int, column: int) -> str:
    return f"{line}:{column}"


def _words(words: tuple[Word, ...]) -> str:
    return ", ".join(f"{word.text} ({_at(word.place.line, word.place.column)})" for word in words)


@pytest.mark.parametrize("path", [*_MIGRATIONS, *_CHECKS], ids=lambda path: path.stem)
def test_what_is_read(path: Path) -> None:
    assert shown(_contract(path)) == path.with_suffix(".txt").read_text()


@pytest.mark.parametrize("path", [*_MIGRATIONS, *_CHECKS], ids=lambda path: path.stem)
def test_every_character_leads_back_to_the_authors(path: Path) -> None:
    for query in _contract(path).queries:
        pieces = query.source.pieces
        verbatim = 0
        for offset, char in enumerate(query.text):
            piece = pieces[bisect_right(pieces, offset, key=lambda p: p.offset) - 1]
            if piece.verbatim and char != "\n":
                place = query.source.place(offset)
                assert place.text[place.column - 1] == char
                verbatim += 1
        assert verbatim


if __name__ == "__main__":
    for each in [*_MIGRATIONS, *_CHECKS]:
        each.with_suffix(".txt").write_text(shown(_contract(each)))
