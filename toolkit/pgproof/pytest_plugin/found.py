"""What was found out about the files of a project: once for a run of pytest, also if it has several processes."""

from __future__ import annotations

import fcntl
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from pgproof.errors import PgproofError
from pgproof.finding import Finding
from pgproof.flows import check as checks
from pgproof.flows import verify as reversals
from pgproof.flows.things import Kind, Thing, things, told
from pgproof.pytest_plugin import ENVIRONMENT, SHARED
from pgproof.pytest_plugin.choice import settings
from pgproof.pytest_plugin.provision import scratch_options, shown
from pgproof.report.findings.verify import verify_report
from pgproof.report.model import Report
from pgproof.settings.project import builder


@dataclass(frozen=True, slots=True)
class Untold:
    """Why nothing could be found out."""

    said: str


Findings = Mapping[Thing, tuple[Finding, ...]] | Untold


class Found:
    """The things in the files, and what is found out about them when somebody asks."""

    def __init__(self, config: pytest.Config) -> None:
        """Read the files. Raises InputError with all mistakes of all files."""
        said = settings(config)
        folder, environment = shown(said.checks), config.stash[ENVIRONMENT]
        self._shared: str = config.stash[SHARED]
        self._request = checks.Request(
            migrations=shown(said.migrations),
            checks=folder if folder.is_dir() else None,
            today=datetime.now().astimezone().date(),
            scratch=scratch_options(config),
            variables=said.variables,
            layout=said.layout,
            builder=builder(said, environment),
        )
        self.things = things(checks.read(self._request))
        self._answers: dict[bool, Findings] = {}
        self._is_said = False

    def of(self, thing: Thing) -> tuple[Finding, ...] | Untold:
        """What is said of a thing; it is found out for all by the first one that is asked about."""
        is_migration = thing.kind is Kind.MIGRATION
        if is_migration not in self._answers:
            self._answers[is_migration] = self._answer(is_migration)
        answer = self._answers[is_migration]
        if not isinstance(answer, Untold):
            return answer[thing]
        said = f"nothing could be found out: {answer.said.splitlines()[0]}" if self._is_said else answer.said
        self._is_said = True
        return Untold(said)

    def _answer(self, is_migration: bool) -> Findings:
        work = self._verified if is_migration else lambda: checks.check(self._request)
        found = _once(self._shared, "verify" if is_migration else "check", work)
        if isinstance(found, Untold):
            return found
        among = [each for each in self.things if (each.kind is Kind.MIGRATION) is is_migration]
        findings = found.findings
        if not is_migration:
            return told(findings, among)
        return {each: tuple(one for one in findings if one.object == each.name) for each in among}

    def _verified(self) -> Report:
        asked = reversals.Request(
            folder=self._request.migrations,
            scratch=self._request.scratch,
            variables=self._request.variables,
            layout=self._request.layout,
        )
        return verify_report(tuple(reversals.verify(asked)), strict=False)


def _once(shared: str, name: str, work: Callable[[], Report]) -> Report | Untold:
    """What comes of it; where several processes share a folder, the first one works, and the others read."""
    if not shared:
        return _tried(work)
    folder = Path(shared)
    folder.mkdir(0o700, exist_ok=True)
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = folder / name
        if not kept.exists():
            kept.write_bytes(pickle.dumps(_tried(work)))
        found: Report | Untold = pickle.loads(kept.read_bytes())
        return found


def _tried(work: Callable[[], Report]) -> Report | Untold:
    try:
        return work()
    except PgproofError as error:
        return Untold(str(error))
