"""The parts of documents that are made of the program. `python -m tests.house.generated` writes them anew.

A part stands between `<!-- generated: NAME -->` and `<!-- end -->`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pgproof.report.findings.code import SENTENCES, name
from pgproof.rules.registry import rules
from pgproof.settings.setting import SETTINGS
from tests.house import reference
from tests.house.repository import TOP

DOCUMENTS = (TOP / "README.md", *sorted((TOP / "toolkit" / "docs").rglob("*.md")))
_PART = re.compile(r"(<!-- generated: (?P<name>\w+) -->\n).*?(<!-- end -->\n)", re.DOTALL)


def promise_table() -> str:
    """Every line that a query can have above it, with the rule that judges it."""
    rows = ["| above a query | what it promises | rule |", "| --- | --- | --- |"]
    for rule in rules():
        page = f"[`{rule.code}`](rules.md#{rule.code.lower()}-{rule.name})"
        rows += [f"| `-- {each.example}` | {each.help} | {page} |" for each in rule.clauses]
    return "\n".join(rows) + "\n"


def setting_table() -> str:
    """Every setting: what it is called in a file, in the environment and on the command line."""
    rows = ["| setting | what it is | type | default | variable | flag |", "| --- | --- | --- | --- | --- | --- |"]
    for each in SETTINGS:
        key = f"`{each.key}`" if each.in_file else f"({each.key})"
        variable, flag = (f"`{word}`" if word else "" for word in (each.variable, each.flag))
        rows.append(f"| {key} | {each.meaning} | {each.kind.name} | {each.default} | {variable} | {flag} |")
    return "\n".join(rows) + "\n"


def code_table() -> str:
    """Every code of what commands find besides those of rules and of differences."""
    rows = ["| code | what has to hold |", "| --- | --- |"]
    rows += [f"| `{code}` {name(code)} | {sentence} |" for code, sentence in SENTENCES.items()]
    return "\n".join(rows) + "\n"


PARTS: dict[str, Callable[[], str]] = {
    "promises": promise_table,
    "codes": code_table,
    "settings": setting_table,
    "commands": reference.commands,
    "differences": reference.differences,
    "directives": reference.directives,
    "functions": reference.functions,
    "rule_list": reference.rule_list,
    "rule_pages": reference.rule_pages,
    "schemas": reference.schemas,
}


def refreshed(text: str) -> str:
    """The text of a document with its generated parts as they have to be now."""
    return _PART.sub(lambda part: part[1] + PARTS[part["name"]]() + part[3], text)


if __name__ == "__main__":
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        if refreshed(text) != text:
            document.write_text(refreshed(text), encoding="utf-8")
