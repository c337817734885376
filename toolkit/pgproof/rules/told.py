"""What findings about constraints call them, and where the files declare them."""

from __future__ import annotations

from pgproof.place import Place
from pgproof.rules import match
from pgproof.rules.rule import Evidence, listed
from pgproof.synth.probe.fact import Guard, Probe

_KINDS = {
    **{letter: str(kind) for kind, letter in match.LETTERS.items()},
    "i": "unique index",
    "n": "NOT NULL of",
    "t": "constraint trigger",
}
_LONGEST = 60


def called(guard: Guard) -> str:
    """Its kind and name: "check constraint jobs_status_chk"."""
    if guard.domain:
        domain = guard.domain.removeprefix("public.")
        return f"NOT NULL of domain {domain}" if guard.kind == "n" else f"{guard.name} of domain {domain}"
    if guard.kind == "n":
        return f"NOT NULL of {guard.root}.{guard.name}"
    return f"{_KINDS[guard.kind]} {guard.root_name}"


def thing(guard: Guard) -> str:
    """What acceptances call it: "jobs.jobs_status_chk", of a NOT NULL "jobs.status"."""
    if guard.domain:
        return f"{guard.domain.removeprefix('public.')}.{guard.name}"
    return f"{guard.heir or guard.root}.{guard.root_name}"


def place(evidence: Evidence, guard: Guard) -> Place | None:
    """Where the files declare it: the constraint, the index, the column (also of a domain's), else the table."""
    table = evidence.snapshot.table(guard.root_schema, guard.root)
    if table is None:
        return None
    if guard.kind == "i":
        found = evidence.declared.indexes_called(guard.root_name)
        return found[0].place if found else match.place_of(evidence, table.schema, table.name)
    if guard.kind == "n" or guard.domain:
        for column in evidence.declared.columns_of(table.name):
            if column.name in guard.columns and match.table(evidence, column.relation) == table:
                return column.place
    return place_of(evidence, table.schema, table.name, guard.root_name)


def place_of(evidence: Evidence, schema: str, table: str, name: str) -> Place | None:
    """Where the files declare the constraint of a table that has that name, else the table."""
    own = evidence.snapshot.constraints_on(schema, table)
    actual = next((each for each in own if each.name == name), None)
    for declared in evidence.declared.constraints_of(table) if actual is not None else ():
        if match.constraint(evidence, declared) is actual:
            return declared.place
    return match.place_of(evidence, schema, table)


def written(probe: Probe) -> str:
    """What was written to break it: "status = 'x'"."""
    pairs = [f"{column} = {_short(value)}" for column, value in probe.values]
    return listed(pairs) if pairs else f"a row of {probe.guard.root}"


def _short(value: str) -> str:
    return value if len(value) <= _LONGEST else f"{value[: _LONGEST - 4]}...'"
