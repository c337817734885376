"""The repository as data for the laws: its tracked files, and the package's modules as syntax trees."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
PACKAGE = TOP / "toolkit" / "pgproof"


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file. `name` is its path in the package (`database/conninfo.py`) or in the repository."""

    name: str
    text: str
    tree: ast.Module

    @property
    def docstring(self) -> str:
        """The module's docstring, or nothing."""
        return ast.get_docstring(self.tree) or ""


def module(name: str, text: str) -> Module:
    """A module out of its text."""
    return Module(name, text, ast.parse(text))


def git(*arguments: str) -> str:
    """What git prints; a test that needs it is skipped where there is no repository (a source archive)."""
    if not (TOP / ".git").exists():
        pytest.skip("not a git work tree")
    return subprocess.run(["git", "-C", TOP, *arguments], check=True, capture_output=True, text=True).stdout


@cache
def tracked() -> tuple[str, ...]:
    """The paths that git tracks and the work tree has, from the top."""
    return tuple(path for path in git("ls-files", "-z").split("\0") if path and (TOP / path).is_file())


@cache
def package_modules() -> tuple[Module, ...]:
    """The modules of pgproof, sorted by name."""
    return tuple(_modules(PACKAGE))


@cache
def modules_of_tests() -> tuple[Module, ...]:
    """The modules of the tests, sorted by name."""
    return tuple(_modules(TOP / "tests"))


def _modules(folder: Path) -> Iterator[Module]:
    for path in sorted(folder.rglob("*.py")):
        yield module(path.relative_to(folder).as_posix(), path.read_text(encoding="utf-8"))


def docstring_nodes(tree: ast.Module) -> set[ast.AST]:
    """The constants that are docstrings."""
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    firsts = (node.body[0] for node in ast.walk(tree) if isinstance(node, owners) and node.body)
    return {
        first.value for first in firsts if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    }
