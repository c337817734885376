"""Which changes of type keep every value."""

from __future__ import annotations

import pytest

from pgproof.drift.ddl.widening import keeps_all, needs_using


@pytest.mark.parametrize(
    ("old", "new", "keeps", "using"),
    [
        ("integer", "bigint", True, False),
        ("bigint", "integer", False, False),
        ("integer", "numeric", True, False),
        ("integer", "numeric(5,2)", False, False),
        ("character varying(20)", "character varying(30)", True, False),
        ("character varying(30)", "character varying(20)", False, False),
        ("character varying(30)", "character varying", True, False),
        ("character varying(30)", "text", True, False),
        ("text", "character varying", True, False),
        ("text", "character varying(3)", False, False),
        ("numeric(10,2)", "numeric(12,2)", True, False),
        ("numeric(10,2)", "numeric(12,4)", True, False),
        ("numeric(10,2)", "numeric(10,4)", False, False),
        ("numeric(10,2)", "numeric(12,1)", False, False),
        ("numeric", "numeric(10,2)", False, False),
        ("timestamp(3) with time zone", "timestamp(6) with time zone", True, False),
        ("timestamp(3) with time zone", "timestamp(3) without time zone", False, False),
        ("timestamp with time zone", "date", False, False),
        ("text", "integer", False, True),
        ("integer[]", "bigint[]", False, True),
        ("public.mood", "text", False, True),
        ("text", "text", True, False),
    ],
)
def test_types(old: str, new: str, keeps: bool, using: bool) -> None:
    assert (keeps_all(old, new), needs_using(old, new)) == (keeps, using)
