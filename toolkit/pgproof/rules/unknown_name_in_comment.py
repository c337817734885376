"""A name that a comment gives an index, constraint, table or column is the name of one.

People act on comments: they look for the index that a query is said to use, or drop "the other one". A name that
was declared once and dropped or renamed later is left alone, since the comment was right when it was written.

Bad:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer, seen_at timestamptz);
    -- The page of a guest relies on idx_visits_guest
    CREATE INDEX idx_visits_guest_id_seen_at ON visits (guest_id, seen_at);

Good:
    CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer, seen_at timestamptz);
    -- The page of a guest relies on idx_visits_guest_id_seen_at
    CREATE INDEX idx_visits_guest_id_seen_at ON visits (guest_id, seen_at);
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.catalog.snapshot import Snapshot, Table
from pgproof.contract.promise import Cue, Mention
from pgproof.finding import Finding, Severity
from pgproof.rules.rule import Evidence, Rule
from pgproof.sql.name import likeness, nearest, quote

_ALIKE = 0.84  # a word that nothing else marks as a name must be this like one to be taken for a slip


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a name and file that no object has; names that exist need no word."""
    snapshot = evidence.snapshot
    known = _names(snapshot) | snapshot.names | evidence.declared.ever
    seen = set()
    for mention in evidence.contract.mentions:
        name, place = mention.word.text, mention.word.place
        thing = ".".join(map(quote, [*mention.qualifier.split("."), name])) if mention.qualifier else name
        if (place.path, thing) in seen or _exists(snapshot, known, mention):
            continue
        candidates = _candidates(snapshot, mention)
        like = nearest(name, candidates)
        if mention.cue is Cue.NONE and not _is_slip(name, like):
            continue
        seen.add((place.path, thing))
        kind = mention.cue.value or "name"
        written = thing if mention.qualifier else f'"{name}"'
        yield RULE.fails(
            thing,
            f"{kind} {written} is named in a comment but does not exist",
            place,
            detail=f'The nearest name is "{like}".' if like else "",
            hint=f'write "{like}"' if like else "name what is meant, or leave the name out",
        )


def _names(snapshot: Snapshot) -> frozenset[str]:
    return frozenset(
        [
            *(t.name for t in snapshot.tables),
            *(c.name for c in snapshot.columns),
            *(c.name for c in snapshot.constraints),
            *(i.name for i in snapshot.indexes),
        ]
    )


def _exists(snapshot: Snapshot, known: frozenset[str], mention: Mention) -> bool:
    """Whether the name is one of the database; behind the dot of a table it must be a column of that table."""
    name = mention.word.text
    folded = name.lower()
    table = _table(snapshot, mention)
    if table is not None:
        own = {c.name for c in snapshot.columns_of(table)} | {c.name for c in snapshot.constraints_of(table)}
        return bool({name, folded} & (own | {i.name for i in snapshot.indexes_of(table)}))
    return name in known or folded in known


def _table(snapshot: Snapshot, mention: Mention) -> Table | None:
    """The table before the dot, if what stands there is one."""
    schema, _, name = mention.qualifier.rpartition(".")
    return snapshot.table(schema, name) if name else None


def _candidates(snapshot: Snapshot, mention: Mention) -> list[str]:
    """The names of the kind that the comment speaks of."""
    table = _table(snapshot, mention)
    if table is not None:
        return [c.name for c in snapshot.columns_of(table)]
    match mention.cue:
        case Cue.INDEX:
            return [i.name for i in snapshot.indexes]
        case Cue.CONSTRAINT:
            return [c.name for c in snapshot.constraints]
        case Cue.TABLE:
            return [t.name for t in snapshot.tables]
        case Cue.COLUMN:
            return [c.name for c in snapshot.columns]
        case _:
            return list(_names(snapshot))


def _is_slip(name: str, like: str | None) -> bool:
    """Whether a word that merely looks like a name is a misspelt one, and not its plural or another word."""
    if like is None or name.rstrip("s") == like.rstrip("s"):
        return False
    return likeness(name, like) >= _ALIKE and not like.startswith(name) and not name.startswith(like)


RULE = Rule("DOC101", "unknown-name-in-comment", judge, Severity.WARNING)
