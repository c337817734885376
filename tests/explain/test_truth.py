"""Plans on statistics that are made up, against plans on rows that are there: the shipped schema, loaded.

The rows are drawn as truth.toml has them, ANALYZE reads them, and each documented query and those of truth/ are
planned for any values, frequent and rare ones. Then the same on an empty copy that was given that size. All plans
have to be alike: nodes, indexes, sort keys, conditions. `python -m tests.explain.test_truth [ROWS]` prints them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pgproof.catalog.read import read as read_catalog
from pgproof.catalog.snapshot import Snapshot
from pgproof.contract import profile
from pgproof.contract.profile import Profile
from pgproof.contract.promise import Query, Values
from pgproof.contract.read import load, read_migrations
from pgproof.database.connection import Connection, connect
from pgproof.database.scratch import ScratchServer, open_scratch
from pgproof.explain import planner
from pgproof.explain.plan import Node
from pgproof.explain.planner import Prepared
from pgproof.explain.size import model as models
from pgproof.explain.size import shape, sweep, values
from pgproof.explain.size.own import OwnDatabase
from pgproof.explain.size.sweep import Asked
from pgproof.explain.size.values import Bound
from pgproof.migrate.execute import build
from pgproof.migrate.library import Library, load_plain
from pgproof.rules import registry
from tests.conftest import OPTIONS

ROOT = Path(__file__).parents[2]
MORE = Path(__file__).parents[1] / "cases" / "profile" / "truth"
LOAD = (Path(__file__).parents[1] / "cases" / "profile" / "load.sql").read_text()
PROFILE = (Path(__file__).parents[1] / "cases" / "profile" / "truth.toml").read_text()
# at 1e6 rows ANALYZE takes the users for fewer than they are, and two ways of this join cost nearly the same
SHAKY = {"pairs_of_jobs"}
Plans = dict[tuple[str, Values], Node]


def queries(library: Library) -> Iterator[Query]:
    yield from read_migrations([migration.up.script for migration in library.migrations]).queries
    yield from load(ROOT / "checks", registry.clauses()).queries
    yield from load(MORE, registry.clauses()).queries


def prepared(conn: Connection, query: Query) -> Prepared:
    with conn.transaction(force_rollback=True):
        return planner.prepare(conn, query.text, tuple(each.type for each in query.parameters))


def shown(node: Node) -> str:
    """What two plans have to have alike."""
    own = [node.summary, *node.sort_key, node.index_condition and "cond", node.filter and "filter"]
    return " ".join(filter(None, own)) + "".join(f"({shown(child)})" for child in node.children)


def synthesised(
    server: ScratchServer, library: Library, rows: float
) -> tuple[Plans, dict[Prepared, dict[int, Bound]]]:
    """The plans on an empty database that was given that size, and what the parameters are compared with."""
    with server.database() as database, OwnDatabase(server, database) as own:
        for _ in build(own.conn, library):
            pass
        snapshot = read_catalog(own.conn)
        asked = [
            Asked(prepared(own.conn, query), frozenset((t.schema, t.name) for t in snapshot.tables))
            for query in queries(library)
        ]
        found = sweep.sweep(own, declared(rows), snapshot, asked)
        return {
            (query.id, each.values): each.root
            for query, answer in zip(queries(library), found.answers, strict=True)
            for each in answer.sizes
            if each.n_distinct == 1.0
        }, bounds(own.conn, snapshot, asked, rows)


def declared(rows: float) -> Profile:
    return profile.read("truth.toml", PROFILE.replace("1e6", f"{rows:g}"))


def bounds(
    conn: Connection, snapshot: Snapshot, asked: list[Asked], rows: float
) -> dict[Prepared, dict[int, Bound]]:
    there = shape.read(conn)
    model = models.model(declared(rows), snapshot, there)
    return {
        each.prepared: values.bounds(sweep.explain(conn, each.prepared, [None])[0], there, model) for each in asked
    }


def loaded(server: ScratchServer, library: Library, rows: float, known: dict[Prepared, dict[int, Bound]]) -> Plans:
    """The plans on a database with as many rows."""
    plans: Plans = {}
    with server.database() as database, closing(connect(database)) as conn:
        for _ in build(conn, library):
            pass
        conn.execute("SET synchronous_commit = on")  # else VACUUM marks no page all-visible
        conn.execute(LOAD.replace("1000000", f"{rows:.0f}").encode())
        conn.execute("VACUUM ANALYZE agents")
        conn.execute("VACUUM ANALYZE jobs")
        now = sweep.now(conn)
        for query in queries(library):
            each = prepared(conn, query)
            kinds = (Values.HOT, Values.RARE) if each.types else ()
            given = [values.arguments(each.types, known[each], {}, kind, 0, now) for kind in kinds]
            roots = sweep.explain(conn, each, [None, *given])
            plans |= {(query.id, kind): root for kind, root in zip(Values, roots, strict=False)}
    return plans


def unlike(made: Plans, truth: Plans) -> list[str]:
    assert made.keys() == truth.keys()
    return [
        f"{query}, {kind}:\n  truth {shown(truth[query, kind])}\n  made  {shown(made[query, kind])}"
        for query, kind in truth
        if shown(truth[query, kind]) != shown(made[query, kind])
    ]


def report(made: Plans, truth: Plans) -> str:
    lines = []
    for query, kind in truth:
        one, other = made[query, kind], truth[query, kind]
        rows = max(1.0, one.rows) / max(1.0, other.rows)
        lines.append(f"{query:40} {kind:26} cost x{one.cost / other.cost:.2f} rows x{rows:.2f}  {shown(other)}")
    wrong = unlike(made, truth)
    return "\n".join([*lines, *wrong, f"{len(truth) - len(wrong)} of {len(truth)} alike"])


def compare(server: ScratchServer, rows: float) -> tuple[Plans, Plans]:
    library = load_plain(ROOT / "migrations", {})
    made, known = synthesised(server, library, rows)
    return made, loaded(server, library, rows, known)


def test_all_plans_are_those_of_loaded_rows(server: ScratchServer) -> None:
    made, truth = compare(server, 1e5)
    assert unlike(made, truth) == []
    assert len(truth) >= 80


@pytest.mark.slow
def test_all_plans_are_those_of_a_million_loaded_rows(major_server: ScratchServer, whole: bool) -> None:
    """It takes minutes: only with --whole."""
    if not whole:
        pytest.skip("loads a million rows: only with --whole")
    made, truth = compare(major_server, 1e6)
    print(report(made, truth))
    assert {each.partition(",")[0] for each in unlike(made, truth)} <= SHAKY


if __name__ == "__main__":
    with open_scratch(OPTIONS) as opened:
        print(opened.version)
        print(report(*compare(opened, float(sys.argv[1]) if len(sys.argv) > 1 else 1e5)))
