"""What the commands say of themselves: examples that can be typed, and options that mean the same everywhere."""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from collections.abc import Iterator

import click
import pytest

from pgproof.cli.root import root

VARIANTS = {
    ("--postgres", "text MAJORS"): "several majors, where a command does the same on each",
    ("--format", "choice"): "text and json alone, where findings have no part",
    ("--sql", "text [FILE]"): "a file may be named, since there is no other to write to",
    ("--output", "FORMAT:FILE"): "findings, in any format",
    ("--output", "path FILE"): "a page is all that there is to write",
    ("--format", "format"): "every format of findings",
    ("--postgres", "integer MAJOR"): "one major",
    ("--sql", "boolean"): "SQL is all that is printed",
}
"""Options of which a command takes another kind of value than others do, and why."""


def commands(command: click.Command = root, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command that can be typed, with its words: "history accept"."""
    if path:
        yield " ".join(path), command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from commands(below, (*path, name))


ALL = dict(commands())


def options_of(command: click.Command) -> Iterator[tuple[str, click.Option]]:
    """Each spelling of each option."""
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            yield from ((spelling, parameter) for spelling in (*parameter.opts, *parameter.secondary_opts))


def stem(option: click.Option) -> str:
    """What its help begins with: what stands before a colon, else the first two words."""
    head, colon, _ = (option.help or "").partition(":")
    return head if colon and len(head) < 20 else " ".join(head.split()[:2]).rstrip(".,;")


def kind(option: click.Option) -> str:
    """What it takes: the type, and the word for it in the help."""
    name = "choice" if isinstance(option.type, click.Choice) else option.type.name
    return f"{name} {option.metavar or ''}".strip()


def unlike(found: dict[str, click.Command]) -> list[str]:
    """Options that do not begin their help, or do not take, what those of the same name do in other commands."""
    seen: dict[str, dict[tuple[str, str], list[str]]] = defaultdict(lambda: defaultdict(list))
    for name, command in found.items():
        for spelling, option in options_of(command):
            what = kind(option)
            is_known = (option.opts[0], what) in VARIANTS
            seen[spelling][stem(option), "" if is_known else what].append(name)
    return [f"{spelling}: {dict(ways)}" for spelling, ways in seen.items() if len(ways) > 1]


def test_an_option_means_the_same_everywhere() -> None:
    assert unlike(ALL) == []


def test_every_option_says_what_it_is() -> None:
    assert [
        f"{name} {spelling}" for name, command in ALL.items() for spelling, o in options_of(command) if not o.help
    ] == []


def test_every_variant_is_one() -> None:
    there = {(option.opts[0], kind(option)) for command in ALL.values() for _, option in options_of(command)}
    assert VARIANTS.keys() - there == set()


def test_an_option_that_means_something_else_is_seen() -> None:
    one = click.Command("one", params=[click.Option(["--to"], help="The last version.")])
    other = click.Command("two", params=[click.Option(["--to"], help="Where it goes.")])
    number = click.Command("two", params=[click.Option(["--to"], type=int, help="The last version.")])
    assert unlike({"one": one, "two": one}) == []
    assert len(unlike({"one": one, "two": other})) == 1
    assert len(unlike({"one": one, "two": number})) == 1


@pytest.mark.parametrize("name", ALL)
def test_every_command_has_examples_that_can_be_typed(name: str) -> None:
    command = ALL[name]
    examples = getattr(command, "examples", ())
    assert examples, "its help ends with lines to be typed"
    for line in examples:
        assert understood(line) is command or isinstance(command, click.Group), line
    assert all(line in command.get_help(click.Context(command, info_name=f"pgproof {name}")) for line in examples)


def understood(line: str) -> click.Command:
    """The command of a line of a shell, whose options it takes: click refuses what it does not."""
    words = shlex.split(re.split(r" (?:[>|]|&&|2>)|;", line)[0])
    assert words[0] == "pgproof"
    where, path = root, words[1:]
    with click.Context(root) as context:
        while isinstance(where, click.Group) and path and path[0] in where.list_commands(context):
            found = where.get_command(context, path[0])
            assert found is not None
            where, path = found, path[1:]
    if where is not root:
        where.make_context(words[0], list(path), resilient_parsing=False)
    return where
