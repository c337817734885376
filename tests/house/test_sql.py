"""Our own SQL is source code: it lies in .sql files and says what it is for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pgproof.sql import grammar
from tests.house.repository import PACKAGE, Module, docstring_nodes, module, package_modules

VERBS = (
    "alter|analyze|begin|comment|create|delete|do|drop|explain|grant|insert|lock|merge|prepare|reindex|revoke|"
    "select|set|show|truncate|update|vacuum|with"
)
STATEMENT = re.compile(rf"\s*(?:--.*\n\s*)*(?:{VERBS})\s+\S", re.IGNORECASE)
QUERY = re.compile(
    r"\s*(?:select|insert\s+into|update\s+\S+\s+set|delete\s+from|with\s+\w+\s+as)\s", re.IGNORECASE
)
# drift/ writes DDL and synth/ rows, that is their trade; catalog/ selects the columns, and counts the rows, that
# the accounting has
WRITERS = (
    "drift/",
    "synth/",
    "catalog/query.py",
    "catalog/mark.py",
    "catalog/newer.py",
    "catalog/fingerprint.py",
    "catalog/initdb.py",
)
# sql/ puts words around a piece of SQL so that a grammar can read it, contract/ completes what a comment says of a
# query ("WHERE a = ?" above an index), explain/ asks the planner about conditions that the team wrote
WRAPPERS = (*WRITERS, "sql/", "contract/", "explain/")

PARAMETER = re.compile(r"%\(\w+\)s|%s")  # psycopg's
SQL_FILES = sorted(PACKAGE.rglob("*.sql"))


def sql_of_several_lines(each: Module) -> list[str]:
    """String constants of more than one line that begin like a statement (docstrings excepted)."""
    docstrings = docstring_nodes(each.tree)
    return [
        f"{each.name}:{node.lineno}"
        for node in ast.walk(each.tree)
        if isinstance(node, ast.Constant | ast.JoinedStr)
        and node not in docstrings
        and (node.end_lineno or node.lineno) > node.lineno
        and STATEMENT.match(_text(node))
    ]


def queries_put_together(each: Module) -> list[str]:
    """Queries into which Python writes words: an f-string, `%`, `+` or `.format` around a query."""
    found = []
    for node in ast.walk(each.tree):
        if isinstance(node, ast.JoinedStr):
            written = QUERY.match(_text(node)) and any(
                isinstance(part, ast.FormattedValue) for part in node.values
            )
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
            written = _is_query(node.left)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            written = _is_query(node.func.value)
        else:
            continue
        if written:
            found.append(f"{each.name}:{node.lineno}")
    return found


def _is_query(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant | ast.JoinedStr) and QUERY.match(_text(node)) is not None


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "?" for part in node.values)
    return node.value if isinstance(node.value, str) else ""


def test_sql_of_several_lines_lies_in_files() -> None:
    modules = [each for each in package_modules() if not each.name.startswith(WRITERS)]
    assert [place for each in modules for place in sql_of_several_lines(each)] == []


def test_python_writes_no_words_into_queries() -> None:
    modules = [each for each in package_modules() if not each.name.startswith(WRAPPERS)]
    assert [place for each in modules for place in queries_put_together(each)] == []


@pytest.mark.parametrize("path", SQL_FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_sql_file_says_what_it_is_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("--"), "a comment first: what it gives, from which PostgreSQL on"
    assert text.endswith(";\n"), "complete: psql -f runs it"


@pytest.mark.parametrize("path", SQL_FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_sql_file_says_the_schema_of_everything(path: Path) -> None:
    assert unqualified(path.read_text(encoding="utf-8")) == set()


def unqualified(text: str) -> set[str]:
    """Tables and functions that a SQL file names without their schema; names of its own WITH lists excepted."""
    found = list(_messages(grammar.parse(PARAMETER.sub("NULL", text))))
    own = {node.ctename for node in found if type(node).__name__ == "CommonTableExpr"}
    tables = {node.relname for node in found if type(node).__name__ == "RangeVar" and not node.schemaname}
    functions = {
        node.funcname[0].string.sval
        for node in found
        if type(node).__name__ == "FuncCall" and len(node.funcname) == 1
    }
    return (tables - own) | functions


def _messages(node: Any) -> Iterator[Any]:
    """A tree of the grammar and all trees in it."""
    yield node
    for field, value in node.ListFields():
        if field.message_type is not None:
            for child in value if hasattr(value, "__len__") else [value]:
                yield from _messages(child)


def test_a_name_without_its_schema_is_seen() -> None:
    text = "-- x\nWITH w AS (SELECT 1) SELECT count(*), pg_catalog.now() FROM w, t, pg_catalog.x WHERE a = %(a)s;"
    assert unqualified(text) == {"count", "t"}


def test_surgery_is_seen() -> None:
    assert sql_of_several_lines(module("x.py", 'q = """select 1\n from t"""')) == ["x.py:1"]
    assert sql_of_several_lines(module("x.py", 'q = ("select 1"\n " from t")')) == ["x.py:1"]
    assert sql_of_several_lines(module("x.py", 'q = "select 1 from t"')) == []
    assert sql_of_several_lines(module("x.py", 'def f():\n    """Select the\n    rows."""')) == []
    assert queries_put_together(module("x.py", 'q = f"select {a} from t"')) == ["x.py:1"]
    assert queries_put_together(module("x.py", 'q = "select 1 from " + t')) == ["x.py:1"]
    assert queries_put_together(module("x.py", 'q = "select 1 from {}".format(t)')) == ["x.py:1"]
    assert queries_put_together(module("x.py", 'm = f"select a {kind} index"')) == ["x.py:1"]
    assert queries_put_together(module("x.py", 'm = f"the {kind} is selected"')) == []
