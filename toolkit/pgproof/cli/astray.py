"""Words of the command line that no command has a place for: which option they were meant for."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click

_ADDRESS = re.compile(r"\w+://|\w+=")
_VERSION = re.compile(r"\d+\Z")


def refuse(context: click.Context, words: list[str]) -> None:
    """Raise UsageError about words that stand there without an option."""
    word = words[0]
    option = _meant(context, word)
    what = "the address of a database" if _ADDRESS.match(word) else f'"{word}"'  # a password may be in it
    value = "URL" if _ADDRESS.match(word) else shlex.quote(word)
    hint = f" Write {option} {value}." if option else ""
    if not hint and any(isinstance(each, click.Argument) for each in context.command.params):
        hint = " Put what belongs together into quotes."
    raise click.UsageError(f"Without an option, {what} means nothing here.{hint}", context)


def _meant(context: click.Context, word: str) -> str:
    """The option that takes such a word, if the command has one."""
    if _ADDRESS.match(word):
        option = "--database"
    elif _VERSION.match(word):
        option = "--to"
    elif Path(word).is_dir():
        option = "--checks" if Path(word).name == "checks" else "--migrations"
    else:
        return ""
    return option if any(option in each.opts for each in context.command.params) else ""
