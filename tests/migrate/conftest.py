"""A connection to an empty database, and a folder of migrations beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.migrate.library import load
from tests.migrate.case import write
from tests.migrate.running import Files


@pytest.fixture
def conn(database: Conninfo) -> Iterator[psycopg.Connection]:
    with closing(connect(database)) as opened:
        yield opened


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    monkeypatch.chdir(tmp_path)
    return lambda texts: load(write(Path("migrations"), texts), {"table": "a"})
