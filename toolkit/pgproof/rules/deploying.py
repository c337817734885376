"""What there is to say of a query on the schema of another revision: for the rules about both directions."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from pgproof.explain.facts import Crossing, Refusal, Unsure, Untaken
from pgproof.finding import Finding, Verdict
from pgproof.rules.rule import Rule, called, listed
from pgproof.rules.running import refusal as refused_with

_CACHED = "Who prepared it before the migration is told 0A000, cached plan must not change result type."


def judged(rule: Rule, crossing: Crossing, where: str, hint: str) -> Iterator[Finding]:
    """All that breaks; if nothing does, that it works `where` ("on the new schema")."""
    findings = list(_findings(rule, crossing, where, hint))
    yield from findings
    if not findings:
        query = crossing.query
        yield rule.holds(query.id, f"{called(query)} works {where} as well", query.place)


def _findings(rule: Rule, crossing: Crossing, where: str, hint: str) -> Iterator[Finding]:
    for verdict, message, detail in [*_of_reading(crossing, where), *_of_writing(crossing, where)]:
        query, problem = crossing.query, crossing.problem
        place = (problem.place if problem else None) or query.place
        if verdict is Verdict.FAILS:
            yield rule.fails(query.id, f"{called(query)} {message}", place, detail=detail, hint=hint)
        else:
            yield rule.unknown(query.id, f"whether {called(query)} {message}", place, detail=detail, hint=hint)


def _of_reading(crossing: Crossing, where: str) -> Iterator[tuple[Verdict, str, str]]:
    """What fails, or is not known: verdict, message and detail."""
    problem, untaken = crossing.problem, crossing.untaken
    if problem is not None:
        detail = f"SQLSTATE {problem.sqlstate}." if problem.sqlstate else ""
        yield Verdict.FAILS, f"no longer prepares {where}: {problem.message}", detail
    if difference := _difference(crossing):
        detail = _CACHED if crossing.is_old else ""
        yield Verdict.FAILS, f"returns other columns {where}: {difference}", detail
    if untaken is not None:
        yield Verdict.FAILS, f"takes other parameters {where}: {_taken(untaken)}", _typed(untaken)
    for lost in crossing.lost:
        if lost.verdict is Verdict.FAILS:
            yield Verdict.FAILS, f"is not served by {lost.index} {where}: {lost.reason}", ""
        else:
            message = f"is served {where} as well as by {lost.index} is not known"
            yield Verdict.UNKNOWN, message, f"That index is not there, or another one; {lost.reason}."


def _of_writing(crossing: Crossing, where: str) -> Iterator[tuple[Verdict, str, str]]:
    """The same, of what constraints say."""
    for refusal in crossing.refusals:
        detail = _written(refusal)
        if refusal.verdict is Verdict.FAILS:
            yield Verdict.FAILS, f"is always refused {where}: {refusal.sqlstate} on {refusal.constraint}", detail
        else:
            detail += f" The trigger {listed(refusal.triggers, 'or')} may change the value before."
            yield Verdict.UNKNOWN, f"is refused by {refusal.constraint} {where} is not known", detail
    for unsure in crossing.unsure:
        if not unsure.columns:
            message = f"leaves rows that {unsure.constraint} accepts {where} is not known"
            yield Verdict.UNKNOWN, message, f"Only on that schema, {_defined(unsure)}: rows may refer to its row."
            continue
        yield Verdict.UNKNOWN, f"writes what {unsure.constraint} accepts {where} is not known", _unsaid(unsure)
    if attempt := crossing.attempt:
        message = f"is refused {where} when it is run: {refused_with(attempt)}"
        yield Verdict.FAILS, message, f"The server says: {attempt.message}."
    if doubt := crossing.doubt:
        detail = f"With rows and values that were made up it is, with {refused_with(doubt)}: {doubt.message}."
        yield Verdict.UNKNOWN, f"is refused {where} is not known", detail


def _difference(crossing: Crossing) -> str:
    for number, (before, after) in enumerate(zip_longest(crossing.before, crossing.after), 1):
        if crossing.problem is not None or before == after:
            continue
        if before is None:
            return f"{after.name} {after.type} comes as well" if after else ""
        if after is None:
            return f"{before.name} is gone"
        if before.name != after.name:
            return f"column {number} is {after.name}, not {before.name}"
        return f"{before.name} is {after.type}, not {before.type}"
    return ""


def _taken(untaken: Untaken) -> str:
    return listed([f"${number} is {there}, not {here}" for number, here, there in untaken.parameters])


def _typed(untaken: Untaken) -> str:
    return f"Who says the type with the value, as many drivers do, is refused: {untaken.message}."


def _written(refusal: Refusal) -> str:
    values = listed([f"{column} = {value}" for column, value in refusal.values])
    return f"It writes {values}; {_defined(refusal)}."


def _defined(guard: Refusal | Unsure) -> str:
    name = guard.constraint.removesuffix(" NOT NULL") if guard.definition == "NOT NULL" else guard.constraint
    return f"{name} of table {guard.table} is {guard.definition}"


def _unsaid(unsure: Unsure) -> str:
    columns = listed(unsure.columns)
    return f"Only on that schema, {_defined(unsure)}, and the value for {columns} does not stand in the query."
