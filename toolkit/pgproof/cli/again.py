"""What to type next, with the options that the person gave: each command of ours that a text names gets them.

Those who write such a text, far below, know the command and not what was typed. It is said here, at the door.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import click
from click.core import ParameterSource

from pgproof.cli import astray, volume
from pgproof.errors import InputError, PgproofError, Problem
from pgproof.place import TYPED

_EVERYWHERE = frozenset(
    {"database", "migrations", "checks", "variables", "schema", "role"}
    | {"lock_wait", "lock_timeout", "statement_timeout", "lock_retries", "victims", "preflight", "orphans"}
)
"""Options without which another command, too, would do something else, or do it less carefully."""
_ONLY_THERE = frozenset({"allow_late", "trust", "scratch_url", "pg_bin", "postgres", "positions", "roles"})
"""Options that belong to the command that was typed, when it is typed again."""
_HOW_FAR = frozenset(
    {"to", "steps", "adopt", "as_script", "after", "on_scratch", "tool", "dry_run", "check", "strict"}
    | {"since", "rows", "majors", "against"}
)
"""What else was typed, for the very same command."""
SECRET = re.compile(r"pass|pwd|secret|token|credential|(?:^|_)key", re.IGNORECASE)
"""In the name of a variable, that its value is nobody's business."""
_OF_FILES = frozenset({"0A", "22", "23", "2B", "3D", "3F", "42", "P0"})
"""Classes of SQLSTATEs (appendix A of PostgreSQL's manual) of which a statement is the cause, and nobody else."""
_ADDRESS = re.compile(r"\w+://|\w+\s*=")
_END = re.compile(r"\n|`|\bpgproof\b")


class Shown(click.Command):
    """A command whose help ends with examples, lines to be typed, and that is as loud as it is to be.

    One that `tells_itself` says of its own how far it is, and how long it took.
    """

    def __init__(
        self, *args: Any, examples: Sequence[str] = (), tells_itself: bool = False, **others: Any
    ) -> None:
        super().__init__(*args, **others)
        self.examples = tuple(examples)
        self.params += volume.options()
        self._tells_itself = tells_itself

    def invoke(self, ctx: click.Context) -> Any:
        """Run it, as loud as it is to be."""
        return volume.run(ctx, lambda: super(Shown, self).invoke(ctx), tells_itself=self._tells_itself)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples, below the options."""
        with formatter.section("Examples"):
            for line in self.examples:
                formatter.write(f"{'':{formatter.current_indent}}{line}\n")


class Group(Shown, click.Group):
    """A command of commands, with examples."""


class Command(Shown):
    """A command whose errors name what to type next as the person would type it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words; raises UsageError about those that are of no option, and of which one they may be."""
        ctx.allow_extra_args = True
        try:
            rest = super().parse_args(ctx, args)
        except click.UsageError as error:  # of an option without its value click does not say whose it is
            error.ctx = error.ctx or ctx
            raise
        if rest and not ctx.resilient_parsing:
            astray.refuse(ctx, rest)
        return rest

    def invoke(self, ctx: click.Context) -> Any:
        """Run it; the problems of an error are completed."""
        try:
            return super().invoke(ctx)
        except PgproofError as error:
            complete(error)
            raise


def complete(error: PgproofError) -> None:
    """Add to the problems the options that were given, and what to type when a file has been mended.

    It may be done twice.
    """
    problems = [_completed(problem) for problem in error.problems]
    if (last := _last_mistake(problems)) is not None:
        paths = {problem.place.path for problem in problems if problem.place}
        what = paths.pop() if len(paths) == 1 else "these files"
        line = f"NEXT: mend {what} and run: {typed()}"
        problems[last] = replace(problems[last], context=(*problems[last].context, line))
    error.problems = tuple(problems)


def completed(text: str) -> str:
    """The text, with the options that were given in each command of ours that it names."""
    context = click.get_current_context(silent=True)
    given = _given(context, _EVERYWHERE | _ONLY_THERE) if context else {}
    if context is None or not given:
        return text
    names = "|".join(re.escape(name) for name in _commands(context))
    pattern = re.compile(rf"\bpgproof ({names})(?![\w-])")
    return pattern.sub(lambda found: found[0] + _options(found, given, context), text)


def _completed(problem: Problem) -> Problem:
    return replace(
        problem,
        detail=completed(problem.detail),
        hint=completed(problem.hint),
        context=tuple(completed(line) if line.startswith("NEXT: ") else line for line in problem.context),
    )


def _last_mistake(problems: list[Problem]) -> int | None:
    """The last of the problems that is a mistake in a file, if nothing says yet what to do next."""
    if any(line.startswith("NEXT: ") for problem in problems for line in problem.context):
        return None
    wrong = [index for index, problem in enumerate(problems) if problem.sqlstate[:2] in _OF_FILES]
    in_files = all(problem.place and problem.place.path != TYPED for problem in problems)
    return wrong[-1] if wrong and in_files else None


def typed() -> str:
    """The command that runs, as it was typed but for passwords."""
    import shlex

    context = click.get_current_context()
    arguments = [
        shlex.quote(word)
        for parameter in context.command.params
        if isinstance(parameter, click.Argument)
        for word in map(_public_word, _words(context.params[parameter.name or ""]))
    ]
    options = [word for words in _given(context, _EVERYWHERE | _ONLY_THERE | _HOW_FAR).values() for word in words]
    return " ".join(["pgproof", _name(context), *arguments, *options])


def _public_word(word: str) -> str:
    """A word as it was typed; the address of a database without its password."""
    return _public(word) if _ADDRESS.match(word) else word


def _words(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, tuple) else [str(value)]


def _name(context: click.Context) -> str:
    """The command's name in words: "history accept"."""
    return context.command_path.removeprefix(context.find_root().command_path).strip()


