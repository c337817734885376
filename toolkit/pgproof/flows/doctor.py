"""`doctor`: what works here and what does not, and why; nothing is changed, and nothing stays behind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pgproof.contract import profile as profiles
from pgproof.contract.read import load as load_checks
from pgproof.database.access import client
from pgproof.database.builder import Builder, place
from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchOptions
from pgproof.errors import InputError, Problem
from pgproof.flows import reached, started
from pgproof.migrate import layout as layouts
from pgproof.migrate.library import load_plain
from pgproof.report.doctor import Check, Section, State
from pgproof.report.words import counted
from pgproof.rules import registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the process was started in: its Python and its system, and where its output goes.

    `encoding` is that of the output, `terminal` what the variable TERM says.
    """

    python: str
    system: str
    encoding: str
    is_terminal: bool
    terminal: str = ""
    is_colored: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to look at. `database` is None where nobody has named one.

    `settings` is the file that has them, "" for none; `mistakes` are those in it, `misaddressed` those in the
    address of the database. With a `builder` its command builds the schema.
    """

    surroundings: Surroundings
    migrations: Path
    checks: Path | None
    scratch: ScratchOptions
    database: Conninfo | None = None
    settings: str = ""
    mistakes: tuple[Problem, ...] = ()
    misaddressed: tuple[Problem, ...] = ()
    variables: Mapping[str, object] = field(default_factory=dict)
    layout: str | None = None
    builder: Builder | None = None


def doctor(request: Request) -> Iterator[Section]:
    """Each section as soon as it is known."""
    yield Section("This machine", tuple(_machine(request.surroundings, request.scratch)))
    yield Section("This folder", tuple(_folder(request)))
    server = started.look(request.scratch)
    yield Section("Scratch server", server.checks)
    wrong = tuple(_wrong("its address", (problem,)) for problem in request.misaddressed)
    yield Section("Database", wrong or reached.look(request.database, request.scratch, server.major))


def exit_code(sections: list[Section]) -> int:
    """0 what is needed works, 1 something of it does not, 4 of something nobody can tell."""
    states = {check.state for section in sections for check in section.checks if check.is_needed}
    return 1 if State.NO in states else 4 if State.UNKNOWN in states else 0


def _machine(around: Surroundings, scratch: ScratchOptions) -> Iterator[Check]:
    yield Check(state=State.OK, what=f"Python {around.python}, {around.system}")
    driver, library = client()
    yield Check(state=State.OK, what=f"{driver}, libpq {library}")
    plain = around.encoding.lower().replace("-", "").replace("_", "")
    if plain.startswith("utf"):
        yield Check(state=State.OK, what=f"output in {around.encoding}")
    else:
        yield Check(
            state=State.NO,
            what=f"output in {around.encoding}: symbols are written in ASCII, and what else it lacks is escaped",
            hint="export LC_ALL=C.UTF-8, or PYTHONUTF8=1",
            is_needed=False,
        )
    yield Check(state=State.OK, what=_output(around))
    if shutil.which("git", path=scratch.path) is None:
        yield Check(
            state=State.NO,
            what="no git: check --against git:REVISION and diff git:REVISION need it",
            hint="install git",
            is_needed=False,
        )
    else:
        yield Check(state=State.OK, what="git, for check --against git:REVISION")


def _output(around: Surroundings) -> str:
    if not around.is_terminal:
        return "output is no terminal: lines, no bars and no colours"
    if around.terminal in {"", "dumb", "unknown"}:
        return f"a terminal, TERM={around.terminal or '(not set)'}: lines, no bars"
    return "a terminal: bars, and colours" if around.is_colored else "a terminal: bars, no colours (NO_COLOR)"


def _folder(request: Request) -> Iterator[Check]:
    yield from (_wrong("settings", (problem,)) for problem in request.mistakes)
    if not request.mistakes:
        said = f"settings of {request.settings}" if request.settings else "no settings: the defaults"
        yield Check(state=State.OK, what=said)
    yield _command(request.builder) if request.builder else _migrations(request)
    if request.checks is None:
        yield Check(
            state=State.NO,
            what="no folder of promises: what stands in comments of migrations counts alone",
            hint="pgproof init writes one, with what to write there",
            is_needed=False,
        )
        return
    contract = load_checks(request.checks, registry.clauses())
    problems = contract.problems
    try:
        profiles.load(request.checks / profiles.NAME)
    except InputError as error:
        problems += error.problems
    if problems:
        yield _wrong(f"promises in {request.checks}", problems)
        return
    number = counted(len(contract.queries), "documented query", "documented queries")
    yield Check(state=State.OK, what=f"{number} in {request.checks}")


def _migrations(request: Request) -> Check:
    try:
        library = load_plain(request.migrations, request.variables, layout=request.layout)
    except InputError as error:
        return _wrong(f"migrations in {request.migrations}", error.problems)
    other = None if request.layout else layouts.look(request.migrations)
    whose = f", as {other.name} has them" if other else ""
    number = counted(len(library.migrations), "migration", "migrations")
    return Check(state=State.OK, what=f"{number} in {request.migrations}{whose}")


def _command(builder: Builder) -> Check:
    """Whether its program is there; it is not run."""
    if program := place(builder):
        return Check(state=State.OK, what=f"`{builder.told}` builds the schema: {program}")
    return Check(
        state=State.NO,
        what=f"`{builder.told}` builds the schema, and there is no program {builder.words[0]}",
        hint=f"install it, or say in {builder.origin} where it is",
    )


def _wrong(what: str, problems: tuple[Problem, ...]) -> Check:
    """The first mistake, and how many there are."""
    first, *others = problems
    place = f"{first.place}: " if first.place else ""
    more = f" (and {counted(len(others), 'other mistake', 'other mistakes')})" if others else ""
    return Check(state=State.NO, what=f"{what}: {place}{first.message}{more}", hint=first.hint)
