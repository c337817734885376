"""The accounting has every column of every catalog on every major, and nothing besides."""

from __future__ import annotations

from contextlib import closing

import pytest

from pgproof.catalog.accounting import Class, accounting
from pgproof.database.connection import connect
from pgproof.database.conninfo import Conninfo

_THERE = """
SELECT c.relname, a.attname
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
 WHERE c.relnamespace = 'pg_catalog'::pg_catalog.regnamespace AND c.relkind = 'r' AND a.attnum > 0"""
# which majors have a column that not all have: one that none has, or all, would be a slip
SOME = {
    "pg_attribute.attcacheoff": (14, 17),
    "pg_auth_members.oid": (16, 18),
    "pg_auth_members.inherit_option": (16, 18),
    "pg_auth_members.set_option": (16, 18),
    "pg_class.relallfrozen": (18, 18),
    "pg_collation.colliculocale": (15, 16),
    "pg_collation.colllocale": (17, 18),
    "pg_collation.collicurules": (16, 18),
    "pg_constraint.conenforced": (18, 18),
    "pg_constraint.conperiod": (18, 18),
    "pg_constraint.confdelsetcols": (15, 18),
    "pg_index.indnullsnotdistinct": (15, 18),
    "pg_publication.pubgencols": (18, 18),
    "pg_publication_rel.prqual": (15, 18),
    "pg_publication_rel.prattrs": (15, 18),
    "pg_subscription.subskiplsn": (15, 18),
    "pg_subscription.subtwophasestate": (15, 18),
    "pg_subscription.subdisableonerr": (15, 18),
    "pg_subscription.subpasswordrequired": (16, 18),
    "pg_subscription.subrunasowner": (16, 18),
    "pg_subscription.suborigin": (16, 18),
    "pg_subscription.subfailover": (17, 18),
}
LATER = {"pg_parameter_acl": 15, "pg_publication_namespace": 15}


def test_every_column_is_in_one_class(major_database: Conninfo) -> None:
    with closing(connect(major_database)) as conn:
        major = conn.info.server_version // 10_000
        there = {(relation, column) for relation, column in conn.execute(_THERE)}
    known = accounting()
    assert {relation for relation, _ in there} == {each for each in known if LATER.get(each, 0) <= major}
    columns = {(name, each.name) for name, relation in known.items() for each in relation.columns}
    ignored = {relation for relation, each in known.items() if each.ignored}
    assert {each for each in there if each[0] not in ignored} == {
        (relation, column)
        for relation, column in columns
        if LATER.get(relation, 0) <= major
        and SOME.get(f"{relation}.{column}", (0, 99))[0] <= major <= SOME.get(f"{relation}.{column}", (0, 99))[1]
    }


@pytest.mark.parametrize("name", accounting())
def test_words(name: str) -> None:
    relation = accounting()[name]
    assert relation.about
    words = [each.word for each in relation.read if each.word]
    either = {"locale"}  # two columns of which no server has both
    assert len(words) == len(set(words)) or {each for each in words if words.count(each) > 1} <= either
    assert all(each.reason for each in relation.columns if each.what is Class.IGNORED)
    assert bool(relation.ignored) is not bool(relation.columns)
    assert relation.ignored or relation.part is not bool(relation.kind)
    assert relation.ignored or any(each.what is Class.IDENTITY for each in relation.columns)


def test_what_names_lead_into_is_a_catalog() -> None:
    for relation in accounting().values():
        names = {each.name for each in relation.columns}
        for column in relation.read:
            if column.form == "names":
                assert column.target in accounting()
            elif column.form in ("columns", "object"):
                assert column.target in names