def _commands(context: click.Context) -> list[str]:
    """The names of all commands, longer ones first."""
    root = context.find_root().command
    assert isinstance(root, click.Group)
    return ["history accept", *root.list_commands(context)]


def _options(found: re.Match[str], given: Mapping[str, list[str]], context: click.Context) -> str:
    """Those of the given options that the named command takes, and does not have there yet."""
    rest = _END.split(found.string[found.end() :], maxsplit=1)[0]
    is_same = found[1] == _name(context)
    taken = _parameters(found[1], context)
    words = [
        word
        for name, option in given.items()
        if name in taken and (is_same or name in _EVERYWHERE) and option[0] not in rest.split()
        for word in option
    ]
    return "".join(f" {word}" for word in words)


def _parameters(name: str, context: click.Context) -> set[str | None]:
    """The names of the options that a command takes."""
    command: click.Command | None = context.find_root().command
    for word in name.split():
        assert isinstance(command, click.Group)
        command = command.get_command(context, word)
    assert command is not None
    return {parameter.name for parameter in command.params}


def _given(context: click.Context, wanted: frozenset[str]) -> dict[str, list[str]]:
    """The wanted options that stood on the command line, as words to be typed in a shell."""
    found = {}
    for parameter in context.command.params:
        name = parameter.name or ""
        on_line = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if on_line and name in wanted and isinstance(parameter, click.Option):
            found[name] = list(_written(parameter, name, context.params[name]))
    return {name: words for name, words in found.items() if words}


def _written(option: click.Option, name: str, value: Any) -> Iterator[str]:
    import shlex

    if option.is_flag:
        yield option.opts[0]
    elif name == "variables":
        for key, text in value.items():
            # what is in angle brackets no shell takes for a value
            yield from (option.opts[0], f"{key}=<value>" if SECRET.search(key) else shlex.quote(f"{key}={text}"))
    elif name in {"database", "scratch_url"}:
        if address := _public(value):
            yield from (option.opts[0], shlex.quote(address))
    elif isinstance(value, tuple):
        yield from (option.opts[0], ",".join(map(str, value)))
    else:
        # 5.0 seconds were typed as 5
        yield from (option.opts[0], shlex.quote(f"{value:g}" if isinstance(value, float) else str(value)))


def _public(text: str) -> str:
    """The address of a database as it was given, if there is no password in it; else without; "" for none."""
    from pgproof.database.conninfo import Conninfo

    try:
        address = Conninfo.parse(text)
    except InputError:
        return ""
    return text if str(address) == address.secret else str(address)
