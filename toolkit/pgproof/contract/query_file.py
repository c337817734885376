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
from dataclasses import dataclass, field, replace

from pgproof.contract import annotation, draft, excerpt, parameter
from pgproof.contract.claim import LAST_PART, NAME
from pgproof.contract.promise import Origin, Parameter, Query, Word
from pgproof.errors import Problem
from pgproof.sql import directive as directives
from pgproof.sql import grammar, statement
from pgproof.sql.comment import CommentBlock, CommentLine
from pgproof.sql.directive import Directive
from pgproof.sql.grammar import GrammarError, TooDeep
from pgproof.sql.name import nearest
from pgproof.sql.source import Source
from pgproof.sql.statement import COMMENTS, Script, Statement

_TITLE = re.compile(
    r"(?P<name>[A-Za-z_][\w.-]*?)\s*(?:\^|\$|<!|\*!|!|#)?(?:\s*\([^()]*\))?\s*(?:\^|\$|<!|\*!|!|#)?"
    r"(?:\s+:[A-Za-z]+\b.*)?"
)
_TARGET = re.compile(r"\$(?P<number>\d+)|[:@]?(?P<name>[A-Za-z_]\w*)")
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
    uses: list[Word] = field(default_factory=list)
    order: Directive | None = None
    params: list[Directive] = field(default_factory=list)


def read(script: Script, blocks: Sequence[CommentBlock], read_already: Collection[int]) -> QueryFile:
    """The queries of one file. Comment lines at offsets in `read_already` belong to something else."""
    found = QueryFile()
    named = [
        directive
        for line in annotation.lines(blocks)
        if (directive := directives.read(line)) and directive.key == "name" and line.offset not in read_already
    ]
    cuts = _cuts(script, blocks, named)
    source = script.source
    for nameless in statement.split(source, 0, cuts[0] if cuts else None).statements:
        found.problems.append(_nameless(nameless))
    lines = [line for line in annotation.lines(blocks) if line.offset not in read_already]
    for name, start, end in zip(named, cuts, [*cuts, len(source.text)][1:], strict=True):
        mine = [line for line in lines if start <= line.offset < end]
        _query(found, name, mine, statement.split(source, start, end).statements)
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


def _query(found: QueryFile, name: Directive, lines: list[CommentLine], statements: Sequence[Statement]) -> None:
    begin = statements[0].start if statements else None
    above = [line for line in lines if begin is None or line.offset < begin]
    found.lines.update(line.offset for line in above)
    found.problems += [_misplaced(d) for line in lines if line not in above and (d := _of_query(line))]
    title = _TITLE.fullmatch(name.value)
    if title is None:
        found.problems.append(_bad_name(name))
        return
    notes = _Annotations(title["name"])
    for line in above:
        _annotate(found, notes, line)
    if not statements:
        found.problems.append(
            Problem(
                message=f'query "{notes.name}" is empty',
                place=name.line.place,
                hint="write its SQL below, or remove the name",
            )
        )
        return
    if name.value.endswith("#") and not notes.uses:  # aiosql's script: any statements, which nobody plans
        return
    found.problems += [_second(notes.name, each) for each in statements[1:]]
    query = _made(found, notes, statements[0])
    if query is not None:
        found.queries.append(query)


def _annotate(found: QueryFile, notes: _Annotations, line: CommentLine) -> None:
    directive = directives.read(line)
    key = directive.key if directive else ""
    if directive is None or key not in annotation.KNOWN:
        problem = annotation.mistaken(directive) if directive else None
        if problem:
            found.problems.append(problem)
        elif directive is None and line.text and not notes.title:
            notes.title = line.text
        return
    if key == "uses":
        words = _names(found, directive)
        notes.uses += words
    elif key == "params":
        notes.params.append(directive)
    elif key == "order":
        if directive.value.lower() == "index":
            notes.order = directive
        else:
            found.problems.append(
                Problem(
                    message=f'"order:" cannot be "{directive.value}"',
                    place=directive.value_place() if directive.value else directive.place,
                    hint="write `-- order: index` where the index gives the ORDER BY too, else remove the line",
                )
            )


def _names(found: QueryFile, directive: Directive) -> list[Word]:
    words = []
    for part in re.finditer(r'(?:"[^"]*"|[^\s,"]|"(?!.*"))+', directive.value):
        if part.group().lower() == "and":
            continue
        place = directive.value_place(part.start(), len(part.group()))
        if not re.fullmatch(NAME, part.group()):
            found.problems.append(
                Problem(
                    message=f'"{part.group()}" is not the name of an index',
                    place=place,
                    hint="write names of indexes with commas between: `-- uses: idx_a, idx_b`",
                )
            )
            continue
        last = LAST_PART.search(part.group())
        assert last is not None
        name = last.group()
        words.append(Word(name[1:-1] if name[0] in '`"' else name.lower(), place))
    if not directive.value:
        found.problems.append(
            Problem(message='"uses:" names no index', place=directive.place, hint="write `-- uses: idx_name`")
        )
    return words


