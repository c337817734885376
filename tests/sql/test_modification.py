"""What statements that change rows say, read with the grammar."""

from __future__ import annotations

import pytest

from pgproof.sql.modification import is_moment, modification, passed


def test_an_update() -> None:
    found = modification(
        "UPDATE s.jobs AS j SET state = 'x', at = now() - interval '1 s', note = $2::text"
        " WHERE j.id = $1::uuid AND state = 'p'::kind AND j.n > 3 AND $3 = j.m"
    )
    assert found is not None
    assert (found.kind, found.schema, found.table) == ("UPDATE", "s", "jobs")
    assert found.assigned[0] == ("state", "'x'")
    assert found.conditions == ("state = 'p'::kind", "n > 3")
    assert found.parameters == {1: "id", 2: "note", 3: "m"}
    assert found.begun == ("at",)


def test_an_update_with_other_tables_keeps_what_is_surely_its_own() -> None:
    found = modification("UPDATE a SET n = b.n FROM b WHERE a.id = b.id AND a.k = 1 AND k2 = 2")
    assert found is not None
    assert found.conditions == ("k = 1",)


def test_parameters_of_other_tables() -> None:
    update = modification(
        "UPDATE a SET n = COALESCE($3, 1) FROM s.b AS x WHERE a.id = x.id AND x.name = $1 AND a.k = $2"
    )
    insert = modification("INSERT INTO a (n) SELECT n FROM a WHERE id = $1")
    assert update is not None and insert is not None
    assert (update.parameters, update.elsewhere) == ({2: "k", 3: "n"}, {1: ("s", "b", "name")})
    assert (insert.parameters, insert.elsewhere) == ({}, {1: ("", "a", "id")})


def test_a_condition_with_a_query_of_its_own_is_left_out() -> None:
    found = modification("DELETE FROM a WHERE id = (SELECT id FROM a WHERE k = 1 LIMIT 1) AND n = 2")
    assert found is not None
    assert found.conditions == ("n = 2",)


def test_a_delete_and_an_insert() -> None:
    delete = modification("DELETE FROM a WHERE id = ANY ($1) AND b IN ($2, 3)")
    insert = modification("INSERT INTO a (x, y) VALUES ($1, CURRENT_TIMESTAMP) ON CONFLICT DO NOTHING")
    assert delete is not None and insert is not None
    assert (delete.kind, delete.parameters, delete.arrays) == ("DELETE", {1: "id", 2: "b"}, {1})
    assert (insert.kind, insert.parameters, insert.begun) == ("INSERT", {1: "x"}, ("y",))


@pytest.mark.parametrize("text", ["SELECT 1", "not sql", "UPDATE a SET n = 1; UPDATE a SET n = 2", ""])
def test_what_is_no_single_change_is_none(text: str) -> None:
    assert modification(text) is None


@pytest.mark.parametrize(
    "text", ["now()", "CURRENT_TIMESTAMP", "clock_timestamp()", "(now() + '1 day'::interval)"]
)
def test_moments(text: str) -> None:
    assert is_moment(text)


@pytest.mark.parametrize("text", ["", "'2020-01-01'::date", "CURRENT_USER", "random()"])
def test_what_is_no_moment(text: str) -> None:
    assert not is_moment(text)


@pytest.mark.parametrize(
    ("text", "assigned"),
    [
        ("UPDATE t SET (a, b) = ($1, $2 + 1), c = 3", (("a", "$1"), ("b", "$2 + 1"), ("c", "3"))),
        ("UPDATE t SET (a, b) = ROW ($1, DEFAULT)", (("a", "$1"), ("b", "DEFAULT"))),
        ("UPDATE t SET (a, b) = (SELECT 1, 2)", (("a", "(SELECT 1, 2)"), ("b", "(SELECT 1, 2)"))),
    ],
)
def test_columns_that_are_set_together(text: str, assigned: tuple[tuple[str, str], ...]) -> None:
    """Such a statement ended with an error of the parser once."""
    found = modification(text)
    assert found is not None
    assert found.assigned == assigned


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("UPDATE t SET a = $1, b = $2::int", {"a": [(1, ())], "b": [(2, ("int",))]}),
        ("UPDATE t SET a = $1::bigint::int", {"a": [(1, ("bigint", "int"))]}),
        ("INSERT INTO t (a, b) VALUES ($1, $2), ($3, 4)", {"a": [(1, ()), (3, ())]}),
        ("UPDATE t SET a = a + $1, b[1] = $2", {}),
        ("INSERT INTO t (a) VALUES ($1) ON CONFLICT (a) DO UPDATE SET a = $2", {}),
        ("INSERT INTO t (a) SELECT $1", {}),
        ("INSERT INTO t VALUES ($1)", {}),
        ("DELETE FROM t WHERE a = $1", {}),
        ("UPDATE t SET a = $1; UPDATE t SET a = 2", {}),
        ("UPDATE t SET", {}),
    ],
)
def test_parameters_that_are_written_as_they_come(
    text: str, expected: dict[str, list[tuple[int, tuple[str, ...]]]]
) -> None:
    found = {name: [(each.number, each.types) for each in values] for name, values in passed(text).items()}
    assert found == expected
