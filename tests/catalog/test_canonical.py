"""Facts as text and back: nothing is lost, nothing else is taken for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pgproof.catalog import canonical
from pgproof.catalog.accounting import reading
from pgproof.catalog.canonical import Canonical
from pgproof.catalog.extract import extract
from pgproof.catalog.fact import Fact, Facts
from pgproof.database.scratch import ScratchServer
from pgproof.errors import InputError
from pgproof.sql.source import Source
from tests.catalog.everything import built, roles_for

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no mistake."""
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
PLAIN = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | WORDS
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=6)
NAMES = st.lists(WORDS, min_size=1, max_size=3).map(tuple)


@st.composite
def kept(draw: st.DrawFn) -> Canonical:
    """Anything that facts can be."""
    words = draw(
        st.dictionaries(WORDS, st.lists(WORDS, max_size=4, unique=True).map(tuple), min_size=1, max_size=3)
    )
    found = []
    for _ in range(draw(st.integers(0, 6))):
        catalog = draw(st.sampled_from(sorted(words)))
        values = tuple(draw(VALUES) for _ in words[catalog])
        of = draw(st.none() | st.tuples(WORDS, NAMES))
        found.append(Fact(catalog, draw(NAMES), draw(WORDS), values, of))
    facts = Facts(
        major=draw(st.integers(14, 18)),
        words=words,
        facts={each.key: each for each in found},
        unmodelled=draw(st.lists(WORDS, max_size=2).map(tuple)),
    )
    return Canonical(facts=facts, files=draw(WORDS), role=draw(WORDS), depends=(draw(WORDS),), reading=draw(WORDS))


@UNHURRIED
@given(kept(), st.data())
def test_a_full_one_has_definitions_and_needs(written: Canonical, data: st.DataObject) -> None:
    keys = list(written.facts.facts)
    found = {
        key: replace(fact, definition=data.draw(st.none() | WORDS)) for key, fact in written.facts.facts.items()
    }
    needs = {key: frozenset(data.draw(st.lists(st.sampled_from(keys)))) for key in keys}
    full = replace(written, full=True, facts=replace(written.facts, facts=found, needs=needs))
    again = reread(canonical.text(full))
    assert again == full
    assert again.facts.needs == needs
    assert canonical.text(again) == canonical.text(full)
    assert canonical.is_full(canonical.text(full))
    assert not canonical.is_full(canonical.text(written))


def reread(text: str) -> Canonical:
    return canonical.read(Source("migrations/schema.json", text))


@UNHURRIED
@given(kept())
def test_what_is_written_is_read(written: Canonical) -> None:
    text = canonical.text(written)
    assert reread(text) == written
    assert canonical.text(reread(text)) == text
    assert len(json.loads(text)["facts"]) == len(written.facts.facts)
    lines = [line for line in text.split("\n") if line.startswith("[")]
    assert len(lines) == len(written.facts.facts)


@pytest.mark.slow
def test_everything_comes_back_and_is_the_same_bytes_from_another_database(major_server: ScratchServer) -> None:
    def text(written: Facts) -> str:
        return canonical.text(Canonical(facts=written, files="f", role="r", reading=reading()))

    options = frozenset({"roles", "positions"})
    with roles_for(major_server.conninfo) as found:
        texts = []
        for _ in range(2):
            with built(found, major_server) as conn, conn.transaction():
                facts = extract(conn, options=options)
                texts.append(text(facts))
            assert reread(text(facts)).facts == facts
            assert text(reread(text(facts)).facts) == text(facts)
    assert texts[0] == texts[1]


FACT = Fact("pg_class", ('a "b".c', "d\ne \N{ROCKET}"), "table", ("p", None, ("x",)), ("pg_namespace", ("s",)))
OTHER = replace(FACT, name=("a", "z"))
SMALL = Canonical(
    facts=Facts(
        major=17,
        words={"pg_class": ("persistence", "type", "options")},
        facts={each.key: each for each in (OTHER, FACT)},
    ),
    files="f",
    role="postgres",
)


