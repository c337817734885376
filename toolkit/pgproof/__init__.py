"""pgproof: schema migrations for PostgreSQL, and proof of what a schema promises.

Importing this package loads no driver and no parser; what costs time is imported where it is used. What `api`
offers is here by its first use; what is promised of it, its docstring says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"
__all__ = [
    "AcceptedDifference",
    "AcceptedEdit",
    "Adoption",
    "CannotTell",
    "Chronicle",
    "DatabaseError",
    "Diff",
    "Drift",
    "Explanation",
    "Export",
    "Finding",
    "InputError",
    "Interrupted",
    "Migrated",
    "Page",
    "PgproofError",
    "Piece",
    "Planned",
    "Problem",
    "Project",
    "Rehearsal",
    "Remedy",
    "Report",
    "SchemaScript",
    "ScratchOptions",
    "Section",
    "SnapshotCheck",
    "Squashed",
    "Status",
    "Terms",
    "Verified",
    "Watched",
    "Written",
    "__version__",
    "accept_drift",
    "accept_edit",
    "adopt",
    "adopt_drift",
    "assert_uses_index",
    "assert_uses_index_async",
    "check",
    "check_snapshot",
    "check_sum",
    "diff",
    "doctor",
    "downgrade",
    "explain_query",
    "export_stats",
    "find_drift",
    "findings",
    "history",
    "init",
    "new",
    "plan",
    "plan_repair",
    "plan_script",
    "project",
    "redo",
    "rehearse",
    "render",
    "report_page",
    "scratch",
    "script",
    "snapshot",
    "snapshot_sql",
    "squash",
    "status",
    "terms",
    "unwatch_drift",
    "upgrade",
    "verify",
    "watch_drift",
    "watch_script",
    "write_snapshot",
    "write_sum",
]

if TYPE_CHECKING:
    from pgproof.api.asserting import assert_uses_index, assert_uses_index_async
    from pgproof.api.comparing import (
        check_snapshot,
        diff,
        export_stats,
        script,
        snapshot,
        snapshot_sql,
        write_snapshot,
    )
    from pgproof.api.drifting import (
        Remedy,
        accept_drift,
        adopt_drift,
        find_drift,
        plan_repair,
        unwatch_drift,
        watch_drift,
        watch_script,
    )
    from pgproof.api.given import project, scratch
    from pgproof.api.judging import Verified, check, explain_query, verify
    from pgproof.api.migrating import Migrated, downgrade, history, plan, redo, status, terms, upgrade
    from pgproof.api.rehearsing import Rehearsal, accept_edit, adopt, plan_script, rehearse
    from pgproof.api.telling import Page, doctor, findings, render, report_page
    from pgproof.api.writing import Written, check_sum, init, new, squash, write_sum
    from pgproof.database.scratch.options import ScratchOptions
    from pgproof.drift.outcome import Drift
    from pgproof.drift.watch.recorder import Watched
    from pgproof.drift.way import Diff
    from pgproof.errors import CannotTell, DatabaseError, InputError, Interrupted, PgproofError, Problem
    from pgproof.explain.telling import Explanation
    from pgproof.finding import Finding
    from pgproof.flows.accept import AcceptedEdit
    from pgproof.flows.acceptance import AcceptedDifference
    from pgproof.flows.history import Chronicle
    from pgproof.flows.init import Piece
    from pgproof.flows.schema import SchemaScript
    from pgproof.flows.snapshot import SnapshotCheck
    from pgproof.flows.squash import Squashed
    from pgproof.flows.stats import Export
    from pgproof.flows.status import Status
    from pgproof.migrate.adopt import Adoption
    from pgproof.migrate.event import Planned
    from pgproof.migrate.terms import Terms
    from pgproof.report.doctor import Section
    from pgproof.report.model import Report
    from pgproof.settings.project import Project


def __getattr__(name: str) -> object:
    """What `api` offers, imported when first asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pgproof import api

    return getattr(api, name)


def __dir__() -> list[str]:
    """What there is, also before its first use."""
    return sorted({*globals(), *__all__})
