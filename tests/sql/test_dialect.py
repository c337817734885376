"""What sqlglot reads of the queries and predicates that people write."""

from __future__ import annotations

import pytest

from pgproof.sql.dialect import Write, allowed_values, equal_columns, writes


def shown(write: Write) -> str:
    values = (f"{v.column or '?'}={'DEFAULT' if v.is_default else v.constant or '$'}" for v in write.values)
    return f"{'insert' if write.inserts else 'update'} {write.relation}: {', '.join(values)}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "UPDATE t SET a = 'x', b = NOW(), c = -1, d = NULL WHERE id = $1",
            ["update t: a='x', b=$, c=-1, d=NULL"],
        ),
        ('UPDATE ONLY s.T AS u SET "B" = true, c = d + 1', ["update s.t: B=TRUE, c=$"]),
        ("UPDATE t SET a = DEFAULT, b = $1,c=$2", ["update t: a=DEFAULT, b=$, c=$"]),
        (
            "INSERT INTO t (a,b,c) VALUES ($1,$2,'n'),($1,DEFAULT,'m')",
            ["insert t: a=$, b=$, c='n'", "insert t: a=$, b=DEFAULT, c='m'"],
        ),
        ("INSERT INTO t VALUES (1, 'x'::text)", ["insert t: ?=1, ?=CAST('x' AS TEXT)"]),
        ("INSERT INTO t (a) SELECT 1", []),
        ("INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING", []),
        ("DELETE FROM t", []),
        ("SELECT 1", []),
        ("this is no SQL", []),
    ],
)
def test_writes(text: str, expected: list[str]) -> None:
    assert [shown(write) for write in writes(text)] == expected


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("((s)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))", ("'a'", "'b'")),
        ("s IN ('a', 'b')", ("'a'", "'b'")),
        ("((s = 'a'::text) OR (s = 'b'::text))", ("'a'", "'b'")),
        ("((n = ANY (ARRAY[1, 2])) AND (s = ANY (ARRAY['x'::text])))", ("'x'",)),
        ("(n = ANY (ARRAY[1, '-2'::integer]))", ()),
        ("s <> 'a'", ()),
        ("(s = 'a' OR n = 1)", ()),
        ("length(s) = 3", ()),
    ],
)
def test_allowed_values(expression: str, values: tuple[str, ...]) -> None:
    assert allowed_values(expression, "s") == values


def test_equal_columns() -> None:
    text = "((t.a = $1) AND ((t.b)::text = 'x'::text) AND (t.c > 3) AND (t.d = u.e) AND (lower(t.f) = 'y'))"
    assert equal_columns(text) == ("a", "b")
