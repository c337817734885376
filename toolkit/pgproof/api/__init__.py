"""The door for programs: what the commands do, as functions that return data; and assertions for tests.

`pgproof` itself offers all of it: `pgproof.check()`, `pgproof.upgrade(database)`. A name is imported by its
first use, so that a program that only migrates loads nothing else. Parameters are those of the commands'
options, and none is read from a settings file; of the environment, only what says where scratch servers come
from and where to remember things. Nothing is printed, and nothing is kept between calls: threads may call at
the same time.

What comes back are frozen dataclasses. What cannot be done is raised: InputError where somebody has to mend a file
or an argument, DatabaseError, CannotTell and Interrupted, all of them PgproofError, with `problems` that say what,
where, why, and what to do.

What is promised: the names in `pgproof.__all__`, their parameters by name, what their docstrings say of what they
return, and the errors. Before 1.0 a minor version may change them, and the changelog says so. What else can be
imported is pgproof's own, and may change at any time. `new`, `adopt`, `squash`, `sum`, `init` and `doctor`
are for people, and only commands.
"""

from __future__ import annotations

from importlib import import_module

HOMES = {
    "asserting": ("assert_uses_index", "assert_uses_index_async"),
    "comparing": ("diff", "export_stats", "find_drift", "script", "snapshot"),
    "given": ("scratch",),
    "judging": ("Verified", "check", "explain_query", "verify"),
    "migrating": ("Migrated", "downgrade", "history", "plan", "status", "terms", "upgrade"),
}
"""Which file of this room has which names."""
ERRORS = ("CannotTell", "DatabaseError", "InputError", "Interrupted", "PgproofError")
"""What is raised; they are in `pgproof.errors`."""


def __getattr__(name: str) -> object:
    """What a file of this room has."""
    for home, names in HOMES.items():
        if name in names:
            return getattr(import_module(f"pgproof.api.{home}"), name)
    if name in ERRORS:
        return getattr(import_module("pgproof.errors"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
