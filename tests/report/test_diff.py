"""The script of a plan: what stands in comments ends no comment, whatever things are called."""

from __future__ import annotations

import pytest

from pgproof.drift.planner.chapters import Chapter
from pgproof.drift.planner.plan import Cost, Hazard, Lock, Repair, Statement
from pgproof.report import schema
from pgproof.report.diff import script
from pgproof.sql import statement
from pgproof.sql.source import Source

ENDS = ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x85", "\u2028"]


@pytest.mark.parametrize("end", ENDS)
def test_a_name_of_several_lines_runs_nothing(end: str) -> None:
    name = f'public."a{end}DROP TABLE b; --"'
    cost = Cost(locks=(Lock(relation=name, mode="AccessExclusiveLock"),), rewrites=(name,), reads=())
    statements = (
        Statement(sql=f"ALTER TABLE {name} ADD c int", about=name, cost=cost),
        Statement(sql=f"DROP TABLE {name}", about=name, hazards=frozenset({Hazard.DATA_LOSS}), cost=cost),
    )
    plan = Repair(statements=statements, impossible=((name, name),))
    text = script(f"a{end}DROP TABLE b;", f"b{end}DROP TABLE b;", plan, (), proposals=[f"{name}=d"])
    found = [each.text for each in statement.split(Source("", text)).statements]
    assert [each for each in found if not each.startswith(("BEGIN", "COMMIT"))] == [statements[0].sql]
    allowed = script("a", "b", plan, ["data loss"])
    found = [each.text for each in statement.split(Source("", allowed)).statements]
    assert [each for each in found if "TABLE" in each] == [each.sql for each in statements]


@pytest.mark.parametrize("end", ENDS)
def test_a_schema_of_several_lines_runs_nothing(end: str) -> None:
    chapter = Chapter(heading=f"table a{end}DROP TABLE b;", statements=("SELECT 1",))
    text = schema.script([chapter], [(f"a{end}DROP TABLE b;", f"b{end}DROP TABLE b;")], 18)
    found = [each.text for each in statement.split(Source("", text)).statements]
    assert found == ["SET check_function_bodies = off", "SELECT 1"]
