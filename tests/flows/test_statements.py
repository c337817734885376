"""Queries out of pg_stat_statements of a live server, which is only read, checked on what the files build."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

import pgproof
from pgproof.contract.promise import Origin
from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import Binaries, ScratchServer, cluster, open_cluster
from pgproof.errors import CannotTell, InputError
from pgproof.flows.check import Request, check
from pgproof.flows.statements import busiest
from tests.conftest import OPTIONS
from tests.rules.judging import TODAY, open_ones, written

FILES = """
CREATE TABLE guests (id integer PRIMARY KEY, name text);
"""


@pytest.fixture(scope="module")
def watched(major_binaries: dict[int, Binaries], server: ScratchServer) -> Iterator[ScratchServer]:
    """A server that counts what is done; the other one, which does not, was started before."""
    assert server.conninfo
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(cluster._SETTINGS, "shared_preload_libraries", "pg_stat_statements")
        for binaries in major_binaries.values():
            with open_cluster(binaries, OPTIONS) as server:
                yield server
                return
    pytest.skip("no binaries; set PGPROOF_PG_DIR")


@pytest.fixture
def shop(watched: ScratchServer) -> Iterator[Conninfo]:
    with watched.database() as fresh, closing(connect(fresh)) as conn:
        conn.execute("CREATE TABLE guests (id integer PRIMARY KEY, name text, born date)")
        conn.execute("CREATE SCHEMA stats; CREATE EXTENSION pg_stat_statements SCHEMA stats")
        conn.execute("INSERT INTO guests SELECT n, 'a' FROM generate_series(1, 2000) AS n")
        for _ in range(3):
            conn.execute("SELECT count(*) FROM guests AS a JOIN guests AS b ON a.name = b.name WHERE a.id < 300")
        conn.execute("SELECT name FROM guests WHERE id = 7")
        conn.execute("SELECT born FROM guests WHERE id = 7")
        conn.execute("SELECT now() - interval '1 day'")
        conn.execute("VACUUM guests")
        yield fresh


def test_the_busiest_come_first_and_only_what_has_a_plan(shop: Conninfo) -> None:
    found = busiest(shop, 50).queries
    texts = [query.text for query in found]
    assert texts[0] == "SELECT count(*) FROM guests AS a JOIN guests AS b ON a.name = b.name WHERE a.id < $1"
    assert "SELECT name FROM guests WHERE id = $1" in texts
    assert not any("VACUUM" in text or "CREATE" in text for text in texts)
    assert {query.origin for query in found} == {Origin.STATEMENTS}
    assert len(busiest(shop, 1).queries) == 1


def test_they_are_checked_on_what_the_files_build(shop: Conninfo, watched: ScratchServer, tmp_path: Path) -> None:
    folder = written(tmp_path, FILES)
    request = Request(
        migrations=folder / "migrations",
        checks=None,
        today=TODAY,
        scratch=replace(OPTIONS, url=watched.conninfo),
        queries=tuple(q for q in busiest(shop, 50).queries if "guests" in q.text or "interval" in q.text),
    )
    report = check(request)
    by_code = {finding.code for finding in report.open}
    assert by_code == {"QRY101"}
    said = sorted(finding.message.partition(": ")[2] for finding in report.open)
    assert 'column "born" does not exist' in said
    undecided = [line for line in open_ones(report) if line.endswith(" ?")]
    assert len(undecided) == 2  # interval $1, generate_series($1, $2)


def test_it_is_told_which_index_can_serve_each(shop: Conninfo, watched: ScratchServer, tmp_path: Path) -> None:
    folder = written(tmp_path, FILES)
    found = busiest(shop, 50)
    request = Request(
        migrations=folder / "migrations",
        checks=None,
        today=TODAY,
        scratch=replace(OPTIONS, url=watched.conninfo),
        queries=tuple(q for q in found.queries if q.text.startswith("SELECT name")),
        said=("said before",),
    )
    report = check(request)
    (served,) = [f for f in report.holds if f.code == "PLN112"]
    assert served.message.endswith("can be served by guests_pkey (id)")
    assert found.said == ()
    assert report.about.said[-1] == "said before"


def test_programs_ask_for_them_as_well(
    shop: Conninfo, watched: ScratchServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(written(tmp_path, FILES))
    scratch = pgproof.scratch(url=watched.conninfo.secret)
    assert pgproof.check(scratch=scratch).open == ()
    found = pgproof.check(statements=shop, top=50, scratch=scratch)
    assert any('column "born" does not exist' in each.message for each in found.open)


@pytest.fixture
def reader(shop: Conninfo) -> Iterator[Conninfo]:
    """Somebody who may use the view, and see statements of nobody else."""
    with closing(connect(shop)) as conn:
        conn.execute("CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA stats TO reader")
        conn.execute("GRANT SELECT ON guests TO reader")
        try:
            yield Conninfo.parse(shop.secret.replace("user=postgres", "user=reader"))
        finally:
            conn.execute("DROP OWNED BY reader; DROP ROLE reader")


def test_a_server_without_it_is_told(watched: ScratchServer, server: ScratchServer) -> None:
    with watched.database() as fresh, pytest.raises(InputError, match="pg_stat_statements is not in database"):
        busiest(fresh, 5)
    with server.database() as fresh, closing(connect(fresh)) as conn:
        conn.execute("CREATE EXTENSION pg_stat_statements")
        with pytest.raises(InputError, match="pg_stat_statements is not loaded"):
            busiest(fresh, 5)


def test_a_user_without_the_right_is_told(reader: Conninfo, shop: Conninfo) -> None:
    with pytest.raises(CannotTell, match="the statements of other roles cannot be read"):
        busiest(reader, 5)
    with closing(connect(reader)) as conn:
        conn.execute("SELECT count(*) FROM guests")
    found = busiest(reader, 5)
    assert [query.text for query in found.queries] == ["SELECT count(*) FROM guests"]
    assert "statements of other roles were not to be seen" in found.said[0]
    assert "GRANT pg_read_all_stats" in found.said[0]
    with closing(connect(shop)) as conn:
        conn.execute("REVOKE USAGE ON SCHEMA stats FROM reader")
    with pytest.raises(CannotTell, match="permission denied for schema stats") as caught:
        busiest(reader, 5)
    assert "GRANT USAGE" in caught.value.problems[0].hint
