"""In which formats a report is put out: `--format` on standard output, `--output FORMAT:FILE` in files.

`FORMAT:FILE` is how pytest-cov (`--cov-report=xml:FILE`) and golangci-lint have it. In pairs of options
(`--format sarif --output FILE --format text`) their order would count, and one would go without the other.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from pgproof.cli import completing, outfile
from pgproof.cli.again import complete
from pgproof.cli.exact import encoded, put_json
from pgproof.cli.failure import INTERRUPTED, TERMINATED, tell
from pgproof.errors import InputError, PgproofError, Problem, Terminated
from pgproof.report.formats import FORMATS
from pgproof.report.formats import rendered as rendered_as
from pgproof.sql.name import nearest

if TYPE_CHECKING:
    from pgproof.report.model import Base, Failure, Report


_ENDS = (PgproofError, click.ClickException, KeyboardInterrupt)
"""What a command ends with before it is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A format, and the file that it goes to."""

    form: str
    path: Path


@dataclass(slots=True, kw_only=True)
class Told:
    """What is printed, and what is written to files; `is_put_out` once that is begun. `base` was found before.

    Of the paths that are `refused` it was told in the beginning that they cannot be written.
    """

    form: str
    files: tuple[Output, ...] = ()
    base: Base | None = None
    refused: frozenset[Path] = frozenset()
    is_put_out: bool = False

    @property
    def is_only_text(self) -> bool:
        """True if nobody asked for anything but what people read."""
        return self.form == "text" and not self.files and self.base is None

    def has(self, form: str) -> bool:
        """True if anything is put out in that format."""
        return form == self.form or any(each.form == form for each in self.files)

    def compared(self, report: Report) -> Report:
        """The report, with what was found before if that was asked for."""
        return replace(report, base=self.base) if self.base else report


class _Format(click.ParamType[str]):
    name = "format"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return f"[{'|'.join(FORMATS)}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return _known(str(value))

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return completing.words(*FORMATS)(ctx, param, incomplete)


class _Output(click.ParamType[Output]):
    name = "FORMAT:FILE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Output:
        if isinstance(value, Output):
            return value
        form, colon, path = str(value).partition(":")
        if not colon or not path:
            meant = f"{form}:pgproof.{form}" if form in FORMATS else f"sarif:{form or 'pgproof.sarif'}"
            raise click.BadParameter(f'say FORMAT:FILE, for example "{meant}"')
        if path == "-":
            raise click.BadParameter(f"what is printed is said by --format {_known(form)}; a file - is ./-")
        return Output(form=_known(form), path=Path(path))

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return completing.words(*(f"{form}:" for form in FORMATS))(ctx, param, incomplete)


def _apart(_context: click.Context, _option: click.Parameter, outputs: tuple[Output, ...]) -> tuple[Output, ...]:
    """The outputs; two in one file would leave one of them."""
    formats: dict[Path, str] = {}
    for each in outputs:
        if formats.setdefault(each.path, each.form) != each.form:
            both = f"{formats[each.path]} and {each.form}"
            raise click.BadParameter(f"{both} cannot both be written to {each.path}: name a file for each")
    return outputs


def _known(form: str) -> str:
    if form in FORMATS:
        return form
    meant = nearest(form, FORMATS)
    hint = f'Did you mean "{meant}"?' if meant else f"Formats: {', '.join(FORMATS)}."
    raise click.BadParameter(f'there is no format "{form}". {hint}')


def options(command: Callable[..., object]) -> Callable[..., object]:
    """The options `--format` and `--output`, gathered in one parameter `told`.

    If the command ends with an error, it is that error which is put out.
    """
    form = click.option(
        "--format",
        "form",
        type=_Format(),
        default="text",
        show_default=True,
        help="What to print.",
    )
    files = click.option(
        "--output",
        "-o",
        "outputs",
        type=_Output(),
        multiple=True,
        callback=_apart,
        help="Write a file as well, for example sarif:pgproof.sarif; may be repeated.",
    )

    @functools.wraps(command)
    def wrapped(*args: object, form: str, outputs: tuple[Output, ...], **others: object) -> object:
        refused = look(*(each.path for each in outputs))
        told = Told(form=form, files=outputs, refused=refused)
        try:
            return command(*args, told=told, **others)
        except _ENDS as error:
            if not told.is_put_out:
                put_out_failure(error, told)
            raise

    return form(files(wrapped))


def text_or_json(command: Callable[..., object]) -> Callable[..., object]:
    """The option `--format` of a command that has these two forms alone, in the parameter `form`.

    If the command ends with an error, that is its JSON.
    """

    @click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="What to print.",
    )
    @functools.wraps(command)
    def wrapped(*args: object, form: str, **others: object) -> object:
        try:
            return command(*args, form=form, **others)
        except _ENDS as error:
            if form == "json":
                put_out_failure(error, Told(form=form))
            raise

    return wrapped


def baseline(command: Callable[..., object]) -> Callable[..., object]:
    """The option `--baseline`, below `options`: what was found before is in `told`."""

    @click.option(
        "--baseline",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="A JSON report of this command from before: say what is new, still there and gone.",
    )
    @functools.wraps(command)
    def wrapped(*args: object, told: Told, baseline: Path | None, **others: object) -> object:
        if baseline is not None:
            told.base = _base(baseline, click.get_current_context().command.name or "")
        return command(*args, told=told, **others)

    return wrapped


def _base(path: Path, command: str) -> Base:
    from pgproof.report.baseline import read

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = (error.strerror or str(error)) if isinstance(error, OSError) else "it is not UTF-8"
        hint = f"write one first: pgproof {command} --output json:FILE"
        raise InputError(Problem(message=f"cannot read {path}: {why}", hint=hint)) from None
    return read(path.as_posix(), text, command)


def put_out(
    report: Callable[[], Report],
    told: Told,
    code: int,
    *,
    own: Mapping[str, Callable[[], str]] | None = None,
    everything: bool = False,
    is_printed: bool = False,
    following: Callable[[], str] = str,
) -> int:
    """Print the report in one format unless it `is_printed`, write the files, and give the exit code.

    `following` is what to type next, the last lines of text. `own` are the formats that the command writes in its
    own way. The exit code is `code`; 2 if that is 0 and a file could not be written. What could not be written is
    told on standard error, when all the others are there; once, if that was told in the beginning.
    """
    told.is_put_out = True

    from pgproof.report.formats.shown import visible

    def rendered(form: str) -> str:
        text = own[form]() if own and form in own else rendered_as(report(), form)
        return visible(text) + ending() if form == "text" else text

    def ending() -> str:
        compared = f"{report().compared}\n" if told.base else ""
        return visible(compared + following())

    if told.form != "text":
        if not is_printed:
            put_json(rendered(told.form))
    elif is_printed:
        click.echo(ending(), nl=False)
    elif own and told.form in own:
        click.echo(rendered(told.form), nl=False)
    else:
        click.echo(_text(report(), everything) + ending(), nl=False, color=True)
    failed = {}
    for output in told.files:
        try:
            outfile.write(output.path, encoded(rendered(output.form)))
        except OSError as error:
            failed[output.path] = error.strerror or str(error)
    return _ended(code, failed, told.refused)


def put_file(
    path: Path, text: str, code: int, lines: Sequence[str], refused: frozenset[Path], *, following: str = ""
) -> int:
    """Write a file, say `lines` of what is in it, and give the exit code, as `put_out` does.

    `following` says what to do with the file, where it is written and something is open in it.
    """
    failed = {}
    try:
        outfile.write(path, encoded(text))
    except OSError as error:
        failed[path] = error.strerror or str(error)
    click.echo(("not written: " if failed else "") + "\n".join(lines))
    if following and code and not failed:
        click.echo(following)
    return _ended(code, failed, refused)


def _ended(code: int, failed: Mapping[Path, str], refused: frozenset[Path]) -> int:
    """The exit code; files that failed for reasons are told of, unless they were `refused` in the beginning."""
    sys.stdout.flush()
    problems = [
        _problem(path, why, "What was found is told on standard output.")
        for path, why in failed.items()
        if path not in refused
    ]
    if problems:
        tell(InputError(*problems))
    return code or (InputError.exit_code if failed else 0)


def put_out_failure(error: BaseException, told: Told) -> None:
    """Put out that the command that runs has ended with this error; text has its place on standard error."""
    from pgproof.report.failed import failed_text
    from pgproof.report.model import About, Report

    ended = failure(error)
    command = click.get_current_context().command.name or ""
    report = Report(command=command, about=About(server="", mode="none"), findings=(), failure=ended)
    own = {"text": lambda: failed_text(ended), "json": lambda: _failed_json(ended)}
    put_out(lambda: report, told, ended.exit_code, own=own, is_printed=told.form == "text")


def _failed_json(ended: Failure) -> str:
    """The error in JSON; of a command that tells events line by line, as the last of these."""
    from pgproof.report.described import COMMANDS
    from pgproof.report.failed import failed_json, failed_line

    context = click.get_current_context()
    command = context.command.name or ""
    if COMMANDS.get(command) == "events" and not context.params.get("dry_run"):
        return failed_line(ended.problems)
    return failed_json(command, ended)


def failure(error: BaseException) -> Failure:
    """What a command has ended with, as what is told of it."""
    from pgproof.report.model import Failure

    if isinstance(error, PgproofError):
        complete(error)
        return Failure(problems=error.problems, exit_code=error.exit_code)
    if isinstance(error, click.ClickException):
        return Failure(problems=(Problem(message=error.format_message()),), exit_code=error.exit_code)
    assert isinstance(error, KeyboardInterrupt)
    code = TERMINATED if isinstance(error, Terminated) else INTERRUPTED
    return Failure(problems=(Problem(message="interrupted"),), exit_code=code)


def look(*paths: Path) -> frozenset[Path]:
    """The files that cannot be written, which is told at once, since what is to be found may take minutes."""
    found = {path: why for path in paths if (why := outfile.objection(path))}
    if found:
        detail = "The command goes on: what it finds is told on standard output."
        tell(InputError(*(_problem(path, why, detail) for path, why in found.items())))
    return frozenset(found)


def _problem(path: Path, why: str, detail: str) -> Problem:
    hint = "name another file, or make its folder and the right to write there"
    return Problem(
        message=f"cannot write {path}: {why}",
        detail=detail,
        hint="name a file in it" if path.is_dir() else hint,
    )


def _text(report: Report, everything: bool) -> str:
    import shutil

    from pgproof.report import terminal

    is_terminal = sys.stdout.isatty()
    look = terminal.Look(
        color=is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb",
        width=shutil.get_terminal_size().columns if is_terminal else None,
        encoding=sys.stdout.encoding or "utf-8",
    )
    return terminal.render(report, look, everything=everything)
