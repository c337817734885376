"""Where a user's caches are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def cache_dir(env: Mapping[str, str]) -> Path | None:
    """As the XDG base directory specification has it: a relative XDG_CACHE_HOME is ignored. None if unknown."""
    cache, home = env.get("XDG_CACHE_HOME", ""), env.get("HOME", "")
    if cache.startswith("/"):
        return Path(cache) / "pgproof"
    return Path(home) / ".cache" / "pgproof" if home.startswith("/") else None
