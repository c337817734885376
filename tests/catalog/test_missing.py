"""What initdb has made and is not there any more: the list of it is the server's own, and each kind is seen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from pgproof.catalog.ask import sql
from pgproof.catalog.extract import extract
from pgproof.catalog.fact import ALTERED, MISSING, Facts
from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo
from pgproof.drift.compare import compare
from pgproof.drift.planner.repair import repair
from pgproof.drift.words import lines
from tests.catalog.test_fingerprint import now
from tests.catalog.test_mark import held, marked

CATALOGS = """
SELECT c.relname FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
 WHERE c.relnamespace = 11 AND c.relkind = 'r' AND NOT c.relisshared AND a.attname = 'oid'"""
OF_INITDB = """
SELECT o.type, o.identity
  FROM ({}) AS t (of, oid) CROSS JOIN LATERAL pg_catalog.pg_identify_object(t.of, t.oid, 0) AS o
 WHERE o.schema IS DISTINCT FROM 'pg_toast'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                    WHERE d.classid = t.of AND d.objid = t.oid AND d.deptype IN ('i', 'e', 'P', 'S'))"""
LEFT_OUT = {
    "collation": "those of the machine",
    "extension": "read as the user's own",
    "schema": "has all the others",
}
OF_ANOTHER = ("rule", "domain constraint")
DROPS = {
    "DROP VIEW pg_catalog.pg_timezone_names": "view pg_catalog.pg_timezone_names",
    "DROP RULE pg_settings_n ON pg_catalog.pg_settings": "rule pg_settings_n on pg_catalog.pg_settings",
    "DROP SCHEMA information_schema CASCADE": "schema information_schema",
    "DROP TABLE information_schema.sql_parts": "table information_schema.sql_parts",
    "ALTER TABLE information_schema.sql_parts DROP comments": "table column information_schema.sql_parts.comments",
    "ALTER DOMAIN information_schema.yes_or_no DROP CONSTRAINT yes_or_no_check": (
        "domain constraint yes_or_no_check on information_schema.yes_or_no"
    ),
    "DROP TYPE information_schema.time_stamp CASCADE": "type information_schema.time_stamp",
    "DROP FUNCTION pg_catalog.dsnowball_init CASCADE": "function pg_catalog.dsnowball_init(internal)",
    "DROP TEXT SEARCH TEMPLATE pg_catalog.snowball CASCADE": "text search template pg_catalog.snowball",
    "DROP TEXT SEARCH DICTIONARY pg_catalog.danish_stem CASCADE": "text search dictionary pg_catalog.danish_stem",
    "DROP TEXT SEARCH CONFIGURATION pg_catalog.danish": "text search configuration pg_catalog.danish",
    "ALTER TEXT SEARCH CONFIGURATION pg_catalog.english DROP MAPPING FOR int": (
        "text search mapping for int with simple on pg_catalog.english"
    ),
    "ALTER TEXT SEARCH CONFIGURATION pg_catalog.english ALTER MAPPING FOR word WITH simple": (
        "text search mapping for word with english_stem on pg_catalog.english"
    ),
    "ALTER VIEW information_schema.sequences RENAME TO others": "view information_schema.sequences",
}


def facts(conn: psycopg.Connection) -> Facts:
    with conn.transaction():
        return extract(conn, options=frozenset({"definitions", "dependencies"}))


def of_initdb(conn: psycopg.Connection) -> Iterator[tuple[str, str]]:
    """What has an OID of those that initdb gives in its scripts, but for what is not dropped by itself."""
    asked = " UNION ALL ".join(
        f"SELECT 'pg_catalog.{name}'::pg_catalog.regclass, t.oid FROM pg_catalog.{name} AS t"
        " WHERE t.oid BETWEEN 12000 AND 16383"
        for (name,) in conn.execute(CATALOGS)
    )
    for kind, identity in conn.execute(OF_INITDB.format(asked).encode()).fetchall():
        if kind not in LEFT_OUT:
            yield kind, identity


def dropped(conn: psycopg.Connection, kind: str, identity: str) -> bool:
    """False if the server refuses it, since it needs it itself."""
    name, _, of = identity.partition(" on ")
    drop = f"DROP {kind} IF EXISTS {identity} CASCADE"
    if kind == "rule":
        drop = f"DROP RULE {name} ON {of}"
    elif of:
        drop = f"ALTER {kind.removesuffix(' constraint')} {of} DROP CONSTRAINT {name}"
    try:
        with conn.transaction():
            conn.execute(drop.encode())
    except (psycopg.errors.DependentObjectsStillExist, psycopg.errors.InsufficientPrivilege):
        return False
    except psycopg.errors.WrongObjectType:  # an array
        return False
    return True


def written(kind: str, identity: str) -> tuple[str, str]:
    """As the list has it: arguments without a schema."""
    name, paren, arguments = identity.partition("(")
    return kind, f"{name}{paren}{arguments.replace('pg_catalog.', '').replace(',', ', ')}"


def missing(conn: psycopg.Connection) -> set[tuple[str, str]]:
    return set(conn.execute(sql("others_missing")).fetchall())


def test_the_list_is_what_the_server_has_and_lets_people_drop(major_database: Conninfo) -> None:
    with closing(connect(major_database)) as conn:
        assert missing(conn) == set()
        every = list(of_initdb(conn))
        assert len(every) > 200
        conn.execute("BEGIN; SET LOCAL search_path = ''; SET LOCAL client_min_messages = error; SAVEPOINT whole")
        lone = {each for each in every if each[0] in OF_ANOTHER and dropped(conn, *each)}
        assert missing(conn) == lone
        assert {kind for kind, _ in lone} == set(OF_ANOTHER)
        conn.execute("ROLLBACK TO whole")
        others = {written(*each) for each in every if each[0] not in OF_ANOTHER and dropped(conn, *each)}
        assert missing(conn) == others
        conn.execute("ROLLBACK")


@pytest.mark.ends
def test_each_kind_is_a_difference_and_none_can_be_made_again(major_database: Conninfo) -> None:
    with closing(connect(major_database)) as conn:
        conn.execute("SET client_min_messages = error")
        before, digest, mark = facts(conn), now(conn), marked(conn)
        for drop, what in DROPS.items():
            conn.execute("BEGIN")
            conn.execute(drop.encode())
            bare = facts(conn)
            told = [each for each in compare(before, bare) if each.fact.catalog != ALTERED]
            found = [line for each in told for line in lines(each)]
            assert f"- {what} is missing" in found, drop
            assert len(found) == 1 or "CASCADE" in drop, found
            assert now(conn) != digest, drop
            assert not held(conn, mark), drop
            plans = repair(bare, before, online=False), repair(before, bare, online=False)
            assert [[each for each, _ in plan.impossible if each == what] for plan in plans] == [[what], [what]]
            assert [plan.statements for plan in plans] == [(), ()], drop
            conn.execute("ROLLBACK")
        assert (compare(before, facts(conn)), now(conn), held(conn, mark)) == ((), digest, True)


@pytest.mark.ends
def test_it_is_seen_without_the_right_to_use_the_schema(major_database: Conninfo) -> None:
    with closing(connect(major_database)) as conn:
        conn.execute("BEGIN; REVOKE USAGE ON SCHEMA information_schema FROM PUBLIC; SET LOCAL ROLE pg_monitor")
        assert [each for each in facts(conn) if each.catalog == MISSING] == []
        conn.execute("RESET ROLE; DROP VIEW information_schema.sequences; SET LOCAL ROLE pg_monitor")
        assert [each.name for each in facts(conn) if each.catalog == MISSING] == [
            ("view", "information_schema.sequences")
        ]
        conn.execute("ROLLBACK")
