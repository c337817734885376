"""`diff` between two majors: what they make of the same schema is no difference, and the first one runs the plan.

A case in cases/majors begins with the two majors. What stands before `-- to` is there on the first, what stands
behind it on the second, and what stands behind `-- plan` leads from the one to the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from copy import copy
from dataclasses import replace
from pathlib import Path

import pytest

from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from pgproof.drift.way import Diff
from pgproof.drift.words import lines
from pgproof.flows.diff import Request, diff
from pgproof.flows.way import Wish
from pgproof.report.diff import made_text, script
from tests.catalog.everything import Everything, built, roles_for
from tests.conftest import MAJORS, OPTIONS
from tests.recall import servers

pytestmark = pytest.mark.slow
CASES = Path(__file__).parent.parent / "cases" / "majors"
FILES = sorted(CASES.glob("*.sql"))
PAIRS = [(14, 18), (18, 14), (15, 17), (17, 15)]
LACKED_BY_14 = {
    "column public.parent.length",
    "constraint public.base2.base2_later",
    "constraint public.bookings.bookings_fkey",
    "constraint public.child.child_set_null",
    "constraint public.derived.base2_later",
    "constraint public.rooms.rooms_pkey",
    "index public.child_t_n",
    "published schema schemas.other",
    "published table rows.public.child",
}


@pytest.fixture(scope="module")
def found() -> Iterator[dict[int, ScratchServer]]:
    """A server of each major, all at once."""
    with servers(MAJORS) as started:
        if len(started) < len(MAJORS):
            pytest.skip("not all majors are there; set PGPROOF_PG_DIR")
        yield started


def between(server: ScratchServer, source: Conninfo, target: Conninfo) -> Diff:
    """The way, proved on the server, which is of the source's major."""
    wish = Wish(prove=True, renames_all=True, allowed=frozenset({"data loss"}))
    scratch = replace(OPTIONS, url=server.conninfo, pg_bin=None)
    return diff(
        Request(source=source.secret, target=target.secret, folder=CASES, scratch=scratch, wish=wish),
    )


@contextmanager
def filled(server: ScratchServer, sql: str) -> Iterator[Conninfo]:
    """A database in which that was run."""
    with server.database() as database:
        with closing(connect(database)) as conn:
            conn.execute(f"SET client_min_messages = error; {sql}".encode())
        yield database


def everything(
    found: Mapping[int, ScratchServer], majors: tuple[int, int], level: int, stack: ExitStack
) -> Iterator[Conninfo]:
    """A database of each major, with all that a server of the major `level` can have; of its own, if that is 0."""
    first: Everything | None = None
    for major in majors:
        server = found[major]
        first = stack.enter_context(roles_for(server.conninfo, first))
        made = copy(first)
        made.major = level or major
        yield server.conninfo.with_database(stack.enter_context(built(made, server)).info.dbname)


@pytest.mark.parametrize("majors", PAIRS, ids=str)
def test_what_both_can_have_is_the_same(found: dict[int, ScratchServer], majors: tuple[int, int]) -> None:
    with ExitStack() as stack:
        one, other = everything(found, majors, min(majors), stack)
        told = between(found[majors[0]], one, other)
    assert [line for each in told.differences for line in lines(each)] == []
    assert (told.repair.statements, told.repair.impossible, told.reasons) == ((), (), ())
    assert any("NOT NULL" in line for line in made_text(told))


def test_what_the_first_lacks_cannot_be_done(found: dict[int, ScratchServer]) -> None:
    with ExitStack() as stack:
        one, other = everything(found, (14, 18), 0, stack)
        there = between(found[14], one, other)
        back = between(found[18], other, one)
    assert {what for what, _ in there.repair.impossible} == LACKED_BY_14
    assert {why.rpartition(": ")[2] for _, why in there.repair.impossible} == {
        "new in 15, and this is PostgreSQL 14",
        "new in 18, and this is PostgreSQL 14",
    }
    assert not {each.about for each in there.repair.statements} & LACKED_BY_14
    assert back.repair.impossible == ()
    for told in (there, back):
        assert (told.refused, told.reasons) == ((), ())
        assert told.proof
        assert told.proof.holds


def test_what_the_server_cannot_make_nobody_can_tell(found: dict[int, ScratchServer]) -> None:
    """A tablespace that the scratch server lacks, and an expression in the words of a dump."""
    sql = "CREATE TABLE t (s varchar(9), CONSTRAINT c CHECK (s IN ('a', 'b'))) TABLESPACE {}"
    with ExitStack() as stack:
        first = stack.enter_context(roles_for(found[14].conninfo))
        stack.enter_context(roles_for(found[18].conninfo, first))
        one, other = (
            stack.enter_context(filled(found[major], sql.format(first.tablespace))) for major in (14, 18)
        )
        with closing(connect(other)) as conn:
            ((text,),) = conn.execute(
                "SELECT pg_catalog.pg_get_constraintdef(oid) FROM pg_catalog.pg_constraint WHERE conname = 'c'"
            ).fetchall()
            conn.execute(f"ALTER TABLE t DROP CONSTRAINT c, ADD CONSTRAINT c {text}".encode())
        told = diff(Request(source=one.secret, target=other.secret, folder=CASES, scratch=OPTIONS))
    assert (told.differences, told.repair.statements, told.repair.impossible) == ((), (), ())
    (reason,) = told.reasons
    assert reason.startswith("constraint public.t.c: whether it is the same in the words of another major")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_leads_there(found: dict[int, ScratchServer], path: Path) -> None:
    head, _, text = path.read_text().partition("\n")
    match = re.fullmatch(r"-- (\d+) (\d+)", head)
    assert match
    text, _, planned = text.partition("\n-- plan\n")
    with ExitStack() as stack:
        one, other = (
            stack.enter_context(filled(found[int(major)], sql))
            for major, sql in zip(match.groups(), text.split("\n-- to\n"), strict=True)
        )
        server = found[int(match[1])]
        told = between(server, one, other)
        assert script("here", "there", told.repair, ["data loss"]).partition("\n\n")[2] == planned
        assert told.proof
        assert told.proof.holds
        with closing(connect(one)) as conn:
            for each in told.repair.statements:
                conn.execute(each.sql.encode())
        again = between(server, one, other)
        assert (again.repair.statements, again.repair.impossible) == ((), told.repair.impossible)
        assert bool(again.differences) == bool(told.repair.impossible)
