"""A table that the files create exists.

`CREATE TABLE IF NOT EXISTS`, a search path, or a statement run by hand can leave a database without a table that
every file believes in.

Bad:
    CREATE TABLE accounts (id integer PRIMARY KEY);
    CREATE TABLE invoices (id integer PRIMARY KEY);
    DO $$ BEGIN EXECUTE 'DROP TABLE inv' || 'oices'; END $$;

Good:
    CREATE TABLE accounts (id integer PRIMARY KEY);
    CREATE TABLE invoices (id integer PRIMARY KEY);
    DROP TABLE invoices;
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.finding import Finding
from pgproof.rules import match
from pgproof.rules.rule import Evidence, Rule
from pgproof.sql.name import nearest


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a declared table; one that is declared again IF NOT EXISTS counts once."""
    for declared in {d.relation: d for d in evidence.declared.tables}.values():
        thing = str(declared.relation)
        if match.table(evidence, declared.relation) is not None:
            yield RULE.holds(thing, f"table {thing} exists", declared.place)
            continue
        excuse = match.excuse(evidence, declared.relation.name)
        if excuse:
            yield RULE.unknown(
                thing,
                f"table {thing} does not exist, and whether it should is not known",
                declared.place,
                detail=excuse[0],
            )
            continue
        like = nearest(declared.relation.name, [t.name for t in evidence.snapshot.tables])
        yield RULE.fails(
            thing,
            f"table {thing} does not exist",
            declared.place,
            detail=f'The nearest name is "{like}".' if like else "",
            hint=match.advice(evidence, "find what dropped or renamed it, and say so in a migration"),
        )


RULE = Rule("CAT101", "declared-table-missing", judge)
