"""Plans: what an upgrade or a downgrade would do, decided from files and history before anything is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from pgproof.errors import InputError, Problem, raise_all
from pgproof.migrate.entry import Entry, History, State
from pgproof.sql.name import nearest

if TYPE_CHECKING:
    from pgproof.migrate.hook import Hook
    from pgproof.migrate.library import Library
    from pgproof.migrate.migration import Migration, Section


class Direction(StrEnum):
    """The two ways to run a migration."""

    UP = "upgrade"
    DOWN = "downgrade"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One migration to be run in one direction, from its statement `done + 1` on.

    `resumes`: an earlier run began it, and entered in the history how far it came. `schema` is whose history it
    belongs to, and where it runs; empty for the database's own.
    """

    migration: Migration
    direction: Direction
    done: int = 0
    resumes: bool = False
    schema: str = ""

    @property
    def section(self) -> Section:
        """What is run."""
        assert not self.migration.brief, "what is planned has been parsed"
        if self.direction is Direction.UP:
            return self.migration.up
        assert self.migration.down is not None, "a plan holds no irreversible downgrade"
        return self.migration.down


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Steps in the order in which they will run; `history` is what the database said when it was made.

    `hooks` run around them. With `redoes` it is the way back of a redo, which goes up again afterwards.
    """

    direction: Direction
    steps: tuple[Step, ...]
    history: History
    target: int | None = None
    hooks: tuple[Hook, ...] = ()
    redoes: bool = False

    @property
    def current(self) -> int:
        """The version that the database has; 0 for none."""
        return self.history.current


def plan_upgrade(library: Library, history: History, to: str | None = None, *, late_too: bool = False) -> Plan:
    """The pending migrations up to version `to` (all if None), ascending. Pure.

    Those below an applied one are refused, unless `late_too`. Raises InputError with all reasons against it: an
    unknown version, applied migrations whose files are missing, pending ones below an applied one or not written
    yet. What was edited is another question (`migrate.edit`), and so is what became of a statement that was cut
    off (`migrate.recovery`).
    """
    target = target_version(library, to)
    needed = [entry for entry in history.entries if entry.version > library.squashed]
    problems = [*_missing(library, needed), *_reverting(history)]
    wanted = [each for each in library.migrations if target is None or each.version <= target]
    free = max([history.current, *(each.version for each in library.migrations)]) + 1
    steps, late = [], 0
    for migration in wanted:
        entry = history.get(migration.version)
        if entry is None and migration.version < history.current and not late_too:
            problems.append(_late(history, migration, free + late))
            late += 1
        elif entry is None and migration.unwritten:
            problems.append(unwritten(migration))
        elif entry is None or entry.state is State.APPLYING:
            done = entry.done if entry else 0
            steps.append(
                Step(
                    migration=migration,
                    direction=Direction.UP,
                    done=done,
                    resumes=entry is not None,
                    schema=history.schema,
                )
            )
    raise_all(InputError, problems)
    return Plan(direction=Direction.UP, steps=tuple(steps), history=history, target=target)


def plan_downgrade(library: Library, history: History, to: str) -> Plan:
    """The way back to version `to` ("0": to before the first), latest first. Pure.

    Raises InputError with all reasons against it: `to` is not applied, a migration to be reverted has no way
    back or its file is missing, or one is half-run.
    """
    if means_zero(to) or (_is_number(to) and history.get(int(to))):
        target = int(to)  # its file may be gone: it is not needed
    else:
        target = target_version(library, to) or 0
    above = [entry for entry in reversed(history.entries) if entry.version > target]
    problems = [*_missing(library, above), *_applying(above)]
    if target and above and history.get(target) is None:
        problems.append(_not_applied(library, history, target))
    steps = []
    for entry in above:
        migration = library.get(entry.version)
        if migration and migration.down is None:
            problems.append(_irreversible(migration))
        elif migration:
            resumes = entry.state is State.REVERTING
            done = entry.done if resumes else 0
            steps.append(
                Step(
                    migration=migration,
                    direction=Direction.DOWN,
                    done=done,
                    resumes=resumes,
                    schema=history.schema,
                )
            )
    raise_all(InputError, problems)
    return Plan(direction=Direction.DOWN, steps=tuple(steps), history=history, target=target)


def first_steps(plan: Plan, steps: int | None) -> Plan:
    """The plan cut off after its first `steps` (all if None); its target is the last that is left. Pure."""
    if steps is None or steps >= len(plan.steps):
        return plan
    return replace(plan, steps=plan.steps[:steps], target=plan.steps[steps - 1].migration.version)


def version_back(history: History, steps: int) -> str:
    """The version that is left when the last `steps` are reverted, as `plan_downgrade` wants it. Pure."""
    left = history.entries[: max(0, len(history.entries) - steps)]
    return str(left[-1].version) if left else "0"


def means_zero(to: str) -> bool:
    """True for "0" ("000"): before the first migration."""
    return bool(to) and not to.strip("0")


def target_version(library: Library, to: str | None) -> int | None:
    """The version that a person named by its number ("7", "07") or its file ("07-jobs", "07-jobs.sql").

    None for None. Raises InputError if there is none such.
    """
    if to is None:
        return None
    word = to.strip()
    for migration in (*library.migrations, *library.baselines):
        names = {migration.label, migration.name, migration.digits}  # digits: "1.2" of Flyway's
        if word in names or (_is_number(word) and int(word) == migration.version):
            return migration.version
    meant = _nearest(library, word)
    raise InputError(
        Problem(
            message=f'no migration of version "{to}" in {library.folder}',
            hint=f"did you mean {meant.digits} ({meant.name})?" if meant else "say the number of a file",
        )
    )


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit()


def _nearest(library: Library, word: str) -> Migration | None:
    if _is_number(word):
        return min(library.migrations, key=lambda m: (abs(m.version - int(word)), m.version), default=None)
    names = {name: migration for migration in library.migrations for name in (migration.label, migration.slug)}
    meant = nearest(word, names)
    return names[meant] if meant else None


def _missing(library: Library, entries: Iterable[Entry]) -> Iterator[Problem]:
    for entry in entries:
        if library.get(entry.version) is None:
            yield Problem(
                message=f"version {entry.version} ({entry.name}) is applied, but its file is missing",
                detail=f"It was applied on {entry.started_at:%Y-%m-%d} by {entry.applied_by}; "
                f"{library.folder} holds no file of this version.",
                hint="get the file back: is this the branch that the database was upgraded from?",
            )


def _late(history: History, migration: Migration, free: int) -> Problem:
    above = min((entry for entry in history.entries if entry.version > migration.version), key=lambda e: e.version)
    name = str(free).zfill(len(migration.digits)) + migration.name[len(migration.digits) :]
    return Problem(
        message=f"{migration.name} is pending, but a later one is applied ({above.name})",
        place=migration.up.place,
        detail="Run now, it would run in another order than on an empty database.",
        hint=f"rename it to {name}, or have it proved that its place in the order makes no difference: "
        "pgproof upgrade --allow-late",
    )


def unwritten(migration: Migration) -> Problem:
    """The problem of a file that was made and not written: applied, it would be recorded as if it had been."""
    return Problem(
        message=f"{migration.name} holds no statement yet",
        place=migration.up.place,
        hint="write it below `-- migrate:up`; if it is meant to do nothing, say so there in a comment",
    )


def _irreversible(migration: Migration) -> Problem:
    return Problem(
        message=f"{migration.name} is irreversible",
        place=migration.up.place,
        detail="It has no downgrade, or an empty one. Nothing was run.",
        hint="write one below `-- migrate:down`, or stop above it: "
        f"pgproof downgrade --to {migration.digits or migration.version}",
    )


def _not_applied(library: Library, history: History, target: int) -> Problem:
    applied = [entry.version for entry in history.entries if entry.version < target]
    below = library.get(max(applied)) if applied else None
    return Problem(
        message=f"version {target} is not applied",
        hint=f"did you mean --to {below.digits} ({below.name})?" if below else "did you mean --to 0?",
    )


def _reverting(history: History) -> Iterator[Problem]:
    for entry in history.entries:
        if entry.state is State.REVERTING:
            yield Problem(
                message=f"{entry.name} is half reverted ({entry.done} of {entry.total} statements)",
                detail=f"The downgrade stopped: {entry.error}."
                if entry.error
                else "The downgrade was interrupted.",
                hint=f"end it first: pgproof downgrade --to {_below(history, entry.version)}",
            )


def _applying(entries: Iterable[Entry]) -> Iterator[Problem]:
    for entry in entries:
        if entry.state is State.APPLYING:
            yield Problem(
                message=f"{entry.name} is half applied ({entry.done} of {entry.total} statements)",
                detail=f"The upgrade stopped: {entry.error}." if entry.error else "The upgrade was interrupted.",
                hint=f"end it first: pgproof upgrade --to {entry.version}",
            )


def _below(history: History, version: int) -> int:
    return max((entry.version for entry in history.entries if entry.version < version), default=0)
