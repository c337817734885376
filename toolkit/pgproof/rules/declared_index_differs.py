"""An index is as the files declare it: table, columns, their order and direction, uniqueness, method, predicate.

`CREATE INDEX IF NOT EXISTS` looks at the name alone: an index of that name with other columns is left as it is.

Bad:
    CREATE TABLE accounts (id integer PRIMARY KEY, email text, made_at timestamptz);
    CREATE INDEX accounts_recent ON accounts (made_at);
    CREATE INDEX IF NOT EXISTS accounts_recent ON accounts (email, made_at DESC);

Good:
    CREATE TABLE accounts (id integer PRIMARY KEY, email text, made_at timestamptz);
    CREATE INDEX accounts_recent ON accounts (email, made_at DESC);
"""

from __future__ import annotations

from collections.abc import Iterator

from pgproof.catalog.snapshot import Index
from pgproof.finding import Finding
from pgproof.rules import match
from pgproof.rules.rule import Evidence, Rule
from pgproof.sql.declared import DeclaredIndex


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a declared index that exists."""
    for declared in evidence.declared.indexes:
        actual = match.index(evidence, declared)
        if actual is None:
            continue
        differs = list(_differences(evidence, declared, actual))
        if differs:
            yield RULE.fails(
                actual.name,
                f"index {actual.name} differs from its declaration",
                declared.place,
                detail=f"{' '.join(differs)} The server has: {actual.definition}",
                hint="drop and create it in a migration (CONCURRENTLY on a busy table), or mend the file",
            )
            continue
        unclear = _unclear(evidence, declared, actual)
        if unclear:
            message = f"the predicate of index {actual.name} could not be compared"
            yield RULE.unknown(actual.name, message, declared.place, detail=unclear)
        else:
            yield RULE.holds(actual.name, f"index {actual.name} exists: {_shape(actual)}", declared.place)


def _differences(evidence: Evidence, declared: DeclaredIndex, actual: Index) -> Iterator[str]:
    if actual.table != declared.relation.name:
        yield f"It is on table {actual.table}, not on {declared.relation}."
        return
    if actual.method != declared.method:
        yield f"Its method is {actual.method}, not {declared.method}."
    if actual.unique != declared.unique:
        yield "It is unique, which is not declared." if actual.unique else "It is not unique."
    if list(map(match.key_text, actual.keys)) != list(map(match.key_text, declared.keys)):
        yield f"Its keys are ({_keys(actual)}), not ({', '.join(map(str, declared.keys))})."
    elif actual.method == "btree" and [(k.descending, k.nulls_first) for k in actual.keys] != [
        (k.descending, k.nulls_first) for k in declared.keys
    ]:
        yield f"Its order is ({_keys(actual)}), not ({', '.join(map(str, declared.keys))})."
    if actual.include != declared.include:
        yield f"It includes ({', '.join(actual.include)}), not ({', '.join(declared.include)})."
    if _predicate(evidence, declared, actual) is False:
        yield f"Its predicate is {actual.predicate or 'missing'}, not {declared.predicate or 'none'}."


def _unclear(evidence: Evidence, declared: DeclaredIndex, actual: Index) -> str:
    answer = _predicate(evidence, declared, actual)
    return answer if isinstance(answer, str) else ""


def _predicate(evidence: Evidence, declared: DeclaredIndex, actual: Index) -> bool | str:
    if not declared.predicate or not actual.predicate:
        return bool(declared.predicate) == bool(actual.predicate)
    return evidence.same(actual.schema, actual.table, declared.predicate, actual.predicate)


def _keys(index: Index) -> str:
    return ", ".join(map(str, index.keys))


def _shape(index: Index) -> str:
    unique = "unique, " if index.unique else ""
    where = f" where {index.predicate}" if index.predicate else ""
    return f"{unique}{index.table} ({_keys(index)}){where}"


RULE = Rule("CAT105", "declared-index-differs", judge)
