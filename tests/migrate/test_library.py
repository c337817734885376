"""A folder is read: what it holds, or all that is wrong with it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pgproof.errors import InputError
from pgproof.migrate.library import Library, load, load_plain
from pgproof.migrate.migration import Section
from tests.migrate.case import cases, parts, write


def describe(library: Library) -> str:
    lines = []
    kinds = {"": library.migrations, " (baseline)": library.baselines, " (repeatable)": library.repeatables}
    for kind, migration in [(kind, each) for kind, found in kinds.items() for each in found]:
        lines.append(f"{migration.version} {migration.label}{kind}")
        lines += _section("up", migration.up)
        lines += _section("down", migration.down) if migration.down else ["  irreversible"]
    return "\n".join(lines) + "\n"


def _section(word: str, section: Section) -> list[str]:
    manner = "" if section.transactional else ", one by one"
    lines = [f"  {word}{manner}, {section.place}"]
    return lines + [f"    {each.place}: {' '.join(each.text.split())}" for each in section.statements]


@pytest.mark.parametrize("path", cases("library"), ids=lambda path: path.stem)
def test_case(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    case = parts(path)
    expected = case.pop("expect")
    variables = dict(line.split("=", 1) for line in case.pop("variables", "").splitlines())
    write(Path("migrations"), case)
    try:
        found = describe(load(Path("migrations"), variables))
    except InputError as error:
        found = f"{error}\n"
    assert found == expected


def test_line_ends_marks_and_final_newlines_do_not_change_the_checksum(tmp_path: Path) -> None:
    text = "-- migrate:up\nCREATE TABLE a (\n  b text DEFAULT 'é'\n);\n\n-- migrate:down\nDROP TABLE a;\n"
    variants = {
        "1-unix.sql": text.encode(),
        "2-dos.sql": text.replace("\n", "\r\n").encode(),
        "3-mac.sql": text.replace("\n", "\r").encode(),
        "4-marked.sql": b"\xef\xbb\xbf" + text.encode(),
        "5-all-up.sql": text[len("-- migrate:up\n") : text.index("\n-- migrate:down")].encode(),
        "6-no-end.sql": text[: text.index("\n\n-- migrate:down")].encode(),
        "7-down-edited.sql": text.replace("DROP TABLE a", "DROP TABLE IF EXISTS a").encode(),
    }
    for name, raw in variants.items():
        tmp_path.joinpath(name).write_bytes(raw)
    library = load(tmp_path)
    assert {migration.checksum for migration in library.migrations} == {library.migrations[0].checksum}
    assert {migration.up.statements[0].text for migration in library.migrations} == {
        "CREATE TABLE a (\n  b text DEFAULT 'é'\n)"
    }


def test_a_changed_letter_changes_the_checksum(tmp_path: Path) -> None:
    library = load(write(tmp_path, {"1-a.sql": "SELECT 'a';\n", "2-a.sql": "SELECT 'A';\n"}))
    assert library.migrations[0].checksum != library.migrations[1].checksum


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (b"\xff\xfea\x00", "1-a.sql:1:1: the file is not in UTF-8 but in UTF-16"),
        ("SELECT 'é', '".encode() + b"\xe9';\n", "1-a.sql:1:14: the file is not in UTF-8 (byte 0xe9)"),
        (b"SELECT\n '\x00';", "1-a.sql:2:3: the file holds a NUL character"),
    ],
)
def test_a_file_in_another_encoding(tmp_path: Path, raw: bytes, complaint: str) -> None:
    tmp_path.joinpath("1-a.sql").write_bytes(raw)
    with pytest.raises(InputError) as caught:
        load(tmp_path)
    assert str(caught.value).splitlines()[0] == f"{tmp_path}/{complaint}"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load(tmp_path / "nowhere")
    assert str(caught.value).splitlines() == [
        f"no such folder: {tmp_path}/nowhere",
        "HINT: name the folder with --migrations FOLDER, or begin: pgproof init",
    ]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    write(tmp_path, {"1-a.sql": "SELECT 1;"})
    with pytest.raises(InputError, match=r"not a folder: .*/1-a\.sql"):
        load(tmp_path / "1-a.sql")


def test_an_empty_folder_names_the_inner_one_that_is_not(tmp_path: Path) -> None:
    write(tmp_path / "inner", {"1-a.sql": "SELECT 1;"})
    with pytest.raises(
        InputError, match=r"no migration in .*\n.*folders inside.*\nHINT: say --migrations .*/inner"
    ):
        load(tmp_path)


def test_what_cannot_be_read(tmp_path: Path) -> None:
    if os.geteuid() == 0:  # root reads everything: a folder with a file's name, and a link to nothing
        tmp_path.joinpath("1-a.sql").symlink_to(tmp_path / "nowhere")
        complaint = r"1-a\.sql:1:1: cannot read the file: No such file or directory"
    else:
        write(tmp_path, {"1-a.sql": "SELECT 1;"})
        tmp_path.joinpath("1-a.sql").chmod(0)
        complaint = r"1-a\.sql:1:1: cannot read the file: Permission denied"
    with pytest.raises(InputError, match=complaint):
        load(tmp_path)


def test_plain_scripts_are_taken_by_name(tmp_path: Path) -> None:
    write(tmp_path, {"b.sql": "SELECT 2;", "a.sql": "SELECT 1;", "a.down.sql": "SELECT 0;", "notes.txt": "?"})
    library = load_plain(tmp_path)
    assert [(each.version, each.label) for each in library.migrations] == [(1, "a"), (2, "b")]
    with pytest.raises(InputError, match="has no version"):
        load(tmp_path)


def test_one_plain_file(tmp_path: Path) -> None:
    write(tmp_path, {"07-jobs.sql": "SELECT 1;", "08-x.sql": "SELEC 1;"})
    assert [each.label for each in load_plain(tmp_path / "07-jobs.sql").migrations] == ["07-jobs"]


def test_a_plain_folder_may_begin_at_zero(tmp_path: Path) -> None:
    write(tmp_path, {"0000_init.sql": "SELECT 1;", "0001_more.sql": "SELECT 2;"})
    assert [each.version for each in load_plain(tmp_path).migrations] == [0, 1]
    with pytest.raises(InputError, match="version 0 is taken"):
        load(tmp_path)


def test_comments_above_the_marker_belong_to_the_migration(tmp_path: Path) -> None:
    write(tmp_path, {"1-a.sql": "-- what it is\n\n-- migrate:up\n-- why\nSELECT 1;\n-- migrate:down\n-- no\n"})
    up = load(tmp_path).migrations[0].up
    comments = [token.of(up.script.source.text) for token in up.script.tokens if token.kind == "SQL_COMMENT"]
    assert comments == ["-- what it is", "-- why"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("1-a\nb.sql", "SELECT 1;\n"),
        ("1-a\udcfc.sql", "SELECT 1;\n"),  # a byte that is no UTF-8
        ("R-a\x1b.sql", "SELECT 1;\n"),
        ("2-a\udcfc.py", "def upgrade(conn): ...\n"),
        ("00001_a\n.sql", "-- +goose Up\nSELECT 1;\n"),
    ],
    ids=ascii,
)
def test_a_name_that_cannot_be_printed_is_refused(tmp_path: Path, name: str, text: str) -> None:
    other = "00002_b.sql" if "goose" in text else "3-b.sql"
    try:
        write(tmp_path, {other: text if "goose" in text else "SELECT 1;\n", name: text})
    except OSError:
        pytest.skip("the file system takes no such name")
    with pytest.raises(InputError) as refused:
        load(tmp_path)
    assert f"a character that cannot be printed: {name!a}\n" in str(refused.value)
    assert str(refused.value).isascii()
