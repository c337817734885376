"""The accounting of pg_catalog: `accounting.toml`, read. What each column of each relation is to a schema."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any


class Class(StrEnum):
    """What becomes of a column: each is in exactly one."""

    IDENTITY = "identity"
    COMPARED = "compared"
    RESOLVED = "resolved"
    DEPARSED = "deparsed"
    IGNORED = "ignored"


class Form(StrEnum):
    """How the value that is read becomes one that means the same in every database."""

    PLAIN = "plain"
    SORTED = "sorted"
    OPEN = "without secrets"
    NAMES = "names"
    COLUMNS = "columns"
    OBJECT = "object"
    PRIVILEGES = "privileges"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column. `word` is what people read; `reason` is why it is ignored.

    `sql` is the expression that is read instead of the column itself, if any. `target` is the catalog that OIDs
    lead into (NAMES), the column that leads to the relation (COLUMNS) or to the catalog (OBJECT), or SQL for the
    kind of object that acldefault() wants (PRIVILEGES; empty: there is no usual). `option` is the option without
    which it is not read.
    """

    name: str
    what: Class
    word: str = ""
    form: Form = Form.PLAIN
    target: str = ""
    sql: str = ""
    option: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A relation of pg_catalog. `ignored` says why no row of it describes a schema; then it has no columns.

    A row is an object of a `kind`, a word or SQL; or it says more of one (`part`), the one that its identity leads
    to. `rows` is SQL over `t`. `number` is SQL for what other rows speak of it by, `display` SQL for how other
    objects name it (empty: by its identity). `source` is the relation to read. Without the `option` it is not.
    With the option "roles", rows for which `roles` holds are read, too (SQL like `rows`).
    `definition` is SQL for the statement that makes the object.
    """

    name: str
    about: str
    columns: tuple[Column, ...] = ()
    kind: str = ""
    part: bool = False
    rows: str = ""
    number: str = ""
    display: str = ""
    definition: str = ""
    source: str = ""
    option: str = ""
    roles: str = ""
    ignored: str = ""

    def asked(self, options: Collection[str]) -> Relation:
        """The same, with the rows that are read with these options. Pure."""
        return (
            replace(self, rows=f"({self.rows}) OR ({self.roles})") if self.roles and "roles" in options else self
        )

    @property
    def read(self) -> tuple[Column, ...]:
        """The columns that are read."""
        return tuple(each for each in self.columns if each.what is not Class.IGNORED)


@cache
def accounting() -> Mapping[str, Relation]:
    """All relations by name, in the order in which they are to be read: what is named before what names it."""
    return {name: _relation(name, table) for name, table in tomllib.loads(_text()).items()}


@cache
def reading() -> str:
    """What the accounting is, in short: facts that were read by another one cannot be compared."""
    return hashlib.sha256(_text().encode()).hexdigest()[:16]


@cache
def _text() -> str:
    return files("pgproof.catalog").joinpath("accounting.toml").read_text("utf-8")


@cache
def deparsed(catalog: str) -> frozenset[str]:
    """The words of a relation under which the server writes SQL."""
    return frozenset(each.word for each in accounting()[catalog].columns if each.what is Class.DEPARSED)


def _relation(name: str, table: dict[str, Any]) -> Relation:
    columns = tuple(_column(column, said) for column, said in table.get("columns", {}).items())
    return Relation(
        name=name,
        about=table["about"],
        columns=columns,
        kind=table.get("kind", ""),
        part="part" in table,
        rows=table.get("rows", ""),
        number=table.get("number", "t.oid" if any(each.name == "oid" for each in columns) else "NULL"),
        display=table.get("display", ""),
        definition=table.get("definition", ""),
        source=table.get("source", name),
        option=table.get("option", ""),
        roles=table.get("roles", ""),
        ignored=table.get("ignored", ""),
    )


def _column(name: str, said: list[str]) -> Column:
    what, *more = said
    match Class(what), more:
        case Class.IGNORED, [reason]:
            return Column(name=name, what=Class.IGNORED, reason=reason)
        case Class.IDENTITY, [] | [_] | [_, _]:
            target, sql = (*more, "", "")[:2]
            form, target = _form(target)
            return Column(name=name, what=Class.IDENTITY, form=form, target=target, sql=sql)
        case Class.COMPARED, [word]:
            return Column(name=name, what=Class.COMPARED, word=word)
        case Class.COMPARED, [word, (Form.SORTED | Form.OPEN) as form]:
            return Column(name=name, what=Class.COMPARED, word=word, form=Form(form))
        case (Class.COMPARED | Class.DEPARSED) as kind, [word, sql, *option]:
            return Column(name=name, what=kind, word=word, sql=sql, option="".join(option))
        case Class.RESOLVED, [word, target, *sql]:
            form, target = _form(target)
            return Column(name=name, what=Class.RESOLVED, word=word, form=form, target=target, sql="".join(sql))
    raise ValueError(f"{name}: {said}")


def _form(target: str) -> tuple[Form, str]:
    word, _, rest = target.partition(" ")
    if not target:
        return Form.PLAIN, ""
    if word in ("column", "object"):
        return Form.COLUMNS if word == "column" else Form.OBJECT, rest.removeprefix("of ")
    if word == "acl":
        return Form.PRIVILEGES, f"'{rest}'" if len(rest) == 1 else rest
    return Form.NAMES, target
