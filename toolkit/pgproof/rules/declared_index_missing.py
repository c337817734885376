"""An index that the files create exists.

Bad:
    CREATE TABLE accounts (id integer PRIMARY KEY, email text);
    CREATE INDEX accounts_email ON accounts (email);
    DO $$ BEGIN EXECUTE 'DROP INDEX accounts_' || 'email'; END $$;

Good:
    CREATE TABLE accounts (id integer PRIMARY KEY, email text);
    CREATE INDEX accounts_email ON accounts (email);
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.finding import Finding
from pgproof.rules import match
from pgproof.rules.rule import Evidence, Rule
from pgproof.sql.name import nearest


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a declared index that is missing (CAT105 speaks of those that are there)."""
    for declared in evidence.declared.indexes:
        if match.index(evidence, declared) is not None or match.table(evidence, declared.relation) is None:
            continue
        thing = str(declared)
        excuse = match.excuse(evidence, declared.name)
        if excuse:
            message = f"index {thing} does not exist, and whether it should is not known"
            yield RULE.unknown(thing, message, declared.place, detail=excuse[0])
            continue
        table = match.table(evidence, declared.relation)
        names = [i.name for i in evidence.snapshot.indexes_of(table)] if table else []
        like = nearest(declared.name, names) if declared.name else None
        yield RULE.fails(
            thing,
            f"index {thing} on {declared.relation} does not exist",
            declared.place,
            detail=f'The nearest index is "{like}".' if like else "",
            hint=match.advice(evidence, "create it in a migration, or say in one that it was dropped"),
        )


RULE = Rule("CAT104", "declared-index-missing", judge)
