"""The door for programs: what the commands do, as functions that return data; and assertions for tests.

`pgproof` itself offers all of it: `pgproof.check()`, `pgproof.upgrade(database)`. A name is imported by its
first use, so that a program that only migrates loads nothing else. Parameters are those of the commands' options,
and mean the same in each function. Nothing is printed, and nothing is kept between calls: threads may call at the
same time.

Settings are read where they are asked for: `pgproof.project()` gives what a project's file and PGPROOF_* say, and
is given in the place of the folder of migrations. Without it no file of settings is read, and of the environment
only what says where scratch servers come from and where to remember things.

What comes back are frozen dataclasses. What cannot be done is raised: InputError where somebody has to mend a file
or an argument, DatabaseError, CannotTell and Interrupted, all of them PgproofError, with `problems` that say what,
where, why, and what to do.

What is promised: the names in `pgproof.__all__`, their parameters by name, what their docstrings say of what they
return, and the errors. Before 1.0 a minor version may change them, and the changelog says so. What else can be
imported is pgproof's own, and may change at any time.

There are many files here because whoever asks for one function loads what that one needs.
"""

from __future__ import annotations

from importlib import import_module

HOMES = {
    "asserting": ("assert_uses_index", "assert_uses_index_async"),
    "comparing": (
        "check_snapshot",
        "diff",
        "export_stats",
        "script",
        "snapshot",
        "snapshot_sql",
        "write_snapshot",
    ),
    "drifting": (
        "Remedy",
        "accept_drift",
        "adopt_drift",
        "find_drift",
        "plan_repair",
        "unwatch_drift",
        "watch_drift",
        "watch_script",
    ),
    "given": ("project", "scratch"),
    "judging": ("Verified", "check", "explain_query", "verify"),
    "migrating": ("Migrated", "downgrade", "history", "plan", "redo", "status", "terms", "upgrade"),
    "rehearsing": ("Rehearsal", "accept_edit", "adopt", "plan_script", "rehearse"),
    "telling": ("Page", "doctor", "findings", "render", "report_page"),
    "writing": ("Written", "check_sum", "init", "new", "squash", "write_sum"),
}
"""Which file of this room has which names."""
ERRORS = ("CannotTell", "DatabaseError", "InputError", "Interrupted", "PgproofError")
"""What is raised; they are in `pgproof.errors`."""
TYPES = {
    "AcceptedDifference": "pgproof.flows.acceptance",
    "AcceptedEdit": "pgproof.flows.accept",
    "Adoption": "pgproof.migrate.adopt",
    "Chronicle": "pgproof.flows.history",
    "Diff": "pgproof.drift.way",
    "Drift": "pgproof.drift.outcome",
    "Explanation": "pgproof.explain.telling",
    "Export": "pgproof.flows.stats",
    "Finding": "pgproof.finding",
    "Piece": "pgproof.flows.init",
    "Planned": "pgproof.migrate.event",
    "Problem": "pgproof.errors",
    "Project": "pgproof.settings.project",
    "Report": "pgproof.report.model",
    "SchemaScript": "pgproof.flows.schema",
    "ScratchOptions": "pgproof.database.scratch.options",
    "Section": "pgproof.report.doctor",
    "SnapshotCheck": "pgproof.flows.snapshot",
    "Squashed": "pgproof.flows.squash",
    "Status": "pgproof.flows.status",
    "Terms": "pgproof.migrate.terms",
    "Watched": "pgproof.drift.watch.recorder",
}
"""What the functions give and take, and where it is."""


def __getattr__(name: str) -> object:
    """What a file of this room has, or another one that its names speak of."""
    for home, names in HOMES.items():
        if name in names:
            return getattr(import_module(f"pgproof.api.{home}"), name)
    if name in ERRORS:
        return getattr(import_module("pgproof.errors"), name)
    if name in TYPES:
        return getattr(import_module(TYPES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
