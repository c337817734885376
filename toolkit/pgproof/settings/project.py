"""What holds in a project: the defaults, over them its file, over that the environment. Flags come over all."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pgproof.errors import InputError, Problem, raise_all
from pgproof.place import Place
from pgproof.settings.file import Written
from pgproof.settings.file import read as read_file
from pgproof.settings.setting import SETTINGS, Setting

if TYPE_CHECKING:
    from pgproof.database.builder import Builder
    from pgproof.database.scratch import ScratchOptions

DEFAULT = "default"
_VERSION = "{version}"
_EITHER = ("scratch-url", "pg-bin")
"""Two ways to say the same: whoever says the one more strongly does not mean the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project by its settings, a field each, as its file and the environment say them.

    Paths are ways from the current folder. `folder` is the project's, `file` has its settings (None: no file has),
    `origins` says where what is not a default was said: the name of a variable, or "pgproof.toml:3"; of
    "variables", a name each ("variables.region"). `places` has what stands in the file, and holds.
    """

    migrations: Path
    checks: Path
    layout: str | None
    variables: Mapping[str, object]
    build: tuple[str, ...]
    build_to: tuple[str, ...]
    build_inputs: tuple[str, ...]
    postgres: int | None
    scratch_url: str
    pg_bin: Path | None
    pg_dir: Path | None
    postgres_image: str
    database: str
    folder: Path = Path()
    file: Path | None = None
    origins: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)


def read(start: Path, environment: Mapping[str, str]) -> Project:
    """The settings for what is done in the folder `start`. Raises InputError with all mistakes."""
    return _over(read_file(start), environment)


def without_file(environment: Mapping[str, str]) -> Project:
    """What holds where no file says anything. Raises InputError with all mistakes."""
    return _over(Written(), environment)


def _over(written: Written, environment: Mapping[str, str]) -> Project:
    """The environment over the file over the defaults."""
    problems: list[Problem] = []
    values: dict[str, Any] = {each.key: _default(each, written.folder) for each in SETTINGS}
    values |= written.values
    origins = dict(_places(written))
    for setting in SETTINGS:
        text = environment.get(setting.variable, "") if setting.variable else ""
        if not text:
            continue
        try:
            values[setting.key] = setting.kind.read_text(text)
        except ValueError as error:
            problems.append(_wrong(setting, error))
        origins[setting.key] = setting.variable
    problems += _unfit(values, written, origins)
    raise_all(InputError, problems)
    for one, other in (_EITHER, _EITHER[::-1]):
        if environment.get(_variable(one)) and not environment.get(_variable(other)):
            values[other] = next(each.value for each in SETTINGS if each.key == other)
            origins.pop(other, None)
    return Project(
        **{each.field: values[each.key] for each in SETTINGS},
        folder=written.folder,
        file=written.folder / written.file if written.file else None,
        origins=origins,
        places={key: at for (key, *_), at in written.places.items() if origins.get(key) != _variable(key)},
    )


def _default(setting: Setting, folder: Path) -> object:
    """What holds where nobody has said anything: folders are those of the project."""
    return folder / setting.value if isinstance(setting.value, Path) else setting.value


def defaults() -> Project:
    """What holds where nobody has said anything."""
    values: dict[str, Any] = {each.field: each.value for each in SETTINGS}
    return Project(**values)


def folder_of_checks(said: Project, given: Path | None, hint: str) -> Path | None:
    """The folder of checks, if it is there. Raises InputError with the `hint` where one that is `given` is not."""
    found = said.checks if given is None else given
    if found.is_dir():
        return found
    if given is None:
        return None
    raise InputError(Problem(message=f"no such folder: {found}", hint=hint))


def refuse_builder(said: Project, hint: str) -> None:
    """Raise InputError where a command builds, so that pgproof has no migrations. `hint` says what to do."""
    if not said.build:
        return
    from shlex import join

    from pgproof.database.conninfo import masked

    raise InputError(
        Problem(
            message=f"the schema of this project is built by `{masked(join(said.build))}`, not by pgproof",
            detail=f"{said.origins['build']} says so. check, explain, drift, snapshot and diff use it.",
            hint=hint,
        )
    )


def builder(said: Project, environment: Mapping[str, str]) -> Builder | None:
    """The command that builds the schema, with these variables; None if none is named."""
    if not said.build:
        return None
    from pgproof.database.builder import Builder

    return Builder(
        words=said.build,
        upto=said.build_to,
        folder=said.folder,
        home=said.migrations if said.migrations.is_dir() else said.folder,
        environment=dict(environment),
        inputs=said.build_inputs,
        migrations=said.migrations,
        place=said.places.get("build") or Place(path=said.origins["build"], line=1),
        origin=said.origins["build"],
    )


def scratch(
    said: Project,
    environment: Mapping[str, str],
    *,
    url: str | None = None,
    pg_bin: Path | None = None,
    postgres: int | None = None,
) -> ScratchOptions:
    """Where scratch servers come from: what is given, else what the project says.

    A URL and a folder of binaries are two ways to say the same: one that is given is instead of another that the
    project says. Raises InputError at a wrong URL.
    """
    from pgproof.database.conninfo import Conninfo
    from pgproof.database.scratch import environment_options

    is_given = bool(url) or pg_bin is not None
    address = url if is_given else said.scratch_url
    return replace(
        environment_options(
            {**environment, "PGPROOF_SCRATCH_URL": ""}
        ),  # which `said` has, unless it is overruled
        url=Conninfo.parse(address) if address else None,
        pg_bin=pg_bin if is_given else said.pg_bin,
        postgres=postgres or said.postgres,
    )


def _variable(key: str) -> str:
    return next(each.variable for each in SETTINGS if each.key == key)


def _places(written: Written) -> Iterator[tuple[str, str]]:
    for keys, place in written.places.items():
        yield ".".join(keys), f"{os.path.normpath(place.path)}:{place.line}"


def _unfit(values: Mapping[str, Any], written: Written, origins: Mapping[str, str]) -> Iterator[Problem]:
    """What is wrong with commands: the version belongs into the one of them."""

    def said(key: str, message: str, hint: str) -> Problem:
        is_in_file = origins.get(key) != _variable(key)
        return Problem(message=message, place=written.places.get((key,)) if is_in_file else None, hint=hint)

    if any(_VERSION in word for word in values["build"]):
        hint = "write it in build-to, and how to build all in build"
        yield said("build", f"{_VERSION} stands in build, which builds all", hint)
    if values["build-to"] and not any(_VERSION in word for word in values["build-to"]):
        hint = f"write {_VERSION} where the version stands"
        yield said("build-to", "build-to does not say where the version stands", hint)
    for key in ("build-to", "build-inputs"):
        if values[key] and not values["build"]:
            yield said(key, f"{key} says nothing without build", "say how to build all, too: build")


def _wrong(setting: Setting, error: ValueError) -> Problem:
    return Problem(message=f"{setting.variable} {error}", hint=f"it is {setting.kind.words}")
