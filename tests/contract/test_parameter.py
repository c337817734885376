"""Parameters of every style become `$n`, and nothing that only looks like one does."""

import pytest

from pgproof.contract import draft, parameter
from pgproof.sql import grammar
from pgproof.sql.source import Piece, Source


@pytest.mark.parametrize(
    ("written", "numbered", "names"),
    [
        ("a = ? AND b = ?", "a = $1 AND b = $2", ["", ""]),
        ("a = :x AND b = :y AND c = :x", "a = $1 AND b = $2 AND c = $1", ["x", "y"]),
        ("a=:x::int AND b=@y::text", "a=$1::int AND b=$2::text", ["x", "y"]),
        ("a=?and b>=?or c<>@z", "a=$1and b>=$2or c<>$3", ["", "", "z"]),
        ("a = %(x)s AND b=%(y)s AND c = %s", "a = $1 AND b=$2 AND c = $3", ["x", "y", ""]),
        ("a = sqlc.arg(x) AND b = sqlc.narg('y') AND c = @x", "a = $1 AND b = $2 AND c = $1", ["x", "y"]),
        ("a = $2 AND b = $1", "a = $2 AND b = $1", ["", ""]),
        ("a = $2 AND b = $4 AND c = $2", "a = $1 AND b = $2 AND c = $1", ["$2", "$4"]),
        ("a = $1 AND b = :x", "a = $1 AND b = $2", ["", "x"]),
        ("a IN (?, ?) LIMIT ? OFFSET ?", "a IN ($1, $2) LIMIT $3 OFFSET $4", ["", "", "", ""]),
        ("a BETWEEN ? AND ? OR a LIKE ?", "a BETWEEN $1 AND $2 OR a LIKE $3", ["", "", ""]),
        ("doc ? 'k' AND doc ?| :keys AND doc ? ?", "doc ? 'k' AND doc ?| $1 AND doc ? $2", ["keys", ""]),
        ("doc @> '{}' AND doc @? '$.a' AND box @ pt", "doc @> '{}' AND doc @? '$.a' AND box @ pt", []),
        ("doc ->> ? = ? AND doc->? = 1", "doc ->> $1 = $2 AND doc->$3 = 1", ["", "", ""]),
        ("a[1:2] = b[lo:hi] AND a[:x] = c[?]", "a[1:2] = b[lo:hi] AND a[$1] = c[$2]", ["x", ""]),
        ("a = ':x ? @y' AND b = $q$:z$q$ -- :c ?", "a = ':x ? @y' AND b = $q$:z$q$ -- :c ?", []),
        ('"a:b" = 1 AND a %2 = 0 AND b % (c) = 1', '"a:b" = 1 AND a %2 = 0 AND b % (c) = 1', []),
        ("é = :é AND b = :x", "é = $1 AND b = $2", ["é", "x"]),
        ("a = :user AND b = @select", "a = $1 AND b = $2", ["user", "select"]),
        ("a IN (...) AND b = ...", None, []),
    ],
)
def test_styles(written: str, numbered: str | None, names: list[str]) -> None:
    text = f"SELECT * FROM t WHERE {written}"
    source, parameters = parameter.number(Source("f.sql", text))
    assert source.text == (text if numbered is None else f"SELECT * FROM t WHERE {numbered}")
    assert [p.name for p in parameters] == names
    assert [p.number for p in parameters] == list(range(1, len(names) + 1))
    if numbered is not None:
        grammar.parse(source.text)


def test_dots_of_comments() -> None:
    text = "SELECT ... FROM t WHERE a IN (…) AND b = ... AND c > 1"
    source, parameters = parameter.number(Source("f.sql", text), ellipsis=True)
    assert source.text == "SELECT * FROM t WHERE a IN ($1) AND b = $2 AND c > 1"
    assert len(parameters) == 2


def test_places_of_a_rendered_source_lead_to_its_template() -> None:
    template = "SELECT *\n  FROM {{ table }} WHERE a = :x\n  AND b = 1"
    rendered = "SELECT *\n  FROM tickets WHERE a = :x\n  AND b = 1"
    start = template.index("{{")
    pieces = [
        Piece(offset=0, line=1, column=1),
        Piece(offset=start, line=2, column=8, verbatim=False),
        Piece(offset=start + len("tickets"), line=2, column=8 + len("{{ table }}")),
    ]
    source, _ = parameter.number(draft.part(Source("f.sql", rendered, template, pieces), 9, len(rendered)))
    assert source.text == "  FROM tickets WHERE a = $1\n  AND b = 1"
    for word, line, column in [("FROM", 2, 3), ("ckets", 2, 8), ("WHERE", 2, 20), ("$1", 2, 30), ("b = 1", 3, 7)]:
        place = source.place(source.text.index(word))
        assert (place.line, place.column) == (line, column), word
        assert place.text == template.split("\n")[line - 1]
