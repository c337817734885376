"""A constraint is validated and enforced, so that old rows obey it too and the planner may rely on it.

`ADD CONSTRAINT ... NOT VALID` is the right way to add one without a long lock, but it says nothing of the rows
that are there until `VALIDATE CONSTRAINT` has looked at them. A NOT ENFORCED constraint (18 and later) refuses
nothing.

Bad:
    CREATE TABLE accounts (id integer PRIMARY KEY, balance numeric);
    ALTER TABLE accounts ADD CONSTRAINT accounts_balance_chk CHECK (balance >= 0) NOT VALID;

Good:
    CREATE TABLE accounts (id integer PRIMARY KEY, balance numeric);
    ALTER TABLE accounts ADD CONSTRAINT accounts_balance_chk CHECK (balance >= 0) NOT VALID;
    ALTER TABLE accounts VALIDATE CONSTRAINT accounts_balance_chk;
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.catalog.snapshot import Constraint
from pgproof.finding import Finding
from pgproof.place import Place
from pgproof.rules import match
from pgproof.rules.rule import Evidence, Rule
from pgproof.sql.name import quote


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a constraint of a declared table that is not validated or not enforced."""
    for constraint in evidence.snapshot.constraints:
        if constraint.enforced and (constraint.validated or _is_foreign(evidence, constraint)):
            continue  # of a foreign table's CON207 speaks: nobody can validate them
        place = _place(evidence, constraint)
        if place is None:
            continue
        thing = f"{constraint.table}.{constraint.name}"
        table, name = evidence.snapshot.written(constraint.schema, constraint.table), quote(constraint.name)
        if not constraint.enforced:
            yield RULE.fails(
                thing,
                f"constraint {constraint.name} on {table} is NOT ENFORCED: it refuses no row",
                place,
                hint=f"ALTER TABLE {table} ALTER CONSTRAINT {name} ENFORCED in a migration",
            )
            continue
        yield RULE.fails(
            thing,
            f"constraint {constraint.name} on {table} is not validated: rows from before may break it",
            place,
            detail=_old(evidence, constraint),
            hint=f"ALTER TABLE {table} VALIDATE CONSTRAINT {name} in a migration",
        )


def _is_foreign(evidence: Evidence, constraint: Constraint) -> bool:
    table = evidence.snapshot.table(constraint.schema, constraint.table)
    return table is not None and table.kind == "f"


def _old(evidence: Evidence, constraint: Constraint) -> str:
    """How many rows that the files themselves have put there break it."""
    tried = (each for each in evidence.survey.probes if not each.guard.heir)
    names = (constraint.schema, constraint.table, constraint.name)
    found = (each.old for each in tried if (each.guard.schema, each.guard.root, each.guard.name) == names)
    old = next(found, 0)
    return (
        f"{old} {'row' if old == 1 else 'rows'} that the files put there {'breaks' if old == 1 else 'break'} it."
        if old
        else ""
    )


def _place(evidence: Evidence, constraint: Constraint) -> Place | None:
    """Where the constraint is declared, else its table."""
    for declared in evidence.declared.constraints:
        if match.constraint(evidence, declared) is constraint:
            return declared.place
    return match.place_of(evidence, constraint.schema, constraint.table)


RULE = Rule("CON103", "constraint-not-validated", judge)
