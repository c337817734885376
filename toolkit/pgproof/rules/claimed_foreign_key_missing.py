"""What a comment calls a foreign key is one.

A comment before a column, a constraint or a table, or at the head of a file, that speaks of foreign keys is
taken at its word: for the column that it stands before, or for the columns that its words name (`user` means
`user` or `user_id`) in the tables that the same file creates. Without the constraint nothing refuses an orphan.

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

from collections.abc import Iterator

from pgproof.catalog.snapshot import Constraint, Snapshot
from pgproof.contract.promise import ForeignKeyClaim, Word
from pgproof.finding import Finding
from pgproof.place import Place
from pgproof.rules import match
from pgproof.rules.rule import Evidence, Rule
from pgproof.sql.declared import DeclaredColumn, Relation
from pgproof.sql.name import quote


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
    in_file: set[Relation] = {t.relation for t in evidence.declared.tables if t.path == path}
    columns = [c for c in evidence.declared.columns if c.place.path == path]
    attached = [c for c in columns if c.offset == claim.next]
    if attached:
        yield attached[0], claim.line.place
        return
    if any(c.offset == claim.next for c in evidence.declared.constraints if c.place.path == path):
        return  # it speaks of the constraint that it stands before; CON101 and CON102 judge that
    for word in claim.words:
        for column in columns:
            if column.relation in in_file and _names(word, column.name):
                yield column, word.place


def _names(word: Word, column: str) -> bool:
    singular = word.text.removesuffix("s")
    return column in {word.text, f"{word.text}_id", f"{singular}_id", f"{word.text}_uuid", f"{singular}_uuid"}


def _keys(snapshot: Snapshot, column: DeclaredColumn) -> list[Constraint]:
    table = snapshot.table(column.relation.schema, column.relation.name)
    own = snapshot.constraints_of(table) if table else ()
    return [c for c in own if c.kind == "f" and column.name in c.columns]


RULE = Rule("DOC102", "claimed-foreign-key-missing", judge)
