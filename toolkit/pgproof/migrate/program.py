"""Migrations in Python: a file `07-jobs.py` with `upgrade(conn)` and maybe `downgrade(conn)`.

The connection is psycopg's, in a transaction that pgproof began and commits, together with the row of the history.
The file is part of the repository as SQL files are, and is trusted as they are; it is read with `ast`, and run
when its turn has come.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from pgproof.errors import Problem
from pgproof.migrate.migration import Migration, Section, normal
from pgproof.migrate.parse import Parsed, Title
from pgproof.place import Place
from pgproof.sql.source import Source
from pgproof.sql.statement import Script

UP, DOWN = "upgrade", "downgrade"


def parse(title: Title, source: Source) -> Parsed:
    """A migration from the text of a Python file. Pure: nothing of it is run."""
    try:
        tree = ast.parse(source.text, filename=source.path)
    except SyntaxError as error:
        tree = ast.Module(body=[], type_ignores=[])
        problems = [_syntax(source, error)]
    else:
        problems = list(_mistakes(source, tree))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    down = functions.get(DOWN)
    migration = Migration(
        version=title.version,
        digits=title.digits,
        slug=title.slug,
        path=source.path,
        source=source,
        up=_section(source, functions.get(UP), UP),
        down=_section(source, down, DOWN) if down else None,
        text=normal(source.text),
    )
    return Parsed(migration=migration, problems=tuple(problems))


def _section(source: Source, function: ast.FunctionDef | None, name: str) -> Section:
    place = _place(source, function.lineno, function.col_offset) if function else source.place(0)
    nothing = Script(source=Source(source.path, ""))  # it is no SQL
    return Section(script=nothing, place=place, function=name)


def _mistakes(source: Source, tree: ast.Module) -> Iterator[Problem]:
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    if UP not in functions:
        yield Problem(
            message="no function upgrade in the file",
            place=source.place(0),
            hint="write `def upgrade(conn):`; it gets a connection of psycopg, in a transaction",
        )
    for name in (UP, DOWN):
        function = functions.get(name)
        if function and not _takes_one(function.args):
            yield Problem(
                message=f"{name} does not take just a connection",
                place=_place(source, function.lineno, function.col_offset),
                hint=f"write `def {name}(conn):`",
            )


def _takes_one(arguments: ast.arguments) -> bool:
    plain = [*arguments.posonlyargs, *arguments.args]
    required = len(plain) - len(arguments.defaults)
    keywords = [each for each in arguments.kw_defaults if each is None]
    return required <= 1 <= len(plain) + bool(arguments.vararg) and not keywords


def _syntax(source: Source, error: SyntaxError) -> Problem:
    place = _place(source, error.lineno or 1, max(0, (error.offset or 1) - 1))
    return Problem(message=f"Python: {error.msg}", place=place)


def _place(source: Source, line: int, column: int) -> Place:
    text = source.line(min(line, source.text.count("\n") + 1))
    return Place(
        path=source.path, line=line, column=column + 1, width=max(1, len(text.strip()) - column), text=text
    )
