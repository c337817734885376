"""Files and statistics are written to in a cluster of our own, and nowhere else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import Binaries, ScratchServer, open_cluster
from pgproof.database.scratch.external import open_external
from pgproof.database.scratch.marker import NAME, Marker
from pgproof.explain.size.own import ForeignClusterError, OwnDatabase
from tests.conftest import OPTIONS


@pytest.fixture(scope="module")
def other(major_binaries: dict[int, Binaries]) -> Iterator[ScratchServer]:
    """A second cluster: that it is of the same initdb, and has the same system identifier, does not help it."""
    with open_cluster(major_binaries[max(major_binaries)], OPTIONS) as opened:
        yield opened


@pytest.fixture(scope="module")
def ours(major_binaries: dict[int, Binaries]) -> Iterator[ScratchServer]:
    with open_cluster(major_binaries[max(major_binaries)], OPTIONS) as opened:
        yield opened


@contextmanager
def refused(words: str) -> Iterator[None]:
    with pytest.raises(ForeignClusterError) as raised:
        yield
    assert words in raised.value.problems[0].detail.lower(), raised.value


def test_a_database_of_our_own_is_taken(major_server: ScratchServer, major_database: Conninfo) -> None:
    with OwnDatabase(major_server, major_database) as own:
        assert own.data == major_server.data_directory
        assert (own.page, own.segment) == (8192, 1 << 30)
        assert own.owner[0] == own.data.stat().st_uid
        assert own.takes_sparse_files()
        assert not (own.data / "pgproof.probe").exists()


def test_a_server_that_somebody_names_is_refused(ours: ScratchServer) -> None:
    """Whatever it is: here it is even a cluster of our own, but by its address alone."""
    with (
        open_external(ours.conninfo, OPTIONS) as named,
        named.database() as database,
        refused("is no cluster that pgproof made"),
    ):
        OwnDatabase(named, database)


def test_the_address_of_another_server_is_refused(ours: ScratchServer, other: ScratchServer) -> None:
    with other.database() as database, refused("does not read our mark"):
        OwnDatabase(ours, database)


def test_the_data_directory_of_another_server_is_refused(ours: ScratchServer, other: ScratchServer) -> None:
    with ours.database() as database, refused("the mark in its data directory is of another cluster"):
        OwnDatabase(replace(ours, data_directory=other.data_directory), database)


def test_a_directory_without_a_mark_is_refused(ours: ScratchServer, tmp_path: Path) -> None:
    with ours.database() as database:
        for folder in (tmp_path, tmp_path / "not there"):
            with refused("has no mark"):
                OwnDatabase(replace(ours, data_directory=folder), database)
        with refused("no cluster that pgproof made"):
            OwnDatabase(replace(ours, marker=None), database)


def test_a_copy_of_the_directory_is_refused(ours: ScratchServer, tmp_path: Path) -> None:
    """Its files are not those that the server reads."""
    assert ours.data_directory is not None
    (tmp_path / "global").mkdir()
    for name in (NAME, "global/pg_control"):
        shutil.copy(ours.data_directory / name, tmp_path / name)
    found = ours.data_directory.stat()
    if os.geteuid() == 0:
        os.chown(tmp_path, found.st_uid, found.st_gid)
    with ours.database() as database, refused("the server's data directory is"):
        OwnDatabase(replace(ours, data_directory=tmp_path), database)


def test_a_forged_mark_is_refused(ours: ScratchServer) -> None:
    assert ours.marker is not None
    forged = Marker("f" * 32, ours.marker.system_identifier, ours.marker.uid)
    with ours.database() as database, refused("of another cluster"):
        OwnDatabase(replace(ours, marker=forged), database)


def test_a_database_that_stays_is_refused(ours: ScratchServer) -> None:
    with refused("is not a scratch one"):
        OwnDatabase(ours, ours.conninfo)
