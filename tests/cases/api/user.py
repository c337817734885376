"""A program of somebody who uses the library."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import psycopg

import pgproof


def main(address: str) -> int:
    here: pgproof.Project = pgproof.project()
    done: pgproof.Migrated = pgproof.upgrade(address, here, terms=pgproof.terms(lock_timeout="2s"))
    names: tuple[str, ...] = done.migrations
    pending = [each for each in pgproof.status(address, here).standings if each.condition == "pending"]
    steps = len(pgproof.plan(address).plan.steps)
    report: pgproof.Report = pgproof.check(here, scratch=pgproof.scratch(postgres=16, project=here))
    messages: list[str] = [finding.message for finding in report.open if finding.place.line > 1]
    back = [each.outcome.value for on in pgproof.verify(rows=0) for each in on.migrations]
    way: pgproof.Diff = pgproof.diff("migrations@07", "migrations", prove=True)
    text: str = pgproof.script(way, data_loss=True) + pgproof.snapshot() + pgproof.export_stats(address).text
    try:
        drift: pgproof.Drift = pgproof.find_drift(address)
    except pgproof.CannotTell as error:
        print(error.problems[0].message, error.problems[0].hint)
        return error.exit_code
    if drift.verdict != "same":
        live_with(drift)
    with psycopg.connect(address) as conn:
        pgproof.assert_uses_index(conn, "SELECT * FROM jobs WHERE job_id = %s", "jobs_job_id_key", ["a"])
    plans = pgproof.explain_query("jobs_of_agent", at=1e6).plans
    runs = len(pgproof.history(address).runs)
    pgproof.downgrade(address, steps=1)
    print(names, pending, steps, messages, back, text, plans[0].root.cost, runs)
    return 0


def live_with(drift: pgproof.Drift) -> None:
    named = [f"{item.code}:{item.object}" for item in drift.items]
    written: list[Path] = [each.path for each in pgproof.accept_drift(drift, named, "so", until=date(2030, 1, 1))]
    print(written, pgproof.render(drift, "markdown"), pgproof.findings(drift).open)


def lead_back(address: str) -> str:
    found: pgproof.Remedy = pgproof.plan_repair(address, prove=True, renames=["jobs=tasks"])
    return pgproof.script(found.diff) if found.diff else ""


def take_over(address: str) -> bool:
    found = pgproof.adopt_drift(address, "what there is")
    adoption: pgproof.Adoption = pgproof.adopt(address, to=found.version or None)
    accepted: pgproof.AcceptedEdit | None = pgproof.accept_edit(address, "07")
    watched: pgproof.Watched = pgproof.watch_drift(address)
    print(pgproof.unwatch_drift(address).is_there, pgproof.watch_script(remove=True), accepted and accepted.name)
    return adoption.written and watched.is_there and bool(found.written)


def write(folder: Path) -> None:
    pieces: tuple[pgproof.Piece, ...] = pgproof.init(folder)
    files: tuple[Path, ...] = pgproof.new("more", folder / "migrations", numbering="number")
    squashed: pgproof.Squashed = pgproof.squash("2", folder / "migrations")
    changed: list[bool] = [pgproof.write_sum().is_changed, pgproof.write_snapshot(full=True).is_changed]
    made: pgproof.SchemaScript = pgproof.snapshot_sql()
    checked: pgproof.SnapshotCheck = pgproof.check_snapshot()
    print(pieces[0].path, files, squashed.path, changed, made.text, checked.reasons, pgproof.check_sum())


def tell(address: str) -> list[str]:
    page: pgproof.Page = pgproof.report_page(database=address)
    tried = [(each.step.migration.name, each.seconds) for each in pgproof.rehearse(address).steps]
    again = pgproof.redo(address, steps=2).migrations
    print(page.html, tried, again, pgproof.plan_script(after="07"))
    return [each.hint for section in pgproof.doctor() for each in section.checks if each.state == "no"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
