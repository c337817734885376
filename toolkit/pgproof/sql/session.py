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


_KEPT = re.compile(
    r"\bset_config\s*\([^;]*,\s*false\s*\)|\bpg_(?:try_)?advisory_lock(?:_shared)?\s*\(", re.IGNORECASE
)
_CREATES_TEMPORARY = re.compile(
    r"\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:(?:GLOBAL|LOCAL)\s+)?TEMP(?:ORARY)?\b", re.IGNORECASE
)
_SETS = re.compile(r"\bSET\s+(?!LOCAL\b|TRANSACTION\b)", re.IGNORECASE)
_DROPS = re.compile(r"\bON\s+COMMIT\s+DROP\b", re.IGNORECASE)


def outlives_transaction(statement: Statement) -> bool:
    """True if the statement surely leaves in its session what a transaction's end does not take away.

    SET without LOCAL, set_config(..., false), session locks, LISTEN, PREPARE and temporary tables. What a function
    or a DO block does is not looked at.
    """
    kind, text = statement.kind, statement.text
    if kind in ("listen_stmt", "prepare_stmt"):
        return True
    if kind == "variable_set_stmt":
        return _SETS.search(text) is not None
    if kind == "select_stmt":
        return _KEPT.search(text) is not None
    is_temporary = kind in ("create_stmt", "create_table_as_stmt", "view_stmt", "create_seq_stmt")
    return is_temporary and _CREATES_TEMPORARY.search(text) is not None and _DROPS.search(text) is None
