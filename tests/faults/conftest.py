"""The option --faults, the stage on which faults happen, and the table of what was survived."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pgproof.database.scratch import Binaries, ScratchOptions, find_binaries
from tests.conftest import MAJORS
from tests.faults import tally as counts
from tests.faults.cluster import open_cluster
from tests.faults.process import Runner, open_runner
from tests.faults.proxy import open_proxy
from tests.faults.stage import Stage
from tests.faults.tally import Tally


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--faults",
        choices=("some", "full"),
        default="some",
        help="faults at some places on one major, or at all of them on all majors (name the folder: tests/faults)",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """With --faults full a test that has a stage is run on that of each major."""
    if "stage" in metafunc.fixturenames and metafunc.config.getoption("--faults", default="some") == "full":
        names = [f"pg{major}" for major in MAJORS]
        metafunc.parametrize("stage", MAJORS, ids=names, indirect=True, scope="session")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = itertools.chain.from_iterable(terminalreporter.stats.values())
    ends = [each for each in reports if getattr(each, "when", "") == "teardown"]
    lines = counts.table(pair for report in ends for pair in report.user_properties)
    if lines:
        terminalreporter.section("faults")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def full(request: pytest.FixtureRequest) -> bool:
    """True if everything is asked for."""
    return bool(request.config.getoption("--faults", default="some") == "full")


@pytest.fixture(scope="session")
def runner() -> Iterator[Runner]:
    with open_runner() as opened:
        yield opened


@contextmanager
def open_stage(binaries: Binaries, options: ScratchOptions, runner: Runner) -> Iterator[Stage]:
    with (
        open_cluster(binaries, options) as cluster,
        open_proxy(cluster.host) as proxy,
        tempfile.TemporaryDirectory(prefix="pgproof-stories-") as folder,
    ):
        yield Stage(cluster, proxy, runner, Path(folder))


@pytest.fixture(scope="session")
def stage(
    request: pytest.FixtureRequest,
    scratch_options: ScratchOptions,
    major_binaries: dict[int, Binaries],
    runner: Runner,
) -> Iterator[Stage]:
    """A stage on the server that pgproof would take for its own, or on that of a major."""
    major = getattr(request, "param", None)
    found = find_binaries(scratch_options)[0][0] if major is None else major_binaries.get(major)
    if found is None:
        pytest.skip(f"PostgreSQL {major}: no binaries; set PGPROOF_PG_DIR")
    with open_stage(found, scratch_options, runner) as opened:
        yield opened


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Iterator[Tally]:
    """Counts of one test; they are shown at the end of the run, added up."""
    counted = Tally()
    yield counted
    request.node.user_properties += counted.properties()
