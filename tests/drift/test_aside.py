"""What files often leave to others keeps nobody from anything; all else does."""

from __future__ import annotations

import pytest

from pgproof.database.conninfo import Conninfo
from pgproof.drift.aside import ownerless, sort_out
from pgproof.drift.compare import compare
from pgproof.drift.words import label, lines
from tests.drift.test_scope import read

BASE = "CREATE TABLE a (b int NOT NULL, c int); CREATE EXTENSION hstore"


def test_what_is_left_to_others(major_database: Conninfo) -> None:
    before = read(major_database, BASE)
    after = read(
        major_database,
        "ALTER TABLE a OWNER TO pg_monitor; GRANT SELECT ON a TO PUBLIC; ALTER TABLE a SET (fillfactor = 70);"
        "SET allow_system_table_mods = on; UPDATE pg_catalog.pg_extension SET extversion = '0.1';",
    )
    found = sort_out(compare(before, after))
    assert [line for each in found.essential for line in lines(each)] == [
        "~ table public.a: options is fillfactor=70, the files say none"
    ]
    assert {what: [label(each.fact) for each in kept] for what, kept in found.aside.items()} == {
        "privileges": ["table public.a"],
        "versions of extensions": ["extension hstore", "extension plpgsql"],
    }
    assert found.count == (1, 3)


def test_default_privileges_are_somebodys(major_database: Conninfo) -> None:
    """Whoever gave them, they are the owner's; those of several roles are told apart."""
    before = ownerless(read(major_database, "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO pg_monitor"))
    read(major_database, "ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM pg_monitor")
    said = "ALTER DEFAULT PRIVILEGES FOR ROLE pg_signal_backend GRANT SELECT ON TABLES TO pg_monitor"
    assert compare(before, ownerless(read(major_database, said))) == ()
    both = ownerless(read(major_database, "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC"))
    found = sort_out(compare(before, both))
    assert found.essential == ()
    assert len(found.aside["privileges"]) == 3


def test_a_constraint_for_not_null_may_have_another_name(major_database: Conninfo) -> None:
    """PostgreSQL 18 gives it one, of the table as it is called then; no older one does."""
    before = read(major_database, "CREATE TABLE a (b int NOT NULL)")
    after = read(
        major_database,
        "ALTER TABLE a RENAME TO c; DROP TABLE c; CREATE TABLE x (b int NOT NULL);ALTER TABLE x RENAME TO a",
    )
    found = sort_out(compare(before, after))
    assert found.essential == ()
    names = [label(each.fact) for each in found.aside.get("names of NOT NULL constraints", ())]
    assert names == (
        ["constraint public.a.a_b_not_null", "constraint public.a.x_b_not_null"] if before.major >= 18 else []
    )
    gone = sort_out(compare(before, read(major_database, "ALTER TABLE a ALTER b DROP NOT NULL")))
    assert gone.essential


def test_a_constraint_that_is_not_valid_is_another(major_database: Conninfo) -> None:
    before = read(major_database, "CREATE TABLE a (b int NOT NULL)")
    if before.major < 18:
        pytest.skip("PostgreSQL 18 is the first that knows NOT NULL NOT VALID")
    after = read(
        major_database, "ALTER TABLE a ALTER b DROP NOT NULL; ALTER TABLE a ADD CONSTRAINT n NOT NULL b NOT VALID"
    )
    found = sort_out(compare(before, after))
    assert [label(each.fact) for each in found.essential] == [
        "constraint public.a.a_b_not_null",
        "constraint public.a.n",
    ]
    assert found.aside == {}
