"""A documented UPDATE may run in a transaction that began before its row was made, and no CHECK refuses its time.

now() and CURRENT_TIMESTAMP are the start of the transaction (9.9.5 of PostgreSQL's manual). If that lies before
the one that inserted the row, as with a worker that begins and then takes what comes, the time that is written is
earlier than the default that the row got, and a CHECK that compares the two refuses. Two connections to a copy of
the scratch database show it.

Bad:
    CREATE TABLE calls (
        id integer PRIMARY KEY, made timestamptz NOT NULL DEFAULT now(), taken timestamptz CHECK (taken >= made)
    );
    -- file: checks/calls.sql
    -- name: take
    UPDATE calls SET taken = now() WHERE id = $1;

Good:
    CREATE TABLE calls (
        id integer PRIMARY KEY, made timestamptz NOT NULL DEFAULT now(), taken timestamptz CHECK (taken >= made)
    );
    -- file: checks/calls.sql
    -- name: take
    UPDATE calls SET taken = clock_timestamp() WHERE id = $1;
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.contract.promise import Query
from pgproof.finding import Finding
from pgproof.place import Place
from pgproof.rules.rule import Evidence, Rule, called, listed
from pgproof.synth.probe.fact import Race, Raced, Ran


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a documented UPDATE and CHECK that compares its time with a default."""
    queries = {each.id: each for each in evidence.contract.queries}
    ran = {each.query for each in evidence.survey.runs if each.outcome is Ran.DONE}  # of others CON205 speaks
    for race in evidence.survey.races:
        query = queries.get(race.query)
        is_shown = race.outcome in (Raced.SHOWN, Raced.TAKEN)
        if query is not None and (is_shown or race.query in ran):
            yield _verdict(query, race)


def _verdict(query: Query, race: Race) -> Finding:
    name = called(query)
    column, value = race.written
    match race.outcome:
        case Raced.SHOWN:
            without = f" It was run without {listed(race.beside)}, which refuses it always." if race.beside else ""
            return RULE.fails(
                query.id,
                f"{name} is refused by {race.constraint} where its transaction began before the row was inserted",
                _place(query, value),
                detail=f"{column} = {_written(query, value)} is the start of the transaction, {race.default} by "
                f"default a later moment. Two connections have shown it: 23514 on {race.constraint}.{without}",
                hint=f"write clock_timestamp() to {column}",
            )
        case Raced.TAKEN:
            message = (
                f"{name} is taken by {race.constraint} though its transaction began before the row was inserted"
            )
            return RULE.holds(query.id, message, query.place)
    return RULE.unknown(
        query.id,
        f"whether {race.constraint} takes what {name} writes in a transaction that began early was not seen",
        query.place,
        detail=f"{race.reason.rstrip('.') or 'It changed no row that was made'}.",
    )


def _written(query: Query, value: str) -> str:
    """The expression as it is written in the file."""
    at = query.text.lower().find(value.lower())
    return query.text[at : at + len(value)] if at >= 0 else value


def _place(query: Query, value: str) -> Place:
    at = query.text.lower().find(value.lower())
    return query.source.place(at, len(value)) if at >= 0 else query.place


RULE = Rule("CON206", "transaction-time-race", judge)
