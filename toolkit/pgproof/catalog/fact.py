"""What a database holds, as facts: one for each row of the catalog that describes a schema, without an OID."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

Value = str | int | float | bool | None | tuple["Value", ...]
Name = tuple[str, ...]
UNREAD = "(not shown to this user)"
"""The value that stands for one that the user may not see; it is told apart from none."""
UNSAID = "(not for the files to say)"
"""The value that stands for one about which files say nothing, of an object that they change and do not make."""
GIVEN = "pg_init_privs"
"""The catalog that facts say to be of, which tell of privileges on what is not the user's own: where these are not
what they were at first. Their names are a word and what pg_identify_object() calls it."""
OWNED = "pg_shdepend"
"""The same of owners of what is not the user's own."""
MISSING = "missing"
"""The same of what initdb has made, and is not there any more: a fact that says nothing but that."""
ALTERED = "altered"
"""The same of what initdb has made, and is there, and not as it was: what it says now. Where there is no such
fact, it is AS_MADE."""
AS_MADE = ("as initdb made it",)
Key = tuple[str, Name]
"""The catalog that a row is of, and the object's name in parts: ("pg_attribute", ("public", "jobs", "id"))."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A row of `catalog`. `kind` is a word for the object ("table"); a row that says more of one has none.

    `values` stand in the order of the words that `Facts.words` has for the catalog. `of` is what it goes with when
    that goes: the table of a column or an index, the schema of a table, the object that a row says more of.
    `definition` is what the server writes to make it, where that was asked for; of what is not the user's own,
    what its privileges (a line each) or its owner were at first, and of a comment on initdb's: "".
    """

    catalog: str
    name: Name
    kind: str
    values: tuple[Value, ...]
    of: Key | None = None
    definition: str | None = None

    @property
    def key(self) -> Key:
        """What identifies it in any database."""
        return self.catalog, self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All facts of a database, of a server of that major. `words` name the values of the facts of each catalog.

    `unmodelled` are sentences about what was found and cannot be said in facts; `unread` about what this user is
    not let see. With either, nobody can tell that two databases are the same. `needs` are the objects that an
    object depends on, where they were asked for.
    """

    major: int
    words: Mapping[str, tuple[str, ...]]
    facts: Mapping[Key, Fact]
    unmodelled: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    needs: Mapping[Key, frozenset[Key]] = field(default_factory=dict, compare=False)
    round_trips: int = field(default=0, compare=False)

    def __iter__(self) -> Iterator[Fact]:
        return iter(self.facts.values())

    def digest(self) -> str:
        """A word for all that the facts say: two databases that say the same have the same."""
        lines = (repr((key, fact.kind, fact.values)) for key, fact in sorted(self.facts.items()))
        return sha256("\n".join(lines).encode()).hexdigest()[:16]

    def value(self, fact: Fact, word: str) -> Value:
        """What a fact says under that word; None if its server has no such column."""
        words = self.words[fact.catalog]
        return fact.values[words.index(word)] if word in words else None
