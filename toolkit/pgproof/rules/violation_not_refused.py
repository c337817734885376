"""A constraint refuses what breaks it, by its own name, and no trigger gets there first.

Rows are made that fit a table, and for each constraint one that breaks that alone. The server is given it, in a
copy of the scratch database, and has to refuse it with the SQLSTATE and the name of that constraint, by INSERT
and by UPDATE. A BEFORE trigger that returns NULL lets the statement end as if all were well. One that mends the
row, so that it fits, is told of what holds. A constraint trigger has to refuse one of the rows that fit everything
else; where it fires and refuses none, what it refuses is not known. What could not be tried is told.

Bad:
    CREATE TABLE bets (id integer PRIMARY KEY, stake integer CONSTRAINT bets_stake_chk CHECK (stake > 0));
    CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.stake <= 0 THEN RETURN NULL; END IF;
        RETURN NEW;
    END
    $$;
    CREATE TRIGGER bets_skip BEFORE INSERT ON bets FOR EACH ROW EXECUTE FUNCTION skip();

Good:
    CREATE TABLE bets (id integer PRIMARY KEY, stake integer CONSTRAINT bets_stake_chk CHECK (stake > 0));
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.finding import Finding
from pgproof.place import Place
from pgproof.rules import match, told
from pgproof.rules.rule import Evidence, Rule, listed
from pgproof.synth.probe.fact import Outcome, Probe

_FAILURES = {
    Outcome.ACCEPTED: "does not refuse what breaks it: {written} was stored",
    Outcome.SWALLOWED: "never sees what breaks it: {written} was neither stored nor refused",
}
_UNSEEN = (Outcome.OTHERWISE, Outcome.UNTRIED)
_KEYS = {
    "p": "a second row with the same {}",
    "u": "a second row with the same {}",
    "i": "a second row of the same {}",
}


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a constraint; one a table for its NOT NULLs that refuse, and for what could not be filled."""
    yield from _untried(evidence)
    refusing: dict[tuple[str, str], list[Probe]] = {}
    for probe in evidence.survey.probes:
        guard = probe.guard
        place = told.place(evidence, guard)
        if place is None or guard.heir or guard.off or not guard.is_enforced:
            continue  # of those others speak: CON203, CON202, CON103
        if (guard.schema, guard.table_name) in evidence.survey.empty:
            continue
        if guard.kind == "n" and not guard.domain and probe.outcome is Outcome.REFUSED and not probe.is_mended:
            refusing.setdefault((guard.root_schema, guard.root), []).append(probe)
        else:
            yield _verdict(evidence, probe, place)
    for (schema, table), found in refusing.items():
        place = told.place(evidence, found[0].guard)
        order = {each.name: each.position for each in evidence.snapshot.columns_on(schema, table)}
        names = sorted((each.guard.name for each in found), key=lambda name: order.get(name, 0))
        if place is not None:
            message = f"table {table} refuses NULL in {listed(names)}{_where(evidence)}"
            yield RULE.holds(table, message, place)


def _verdict(evidence: Evidence, probe: Probe, place: Place) -> Finding:
    name, thing = told.called(probe.guard), told.thing(probe.guard)
    if probe.outcome is Outcome.REFUSED and probe.changed in _FAILURES:
        return _slipped(evidence, probe, place)
    if probe.outcome is Outcome.REFUSED:
        message = f"{name} refuses {_refused(evidence, probe)}{_besides(evidence, probe)}"
        return RULE.holds(thing, message, place)
    if probe.outcome in _FAILURES:
        message = _FAILURES[probe.outcome].format(written=told.written(probe))
        triggers = _triggers(evidence, probe, "INSERT")
        names = listed([each for each, _ in triggers])
        return RULE.fails(
            thing,
            f"{name} {message}",
            place,
            detail=f"Before each INSERT into {probe.guard.root} fires {names}." if triggers else "",
            hint="let the trigger raise an error, or drop what the constraint says" if triggers else "",
        )
    detail = probe.reason
    if probe.outcome is Outcome.OTHERWISE:
        by = f" by {probe.other}" if probe.other else ""
        detail = f"{told.written(probe)} is refused{by} with {probe.sqlstate} first: {probe.reason}."
    return RULE.unknown(
        thing, f"whether {name} refuses what breaks it was not seen", place, detail=_sentence(detail)
    )


