"""Sqitch: a plan (sqitch.plan) that lists changes, and for each a script in deploy/ and maybe one in revert/.

Changes have names, no numbers; the order is that of the plan. Their version here is their place in the plan, from
1 on: a plan only grows at its end. Of a change that was reworked, the earlier scripts are named after a tag that
comes after it (deploy/NAME@TAG.sql). Scripts are fed to psql, so their BEGIN and COMMIT make the transaction;
scripts in verify/ are not run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pgproof.errors import Problem
from pgproof.migrate import file
from pgproof.migrate.layout import assembly
from pgproof.migrate.layout.reading import Layout, Look, Reading, own_markers
from pgproof.migrate.migration import Section
from pgproof.migrate.parse import Title
from pgproof.place import Place
from pgproof.sql.source import Source

_STAMP = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"
_CHANGE = re.compile(
    rf"[ \t]*(?P<operator>[+-]?)[ \t]*(?P<name>[^\s@:#+\-%\[][^\s@:#]*)(?:[ \t]+\[[^\]]*\])?"
    rf"[ \t]+{_STAMP}[ \t]+[^<\n]*<[^>\n]*>[ \t]*(?:#[^\n]*)?\Z"
)
_TAG = re.compile(rf"[ \t]*@(?P<name>[^\s@:#]+)[ \t]+{_STAMP}[ \t]+[^<\n]*<[^>\n]*>[ \t]*(?:#[^\n]*)?\Z")
_SETTING = re.compile(
    r"^\s*(?P<key>top_dir|plan_file|deploy_dir|revert_dir)\s*=\s*(?P<value>[^#;\n]*?)\s*$", re.MULTILINE
)
_OUTSIDE = "leave BEGIN and COMMIT out of the script, or move the statement to a change of its own"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """A line of the plan. `tags` are those that follow it, up to the next change of the same name (if any)."""

    name: str
    place: Place
    tags: tuple[str, ...] = ()
    reworked: bool = False


def sees(look: Look) -> bool:
    """There is a plan, or a configuration that names one."""
    return bool({"sqitch.plan", "sqitch.conf"} & set(look.others))


def read(folder: Path, _variables: Mapping[str, object]) -> Reading:
    """The changes of the plan. Raises OSError."""
    reading = Reading()
    settings = _settings(folder)
    top = folder / settings.get("top_dir", ".")
    plan = reading.source(folder / settings["plan_file"] if "plan_file" in settings else top / "sqitch.plan")
    if plan is None:
        return reading
    deploy = folder / settings["deploy_dir"] if "deploy_dir" in settings else top / "deploy"
    revert = folder / settings["revert_dir"] if "revert_dir" in settings else top / "revert"
    for position, change in enumerate(_changes(plan, reading.problems), 1):
        _add(reading, change, position, deploy, revert)
    if not reading.migrations and not reading.problems:
        reading.problems.append(Problem(message="the plan lists no change", place=plan.place(0)))
    return reading


def _settings(folder: Path) -> dict[str, str]:
    source = file.read(folder / "sqitch.conf")
    text = source.text if isinstance(source, Source) else ""
    return {match["key"]: match["value"].strip('"') for match in _SETTING.finditer(text)}


def _changes(plan: Source, problems: list[Problem]) -> list[_Change]:
    """The changes in order; lines that are none of what a plan holds become problems."""
    found: list[_Change] = []
    tags: list[list[str]] = []
    latest: dict[str, int] = {}
    reworked: set[int] = set()
    start = 0
    for line in plan.text.split("\n"):
        place = plan.place(start + len(line) - len(line.lstrip()), len(line.strip()))
        start += len(line) + 1
        if not line.strip() or line.lstrip().startswith(("#", "%")):
            continue
        if tag := _TAG.match(line):
            for index in latest.values():
                tags[index].append(tag["name"])
        elif (change := _CHANGE.match(line)) and change["operator"] != "-":
            if change["name"] in latest:
                reworked.add(latest[change["name"]])
            latest[change["name"]] = len(found)
            found.append(_Change(name=change["name"], place=place))
            tags.append([])
        else:
            problems.append(_unread(place))
    return [
        _Change(name=each.name, place=each.place, tags=tuple(tags[index]), reworked=index in reworked)
        for index, each in enumerate(found)
    ]


def _add(reading: Reading, change: _Change, position: int, deploy: Path, revert: Path) -> None:
    path = _script(deploy, change)
    if path is None:
        reading.problems.append(_missing(change, deploy))
        return
    up = _section(reading, path)
    back = revert / path.relative_to(deploy)
    down = _section(reading, back) if back.is_file() else None
    if up is None or (back.is_file() and down is None):
        return
    title = Title(version=position, digits=str(position), slug=change.name)
    found = assembly.migration(title, up, down, text=up.script.source.text)
    reading.problems += assembly.mistakes(found, outside=_OUTSIDE)
    reading.migrations.append(found)


def _script(folder: Path, change: _Change) -> Path | None:
    """The script of a change; of one that was reworked, the first that is named after one of its tags."""
    names = [f"{change.name}@{tag}.sql" for tag in change.tags] if change.reworked else [f"{change.name}.sql"]
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _section(reading: Reading, path: Path) -> Section | None:
    source = reading.source(path)
    if source is None:
        return None
    reading.problems += own_markers(source, LAYOUT.name)
    return assembly.section(source, source.place(0))


def _missing(change: _Change, deploy: Path) -> Problem:
    name = f"{change.name}@TAG.sql" if change.reworked else f"{change.name}.sql"
    return Problem(
        message=f'no deploy script of the change "{change.name}"',
        place=change.place,
        detail=f"{deploy / name} is not there.",
        hint="get the file back, or take the line out of the plan if the change was never deployed",
    )


def _unread(place: Place) -> Problem:
    return Problem(
        message="a line of the plan that cannot be read",
        place=place,
        detail="A change is a line NAME [REQUIRED ...] TIMESTAMP PLANNER <EMAIL> # NOTE, a tag one that begins "
        "with @; changes that revert another (-NAME) are not known.",
    )


LAYOUT = Layout(name="sqitch", sees=sees, read=read)
