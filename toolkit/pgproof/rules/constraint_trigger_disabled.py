"""The triggers that make a foreign key, or a constraint trigger, what it is fire for everybody.

`ALTER TABLE ... DISABLE TRIGGER ALL`, as tools that load data do it, also switches foreign keys off, and
`ENABLE REPLICA TRIGGER` lets them fire on a replica only. pg_constraint still calls such a constraint validated.
Of a database that is not ours this is read, in one that the files build it is tried, too.

Bad:
    CREATE TABLE rooms (id integer PRIMARY KEY);
    CREATE TABLE beds (id integer PRIMARY KEY, room_id integer REFERENCES rooms);
    ALTER TABLE beds DISABLE TRIGGER ALL;

Good:
    CREATE TABLE rooms (id integer PRIMARY KEY);
    CREATE TABLE beds (id integer PRIMARY KEY, room_id integer REFERENCES rooms);
    ALTER TABLE beds DISABLE TRIGGER ALL;
    ALTER TABLE beds ENABLE TRIGGER ALL;
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.finding import Finding
from pgproof.rules import told
from pgproof.rules.rule import Evidence, Rule
from pgproof.synth.probe.fact import Guard, Outcome, Probe

_STATES = {"D": "are disabled", "R": "fire on a replica only", "DR": "are disabled, or fire on a replica only"}


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a constraint whose triggers do not fire."""
    tried = {told.thing(each.guard): each for each in evidence.survey.probes if not each.guard.heir}
    for guard in _guards(evidence):
        place = told.place(evidence, guard)
        if place is None:
            continue
        probe = tried.get(told.thing(guard))
        name = told.called(guard)
        yield RULE.fails(
            told.thing(guard),
            f"{name} on {guard.root} refuses nothing where its triggers {_STATES[guard.off]}",
            place,
            detail=_seen(probe) if probe and not evidence.live else "",
            hint=f"ALTER TABLE {evidence.snapshot.written(guard.schema, guard.table_name)} ENABLE TRIGGER ALL",
        )


def _guards(evidence: Evidence) -> Iterator[Guard]:
    """Those that are off: of a live database as its catalog has them, else as they were tried."""
    if not evidence.live:
        yield from (each.guard for each in evidence.survey.probes if each.guard.off and not each.guard.heir)
        return
    for each in evidence.snapshot.constraints:
        if each.off:
            yield Guard(
                table=0,
                schema=each.schema,
                table_name=each.table,
                root_schema=each.schema,
                root=each.table,
                name=each.name,
                root_name=each.name,
                kind=each.kind,
                columns=each.columns,
                off="".join(sorted(each.off)),
            )


def _seen(probe: Probe) -> str:
    if probe.outcome is Outcome.ACCEPTED:
        return f"{told.written(probe)} was stored, and nothing was referred to."
    return ""


RULE = Rule("CON202", "constraint-trigger-disabled", judge)
