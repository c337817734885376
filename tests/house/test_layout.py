"""The plot, the names and the sizes."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import PurePosixPath

from tests.house.repository import PACKAGE, Module, module, modules_of_tests, package_modules, tracked

TOP_LEVEL = {
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "checks",
    "migrations",
    "pyproject.toml",
    "tests",
    "toolkit",
}
TESTS_BESIDE_ROOMS = {"bench", "cases", "faults", "house", "shipped"}
FORBIDDEN_NAMES = {"base", "common", "core", "generator", "helpers", "manager", "misc", "utils"}
REGISTRIES = {"cli", "report", "rules"}

LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 40
FILES_OF_A_ROOM = 8
REASON = "long because"
REASONS_FOR_FILES = ("because", "one file per")


def test_top_level_is_the_plot() -> None:
    names = {path.split("/", 1)[0] for path in tracked()}
    assert {name for name in names if not name.startswith(".")} == TOP_LEVEL


def test_toolkit_holds_one_package_its_map_and_its_pages() -> None:
    names = {path.split("/")[1] for path in tracked() if path.startswith("toolkit/")}
    assert names == {"README.md", "docs", "mkdocs.yml", "pgproof"}


def test_migrations_and_checks_hold_no_python() -> None:
    assert [
        path for path in tracked() if path.startswith(("migrations/", "checks/")) and path.endswith(".py")
    ] == []


def test_tests_mirror_the_rooms() -> None:
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    folders = {path.split("/")[1] for path in tracked() if path.startswith("tests/") and path.count("/") > 1}
    assert folders - rooms - TESTS_BESIDE_ROOMS == set()


def test_every_room_has_a_docstring_that_says_what_it_is() -> None:
    rooms = [each for each in package_modules() if each.name.endswith("__init__.py")]
    assert [room.name for room in rooms if not room.docstring] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    names = [each.name for each in (*package_modules(), *modules_of_tests())]
    parts = {name: {PurePosixPath(part).stem for part in PurePosixPath(name).parts} for name in names}
    assert [name for name, words in parts.items() if words & FORBIDDEN_NAMES] == []


def test_a_long_file_says_why() -> None:
    assert [each.name for each in (*package_modules(), *modules_of_tests()) if not may_be_so_long(each)] == []


def test_a_long_function_says_why() -> None:
    assert [name for each in package_modules() for name in unexplained_functions(each)] == []


def test_a_crowded_room_says_why() -> None:
    rooms = {
        PurePosixPath(each.name).parent: each for each in package_modules() if each.name.endswith("__init__.py")
    }
    sizes = Counter(PurePosixPath(each.name).parent for each in package_modules())
    unexplained = [
        str(folder)
        for folder, size in sizes.items()
        if size - 1 > FILES_OF_A_ROOM and folder.name not in REGISTRIES and not gives_a_reason(rooms[folder])
    ]
    assert unexplained == []


def gives_a_reason(room: Module) -> bool:
    """True if the docstring of a room says why it has many files."""
    return any(words in room.docstring.lower() for words in REASONS_FOR_FILES)


def may_be_so_long(each: Module) -> bool:
    """True for a file of up to 400 lines, and for one whose docstring says why it is longer."""
    return len(each.text.splitlines()) <= LINES_OF_A_FILE or REASON in each.docstring.lower()


def unexplained_functions(each: Module) -> list[str]:
    """The functions of more than 40 lines (their docstrings not counted) whose docstring says no reason."""
    functions = [node for node in ast.walk(each.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [
        f"{each.name}:{node.lineno} {node.name} ({_lines(node)} lines)"
        for node in functions
        if _lines(node) > LINES_OF_A_FUNCTION and REASON not in (ast.get_docstring(node) or "").lower()
    ]


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = function.body[0]
    documented = ast.get_docstring(function) is not None
    docstring = (first.end_lineno or first.lineno) - first.lineno + 1 if documented else 0
    return (function.end_lineno or function.lineno) - function.lineno + 1 - docstring


def test_the_walls_stand() -> None:
    body = "    x = 1\n" * 40
    assert unexplained_functions(module("x.py", f"def f():\n{body}")) == ["x.py:1 f (41 lines)"]
    assert unexplained_functions(module("x.py", f'def f():\n    """Long because it is."""\n{body}')) == []
    assert unexplained_functions(module("x.py", f'def f():\n    """Is.\n\n    More.\n    """\n{body[10:]}')) == []
    assert not may_be_so_long(module("x.py", "x = 1\n" * 401))
    assert may_be_so_long(module("x.py", '"""Long because it is one table."""\n' + "x = 1\n" * 401))
