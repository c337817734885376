"""Names of database objects: quoting, and what a person probably meant."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*\Z")
_PART = re.compile(r'"(?:[^"]|"")*"|[^".]+')
# Words that PostgreSQL 18 reserves fully or as function and type names (appendix C of its manual).
_RESERVED = frozenset(
    """all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate
    collation column concurrently constraint create cross current_catalog current_date current_role
    current_schema current_time current_timestamp current_user default deferrable desc distinct do else end
    except false fetch for foreign freeze from full grant group having ilike in initially inner intersect into
    is isnull join lateral leading left like limit localtime localtimestamp natural not notnull null offset on
    only or order outer overlaps placing primary references returning right select session_user similar some
    symmetric system_user table tablesample then to trailing true union unique user using variadic verbose
    when where window with""".split()
)


def quote(name: str) -> str:
    """`name` as an SQL identifier, quoted only where it must be (4.1.1 of PostgreSQL's manual)."""
    if _PLAIN.match(name) and name not in _RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


def qualified(schema: str, name: str) -> str:
    """`schema.name`, both quoted where they must be."""
    return f"{quote(schema)}.{quote(name)}"


def apart(identity: str) -> tuple[str, ...]:
    """The parts of a name that the server has written, unquoted: `o."a.b"` is `o` and `a.b`."""
    parts = _PART.findall(identity)
    if ".".join(parts) != identity:
        return (identity,)
    return tuple(each[1:-1].replace('""', '"') if each.startswith('"') else each for each in parts)


def nearest(word: str, candidates: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """The candidate most like `word`, or None if none is alike enough.

    A candidate that `word` begins is nearly as good as a slip of one letter, since people shorten names:
    `idx_jobs_agent_id` means `idx_jobs_agent_id_created_at` rather than `idx_jobs_agents`. Ties go to the
    alphabetically first.
    """
    best = max(sorted(set(candidates)), key=lambda name: likeness(word, name), default=None)
    return best if best is not None and likeness(word, best) >= cutoff else None


def likeness(word: str, name: str) -> float:
    """How alike two names are, from 0 to 1 (1 is equal); one that begins the other counts for more."""
    from difflib import SequenceMatcher  # of use only after a mistake

    ratio = SequenceMatcher(None, word.lower(), name.lower(), autojunk=False).ratio()
    begins = len(word) >= 3 and (name.startswith(word) or word.startswith(name))
    return max(ratio, 0.9) if begins and ratio < 1 else ratio
