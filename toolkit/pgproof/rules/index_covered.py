"""No index can be spared because another one serves all that it serves.

A btree index serves what its first keys lead to, so one on `(a)` is of no use beside one on `(a, b)`: each write
pays for it, and it takes memory from the other. An index that keeps rows unique, or enforces a constraint, has
another purpose.

Bad:
    CREATE TABLE visits (id integer PRIMARY KEY, page integer, made_at timestamptz);
    CREATE INDEX visits_page ON visits (page);
    CREATE INDEX visits_page_made_at ON visits (page, made_at);

Good:
    CREATE TABLE visits (id integer PRIMARY KEY, page integer, made_at timestamptz);
    CREATE INDEX visits_page_made_at ON visits (page, made_at);
    CREATE INDEX visits_made_at ON visits (made_at);
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.catalog.snapshot import Index, Snapshot
from pgproof.finding import Finding, Severity
from pgproof.rules import match
from pgproof.rules.rule import Evidence, Rule
from pgproof.sql.name import quote


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict an index of a declared table that another index covers."""
    for index in evidence.snapshot.indexes:
        place = match.place_of_index(evidence, index)
        other = _covering(evidence.snapshot, index) if place and not index.parent else None
        if place is None or other is None:
            continue
        mine, keys = ", ".join(_keys(index)), ", ".join(_keys(other))
        yield RULE.fails(
            index.name,
            f"index {index.name} on {index.table} can be spared: {other.name} serves all that it serves",
            place,
            detail=f"Both have the keys ({keys})."
            if mine == keys
            else f"({mine}) is how the keys of {other.name} begin: ({keys}).",
            hint=f"DROP INDEX CONCURRENTLY {quote(index.name)} in a migration, or accept it with the reason",
        )


def _covering(snapshot: Snapshot, index: Index) -> Index | None:
    """An index that does all that this one does; of two that are alike, the one with the first name."""
    if index.unique or index.constraint or index.method != "btree":
        return None
    table = snapshot.table(index.schema, index.table)
    for other in snapshot.indexes_of(table) if table else ():
        if other is not index and _covers(other, index):
            is_twin = _covers(index, other) and not (other.unique or other.constraint)
            if not is_twin or other.name < index.name:
                return other
    return None


def _covers(other: Index, index: Index) -> bool:
    keys, mine = _keys(other), _keys(index)
    return (
        (other.method, other.predicate, other.valid) == (index.method, index.predicate, True)
        and keys[: len(mine)] == mine
        and set(index.include) <= {*other.include, *(key.expression for key in other.keys if key.is_column)}
    )


def _keys(index: Index) -> tuple[str, ...]:
    """The keys as the server writes them, with collations, operator classes and order."""
    text = index.definition.partition(f" USING {index.method} (")[2]
    keys, depth, is_quoted, begin = [], 0, "", 0
    for place, sign in enumerate(text):
        if is_quoted:
            is_quoted = "" if sign == is_quoted else is_quoted
        elif sign in "\"'":
            is_quoted = sign
        elif sign in "()":
            depth += 1 if sign == "(" else -1
        if not is_quoted and (depth < 0 or (depth == 0 and sign == ",")):
            keys.append(text[begin:place].strip())
            begin = place + 1
        if depth < 0:
            break
    return tuple(keys)


RULE = Rule("CAT107", "index-covered", judge, Severity.WARNING)
