"""pgproof: schema migrations for PostgreSQL, and proof of what a schema promises.

Importing this package loads no driver and no parser; what costs time is imported where it is used. What `api`
offers is here by its first use; what is promised of it, its docstring says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"
__all__ = [
    "CannotTell",
    "DatabaseError",
    "InputError",
    "Interrupted",
    "Migrated",
    "PgproofError",
    "Verified",
    "__version__",
    "assert_uses_index",
    "assert_uses_index_async",
    "check",
    "diff",
    "downgrade",
    "explain_query",
    "export_stats",
    "find_drift",
    "history",
    "plan",
    "scratch",
    "script",
    "snapshot",
    "status",
    "terms",
    "upgrade",
    "verify",
]

if TYPE_CHECKING:
    from pgproof.api.asserting import assert_uses_index, assert_uses_index_async
    from pgproof.api.comparing import diff, export_stats, find_drift, script, snapshot
    from pgproof.api.given import scratch
    from pgproof.api.judging import Verified, check, explain_query, verify
    from pgproof.api.migrating import Migrated, downgrade, history, plan, status, terms, upgrade
    from pgproof.errors import CannotTell, DatabaseError, InputError, Interrupted, PgproofError


def __getattr__(name: str) -> object:
    """What `api` offers, imported when first asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pgproof import api

    return getattr(api, name)


def __dir__() -> list[str]:
    """What there is, also before its first use."""
    return sorted({*globals(), *__all__})
