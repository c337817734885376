"""Every index serves a query that the team has written down.

Where the queries of a table are documented with the indexes that serve them, an index that none of them names is
either forgotten or serves a query that nobody knows of. It is told as a note, and changes no exit code. Indexes
that keep rows unique, enforce a constraint or support a foreign key have a purpose of their own.

Bad:
    CREATE TABLE visits (id integer PRIMARY KEY, page integer, made_at timestamptz);
    -- Query pattern: SELECT id FROM visits WHERE page = ? ORDER BY made_at
    CREATE INDEX visits_page_made_at ON visits (page, made_at);
    CREATE INDEX visits_made_at ON visits (made_at);

Good:
    CREATE TABLE visits (id integer PRIMARY KEY, page integer, made_at timestamptz);
    -- Query pattern: SELECT id FROM visits WHERE page = ? ORDER BY made_at
    CREATE INDEX visits_page_made_at ON visits (page, made_at);
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.catalog.snapshot import Index
from pgproof.finding import Finding, Severity
from pgproof.rules import match
from pgproof.rules.rule import Evidence, Rule
from pgproof.sql.name import quote


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict an index that no query names, of a table with another that one names."""
    words = [word.text for query in evidence.contract.queries for word in query.uses]
    named = [found for word in words if (found := evidence.snapshot.index(word))]
    tables = {(index.schema, index.table) for index in named}
    for index in evidence.snapshot.indexes:
        is_of_interest = (index.schema, index.table) in tables and not index.parent and index not in named
        if not is_of_interest or _has_purpose(evidence, index):
            continue
        if place := match.place_of_index(evidence, index):
            yield RULE.fails(
                index.name,
                f"no documented query uses index {index.name} on {index.table}, and each write pays for it",
                place,
                hint=f"write the query that it is for into the checks, with `-- uses: {quote(index.name)}`; "
                "or drop it in a migration",
            )


def _has_purpose(evidence: Evidence, index: Index) -> bool:
    """True if it keeps rows unique, or finds the rows that refer to one that is deleted."""
    table = evidence.snapshot.table(index.schema, index.table)
    referring = [c.columns for c in evidence.snapshot.constraints_of(table) if c.kind == "f"] if table else []
    columns = tuple(key.expression for key in index.keys if key.is_column)
    return index.unique or bool(index.constraint) or any(columns[: len(each)] == each for each in referring)


RULE = Rule("CAT108", "index-without-promise", judge, Severity.NOTE)