def _made(found: QueryFile, notes: _Annotations, written: Statement) -> Query | None:
    """The query of a statement, or None where that cannot be planned or is not SQL."""
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
    if not planned:
        if notes.uses or notes.order:
            found.problems.append(_unplanned(notes.name, written))
        return None
    _judge_order(found, notes, source)
    return Query(
        id=notes.name,
        title=notes.title or notes.name,
        source=source,
        origin=Origin.FILE,
        parameters=_typed(found, notes, parameters),
        uses=tuple(notes.uses),
        order=notes.order is not None and bool(notes.uses),
    )


def _is_planned(text: str) -> bool:
    """Whether EXPLAIN takes the statement. Raises GrammarError."""
    try:
        return grammar.parse(text).stmts[0].stmt.WhichOneof("node") in _PLANNED
    except TooDeep:
        return _BEGINS_PLANNED.match(text) is not None


def _judge_order(found: QueryFile, notes: _Annotations, source: Source) -> None:
    if notes.order is None:
        return
    if not notes.uses:
        found.problems.append(
            Problem(
                message='"order: index" does not say which index',
                place=notes.order.place,
                hint="add the index: `-- uses: idx_name`",
            )
        )
    if not excerpt.has_order(source.text):
        found.problems.append(
            Problem(
                message=f'query "{notes.name}" has no ORDER BY that an index could give',
                place=notes.order.place,
                hint="remove `-- order: index`, or order the query",
            )
        )


def _typed(found: QueryFile, notes: _Annotations, parameters: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    """The parameters with the types that `params:` gives them."""
    types: dict[int, str] = {}
    for directive in notes.params:
        for part in re.finditer(r"(?:[^,()]|\([^()]*\))+", directive.value):
            written = part.group().strip()
            at = part.start() + len(part.group()) - len(part.group().lstrip())
            target, _, kind = (text.strip() for text in written.partition("::"))
            problem = _bad_type(written, kind)
            number = None if problem else _number(target, parameters)
            if number is not None:
                types[number] = kind
                continue
            message, hint = problem or _no_such(target, parameters)
            place = directive.value_place(at, len(written))
            found.problems.append(Problem(message=message, place=place, hint=hint))
    return tuple(replace(p, type=types.get(p.number, "")) for p in parameters)


def _number(target: str, parameters: tuple[Parameter, ...]) -> int | None:
    match = _TARGET.fullmatch(target)
    if match is None:
        return None
    written = match["name"] or target
    for each in parameters:  # a `$n` that was renumbered has what was written as its name
        numbered = match["number"] and each.number == int(match["number"]) and not each.name.startswith("$")
        if each.name == written or numbered:
            return each.number
    return None


def _bad_type(written: str, kind: str) -> tuple[str, str] | None:
    hint = "write each as `$1::uuid` or `name::uuid`, with commas between"
    if not kind:
        return f'"{written}" gives no type', hint
    try:
        tree = grammar.parse(f"SELECT NULL::{kind}")
    except GrammarError:
        return f'"{kind}" is not a type', hint
    select = tree.stmts[0].stmt.select_stmt
    target = select.target_list[0].res_target
    alone = len(tree.stmts) == len(select.target_list) == 1 and not target.name and not select.from_clause
    plain = target.val.WhichOneof("node") == "type_cast" and re.search(r";|--|/\*", kind) is None
    return None if alone and plain else (f'"{kind}" is not a type', hint)


def _no_such(target: str, parameters: tuple[Parameter, ...]) -> tuple[str, str]:
    words = [each.name or f"${each.number}" for each in parameters]
    meant = nearest(target.lstrip(":@"), words)
    known = "its parameters: " + ", ".join(words) if words else "it has none; remove the line"
    return f'the query has no parameter "{target}"', f"did you mean `{meant}`?" if meant else known


def _of_query(line: CommentLine) -> Directive | None:
    directive = directives.read(line)
    return directive if directive and directive.key in annotation.OF_QUERY - {"name"} else None


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


def _unplanned(name: str, written: Statement) -> Problem:
    return Problem(
        message=f'query "{name}" is a statement that has no plan',
        place=written.place,
        detail="EXPLAIN knows SELECT, INSERT, UPDATE, DELETE, MERGE and VALUES; nothing else can use an index.",
        hint="remove `uses:` and `order:` from it",
    )
