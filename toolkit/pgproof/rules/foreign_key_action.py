"""A foreign key does what it says to the rows that refer to one that is deleted, or whose key is changed.

A row that others refer to is deleted in a copy of the scratch database: what went with it is counted, and all is
taken back. ON DELETE SET NULL cannot be where the column is NOT NULL, and a trigger that puts the deletion of the
referring rows aside leaves them with a reference to nothing (36.1 of PostgreSQL's manual).

Bad:
    CREATE TABLE shelves (id integer PRIMARY KEY);
    CREATE TABLE books (id integer PRIMARY KEY, shelf_id integer NOT NULL REFERENCES shelves ON DELETE SET NULL);

Good:
    CREATE TABLE shelves (id integer PRIMARY KEY);
    CREATE TABLE books (id integer PRIMARY KEY, shelf_id integer REFERENCES shelves ON DELETE SET NULL);
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.finding import Finding
from pgproof.place import Place
from pgproof.rules import told
from pgproof.rules.rule import Evidence, Rule, listed
from pgproof.synth.probe.fact import Acted, Action

_NAMED = 3
_REFUSES = ("NO ACTION", "RESTRICT")


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a foreign key and event that it speaks of."""
    for action in evidence.survey.actions:
        place = told.place_of(evidence, action.schema, action.table, action.name)
        if place is not None and (action.schema, action.table) not in evidence.survey.empty:  # CON201 says that
            yield _verdict(evidence, action, place)


def _verdict(evidence: Evidence, action: Action, place: Place) -> Finding:
    thing, key = f"{action.table}.{action.name}", f"foreign key {action.name}"
    where = "; tried on a scratch database" if evidence.live else ""
    others = listed(action.beside) if len(action.beside) <= _NAMED else f"{len(action.beside)} other keys"
    first = f" (tried without {others})" if action.beside else ""
    rule = f"ON {action.event} {action.rule}"
    match action.outcome:
        case Acted.DONE if action.rule not in _REFUSES:
            return RULE.holds(thing, f"{key} {_done(action)}{first}{where}", place)
        case Acted.REFUSED if action.rule in _REFUSES:
            message = f"{key} refuses to {_event(action)} ({action.sqlstate})"
            return RULE.holds(thing, f"{message}{first}{where}", place)
        case Acted.ASIDE:
            message = f"{key} has nothing to do: a trigger or a rule of {action.target} puts {action.event} aside"
            return RULE.holds(thing, message + where, place)
        case Acted.ORPHANED:
            return RULE.fails(
                thing,
                f"{key} leaves rows of {action.table} that refer to nothing",
                place,
                detail=f"It says {rule}, and a trigger or a rule of {action.table} puts that aside.",
                hint=f"let the trigger of {action.table} return the row",
            )
        case Acted.OTHERWISE if action.sqlstate.startswith("23") and not action.other:
            return RULE.fails(
                thing,
                f"{key} says {rule}, which always ends with {action.sqlstate}",
                place,
                detail=f"{action.reason}.",
                hint=f"say ON {action.event} CASCADE or RESTRICT, or let the columns be NULL",
            )
    reason = f"{action.reason}." if action.reason else f"{str(action.outcome).capitalize()}."
    return RULE.unknown(thing, f"what {key} does to {_event(action)} was not seen", place, detail=reason)


def _event(action: Action) -> str:
    """What is done to the row that is referred to, and by whom that is."""
    what = "delete a row" if action.event == "DELETE" else "change the key of a row"
    return f"{what} of {action.target} that rows of {action.table} refer to"


def _done(action: Action) -> str:
    """What happens to the rows that refer to one: "deletes 2 rows of jobs with the row of agents that ..."."""
    rows = f"{action.rows} {'row' if action.rows == 1 else 'rows'} of {action.table}"
    columns = listed(action.columns)
    if action.rule == "CASCADE" and action.event == "DELETE":
        lost = [f"{number} {'row' if number == 1 else 'rows'} of {table}" for table, number in action.lost]
        return f"deletes {listed(lost)} when the row of {action.target} is deleted"
    what = {"CASCADE": "the new key", "SET NULL": "NULL"}.get(action.rule, "the default")
    when = "is deleted" if action.event == "DELETE" else "gets another key"
    return f"sets {columns} of {rows} to {what} when the row of {action.target} {when}"


RULE = Rule("CON204", "foreign-key-action", judge)
