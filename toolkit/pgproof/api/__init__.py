"""The door for programs: what the commands do, as functions that return data; and assertions for tests.

`pgproof` itself offers all of it. A name is imported by its first use, so that a program that only migrates loads
nothing else.
"""

from __future__ import annotations

from importlib import import_module

_HOMES = {
    "asserting": ("assert_uses_index", "assert_uses_index_async"),
    "migrating": ("Migrated", "downgrade", "plan", "status", "terms", "upgrade"),
}
"""Which file has which names."""


def __getattr__(name: str) -> object:
    """What a file of this room has."""
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"pgproof.api.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
