"""Roles that statements name and do not make."""

from __future__ import annotations

from pgproof.sql import role, statement
from pgproof.sql.source import Source

TEXT = """
GRANT SELECT ON t TO reader, "Big App", PUBLIC, CURRENT_USER;
ALTER TABLE t OWNER TO owner_of_t;
CREATE POLICY p ON t TO guarded USING (true);
ALTER DEFAULT PRIVILEGES FOR ROLE maker GRANT SELECT ON TABLES TO reader;
CREATE SCHEMA s AUTHORIZATION schema_owner;
CREATE ROLE own_role;
GRANT own_role TO member;
DO $$ BEGIN IF to_regrole('careful') IS NULL THEN CREATE ROLE careful; END IF; END $$;
GRANT SELECT ON t TO careful;
ALTER TABLE t RENAME TO u;
COMMENT ON ROLE spoken_of IS 'comment';
ALTER ROLE former RENAME TO later;
GRANT later TO member;
"""


def test_roles_that_have_to_be_there() -> None:
    statements = statement.split(Source("r.sql", TEXT)).statements
    assert role.named(statements) == (
        "Big App", "former", "guarded", "maker", "member", "owner_of_t", "reader", "schema_owner", "spoken_of",
    )  # fmt: skip
