"""The option --faults, the stage on which faults happen, and the table of what was survived."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pgproof.database.scratch import Binaries, ScratchOptions, find_binaries
from tests.faults import tally as counts
from tests.faults.bouncer import Bouncer, open_bouncer
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
        help="faults at some places on one major, or at all places on all majors (name the folder: tests/faults)",
    )


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
def stage(scratch_options: ScratchOptions, runner: Runner, _no_leaks: None) -> Iterator[Stage]:
    """A stage on the server that pgproof would take for its own."""
    found, _ = find_binaries(scratch_options)
    if not found:
        pytest.skip("no PostgreSQL binaries on this machine")
    with open_stage(found[0], scratch_options, runner) as opened:
        yield opened


@pytest.fixture(scope="session", params=["transaction", "session"])
def bouncer(request: pytest.FixtureRequest, stage: Stage) -> Iterator[Bouncer]:
    """PgBouncer before the stage's server, in each mode of pooling that migrations may meet."""
    with open_bouncer(stage.cluster, request.param) as opened:
        yield opened


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Iterator[Tally]:
    """Counts of one test; they are shown at the end of the run, added up."""
    counted = Tally()
    yield counted
    request.node.user_properties += counted.properties()
