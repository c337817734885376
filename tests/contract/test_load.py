"""The folder of checks: every mistake of every file, and the shipped one has none."""

from pathlib import Path

from pgproof.contract.read import load
from pgproof.rules import registry

_SHIPPED = Path(__file__).parents[2] / "checks"


def test_files_that_cannot_be_read_are_problems_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_bytes("-- name: a\nSELECT 'é';".encode("latin-1"))
    (tmp_path / "b.sql").mkdir()
    (tmp_path / "c.sql").write_bytes(b"\xef\xbb\xbf-- name: c\r\n-- uses: c_idx\r\nSELECT 1;\r\n")
    (tmp_path / "d.sql").write_text("-- name: d\nSELECT 'open;")
    (tmp_path / "e.txt").write_text("not SQL")
    contract = load(tmp_path, registry.clauses())
    assert [(q.id, q.uses[0].text, q.place.line, q.place.text) for q in contract.queries] == [
        ("c", "c_idx", 3, "SELECT 1;")
    ]
    messages = [problem.message for problem in contract.problems]
    assert len(messages) == 3
    assert messages[0] == f"{tmp_path / 'a.sql'} is not UTF-8"
    assert messages[1].startswith(f"cannot read {tmp_path / 'b.sql'}: ")
    assert messages[2].startswith("unterminated quoted string")
    assert str(contract.problems[2].place) == f"{tmp_path / 'd.sql'}:2:8"


def test_an_empty_folder_promises_nothing(tmp_path: Path) -> None:
    contract = load(tmp_path, registry.clauses())
    assert (contract.queries, contract.accepted, contract.problems) == ((), (), ())


def test_the_shipped_checks_are_well_written() -> None:
    contract = load(_SHIPPED, registry.clauses())
    assert contract.problems == ()
    assert {"jobs_of_agent", "jobs_of_user_by_status", "recent_jobs_of_user"} <= {q.id for q in contract.queries}
    assert all(query.uses for query in contract.queries)
    assert len(contract.accepted) == 7
