"""Below the commands nobody reads the environment, the clock, random numbers or configuration."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.house.repository import Module, module, package_modules

READERS = ("cli/", "api/", "pytest_plugin/", "__main__.py")

SOURCES: dict[str, set[str]] = {
    "environment": {
        "os.environ",
        "os.environb",
        "os.getenv",
        "os.getcwd",
        "os.path.expanduser",
        "pathlib.Path.home",
        "pathlib.Path.cwd",
    },
    "clock": {
        *(f"time.{name}" for name in ("time", "time_ns", "localtime", "gmtime", "strftime", "ctime")),
        *(f"time.{name}{ns}" for name in ("monotonic", "perf_counter", "process_time") for ns in ("", "_ns")),
        *(f"datetime.datetime.{name}" for name in ("now", "utcnow", "today")),
        "datetime.date.today",
    },
    "random numbers": {"random", "secrets", "os.urandom", "uuid.uuid1", "uuid.uuid4"},
    "configuration": {"tomllib", "configparser"},
}


@dataclass(frozen=True, slots=True)
class Leave:
    """A file that may read something all the same, and why."""

    file: str
    source: str
    because: str


LEAVES: tuple[Leave, ...] = (
    Leave("contract/toml_document.py", "configuration", "a profile is a file of promises, given by its path"),
    Leave("catalog/accounting.py", "configuration", "the accounting is a table of the package's own"),
    Leave("drift/majors.py", "configuration", "what majors do is a table of the package's own"),
    Leave("database/scratch/server.py", "random numbers", "names and passwords on servers that others can reach"),
)


def readings(each: Module) -> Iterator[tuple[str, str]]:
    """What a module reads: the source, and `line name`. Names are resolved through the module's imports."""
    names = _imports(each.tree)
    for node in ast.walk(each.tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            words = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        elif isinstance(node, ast.Name | ast.Attribute):
            words = [_dotted(node, names)]
        else:
            continue
        for word in words:
            for source, forbidden in SOURCES.items():
                if word in forbidden:
                    yield source, f"{each.name}:{getattr(node, 'lineno', 0)} {word}"


def _imports(tree: ast.Module) -> dict[str, str]:
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.split(".")[0]
                names[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _dotted(node: ast.expr, names: dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value, names)
        return f"{before}.{node.attr}" if before else ""
    return ""


def unallowed(each: Module) -> list[str]:
    """The readings of a module that has no leave for them."""
    if each.name.startswith(READERS):
        return []
    leaves = {leave.source for leave in LEAVES if leave.file == each.name}
    return sorted({reading for source, reading in readings(each) if source not in leaves})


def test_nobody_below_the_commands_reads_the_world() -> None:
    assert [reading for each in package_modules() for reading in unallowed(each)] == []


@pytest.mark.parametrize("leave", LEAVES, ids=lambda leave: f"{leave.file} {leave.source}")
def test_every_leave_is_used(leave: Leave) -> None:
    files = {each.name: each for each in package_modules()}
    assert leave.because
    assert leave.file in files
    assert leave.source in {source for source, _ in readings(files[leave.file])}


@pytest.mark.parametrize(
    "text",
    [
        "import os\nos.environ['A']",
        "import os as o\no.getenv('A')",
        "from os import environ\nenviron.get('A')",
        "def f():\n    from datetime import datetime\n    return datetime.now()",
        "import datetime\ndatetime.date.today()",
        "import time\nwait = time.monotonic",
        "from time import time\ntime()",
        "import secrets",
        "from random import choice",
        "from uuid import uuid4\nuuid4()",
        "import tomllib",
        "from pathlib import Path\nPath.home()",
    ],
)
def test_a_reading_is_seen(text: str) -> None:
    assert unallowed(module("sql/x.py", text))
    assert not unallowed(module("cli/x.py", text))


def test_what_only_looks_like_a_reading_is_let_be() -> None:
    lines = ("import os, time", "from datetime import date", "time.sleep(1)", "os.kill(1, 9)", "date(2026, 1, 1)")
    assert not unallowed(module("sql/x.py", "\n".join(lines)))
