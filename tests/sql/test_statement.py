"""Statements are cut where PostgreSQL's grammar ends them."""

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
