"""Conditions as the server writes them, taken apart."""

from __future__ import annotations

import pytest

from pgproof.sql import condition


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ()),
        ("(t.a = 1)", ("t.a = 1",)),
        ("((t.a = $1) AND ((t.b)::text = 'x AND y'::text))", ("t.a = $1", "t.b::text = 'x AND y'::text")),
        ("((a = 1) OR (b = 2))", ("a = 1 OR b = 2",)),
        ("(NOT (hashed SubPlan 1))", ("(NOT (hashed SubPlan 1))",)),
    ],
)
def test_conjuncts(text: str, parts: tuple[str, ...]) -> None:
    assert condition.conjuncts(text) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("((t.status)::text = 'x'::text)", ("status",)),
        ("(lower((t.email)::text) = $1)", ("lower(email)",)),
        ("(ROW(t.a, t.b) > ROW($1, $2))", ("a", "b")),
        ("(t.x IS NOT NULL)", ("x",)),
        ("(t.x = ANY ('{1,2}'::integer[]))", ("x",)),
        ("(NOT t.done)", ("done",)),
        ("t.done", ("done",)),
        ('("t t"."näme" = \'é\'::text)', ('"näme"',)),
        ("(o.customer_id = c.id)", ("customer_id",)),
    ],
)
def test_subjects(text: str, parts: tuple[str, ...]) -> None:
    assert condition.subjects(text) == parts


def test_columns_and_their_tables() -> None:
    assert condition.columns("((t.a = u.b) AND (c > 1))") == {"a", "b", "c"}
    assert condition.qualifiers("((t.a = u.b) AND (c > 1))") == {"t", "u", ""}
    assert not condition.is_sql("(NOT (hashed SubPlan 1))")
