"""A constraint that the files declare exists.

Bad:
    CREATE TABLE accounts (id integer PRIMARY KEY, balance numeric);
    CREATE TABLE IF NOT EXISTS accounts (
        id integer PRIMARY KEY,
        balance numeric,
        CONSTRAINT accounts_balance_chk CHECK (balance >= 0)
    );

Good:
    CREATE TABLE accounts (id integer PRIMARY KEY, balance numeric);
    ALTER TABLE accounts ADD CONSTRAINT accounts_balance_chk CHECK (balance >= 0);
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.finding import Finding
from pgproof.rules import match
from pgproof.rules.rule import Evidence, Rule
from pgproof.sql.name import nearest


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a declared constraint that is missing from its table (CON102 speaks of those that are there)."""
    for declared in evidence.declared.constraints:
        table = match.table(evidence, declared.relation)
        if table is None or match.constraint(evidence, declared) is not None:
            continue
        thing = f"{declared.relation}.{declared.name or declared}"
        excuse = match.excuse(evidence, declared.name)
        if excuse:
            message = f"{declared} of table {declared.relation} does not exist, and whether it should is not known"
            yield RULE.unknown(thing, message, declared.place, detail=excuse[0])
            continue
        names = [c.name for c in evidence.snapshot.constraints_of(table)]
        like = nearest(declared.name, names) if declared.name else None
        yield RULE.fails(
            thing,
            f"{declared} of table {declared.relation} does not exist",
            declared.place,
            detail=f'The nearest constraint is "{like}".' if like else "",
            hint=match.advice(
                evidence, f"add it with ALTER TABLE {declared.relation.sql} ADD CONSTRAINT in a migration"
            ),
        )


RULE = Rule("CON101", "declared-constraint-missing", judge)
