"""What comes of rows that break constraints, on every major: tests/cases/synth/probe says it of each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pgproof.contract.promise import Origin, Parameter, Query
from pgproof.database import failure
from pgproof.database.connection import Connection, connect
from pgproof.database.conninfo import Conninfo
from pgproof.sql.source import Source
from pgproof.synth.probe import guard as guards
from pgproof.synth.probe.fact import Acted, Action, Outcome, Probe, Run, Survey
from pgproof.synth.probe.survey import survey as surveyed

CASES = Path(__file__).parents[1] / "cases" / "synth" / "probe"
_LINE = re.compile(r"^-- (?P<thing>\w+\.\w+): (?P<said>.+)\n", re.MULTILINE)


def survey(conn: Connection, database: Conninfo, *queries: Query) -> Survey:
    """What is tried on a connection, and another one to the same database."""
    with closing(connect(database)) as other:
        return surveyed(conn, other, queries)


def words(probe: Probe) -> Iterator[str]:
    """What the lines of a case say of a probe."""
    yield probe.outcome.name.lower()
    if probe.outcome is Outcome.UNTRIED:
        yield probe.reason.partition(" Failing row")[0]
    if probe.beside:
        yield f"without {' and '.join(probe.beside)}"
    if probe.is_mended:
        yield "mended"
    if probe.event != "INSERT":
        yield f"by {probe.event}"
    elif probe.outcome is Outcome.REFUSED and probe.changed is not Outcome.REFUSED and probe.guard.kind != "t":
        yield f"update {probe.changed.name.lower()}"
    if probe.mixed:
        yield f"also NULL in {' '.join(probe.mixed)}"
    if probe.guard.kind == "f" and probe.nulls:
        yield f"but NULL in {' '.join(probe.nulls)}"
    if probe.is_late:
        yield "late"
    if probe.guard.off:
        yield f"off {probe.guard.off}"
    if probe.old:
        yield f"{probe.old} old"


def said(probe: Probe) -> tuple[str, str]:
    """The object of a probe as the lines have it, and what they say."""
    guard = probe.guard
    return f"{guard.heir or guard.root}.{guard.root_name}", ", ".join(words(probe))


@pytest.mark.ends
@pytest.mark.parametrize("case", ["kinds", "more", "last"])
def test_each_constraint_refuses_or_is_told_why_not(major_database: Conninfo, case: str) -> None:
    text = (CASES / f"{case}.sql").read_text(encoding="utf-8")
    with closing(connect(major_database)) as conn:
        if case == "last" and conn.info.server_version < 180000:
            pytest.skip("it is of 18")
        conn.execute(text.encode())
        found = survey(conn, major_database)
    expected = {match["thing"]: match["said"] for match in _LINE.finditer(text)}
    words = dict(map(said, found.probes))
    assert {name: word for name, word in words.items() if word != expected.get(name, "refused")} == {}
    assert expected.keys() <= words.keys()
    assert len(found.probes) > {"kinds": 60, "more": 60, "last": 15}[case]
    if case == "last":
        actions = [f"{a.table}.{a.name} {a.event}: {', '.join(acted(a))}" for a in found.actions]
        assert actions == re.findall(r"^-- (\w+\.\w+ [A-Z]+: .+)", text, re.MULTILINE)


def acted(action: Action) -> Iterator[str]:
    """What the lines of a case say of an action."""
    refused = action.outcome in (Acted.REFUSED, Acted.OTHERWISE)
    state = "RESTRICT" if action.rule == "RESTRICT" and action.sqlstate in ("23503", "23001") else action.sqlstate
    yield action.outcome.name.lower() + (f" {state}" if refused else "")
    if action.rows:
        yield f"{action.rows} rows"
    yield from (f"{table} {number}" for table, number in action.lost)
    if action.beside:
        yield "without others"


@pytest.mark.ends
def test_foreign_keys_are_acted_out(major_database: Conninfo) -> None:
    database = major_database
    text = (CASES / "actions.sql").read_text(encoding="utf-8")
    with closing(connect(major_database)) as conn:
        conn.execute(text.encode())
        found = [f"{a.table}.{a.name} {a.event}: {', '.join(acted(a))}" for a in survey(conn, database).actions]
    assert found == re.findall(r"^-- (\w+\.\w+ [A-Z]+: .+)", text, re.MULTILINE)


def queries(text: str) -> Iterator[Query]:
    """The named statements of a case."""
    for name, statement in re.findall(r"^-- name: (\w+)\n(.*?);$", text, re.MULTILINE | re.DOTALL):
        numbers = sorted({int(number) for number in re.findall(r"\$(\d+)", statement)})
        parameters = tuple(Parameter(number=number) for number in numbers)
        yield Query(
            id=name, title="", source=Source("q.sql", statement), origin=Origin.FILE, parameters=parameters
        )


def ran(run: Run) -> str:
    """What the lines of a case say of a statement that was run."""
    words = [f"{run.query}: {run.outcome.name.lower()}", str(run.rows or ""), run.sqlstate, run.constraint]
    return " ".join(filter(None, words)) + (", certain" if run.is_certain and run.constraint else "")


@pytest.mark.ends
def test_documented_statements_are_run(major_database: Conninfo) -> None:
    text = (CASES / "statements.sql").read_text(encoding="utf-8")
    schema, _, written = text.partition("-- queries:\n")
    with closing(connect(major_database)) as conn:
        conn.execute(schema.encode())
        found = survey(conn, major_database, *queries(written))
        assert conn.execute("SELECT count(*) FROM calls").fetchone() == (2,)
    races = [f"race {race.query}: {race.outcome.name.lower()}" for race in found.races]
    expected = re.findall(r"^-- ((?:race )?\w+: .+)", schema, re.MULTILINE)
    assert sorted([*map(ran, found.runs), *races]) == sorted(expected)


def test_a_constraint_takes_few_messages(database: Conninfo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, since time is no measure: each waits for the server once."""
    waited = []
    wait = psycopg.Connection.wait

    def counted(self: psycopg.Connection[Any], *words: Any, **more: Any) -> Any:
        waited.append(1)
        return wait(self, *words, **more)

    tables = [
        f"CREATE TABLE t{n} (id int PRIMARY KEY, name text NOT NULL UNIQUE, a int CHECK (a > 0), b int, c int,"
        " CHECK (b > a), CHECK (c < b))"
        for n in range(20)
    ]
    with closing(connect(database)) as conn, closing(connect(database)) as other:
        conn.execute("; ".join(tables).encode())
        monkeypatch.setattr(psycopg.Connection, "wait", counted)
        found = surveyed(conn, other)
    assert len(found.probes) == 140
    assert len(waited) / len(found.probes) < 10, len(waited)