def _slipped(evidence: Evidence, probe: Probe, place: Place) -> Finding:
    """What INSERT does not get past, UPDATE does."""
    message = _FAILURES[probe.changed].format(written=f"UPDATE to {told.written(probe)}")
    names = listed([each for each, _ in _triggers(evidence, probe, "UPDATE")])
    return RULE.fails(
        told.thing(probe.guard),
        f"{told.called(probe.guard)} {message}",
        place,
        detail=f"By INSERT it is refused. Before each UPDATE of {probe.guard.root} fires {names}."
        if names
        else "",
        hint="let the trigger raise an error, or drop what the constraint says" if names else "",
    )


def _refused(evidence: Evidence, probe: Probe) -> str:
    guard = probe.guard
    if guard.kind in _KEYS:
        keys = ", ".join(guard.keys)
        where = f" where {guard.predicate}" if guard.predicate else ""
        return f"{_KEYS[guard.kind].format(keys)}{where} ({guard.sqlstate})"
    if guard.kind == "f":
        own = evidence.snapshot.constraints_on(guard.root_schema, guard.root)
        target = next((each.references_table for each in own if each.name == guard.root_name), None)
        return f"{told.written(probe)}, which {target or 'its table'} has not ({guard.sqlstate})"
    what = told.written(probe) if probe.values or probe.event == "INSERT" else f"{probe.event} of {guard.root}"
    return f"{what} ({guard.sqlstate or probe.sqlstate})"


def _besides(evidence: Evidence, probe: Probe) -> str:
    """What else there is to know of a constraint that works."""
    said = ", but only at the end of the transaction" if probe.is_late and probe.guard.is_deferred else ""
    if probe.beside:
        said += f"; {listed(probe.beside)} would refuse that first"
    if probe.is_mended:
        names = listed([each for each, _ in _triggers(evidence, probe, "INSERT")])
        said += f" where {names or 'a trigger'} does not mend it before"
    if probe.changed is Outcome.MENDED:
        names = listed([each for each, _ in _triggers(evidence, probe, "UPDATE")])
        said += f"; {names or 'a trigger'} mends what an UPDATE writes"
    if probe.event != "INSERT" or (probe.changed in _UNSEEN and probe.guard.kind != "t"):
        said += f"; seen by {probe.event} alone"
    if probe.mixed:
        said += f"; NULL in {listed(probe.mixed, 'or')} alone, too"
    if probe.nulls:
        said += f"; NULL in {listed(probe.nulls)} passes it"
    return said + _where(evidence)


def _where(evidence: Evidence) -> str:
    return "; tried on a scratch database" if evidence.live else ""


def _triggers(evidence: Evidence, probe: Probe, event: str) -> list[tuple[str, str]]:
    guard = probe.guard
    return [
        (each.name, each.table)
        for each in evidence.snapshot.triggers
        if (each.schema, each.table) in {(guard.schema, guard.table_name), (guard.root_schema, guard.root)}
        and event in each.events
    ]


def _untried(evidence: Evidence) -> Iterator[Finding]:
    survey = evidence.survey
    if survey.untried and evidence.declared.tables:
        yield RULE.unknown(
            "constraints",
            "whether constraints refuse what breaks them could not be tried",
            evidence.declared.tables[0].place,
            detail=_sentence(f"There is no scratch database that the files build: {survey.untried}"),
        )
    for (schema, name), why in survey.empty.items():
        place = match.place_of(evidence, schema, name)
        probed = any((each.guard.schema, each.guard.table_name) == (schema, name) for each in survey.probes)
        if place is not None and probed:
            message = f"no row could be made for table {name}, so its constraints were not tried"
            yield RULE.unknown(name, message, place, detail=_sentence(why))


def _sentence(text: str) -> str:
    return text if text.endswith((".", "")) and text[-1:] == "." else f"{text}."


RULE = Rule("CON201", "violation-not-refused", judge)
