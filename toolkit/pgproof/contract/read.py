"""The door of this room: everything that files promise, as one `Contract`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from pgproof.contract import (
    acceptance,
    annotation,
    foreign_key,
    listed,
    mention,
    pattern,
    query_file,
    vocabulary,
)
from pgproof.contract.acceptance import Acceptances
from pgproof.contract.clause import Clauses
from pgproof.contract.promise import Accepted, Contract, ForeignKeyClaim, Mention, Query
from pgproof.contract.query_file import QueryFile
from pgproof.errors import Problem
from pgproof.sql import comment, ddl, statement
from pgproof.sql import directive as directives
from pgproof.sql.comment import CommentBlock
from pgproof.sql.source import Source
from pgproof.sql.statement import Script


def read_migrations(scripts: Sequence[Script], clauses: Clauses | None = None) -> Contract:
    """What the comments of migrations promise; names that any of the files declares are known in each.

    Lines of a documented query that are promises as query files have them (of `clauses`) are promises here, too.

    A comment is never a mistake that stops anything, since the text of an applied migration cannot change. SQL
    that is claimed to use an index and does not parse is a query like others: the server will refuse it.
    """
    words = vocabulary.of(ddl.read(chain.from_iterable(script.statements for script in scripts)))
    queries: list[Query] = []
    mentions: list[Mention] = []
    claims: list[ForeignKeyClaim] = []
    taken: set[str] = set()
    for script in scripts:
        stem = listed.stem(script.source.path)
        blocks = comment.blocks(script)
        patterns = pattern.read(stem, script, blocks, taken)
        documented = listed.read(stem, blocks, words, taken, frozenset(patterns.code), clauses or Clauses())
        code = patterns.code | documented.code
        queries += sorted([*patterns.queries, *documented.queries], key=lambda q: (q.place.line, q.place.column))
        mentions += mention.read(blocks, words, documented.claimed, code)
        claims += foreign_key.read(script, blocks, code)
    return Contract(queries=tuple(queries), mentions=tuple(mentions), foreign_keys=tuple(claims))


def read_checks(sources: Sequence[Source], clauses: Clauses) -> Contract:
    """What the files of `checks/` promise: annotated queries and acceptances, and every mistake in them.

    What a query may promise, and in which words, is said by `clauses`.
    """
    queries: list[Query] = []
    accepted: list[Accepted] = []
    problems: list[Problem] = []
    for source in sources:
        script = statement.split(source)
        problems += script.problems
        if script.problems:
            continue
        blocks = comment.blocks(script)
        acceptances = acceptance.read(blocks, clauses)
        file = query_file.read(script, blocks, acceptances.lines, clauses)
        queries += file.queries
        accepted += acceptances.accepted
        problems += [*acceptances.problems, *file.problems, *_stray(blocks, acceptances, file, clauses)]
    problems += [*_same_names(queries), *_same_acceptances(accepted)]
    return Contract(queries=tuple(queries), accepted=tuple(accepted), problems=tuple(problems))


def load(folder: Path, clauses: Clauses, *, holding: str = "") -> Contract:
    """`read_checks` of the `*.sql` files of a folder in which that word stands, by name.

    A file that cannot be read is a problem.
    """
    sources, problems = [], []
    for path in sorted(folder.glob("*.sql")):
        try:
            content = path.read_bytes()
            if holding.encode() in content:
                sources.append(Source(str(path), content.decode("utf-8-sig")))
        except OSError as error:
            problems.append(Problem(message=f"cannot read {path}: {error.strerror or error}"))
        except UnicodeDecodeError as error:
            problems.append(
                Problem(
                    message=f"{path} is not UTF-8",
                    detail=f"The byte at offset {error.start} is 0x{error.object[error.start]:02x}.",
                    hint=f"save the file as UTF-8, for example: iconv -f LATIN1 -t UTF-8 {path}",
                )
            )
    contract = read_checks(sources, clauses)
    return replace(contract, problems=(*problems, *contract.problems))


def _stray(
    blocks: Sequence[CommentBlock], acceptances: Acceptances, file: QueryFile, clauses: Clauses
) -> Iterator[Problem]:
    """Directives, or what was to be one, that belong neither to a query nor to an acceptance."""
    for orphan in acceptances.orphans:
        if orphan.key == "because" and orphan.line.offset in file.lines:
            continue  # why the query is as it is
        yield Problem(
            message=f'"{orphan.key}:" does not stand under an `accept:`',
            place=orphan.place,
            hint="write `-- accept: CODE object` in the line above it",
        )
    for line in annotation.lines(blocks):
        if line.offset not in acceptances.lines | file.lines:
            directive = directives.read(line)
            problem = annotation.mistaken(directive, clauses) if directive else None
            if problem:
                yield problem


def _same_names(queries: Sequence[Query]) -> Iterator[Problem]:
    first: dict[str, Query] = {}
    for query in queries:
        other = first.setdefault(query.id, query)
        if other is not query:
            yield Problem(
                message=f'two queries are named "{query.id}"',
                place=query.place,
                detail=f"The other is at {other.place}.",
                hint="rename one of them",
            )


def _same_acceptances(accepted: Sequence[Accepted]) -> Iterator[Problem]:
    first: dict[tuple[str, str], Accepted] = {}
    for each in accepted:
        other = first.setdefault((each.code, each.object), each)
        if other is not each:
            yield Problem(
                message=f"{each.code} {each.object} is accepted twice",
                place=each.place,
                detail=f"The other is at {other.place}.",
                hint="remove one of them",
            )
