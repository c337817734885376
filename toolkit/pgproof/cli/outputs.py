"""In which formats a report is put out: `--format` on standard output, `--output FORMAT:FILE` in files.

`FORMAT:FILE` is how pytest-cov (`--cov-report=xml:FILE`) and golangci-lint have it. In pairs of options
(`--format sarif --output FILE --format text`) their order would count, and one would go without the other.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pgproof.cli.failure import tell
from pgproof.errors import InputError, Problem
from pgproof.sql.name import nearest

if TYPE_CHECKING:
    from pgproof.report.model import Report

FORMATS: Mapping[str, str] = {
    "text": "pgproof.report.terminal",
    "json": "pgproof.report.json",
    "junit": "pgproof.report.formats.junit",
    "sarif": "pgproof.report.formats.sarif",
    "github": "pgproof.report.formats.github",
    "gitlab": "pgproof.report.formats.gitlab",
    "markdown": "pgproof.report.formats.markdown",
}
"""The module that renders each format."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A format, and the file that it goes to."""

    form: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is printed, and what is written to files."""

    form: str
    files: tuple[Output, ...] = ()


class _Format(click.ParamType[str]):
    name = "format"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return f"[{'|'.join(FORMATS)}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return _known(str(value))


class _Output(click.ParamType[Output]):
    name = "FORMAT:FILE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Output:
        if isinstance(value, Output):
            return value
        form, colon, path = str(value).partition(":")
        if not colon or not path:
            raise click.BadParameter(f'say FORMAT:FILE, for example "sarif:{form or "report.sarif"}"')
        return Output(form=_known(form), path=Path(path))


def _known(form: str) -> str:
    if form in FORMATS:
        return form
    meant = nearest(form, FORMATS)
    hint = f'Did you mean "{meant}"?' if meant else f"Formats: {', '.join(FORMATS)}."
    raise click.BadParameter(f'there is no format "{form}". {hint}')


def options(command: Callable[..., object]) -> Callable[..., object]:
    """The options `--format` and `--output`, gathered in one parameter `told`."""
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
        help="Write a file as well, for example sarif:pgproof.sarif; may be repeated.",
    )

    @functools.wraps(command)
    def wrapped(*args: object, form: str, outputs: tuple[Output, ...], **others: object) -> object:
        return command(*args, told=Told(form=form, files=outputs), **others)

    return form(files(wrapped))


def put_out(
    report: Callable[[], Report],
    told: Told,
    code: int,
    *,
    own: Mapping[str, Callable[[], str]] | None = None,
    everything: bool = False,
) -> int:
    """Print the report in one format, write the files, and give the exit code.

    `own` are the formats that the command writes in its own way. The exit code is `code`; 2 if that is 0 and a
    file could not be written. What could not be written is told on standard error, when all the others are there.
    """

    def rendered(form: str) -> str:
        return own[form]() if own and form in own else _rendered(report(), form)

    if told.form != "text":
        click.echo(_encoded(rendered(told.form)), nl=False)
    elif own and told.form in own:
        click.echo(rendered(told.form), nl=False)
    else:
        click.echo(_text(report(), everything), nl=False, color=True)
    problems = []
    for output in told.files:
        try:
            _write(output.path, rendered(output.form))
        except OSError as refused:
            problems.append(_problem(output, refused))
    if not problems:
        return code
    sys.stdout.flush()
    error = InputError(*problems)
    tell(error)
    return code or error.exit_code


def _problem(output: Output, error: OSError) -> Problem:
    hint = "name another file, or make its folder and the right to write there"
    return Problem(
        message=f"cannot write {output.path}: {error.strerror}",
        detail="What was found is told on standard output, and in the other files.",
        hint="name a file in it" if output.path.is_dir() else hint,
    )


def _encoded(text: str) -> bytes:
    """What programs read is UTF-8 in every locale; half a surrogate becomes an escape that JSON has, too."""
    return text.encode("utf-8", "backslashreplace")


def _rendered(report: Report, form: str) -> str:
    module = import_module(FORMATS[form])
    text = module.render(report, module.Look()) if form == "text" else module.render(report)
    assert isinstance(text, str)
    return text


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


def _write(path: Path, text: str) -> None:
    """The whole text is in the file, or the file is as it was. A pipe or a device is written to as it is."""
    from tempfile import mkstemp

    data = _encoded(text)
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    target = path.resolve()
    number, name = mkstemp(prefix=f".{target.name[:40]}.", dir=target.parent)
    fresh = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
        fresh.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_mask())
        fresh.replace(target)
    except OSError:
        with suppress(OSError):
            fresh.unlink()
        raise


def _mask() -> int:
    """What new files are not allowed to those who make them; it can be read by setting it alone."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
