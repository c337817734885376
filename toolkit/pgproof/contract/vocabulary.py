"""The names that the files declare, and what the form of a name says it is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pgproof.contract.promise import Cue
from pgproof.sql.declared import Declared, DeclaredIndex

_INDEX_FORM = re.compile(r"(?:idx|ix)_\w+|\w+_(?:idx\d*|ix)", re.IGNORECASE)
_CONSTRAINT_FORM = re.compile(r"(?:uq|uk|fk|pk|chk|ck)_\w+|\w+_(?:chk|pkey|fkey|uniq|uq|excl)\d*", re.IGNORECASE)
# words end like this for many reasons (api_key, health_check): a name only if it begins with a table's
_AFTER_TABLE = {"_key": Cue.CONSTRAINT, "_check": Cue.CONSTRAINT, "_index": Cue.INDEX}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Names that exist when all files have run, by kind; `gone` are names that files dropped or renamed again."""

    indexes: frozenset[str] = field(default=frozenset())
    constraints: frozenset[str] = field(default=frozenset())
    tables: frozenset[str] = field(default=frozenset())
    columns: frozenset[str] = field(default=frozenset())
    schemas: frozenset[str] = field(default=frozenset())
    gone: frozenset[str] = field(default=frozenset())

    @property
    def known(self) -> frozenset[str]:
        """Every name of every kind."""
        return self.indexes | self.constraints | self.tables | self.columns

    def spelled(self, word: str) -> str:
        """The name that an unquoted `word` means: in lower case, unless it is declared with capitals."""
        folded = word.lower()
        if folded == word or folded in self.known:
            return folded
        return next((name for name in sorted(self.known) if name.lower() == folded), folded)

    def cue(self, word: str) -> Cue:
        """What the form of `word` says that it is; `NONE` for a declared column or table."""
        if word in self.columns or word in self.tables:
            return Cue.NONE
        if word in self.indexes or _INDEX_FORM.fullmatch(word):
            return Cue.INDEX
        if word in self.constraints or _CONSTRAINT_FORM.fullmatch(word):
            return Cue.CONSTRAINT
        for ending, cue in _AFTER_TABLE.items():
            if word.endswith(ending) and any(word.startswith(f"{table}_") for table in self.tables):
                return cue
        return Cue.NONE


def of(declared: Declared) -> Vocabulary:
    """The vocabulary of what files declare."""
    named = Vocabulary(
        indexes=frozenset(name for index in declared.indexes if (name := name_of(index))),
        constraints=frozenset(constraint.name for constraint in declared.constraints if constraint.name),
        tables=frozenset(table.relation.name for table in declared.tables),
        columns=frozenset(column.name for column in declared.columns),
        schemas=frozenset({"public", *(table.relation.schema for table in declared.tables)} - {""}),
    )
    return Vocabulary(
        indexes=named.indexes,
        constraints=named.constraints,
        tables=named.tables,
        columns=named.columns,
        schemas=named.schemas,
        gone=declared.ever - named.known,
    )


def name_of(index: DeclaredIndex) -> str:
    """The index's name; where the file leaves it to the server, the name that the server makes.

    ChooseIndexName of PostgreSQL joins table, columns ("expr" for an expression) and "idx" with underscores. A
    name that it would have to shorten (63 bytes) is not guessed: "".
    """
    if index.name:
        return index.name
    columns = [key.expression if key.is_column else "expr" for key in index.keys]
    name = "_".join([index.relation.name, *columns, *index.include, "idx"])
    return name if len(name.encode()) <= 63 and columns.count("expr") <= 1 else ""
