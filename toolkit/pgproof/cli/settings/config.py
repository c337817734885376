"""What holds: the defaults, over them the project's file, over that the environment. Flags come over all."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pgproof.cli.settings.file import Written
from pgproof.cli.settings.file import read as read_file
from pgproof.cli.settings.setting import SETTINGS, Setting
from pgproof.errors import InputError, Problem, raise_all
from pgproof.place import Place

if TYPE_CHECKING:
    from pgproof.database.builder import Builder

DEFAULT = "default"
_VERSION = "{version}"
_EITHER = ("scratch-url", "pg-bin")
"""Two ways to say the same: whoever says the one more strongly does not mean the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings, a field each (`setting.SETTINGS` says what they are).

    Paths are ways from the current folder. `folder` is the project's, `origins` where what is not a default was
    said: the name of a variable, or "pgproof.toml:3"; of "variables", a name each ("variables.region"). `places`
    has what stands in the file, and holds.
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
    origins: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)


def read(start: Path, environment: Mapping[str, str]) -> Config:
    """The settings for a command that is run in the folder `start`. Raises InputError with all mistakes."""
    written = read_file(start)
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
    fields = {each.field: values[each.key] for each in SETTINGS}
    places = {key: place for (key, *_), place in written.places.items() if origins.get(key) != _variable(key)}
    return Config(**fields, folder=written.folder, origins=origins, places=places)


def _default(setting: Setting, folder: Path) -> object:
    """What holds where nobody has said anything: folders are those of the project."""
    return folder / setting.value if isinstance(setting.value, Path) else setting.value


def defaults() -> Config:
    """What holds where nobody has said anything."""
    values: dict[str, Any] = {each.field: each.value for each in SETTINGS}
    return Config(**values)


def builder(settings: Config, environment: Mapping[str, str]) -> Builder | None:
    """The command that builds the schema, with these variables; None if none is named."""
    if not settings.build:
        return None
    from pgproof.database.builder import Builder

    return Builder(
        words=settings.build,
        upto=settings.build_to,
        folder=settings.folder,
        home=settings.migrations if settings.migrations.is_dir() else settings.folder,
        environment=dict(environment),
        inputs=settings.build_inputs,
        migrations=settings.migrations,
        place=settings.places.get("build") or Place(path=settings.origins["build"], line=1),
        origin=settings.origins["build"],
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
