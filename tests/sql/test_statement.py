"""Statements are cut where PostgreSQL's grammar ends them."""

import pytest

from pgproof.sql import statement
from pgproof.sql.source import Source


def test_a_semicolon_in_an_atomic_body_ends_no_statement() -> None:
    script = statement.check(
        Source("f.sql", "create function f() returns int begin atomic select 1; select 2; end; select 3")
    )
    assert [s.text[-8:] for s in script.statements] == ["t 2; end", "select 3"]
    assert script.problems == ()


def test_all_errors_are_found_with_places_in_characters() -> None:
    script = statement.check(Source("f.sql", "-- é\nselect 'é' fro m t;\nselect 1;\nselect é from from;"))
    assert [str(p.place) for p in script.problems] == ["f.sql:2:16", "f.sql:4:15"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-- nothing",
        ";;select 1;; ;select 2",
        "/* a */ select 1 /* b */; -- c\n/* d /* e */ */ select 2 -- f\n;\n-- g",
        "select 'é--ü', '/*' ; -- é\n select é from é\t\f\n;",
        "select $$ ; -- $$\n;\ncreate table a ( -- b\n  c int /* d */\n)",
        "select 1 -- a\n + 2\n, 3;select '--'",
        "create function f() returns int begin atomic select 1; end; select 2",
    ],
)
@pytest.mark.parametrize("start", [0, 7])
def test_the_grammar_and_the_scanner_cut_alike(text: str, start: int) -> None:
    source = Source("f.sql", " " * start + text)
    checked, cut = statement.check(source, start), statement.split(source, start)
    assert checked.problems == ()
    assert [(s.start, s.end) for s in checked.statements] == [(s.start, s.end) for s in cut.statements]
    assert checked.tokens == cut.tokens


def test_what_pg_dump_says_to_psql_is_a_comment() -> None:
    text = "\\restrict k3Y\n\nSET a = 1;\nSELECT '\n\\restrict it''s\n';\n\n\\unrestrict k3Y\n"
    script = statement.check(Source("dump.sql", text))
    assert script.problems == ()
    assert [each.text for each in script.statements] == ["SET a = 1", "SELECT '\n\\restrict it''s\n'"]
    assert [str(each.place) for each in script.statements] == ["dump.sql:3:1", "dump.sql:4:1"]
    other = statement.check(Source("dump.sql", "\\restricted\nSELECT 1;"))
    assert [str(problem.place) for problem in other.problems] == ["dump.sql:1:1"]
