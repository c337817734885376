"""Two stories that end in the same, or what is not alike at their ends, on every major."""

from __future__ import annotations

import re

import pytest

from pgproof.database.connection import Connection
from pgproof.database.scratch import ScratchServer
from pgproof.errors import CannotTell
from pgproof.flows.proof import Story, unlike

BASE = "CREATE TABLE t (a int, b text, c int); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';"
CHANGES = {
    "ALTER TABLE t ALTER a TYPE bigint": ["~ column public.t.a: type is integer before, bigint after"],
    "ALTER TABLE t OWNER TO pg_monitor": ["~ table public.t: owner is OWNER before, pg_monitor after"],
    "GRANT SELECT (a) ON t TO PUBLIC": [
        "~ column public.t.a: privileges is the usual before, public: SELECT after"
    ],
    "ALTER TABLE t DROP b, ADD b text": ["~ table public.t: order of columns is a, b, c before, a, c, b after"],
    "ALTER TABLE t DROP b": ["- column public.t.b is made only before"],
    "CREATE VIEW v AS SELECT a FROM t": ["+ view public.v is made only after (with 1 more)"],
    "COMMENT ON FUNCTION f() IS 'x'": ["+ function public.f(): comment x is made only after"],
    "COMMENT ON TABLE t IS 'x'": ["+ table public.t: comment x is made only after"],
    "INSERT INTO t VALUES (1)": ['rows of public.t: {"a": 1, "b": null, "c": null} only after'],
    "CREATE TEMP TABLE n (a int DEFAULT 3)": [],
}


def story(label: str, text: str, *roles: str) -> Story:
    def fill(conn: Connection) -> None:
        conn.execute(text.encode())

    return Story(label=label, fill=fill, roles=roles)


@pytest.mark.ends
@pytest.mark.parametrize("change", CHANGES)
def test_what_is_not_alike_is_told(major_server: ScratchServer, change: str) -> None:
    found = unlike(major_server, story("before", BASE), story("after", f"{BASE}{change}"))
    assert [re.sub(r"owner is \w+", "owner is OWNER", line) for line in found] == CHANGES[change]


def test_only_texts_of_the_server_may_be_alike(major_server: ScratchServer) -> None:
    """What a person wrote, as the source of a function, is another text if it is not the same."""
    one = story("one", f"{BASE}ALTER TABLE t ALTER a SET DEFAULT 1 + 1")
    other = story("other", f"{BASE}ALTER TABLE t ALTER a SET DEFAULT 1 + 2")
    third = story("third", BASE.replace("SELECT 1", "SELECT 2"))
    assert len(unlike(major_server, one, other)) == 1
    assert unlike(major_server, one, other, lambda *_: True) == ()
    (line,) = unlike(major_server, story("first", BASE), third, lambda *_: True)
    assert line == "~ function public.f(): source is SELECT 1 first, SELECT 2 third"


def test_roles_that_no_server_has_are_lent(major_server: ScratchServer) -> None:
    grants = f"{BASE}GRANT SELECT ON t TO lent_to_a_proof; ALTER FUNCTION f() OWNER TO lent_to_a_proof"
    told = story("one", grants, "lent_to_a_proof")
    assert unlike(major_server, told, told) == ()


def test_what_no_fact_says_is_no_proof(major_server: ScratchServer) -> None:
    """A catalog that was written to by hand: what a row speaks of is not there."""
    spoilt = (
        f"{BASE}SET allow_system_table_mods = on; "
        "UPDATE pg_catalog.pg_class SET relowner = 99999 WHERE relname = 't'"
    )
    with pytest.raises(
        CannotTell, match="cannot tell whether it is the same: row 99999 of pg_authid is spoken of"
    ):
        unlike(major_server, story("one", spoilt), story("other", spoilt))
