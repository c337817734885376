"""What a comment calls a foreign key is one.

A comment before a column, a constraint or a table, or at the head of a file, that speaks of foreign keys is
taken at its word: for the column that it stands before, or for the columns that its words name (`user` means
`user` or `user_id`) in the table that it stands before; at the head of a file, in all that the file creates.
Without the constraint nothing refuses an orphan.

Bad:
    CREATE TABLE owners (id integer PRIMARY KEY);
    CREATE TABLE pets (
        id integer PRIMARY KEY,
        -- Foreign key to the owner
        owner_id integer NOT NULL
    );

Good:
    CREATE TABLE owners (id integer PRIMARY KEY);
    CREATE TABLE pets (
        id integer PRIMARY KEY,
        -- Foreign key to the owner
        owner_id integer NOT NULL REFERENCES owners (id)
    );
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgproof.catalog.snapshot import Constraint, Snapshot
from pgproof.contract.promise import ForeignKeyClaim, Word
from pgproof.finding import Finding
from pgproof.place import Place
from pgproof.rules import match
from pgproof.rules.rule import Evidence, Rule
from pgproof.sql.declared import DeclaredColumn, Relation
from pgproof.sql.name import quote

_REFERRING = re.compile(r"._(?:id|uuid|ref|fk|key|code|no|nr|number)\Z")


def judge(evidence: Evidence) -> Iterator[Finding]:
    """One verdict a column that is called a foreign key; the first claim about it counts."""
    judged = set()
    for claim in evidence.contract.foreign_keys:
        for column, place in _columns(evidence, claim):
            table = match.table(evidence, column.relation)
            if table is None or (column.relation, column.name) in judged:
                continue
            judged.add((column.relation, column.name))
            thing = f"{column.relation}.{column.name}"
            keys = _keys(evidence.snapshot, column)
            if keys:
                message = f"{thing} is a foreign key, as the comment says: {keys[0].definition}"
                yield RULE.holds(thing, message, place)
                continue
            key = f"ALTER TABLE {column.relation.sql} ADD FOREIGN KEY ({quote(column.name)}) ..."
            others = sorted(
                {c for k in evidence.snapshot.constraints_of(table) if k.kind == "f" for c in k.columns}
            )
            has = f"{column.relation} has one on {', '.join(others)} only." if others else ""
            yield RULE.fails(
                thing,
                f"{thing} is called a foreign key by a comment but has none",
                place,
                detail=f"Any value is accepted in {column.name}: nothing refuses an orphan. {has}".strip(),
                hint=f"add it in a migration: {key}",
                related=(column.place,),
            )


def _columns(evidence: Evidence, claim: ForeignKeyClaim) -> Iterator[tuple[DeclaredColumn, Place]]:
    """The columns that a claim is about, each with the place of the word that says so."""
    path = claim.line.source.path
    in_file = _tables(evidence, claim)
    columns = [c for c in evidence.declared.columns if c.place.path == path]
    attached = [c for c in columns if c.offset == claim.next]
    if attached:
        yield attached[0], claim.line.place
        return
    if any(c.offset == claim.next for c in evidence.declared.constraints if c.place.path == path):
        return  # it speaks of the constraint that it stands before; CON101 and CON102 judge that
    tables = {table.name for table in evidence.snapshot.tables}
    named = [
        (column, word)
        for word in claim.words
        for column in columns
        if column.relation in in_file and _names(word, column, tables)
    ]
    by_name = [(column, word) for column, word in named if column.name == word.text.rpartition(".")[2]]
    for column, word in by_name or named:
        yield column, word.place


def _tables(evidence: Evidence, claim: ForeignKeyClaim) -> set[Relation]:
    """The tables that a claim may be about: the one that it stands before, or before the first all of the file."""
    own = [t for t in evidence.declared.tables if t.path == claim.line.source.path]
    line = claim.line.source.place(claim.next).line if claim.next is not None else 0
    ahead = [t for t in own[1:] if t.place.line == line]
    return {t.relation for t in ahead or own}


def _names(word: Word, column: DeclaredColumn, tables: set[str]) -> bool:
    """Whether a word means the column: `user` and `users` mean user_id, `orders.user_id` that of this table only.

    A column's own name is also a word of prose (note, name, id): it counts if it refers to something by its form,
    or if there is a table of that name.
    """
    table, _, name = word.text.rpartition(".")
    if table and table.rpartition(".")[2] != column.relation.name:
        return False
    stems = {name, name.removesuffix("s")}
    if column.name != name:
        return column.name in {f"{stem}{ending}" for stem in stems for ending in ("_id", "_uuid")}
    return _REFERRING.search(name) is not None or bool(tables & {name, f"{name}s", f"{name}es"})


def _keys(snapshot: Snapshot, column: DeclaredColumn) -> list[Constraint]:
    table = snapshot.table(column.relation.schema, column.relation.name)
    own = snapshot.constraints_of(table) if table else ()
    return [c for c in own if c.kind == "f" and column.name in c.columns]


RULE = Rule("DOC102", "claimed-foreign-key-missing", judge)
