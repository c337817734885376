"""What a statement leaves behind in the session that it ran in, judged by its text: when in doubt, something."""

from __future__ import annotations

import re

from pgproof.sql.statement import Statement

# Statements that only write to the catalog: they call no function that a person could have written, but for the
# immutable ones of an index. (ALTER TABLE is missing: a volatile default is computed for each row.)
_QUIET = frozenset(
    """alter_enum_stmt alter_object_schema_stmt alter_owner_stmt comment_stmt composite_type_stmt
    create_domain_stmt create_enum_stmt create_function_stmt create_policy_stmt create_schema_stmt
    create_seq_stmt create_stats_stmt create_stmt create_trig_stmt define_stmt drop_stmt grant_stmt
    index_stmt rename_stmt rule_stmt view_stmt""".split()
)
_TEMPORARY = re.compile("temp", re.IGNORECASE)


def may_be_changed_by(statement: Statement) -> bool:
    """True unless the session is surely as it was: settings, role, temporary tables, cursors, session locks."""
    return statement.kind not in _QUIET or _TEMPORARY.search(statement.text) is not None


def is_setting(statement: Statement) -> bool:
    """True for SET and RESET: they leave a setting, and may be said again (SET LOCAL and SET TRANSACTION too)."""
    return statement.kind == "variable_set_stmt"
