"""The door of this room: everything that files promise, as one `Contract`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from pgproof.contract import foreign_key, listed, mention, pattern, vocabulary
from pgproof.contract.promise import Contract, ForeignKeyClaim, Mention, Query
from pgproof.errors import Problem
from pgproof.sql import comment, ddl
from pgproof.sql.statement import Script


def read_migrations(scripts: Sequence[Script]) -> Contract:
    """What the comments of migrations promise; names that any of the files declares are known in each.

    `problems` are comments that claim something of SQL that does not parse; the text of an applied migration
    cannot change, so they are something to report rather than to stop at.
    """
    words = vocabulary.of(ddl.read(chain.from_iterable(script.statements for script in scripts)))
    queries: list[Query] = []
    mentions: list[Mention] = []
    claims: list[ForeignKeyClaim] = []
    problems: list[Problem] = []
    taken: set[str] = set()
    for script in scripts:
        stem = listed.stem(script.source.path)
        blocks = comment.blocks(script)
        patterns = pattern.read(stem, script, blocks, taken)
        documented = listed.read(stem, blocks, words, taken, frozenset(patterns.code))
        code = patterns.code | documented.code
        queries += sorted([*patterns.queries, *documented.queries], key=lambda q: (q.place.line, q.place.column))
        problems += [*patterns.problems, *documented.problems]
        mentions += mention.read(blocks, words, documented.claimed, code)
        claims += foreign_key.read(script, blocks, code)
    return Contract(
        queries=tuple(queries), mentions=tuple(mentions), foreign_keys=tuple(claims), problems=tuple(problems)
    )
