"""What the pages of reference in `toolkit/docs/` take from the program: commands, rules, words, functions."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from textwrap import dedent
from typing import Any

import click

import pgproof
from pgproof.drift.code import MEANINGS
from pgproof.migrate.directive import WORDS
from pgproof.report.described import COMMANDS as DESCRIBED
from pgproof.report.described import schema
from pgproof.rules.registry import page, rules
from tests.house.test_commands import ALL

_EXAMPLE = re.compile(r"^(Bad|Good):\n\n?((?:[ ]{4}.*\n|\n)+)", re.MULTILINE)
_CODE = re.compile(r"(`[^`]*`)")


def escaped(text: str) -> str:
    """Text as Markdown that shows just that; what stands between backticks stays code."""
    parts = _CODE.split(" ".join(text.split()))
    shown = [
        part if index % 2 else part.replace("*", r"\*").replace("<", "&lt;") for index, part in enumerate(parts)
    ]
    return "".join(shown).replace("|", r"\|")


def commands() -> str:
    """Every command: what it does, its options, its examples."""
    return "\n".join(line for name, command in ALL.items() for line in _command(name, command))


def _command(name: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=f"pgproof {name}")
    yield f"## {name}\n\n```text\n{' '.join(command.get_usage(context).split()).removeprefix('Usage: ')}\n```\n"
    paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    yield "\n\n".join(escaped(each) for each in paragraphs) + "\n"
    records = [parameter.get_help_record(context) for parameter in command.params]
    found = [record for record in records if record is not None and record[1]]
    if found:
        yield "| option | what it is |\n| --- | --- |"
        yield from (f"| `{option.replace('|', chr(92) + '|')}` | {escaped(words)} |" for option, words in found)
        yield ""
    yield "\n".join(["```sh", *getattr(command, "examples", ()), "```", ""])


def rule_pages() -> str:
    """The page of every rule, with what is bad and what is good."""
    return "\n".join(
        f"### {rule.code} {rule.name}\n\n{_EXAMPLE.sub(_example, page(rule) + chr(10)).strip()}\n"
        for rule in rules()
    )


def _example(found: re.Match[str]) -> str:
    return f"{found[1]}:\n\n```sql\n{dedent(found[2]).strip()}\n```\n\n"


def rule_list() -> str:
    """Every rule with the first sentence of its page, which is what has to hold."""
    rows = ["| rule | what has to hold |", "| --- | --- |"]
    for rule in rules():
        anchor = f"{rule.code}-{rule.name}".lower()
        rows.append(
            f"| [`{rule.code}`](#{anchor}) {rule.name} | {escaped(page(rule).split(f'{chr(10)}{chr(10)}')[0])} |"
        )
    return "\n".join(rows) + "\n"


def differences() -> str:
    """Every code of a difference between files and a database."""
    rows = ["| code | what it is |", "| --- | --- |"]
    return "\n".join([*rows, *(f"| `{code}` | {words} |" for code, words in MEANINGS.items())]) + "\n"


def directives() -> str:
    """Every word that a comment of a migration may say to pgproof."""
    rows = ["| in a migration | what it does |", "| --- | --- |"]
    return (
        "\n".join([*rows, *(f"| `-- pgproof: {example}` | {words} |" for example, words in WORDS.values())]) + "\n"
    )


def schemas() -> str:
    """What each command says in JSON, field by field on the first level."""
    return "\n".join(line for name in DESCRIBED for line in _schema(name, schema(name)))


def _schema(name: str, described: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {name}\n\n`{described['title']}`. {escaped(described['description'])}\n"
    fields = described.get("properties", {})
    if fields:
        yield "| field | type | what it is |\n| --- | --- | --- |"
        for field, value in fields.items():
            yield f"| `{field}` | {_type(value)} | {escaped(value.get('description', ''))} |"
        yield ""


def _type(value: Mapping[str, Any]) -> str:
    if "const" in value:
        return f"`{value['const']}`"
    if "enum" in value:
        return ", ".join(f"`{each}`" for each in value["enum"])
    kind = value.get("type", "object")
    return " or ".join([kind] if isinstance(kind, str) else kind)


def functions() -> str:
    """What `import pgproof` gives, functions before classes: signatures or fields, and docstrings."""
    names = sorted(pgproof.__all__, key=lambda name: (name[0].isupper(), name))
    return "\n".join(line for name in names for line in _function(name, getattr(pgproof, name)))


def _function(name: str, value: object) -> Iterator[str]:
    if not callable(value):
        return
    text, told = _signature(value), inspect.getdoc(value) or ""
    prose, _, example = told.partition("\n>>> ")
    fields = "".join(f"\n    {line}" for line in _fields(value))
    yield f"## {name}\n\n```python\n{text}{':' if fields else ''}{fields}\n```\n"
    yield "\n\n".join(escaped(each) for each in prose.strip().split("\n\n")) + "\n"
    if example:
        yield f"```python\n>>> {example.rstrip()}\n```\n"


def _signature(value: Any) -> str:
    """As it stands in the source, up to the docstring, without a comment behind it."""
    source = dedent(inspect.getsource(value))
    node = ast.parse(source).body[0]
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    lines = [line.partition("  # ")[0] for line in source.splitlines()[node.lineno - 1 : node.body[0].lineno - 1]]
    return "\n".join(lines).rstrip().rstrip(":")


def _fields(value: Any) -> Iterator[str]:
    """What a class of data has: each of its fields and properties with its type."""
    node = ast.parse(dedent(inspect.getsource(value))).body[0]
    for each in node.body if isinstance(node, ast.ClassDef) else ():
        if isinstance(each, ast.AnnAssign):
            name, kind = ast.unparse(each.target), each.annotation
        elif isinstance(each, ast.FunctionDef) and each.returns and _is_property(each):
            name, kind = each.name, each.returns
        else:
            continue
        if not name.startswith("_"):
            yield f"{name}: {ast.unparse(kind)}"


def _is_property(function: ast.FunctionDef) -> bool:
    return any(isinstance(each, ast.Name) and each.id == "property" for each in function.decorator_list)
