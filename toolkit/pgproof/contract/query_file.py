"""Query files: SQL annotated as sqlc and aiosql do, with what the team promises of each query.

    -- name: jobs_of_agent :many
    -- uses: idx_jobs_agent_id_created_at
    -- order: index
    SELECT * FROM jobs WHERE agent_id = @agent_id ORDER BY created_at DESC;

A query reaches from the comment that names it to the next one; its directives stand above its SQL.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from pgproof.contract import annotation, draft, parameter
from pgproof.contract.clause import Clause, Clauses
from pgproof.contract.promise import Origin, Promise, Query
from pgproof.errors import Problem
from pgproof.sql import directive as directives
from pgproof.sql import grammar, statement
from pgproof.sql.comment import CommentBlock, CommentLine
from pgproof.sql.directive import Directive
from pgproof.sql.grammar import GrammarError, TooDeep
from pgproof.sql.statement import COMMENTS, Script, Statement

_TITLE = re.compile(
    r"(?P<name>[A-Za-z_][\w.-]*?)\s*(?:\^|\$|<!|\*!|!|#)?(?:\s*\([^()]*\))?\s*(?:\^|\$|<!|\*!|!|#)?"
    r"(?:\s+:[A-Za-z]+\b.*)?"
)
# what EXPLAIN plans
_PLANNED = frozenset({"select_stmt", "insert_stmt", "update_stmt", "delete_stmt", "merge_stmt"})
_BEGINS_PLANNED = re.compile(r"[\s(]*(?:select|with|values|table|insert|update|delete|merge)\b", re.IGNORECASE)


@dataclass(slots=True)
class QueryFile:
    """What was found. `lines` are offsets of the comment lines above queries."""

    queries: list[Query] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    lines: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Annotations:
    """What stands above one query."""

    name: str
    title: str = ""
    promises: list[Promise[object]] = field(default_factory=list)
    seen: dict[str, Directive] = field(default_factory=dict)


def read(
    script: Script, blocks: Sequence[CommentBlock], read_already: Collection[int], clauses: Clauses
) -> QueryFile:
    """The queries of one file. Comment lines at offsets in `read_already` belong to something else."""
    found = QueryFile()
    lines = [line for line in annotation.lines(blocks) if line.offset not in read_already]
    written = [directive for line in lines if (directive := directives.read(line))]
    named = [directive for directive in written if directive.key == annotation.NAME]
    cuts = _cuts(script, blocks, named)
    source = script.source
    for nameless in statement.split(source, 0, cuts[0] if cuts else None).statements:
        found.problems.append(_nameless(nameless))
    for name, start, end in zip(named, cuts, [*cuts, len(source.text)][1:], strict=True):
        mine = [line for line in lines if start <= line.offset < end]
        _query(found, name, mine, statement.split(source, start, end).statements, clauses)
    return found


def _cuts(script: Script, blocks: Sequence[CommentBlock], named: Sequence[Directive]) -> list[int]:
    """Where each named query begins: with the comment block of its name, or with the name in a shared block."""
    starts = [token for token in script.tokens if token.kind in COMMENTS]
    cuts: list[int] = []
    for name in named:
        token = next(t for t in starts if t.start <= name.line.offset <= t.end)
        block = next(b for b in blocks if name.line in b.lines)
        first = next(t for t in starts if t.start <= block.lines[0].offset <= t.end)
        shared = bool(cuts) and cuts[-1] >= first.start
        cuts.append(token.start if shared else first.start)
    return cuts


def _query(
    found: QueryFile,
    name: Directive,
    lines: list[CommentLine],
    statements: Sequence[Statement],
    clauses: Clauses,
) -> None:
    begin = statements[0].start if statements else None
    above = [line for line in lines if begin is None or line.offset < begin]
    found.lines.update(line.offset for line in above)
    found.problems += [_misplaced(d) for line in lines if line not in above and (d := _of_query(line, clauses))]
    title = _TITLE.fullmatch(name.value)
    if title is None:
        found.problems.append(_bad_name(name))
        return
    notes = _Annotations(title["name"])
    for line in above:
        _annotate(found, notes, line, clauses)
    if not statements:
        found.problems.append(
            Problem(
                message=f'query "{notes.name}" is empty',
                place=name.line.place,
                hint="write its SQL below, or remove the name",
            )
        )
        return
    if name.value.endswith("#") and not notes.promises:  # aiosql's script: any statements, which nobody plans
        return
    if not clauses.is_run(notes.seen):
        found.problems += [_second(notes.name, each) for each in statements[1:]]
        statements = statements[:1]
    query = _made(found, notes, statements, clauses)
    if query is not None:
        found.problems += clauses.fits(query)
        found.queries.append(query)


def _annotate(found: QueryFile, notes: _Annotations, line: CommentLine, clauses: Clauses) -> None:
    directive = annotation.line_of(line, clauses)
    clause = clauses.of(directive)
    if directive is None or clause is None:
        problem = annotation.mistaken(directive, clauses) if directive else None
        if problem:
            found.problems.append(problem)
        elif directive is None and line.text and not notes.title:
            notes.title = line.text
        return
    first = notes.seen.setdefault(directive.key, directive)
    if first is not directive and not clause.repeats:
        found.problems.append(_twice(directive, first))
        return
    if not directive.value and not clause.alone:
        found.problems.append(_without_value(directive, clause))
        return
    for each in clause.read(directive):
        if isinstance(each, Problem):
            found.problems.append(each)
        else:
            notes.promises.append(each)


def _made(
    found: QueryFile, notes: _Annotations, statements: Sequence[Statement], clauses: Clauses
) -> Query | None:
    """The query of the last statement, or None where that cannot be planned or is not SQL."""
    *setup, written = statements
    is_run = clauses.is_run(notes.seen)
    source = draft.part(written.source, written.start, written.end)
    try:
        source, parameters = parameter.number(source)
        planned = _is_planned(source.text)
    except GrammarError as error:
        found.problems.append(
            Problem(
                message=error.problem.message,
                place=source.place(error.problem.offset, statement.width(error.problem.message)),
                sqlstate="42601",
            )
        )
        return None
    if not planned and not is_run:
        if notes.promises:
            found.problems.append(_unplanned(notes, written))
        return None
    return Query(
        id=notes.name,
        title=notes.title or notes.name,
        source=source,
        origin=Origin.FILE,
        parameters=parameter.described(parameters, notes.promises),
        promises=tuple(notes.promises),
        plans=planned and not (is_run and notes.seen.keys() <= clauses.run_words),
        setup=tuple(draft.part(each.source, each.start, each.end) for each in setup),
    )


def _is_planned(text: str) -> bool:
    """Whether EXPLAIN takes the statement. Raises GrammarError."""
    try:
        return grammar.parse(text).stmts[0].stmt.WhichOneof("node") in _PLANNED
    except TooDeep:
        return _BEGINS_PLANNED.match(text) is not None


def _of_query(line: CommentLine, clauses: Clauses) -> Directive | None:
    directive = directives.read(line)
    return directive if directive and clauses.of(directive) else None


def _twice(directive: Directive, first: Directive) -> Problem:
    return Problem(
        message=f'"{directive.key}:" is given twice',
        place=directive.place,
        detail=f"The first is at {first.place}.",
        hint="keep one of them",
    )


def _without_value(directive: Directive, clause: Clause[object]) -> Problem:
    return Problem(
        message=f'"{directive.key}:" says nothing', place=directive.place, hint=f"write `-- {clause.example}`"
    )


def _misplaced(directive: Directive) -> Problem:
    return Problem(
        message=f'"{directive.key}:" does not stand above a query',
        place=directive.place,
        hint="move it between the query's `-- name:` and its SQL",
    )


def _nameless(written: Statement) -> Problem:
    return Problem(
        message="query without a name",
        place=written.place,
        hint="write `-- name: what_it_is` in a line above it",
    )


def _bad_name(name: Directive) -> Problem:
    message = f'"{name.value}" is not the name of a query' if name.value else "query without a name"
    return Problem(
        message=message,
        place=name.value_place() if name.value else name.place,
        hint="letters, digits and underscores: `-- name: jobs_of_agent`, with `:many` and the like behind it",
    )


def _second(name: str, written: Statement) -> Problem:
    return Problem(
        message=f'second statement in query "{name}"',
        place=written.place,
        detail="A named query is one statement, so that what is promised of it is clear.",
        hint="give this one a name of its own: `-- name: what_it_is` in a line above it",
    )


def _unplanned(notes: _Annotations, written: Statement) -> Problem:
    words = " and ".join(f"`{word}:`" for word in notes.seen)
    return Problem(
        message=f'query "{notes.name}" is a statement that has no plan',
        place=written.place,
        detail="EXPLAIN knows SELECT, INSERT, UPDATE, DELETE, MERGE and VALUES; nothing else can use an index.",
        hint=f"remove {words} from it",
    )