def test_only_the_rows_that_fit_remain(database: Conninfo) -> None:
    with closing(connect(database)) as conn:
        conn.execute("CREATE TABLE a (n int PRIMARY KEY CHECK (n > 0)); CREATE TABLE b (n int REFERENCES a)")
        assert {probe.outcome for probe in survey(conn, database).probes} == {Outcome.REFUSED}
        assert conn.execute("SELECT count(*) FROM a WHERE n > 0").fetchone() == (2,)
        assert conn.execute("SELECT count(*) FROM a").fetchone() == (2,)


def test_null_that_passes_a_check_is_told(database: Conninfo) -> None:
    with closing(connect(database)) as conn:
        conn.execute(
            "CREATE TABLE a (n int CHECK (n > 0), m int CHECK (m > 0 AND m IS NOT NULL),"
            " o int NOT NULL CHECK (o > 0))"
        )
        found = {
            probe.guard.name: probe.nulls for probe in survey(conn, database).probes if probe.guard.kind == "c"
        }
    assert found == {"a_n_check": ("n",), "a_m_check": (), "a_o_check": ()}


@pytest.mark.ends
def test_what_is_not_enforced_takes_everything(major_database: Conninfo) -> None:
    database = major_database
    with closing(connect(major_database)) as conn:
        if conn.info.server_version < 180000:
            pytest.skip("NOT ENFORCED is new in 18")
        conn.execute(
            "CREATE TABLE a (n int PRIMARY KEY, CONSTRAINT a_chk CHECK (n > 0) NOT ENFORCED);"
            "CREATE TABLE b (n int CONSTRAINT b_key REFERENCES a NOT ENFORCED)"
        )
        found = {probe.guard.name: probe for probe in survey(conn, database).probes if not probe.guard.is_enforced}
    assert {name: probe.outcome for name, probe in found.items()} == dict.fromkeys(
        ("a_chk", "b_key"), Outcome.ACCEPTED
    )


@pytest.mark.slow
def test_guards_of_thousands_of_tables_are_read_in_time(database: Conninfo) -> None:
    """As a migration leaves them: the catalog has no statistics of them yet."""
    made = """
        DO $$ BEGIN
            FOR i IN 1..2000 LOOP
                EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, r int REFERENCES t%s, n text NOT NULL
                    CHECK (n <> %L))', i, greatest(1, i / 2), '');
            END LOOP;
        END $$"""
    with closing(connect(database)) as conn:
        conn.execute(made.encode())
        with failure.told(), conn.transaction():
            conn.execute("SET LOCAL statement_timeout = '5s'")
            found = guards.read(conn)
    assert Counter(each.kind for each in found) == {"c": 2000, "f": 2000, "p": 2000, "n": 4000}
