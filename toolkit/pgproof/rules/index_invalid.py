"""An index is valid, so that the planner uses it.

A CREATE INDEX CONCURRENTLY that fails leaves an invalid index behind: it costs every write and serves no query,
and CREATE INDEX IF NOT EXISTS takes it for the real one.

Bad:
    CREATE TABLE parts (id integer, made_at date) PARTITION BY RANGE (made_at);
    CREATE TABLE parts_1 PARTITION OF parts DEFAULT;
    CREATE INDEX parts_made_at ON ONLY parts (made_at);

Good:
    CREATE TABLE parts (id integer, made_at date) PARTITION BY RANGE (made_at);
    CREATE TABLE parts_1 PARTITION OF parts DEFAULT;
    CREATE INDEX parts_made_at ON parts (made_at);
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.catalog.snapshot import Index
from pgproof.finding import Finding
from pgproof.rules import match
from pgproof.rules.rule import Evidence, Rule
from pgproof.sql.name import qualified, quote


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict an invalid index of a table that the files declare; valid ones need no word."""
    for index in evidence.snapshot.indexes:
        place = None if index.valid else match.place_of_index(evidence, index)
        if place is not None:
            yield RULE.fails(
                index.name,
                f"index {index.name} on {index.table} is invalid: it costs every write and serves no query",
                place,
                detail="Its build failed or was cut off, or it lacks an index on a partition.",
                hint=f"REINDEX INDEX CONCURRENTLY {_written(evidence, index)}, or drop it and create it again",
            )


def _written(evidence: Evidence, index: Index) -> str:
    table = evidence.snapshot.table(index.schema, index.table)
    return quote(index.name) if table and table.visible else qualified(index.schema, index.name)


RULE = Rule("CAT106", "index-invalid", judge)
