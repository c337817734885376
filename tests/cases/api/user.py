"""A program of somebody who uses the library."""

from __future__ import annotations

import psycopg

import pgproof


def main(address: str) -> int:
    done: pgproof.Migrated = pgproof.upgrade(address, terms=pgproof.terms(lock_timeout="2s"))
    names: tuple[str, ...] = done.migrations
    pending = [each for each in pgproof.status(address).standings if each.condition == "pending"]
    steps = len(pgproof.plan(address).plan.steps)
    report = pgproof.check(scratch=pgproof.scratch(postgres=16))
    messages: list[str] = [finding.message for finding in report.open if finding.place.line > 1]
    back = [each.outcome.value for on in pgproof.verify(rows=0) for each in on.migrations]
    way = pgproof.diff("migrations@07", "migrations", prove=True)
    text: str = pgproof.script(way, data_loss=True) + pgproof.snapshot() + pgproof.export_stats(address).text
    try:
        is_same: bool = pgproof.find_drift(address).verdict == "same"
    except pgproof.CannotTell as error:
        print(error.problems[0].message, error.problems[0].hint)
        return error.exit_code
    with psycopg.connect(address) as conn:
        pgproof.assert_uses_index(conn, "SELECT * FROM jobs WHERE job_id = %s", "jobs_job_id_key", ["a"])
    plans = pgproof.explain_query("jobs_of_agent", at=1e6).plans
    runs = len(pgproof.history(address).runs)
    pgproof.downgrade(address, steps=1)
    print(names, pending, steps, messages, back, text, is_same, plans[0].root.cost, runs)
    return 0
