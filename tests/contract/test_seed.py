"""What the comments of one real migration promise; its text is the shipped one's."""

from pathlib import Path

import pytest

from pgproof.contract.promise import Contract, Cue, Origin, Served
from pgproof.contract.read import read_migrations
from pgproof.sql import statement
from pgproof.sql.source import Source

_CASE = Path(__file__).parents[1] / "cases" / "seed" / "07-jobs.sql"


@pytest.fixture(scope="module")
def contract() -> Contract:
    return read_migrations([statement.split(Source("07-jobs.sql", _CASE.read_text()))])


def test_queries_of_patterns_and_of_the_list(contract: Contract) -> None:
    assert [
        (q.id, q.origin, [w.text for w in q.uses], Served.ORDER in q.serves, Served.FILTER in q.serves)
        for q in contract.queries
    ] == [
        ("07-jobs#idx_jobs_agent_id_created_at", Origin.PATTERN, ["idx_jobs_agent_id_created_at"], True, True),
        (
            "07-jobs#idx_jobs_user_status_created_at",
            Origin.PATTERN,
            ["idx_jobs_user_status_created_at"],
            True,
            True,
        ),
        ("07-jobs#1", Origin.COMMENT, ["idx_jobs_agent_id"], True, False),
        ("07-jobs#2", Origin.COMMENT, ["idx_jobs_user_status_created_at"], True, False),
        ("07-jobs#3", Origin.COMMENT, ["idx_jobs_user_status_created_at"], True, False),
        ("07-jobs#4.1", Origin.COMMENT, [], False, False),
        ("07-jobs#4.2", Origin.COMMENT, [], False, False),
    ]
    assert contract.problems == ()


def test_places_lead_to_the_authors_characters(contract: Contract) -> None:
    pattern, listed = contract.queries[0], contract.queries[2]
    assert pattern.text == "SELECT * FROM jobs WHERE agent_id = $1 ORDER BY created_at DESC"
    assert pattern.place.text[pattern.place.column - 1 :] == "WHERE agent_id = ? ORDER BY created_at DESC"
    order = pattern.source.place(pattern.text.index("ORDER"), 5)
    assert order.text[order.column - 1 :] == "ORDER BY created_at DESC"
    claimed = listed.uses[0].place
    assert claimed.text[claimed.column - 1 :][: claimed.width] == "idx_jobs_agent_id"


def test_names_and_foreign_keys(contract: Contract) -> None:
    named = {(m.word.text, m.cue) for m in contract.mentions}
    assert ("idx_jobs_agent_id", Cue.INDEX) in named
    assert {name for name, _ in named} == {
        "jobs",
        "completed_at",
        "started_at",
        "created_at",
        "idx_jobs_agent_id",
        "idx_jobs_user_status_created_at",
    }
    assert [claim.words[0].text for claim in contract.foreign_keys] == ["user", "ensures", "relationships"]