def test_how_it_looks() -> None:
    text = canonical.text(SMALL)
    (digest,) = [line for line in text.split("\n") if line.startswith('"digest"')]
    assert text.replace(f"{digest}\n", "") == (
        "{\n"
        '"format": "pgproof.schema/1",\n'
        '"postgres": 17,\n'
        '"reading": "",\n'
        '"files": "f",\n'
        '"role": "postgres",\n'
        '"depends": [],\n'
        '"words": {\n'
        '"pg_class": ["persistence", "type", "options"]\n'
        "},\n"
        '"unmodelled": [\n'
        "],\n"
        '"unread": [\n'
        "],\n"
        '"facts": [\n'
        '["pg_class", ["a", "z"], "table", {"persistence": "p", "options": ["x"]}, ["pg_namespace", ["s"]]],\n'
        '["pg_class", ["a \\"b\\".c", "d\\ne \N{ROCKET}"], "table", '
        '{"persistence": "p", "options": ["x"]}, ["pg_namespace", ["s"]]]\n'
        "]\n"
        "}\n"
    )


_UNLIKE = "does not hold what pgproof.schema/1 holds"
REFUSED: dict[str, tuple[Callable[[str], str], str]] = {
    "empty": (lambda _: "", "migrations/schema.json:1:1: schema.json ends in the middle"),
    "other": (lambda _: "[1, 2]\n", "migrations/schema.json:1:1: schema.json is no snapshot of pgproof"),
    "text": (lambda _: "CREATE TABLE a ();\n", "migrations/schema.json:1:1: schema.json is not JSON: "),
    "later": (
        lambda text: text.replace("schema/1", "schema/2"),
        "migrations/schema.json:2:1: schema.json is of the format pgproof.schema/2",
    ),
    "value": (
        lambda text: text.replace('"p"', '"u"', 1),
        "migrations/schema.json:8:1: schema.json was changed since pgproof wrote it",
    ),
    "head": (lambda text: text.replace('"role": "postgres"', '"role": "ann"'), "migrations/schema.json:8:1: "),
    "digest": (lambda text: text.replace('"digest"', '"digests"'), "migrations/schema.json:1:1: schema.json was "),
    "line": (lambda text: "\n".join(text.split("\n")[:-3]), "schema.json ends in the middle"),
    "string": (lambda text: text[:60], "schema.json ends in the middle"),
    "conflict": (
        lambda text: text.replace('"files"', '<<<<<<< HEAD\n"files": "g",\n=======\n"files"'),
        "migrations/schema.json:5:1: a merge conflict in schema.json",
    ),
    "form": (lambda text: summed(text.replace('"words": {', '"word": {')), "does not hold what pgproof.schema/1 "),
    "unknown word": (lambda text: summed(text.replace('"persistence": "p"', '"persisted": "p"')), _UNLIKE),
    "object": (lambda text: summed(text.replace('"persistence": "p"', '"persistence": {}')), _UNLIKE),
    "number": (lambda text: summed(text.replace('["pg_class", ["a", "z"]', '["pg_class", 7')), _UNLIKE),
    "fact that is no JSON": (
        lambda text: summed(text.replace('"persistence": "p"', '"persistence": p', 1)),
        "migrations/schema.json:17:51: schema.json is not JSON: Expecting value",
    ),
    "no list": (lambda text: summed(text.replace('"unread": [\n]', '"unread": 1')), _UNLIKE),
    "long number": (lambda text: text.replace("17", "1" * 5000, 1), "schema.json is no snapshot"),
    "deep": (lambda _: "[" * 200_000, "schema.json is no snapshot"),
}


def summed(text: str) -> str:
    """The text with the digest that it should have."""
    lines = text.split("\n")
    place = next(number for number, line in enumerate(lines) if line.startswith('"digest"'))
    del lines[place]
    digest = canonical._sum("\n".join(lines))
    return "\n".join([*lines[:place], f'"digest": "{digest}",', *lines[place:]])


@pytest.mark.parametrize("how", REFUSED)
def test_what_pgproof_has_not_written_is_refused(how: str) -> None:
    change, message = REFUSED[how]
    with pytest.raises(InputError) as refused:
        reread(change(canonical.text(SMALL)))
    assert message in str(refused.value)
    assert "HINT: " in str(refused.value)


def test_the_test_knows_the_digest() -> None:
    assert summed(canonical.text(SMALL)) == canonical.text(SMALL)
