"""A column that the files declare exists.

The usual cause is `CREATE TABLE IF NOT EXISTS` over a table that was there already in another shape: the statement
succeeds and changes nothing.

Bad:
    CREATE TABLE accounts (id integer PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS accounts (id integer PRIMARY KEY, email text);

Good:
    CREATE TABLE accounts (id integer PRIMARY KEY);
    ALTER TABLE accounts ADD COLUMN email text;
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.finding import Finding
from pgproof.rules import match
from pgproof.rules.rule import Evidence, Rule
from pgproof.sql.name import nearest


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a missing column of a table that exists (CAT103 speaks of those that are there)."""
    for declared in evidence.declared.columns:
        table = match.table(evidence, declared.relation)
        if table is None or match.column(evidence, declared) is not None:
            continue
        thing = f"{declared.relation}.{declared.name}"
        excuse = match.excuse(evidence, declared.name)
        if excuse:
            message = f"column {thing} does not exist, and whether it should is not known"
            yield RULE.unknown(thing, message, declared.place, detail=excuse[0])
            continue
        like = nearest(declared.name, [c.name for c in evidence.snapshot.columns_of(table)])
        yield RULE.fails(
            thing,
            f"column {thing} does not exist",
            declared.place,
            detail=f'The nearest column of {table.name} is "{like}".' if like else "",
            hint=match.advice(
                evidence, f"add it with ALTER TABLE {declared.relation.sql} ADD COLUMN in a migration"
            ),
        )


RULE = Rule("CAT102", "declared-column-missing", judge)
