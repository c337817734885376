"""`adopt` on the first major and the last, where it compares catalogs."""

from __future__ import annotations

import pytest

from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from tests.cli.test_adopt import ADOPTIONS, adopts
from tests.cli.told import Pgproof

CATALOGS = (
    "another-catalog by-catalog by-catalog-nearest left-to-others not-known order-of-columns privileges schema"
)

pytestmark = [pytest.mark.slow, pytest.mark.ends]


@pytest.fixture
def database(major_database: Conninfo, major_server: ScratchServer, monkeypatch: pytest.MonkeyPatch) -> Conninfo:
    """A database of each major in turn, where the proofs are made as well."""
    monkeypatch.setenv("PGPROOF_SCRATCH_URL", major_server.conninfo.secret)
    return major_database


@pytest.mark.parametrize("name", CATALOGS.split())
def test_case(name: str, pgproof: Pgproof, database: Conninfo) -> None:
    adopts(ADOPTIONS[0].with_name(f"{name}.txt"), pgproof, database)
