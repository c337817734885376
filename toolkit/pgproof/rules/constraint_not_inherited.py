"""What a table refuses, tables that inherit from it refuse too.

Only CHECK and NOT NULL are inherited (5.11 of PostgreSQL's manual), a CHECK only without NO INHERIT: a key of the
parent does not know the rows of its children, which a query of the parent returns all the same. (Partitions have
everything that their table has.)

Bad:
    CREATE TABLE cities (name text PRIMARY KEY);
    CREATE TABLE capitals (state text) INHERITS (cities);

Good:
    CREATE TABLE cities (name text PRIMARY KEY);
    CREATE TABLE capitals (state text, PRIMARY KEY (name)) INHERITS (cities);
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.finding import Finding
from pgproof.rules import told
from pgproof.rules.rule import Evidence, Rule
from pgproof.synth.probe.fact import Outcome


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a constraint that a child does not have."""
    for probe in evidence.survey.probes:
        guard = probe.guard
        place = told.place(evidence, guard) if guard.heir else None
        if place is None:
            continue
        name = told.called(guard)
        if probe.outcome is Outcome.REFUSED:
            message = f"{guard.heir} refuses what {name} of {guard.root} would"
            yield RULE.holds(told.thing(guard), message, place)
        elif probe.outcome is Outcome.ACCEPTED:
            yield RULE.fails(
                told.thing(guard),
                f"{name} of {guard.root} is not inherited: {guard.heir} takes {told.written(probe)}",
                place,
                detail=f"Queries of {guard.root} return the rows of {guard.heir}, too.",
                hint=f"add it to {guard.heir} in a migration",
            )
        else:
            yield RULE.unknown(
                told.thing(guard),
                f"{name} of {guard.root} is not inherited, and whether {guard.heir} refuses the same was not seen",
                place,
                detail=f"{probe.reason.rstrip('.')}.",
                hint=f"add it to {guard.heir} in a migration",
            )


RULE = Rule("CON203", "constraint-not-inherited", judge)
