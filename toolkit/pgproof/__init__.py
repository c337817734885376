"""pgproof: schema migrations for PostgreSQL, and proof of what a schema promises.

Importing this package loads no driver and no parser; what costs time is imported where it is used. The functions
of `api` are here by their first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"
__all__ = [
    "__version__",
    "assert_uses_index",
    "assert_uses_index_async",
    "downgrade",
    "plan",
    "status",
    "terms",
    "upgrade",
]

if TYPE_CHECKING:
    from pgproof.api.asserting import assert_uses_index, assert_uses_index_async
    from pgproof.api.migrating import downgrade, plan, status, terms, upgrade


def __getattr__(name: str) -> object:
    """The functions of `api`, imported when first asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pgproof import api

    return getattr(api, name)
