"""What is remembered of what files built: all of it or nothing, and not for ever."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from pgproof.catalog.fact import Fact, Facts
from pgproof.catalog.mark import Mark
from pgproof.catalog.packed import Digests, Said
from pgproof.flows.expectation import Known, Memory, Seen, Wanted
from pgproof.migrate.glance import Glance

WANTED = Wanted(files="f", by=["ann"], roles=["ann", "bob"], version=170010)
FACTS = Facts(
    major=17,
    words={"pg_class": ("persistence", "options", "pages"), "pg_namespace": ("owner",)},
    facts={
        ("pg_class", ("s", 'a"\n')): Fact(
            "pg_class", ("s", 'a"\n'), "table", ("p", ("x", None), 1.5), ("pg_namespace", ("s",))
        ),
        ("pg_namespace", ("s",)): Fact("pg_namespace", ("s",), "schema", ("ann",)),
    },
    unmodelled=("what",),
    unread=("that",),
)
LABELS = {("pg_class", ("s", 'a"\n')): 7}
SAID = Said(
    server="PostgreSQL 17.10",
    digests=Digests(catalogs={"pg_class": "1 2"}, parts={"pg_class": {7: "1 2"}}),
    remarks={7: ("r",)},
)
OTHERS = {
    "files": replace(WANTED, files="g"),
    "by": replace(WANTED, by=["bob"]),
    "roles": replace(WANTED, roles=["ann"]),
    "version": replace(WANTED, version=170011),
    "layout": replace(WANTED, layout="flyway"),
    "options": replace(WANTED, options=frozenset({"positions"})),
}
SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda packed: packed[:-1],
    "empty": lambda _: b"",
    "short": lambda packed: packed[:20],
    "changed": lambda packed: packed[:-3] + b"\xff" + packed[-2:],
    "longer": lambda packed: packed + b"\n",
}


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(cache=tmp_path, tool="1")


def test_what_was_remembered_is_recalled(memory: Memory) -> None:
    assert memory.recall(WANTED) is None
    memory.remember(WANTED, FACTS, SAID, LABELS)
    assert memory.recall(WANTED) == (FACTS, SAID)
    assert memory.recall(replace(WANTED, roles=["bob", "ann"])) == (FACTS, SAID)


def test_of_parts_no_more_is_recalled_than_is_asked_for(memory: Memory) -> None:
    assert memory.said(memory.key(WANTED)) is None
    memory.remember(WANTED, FACTS, SAID, LABELS)
    assert memory.said(memory.key(WANTED)) == SAID
    assert memory.recall(WANTED, {7, 8}) == (FACTS, SAID)
    found = memory.recall(WANTED, {8})
    assert found
    assert found[0].facts.keys() == FACTS.facts.keys() - LABELS.keys()


@pytest.mark.parametrize("other", OTHERS)
def test_only_of_just_that(memory: Memory, other: str) -> None:
    memory.remember(WANTED, FACTS, SAID, LABELS)
    assert memory.recall(OTHERS[other]) is None
    assert Memory(cache=memory.cache, tool="2").recall(WANTED) is None


@pytest.mark.parametrize("how", SPOILT)
def test_a_file_that_is_spoilt_is_none(memory: Memory, how: str) -> None:
    memory.remember(WANTED, FACTS, SAID, LABELS)
    (path,) = (memory.cache / "built").iterdir()
    path.write_bytes(SPOILT[how](path.read_bytes()))
    assert memory.recall(WANTED) is None
    memory.remember(WANTED, FACTS, SAID, LABELS)
    assert memory.recall(WANTED)


def test_the_least_used_goes_first(memory: Memory) -> None:
    every = [replace(WANTED, files=str(number)) for number in range(20)]
    for number, each in enumerate(every):
        memory.remember(each, FACTS, SAID, LABELS)
        for path in (memory.cache / "built").iterdir():  # a clock is too coarse to tell them apart
            stat = path.stat()
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns - 1_000_000_000))
        if number < 19:
            assert memory.recall(every[0])
    there = [memory.recall(each) is not None for each in every]
    assert sum(there) == 16
    assert there[0]
    assert all(there[-15:])


def test_two_at_once(memory: Memory) -> None:
    def work(number: int) -> bool:
        memory.remember(WANTED, FACTS, SAID, LABELS)
        return memory.recall(replace(WANTED)) == (FACTS, SAID)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(200)))
    assert len(list((memory.cache / "built").iterdir())) == 1


MARK = Mark(life="5 1.5 1.25", oldest=800, counts={"pg_class": 7}, rest="r")
SEEN = Seen(
    mark=MARK,
    wanted="w",
    folder="s",
    origin="built",
    expected="PostgreSQL 17.10",
    remarks=("r",),
    version="7-x",
    pending=1,
)
FOLDER = Glance(key="k", signature="s", newest=0)


def test_that_nothing_was_found_is_known_of_just_that_database(memory: Memory) -> None:
    assert memory.seen(["one"]) is None
    memory.note(["one"], SEEN)
    assert memory.seen(["one"]) == SEEN
    assert memory.seen(["other"]) is None
    assert memory.seen(["one", "public.ledger"]) is None
    assert len({memory.key(each) for each in (WANTED, *OTHERS.values())}) == 1 + len(OTHERS)


def test_a_folder_is_as_it_was_seen_if_that_was_not_just_after_a_change(memory: Memory) -> None:
    assert not memory.is_as_seen(SEEN, FOLDER, ["one"])
    memory.note(["one"], SEEN)
    assert memory.is_as_seen(SEEN, FOLDER, ["one"])
    assert not memory.is_as_seen(SEEN, replace(FOLDER, signature="t"), ["one"])
    fresh = replace(FOLDER, newest=time.time_ns())
    assert not memory.is_as_seen(SEEN, fresh, ["one"])
    (path,) = (memory.cache / "seen").iterdir()
    os.utime(path, ns=(fresh.newest + 3_000_000_000,) * 2)
    assert memory.is_as_seen(SEEN, fresh, ["one"])


def test_digests_are_known_of_the_same_files_alone(memory: Memory) -> None:
    known = Known(fingerprints=("a", "b"), origin="built", expected="PostgreSQL 17.10", remarks=("r",))
    memory.know(WANTED, known)
    assert memory.known(WANTED) == known
    assert all(memory.known(other) is None for other in OTHERS.values())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"mark": 1, "remarks": []}',
        '{"mark": {"counts": []}, "remarks": []}',
        '{"fingerprints": []}',
    ],
)
def test_a_note_that_is_spoilt_is_none(memory: Memory, text: str) -> None:
    memory.note(["one"], SEEN)
    memory.know(WANTED, Known(fingerprints=("a",), origin="built", expected="", remarks=()))
    for name in ("seen", "known"):
        (path,) = (memory.cache / name).iterdir()
        path.write_text(text)
    assert memory.seen(["one"]) is None
    assert memory.known(WANTED) is None


def test_a_cache_that_cannot_be_written_is_none(tmp_path: Path) -> None:
    (tmp_path / "built").write_text("")
    memory = Memory(cache=tmp_path, tool="1")
    memory.remember(WANTED, FACTS, SAID, LABELS)
    assert memory.recall(WANTED) is None
