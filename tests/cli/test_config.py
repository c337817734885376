"""Where settings stand, which of them hold, and how `pgproof config` says so."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pgproof.settings.setting import SETTINGS
from tests.cli.told import Pgproof, Told
from tests.migrate.test_layout import lay_out


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in os.environ if each.startswith("PGPROOF_")]:
        monkeypatch.delenv(name)


def rows(told: Told) -> dict[str, tuple[str, str]]:
    """What is shown: value and origin, by key."""
    assert (told.code, told.err) == (0, "")
    found = [line.split("  ", 1) for line in told.out.splitlines() if not line.startswith("note: ")]
    words = {key: [word.strip() for word in rest.split("  ") if word.strip()] for key, rest in found}
    return {key: (value, origin) for key, (value, origin) in words.items()}


def test_nothing_is_settled(pgproof: Pgproof) -> None:
    found = rows(pgproof("config"))
    assert list(found) == [each.key for each in SETTINGS]
    assert found["migrations"] == ("migrations", "default")
    assert found["layout"] == ("-", "default")
    assert found["database"][1] == "DATABASE_URL"


def test_each_strength_goes_before_the_last(pgproof: Pgproof, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out({"pgproof.toml": 'checks = "c"\nmigrations = "m"\n'}, Path())
    assert rows(pgproof("config"))["migrations"] == ("m", "pgproof.toml:2")
    monkeypatch.setenv("PGPROOF_MIGRATIONS", "v")
    assert rows(pgproof("config"))["migrations"] == ("v", "PGPROOF_MIGRATIONS")
    found = rows(pgproof("config", "--migrations", "f"))
    assert (found["migrations"], found["checks"]) == (("f", "--migrations"), ("c", "pgproof.toml:1"))


@pytest.mark.parametrize(
    ("key", "written", "text", "typed", "shown"),
    [
        ("checks", '"a"', "b", "c", ("a", "b", "c")),
        ("layout", '"flyway"', "goose", None, ("flyway", "goose", None)),
        ("postgres", "15", "16", "17", ("15", "16", "17")),
        ("scratch-url", '"dbname=a"', "dbname=b", "dbname=c", ("dbname=a", "dbname=b", "dbname=c")),
        ("pg-bin", '"a"', "b", "c", ("a", "b", "c")),
    ],
)
def test_every_setting_has_its_three_strengths(
    pgproof: Pgproof,
    monkeypatch: pytest.MonkeyPatch,
    key: str,
    written: str,
    text: str,
    typed: str | None,
    shown: tuple[str, ...],
) -> None:
    setting = next(each for each in SETTINGS if each.key == key)
    lay_out({"pyproject.toml": f"[tool.pgproof]\n{key} = {written}\n"}, Path())
    assert rows(pgproof("config"))[key] == (shown[0], "pyproject.toml:2")
    monkeypatch.setenv(setting.variable, text)
    assert rows(pgproof("config"))[key] == (shown[1], setting.variable)
    if typed:
        assert rows(pgproof("config", setting.flag, typed))[key] == (shown[2], setting.flag)


def test_the_folder_above_and_its_files(pgproof: Pgproof, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(
        {
            "pyproject.toml": '[tool.pgproof]\nmigrations = "sql"\n',
            "sql/1-a.sql": "CREATE TABLE a ();\n",
            "src/pyproject.toml": "[tool.other]\n",
            "src/inner/x": "",
        },
        Path(),
    )
    monkeypatch.chdir(tmp_path / "src" / "inner")
    found = rows(pgproof("config"))
    assert found["migrations"] == ("../../sql", "../../pyproject.toml:2")
    assert found["checks"] == ("../../checks", "default")  # beside the file, wherever one stands
    assert "migrations in ../../sql\n" in pgproof("status").out
    (tmp_path / "pyproject.toml").write_text('[tool.pgproof]\nchecks = "sql"\n')
    lay_out({"../../migrations/1-b.sql": "CREATE TABLE b ();\n", "migrations/1-no.sql": "nonsense\n"}, Path())
    assert rows(pgproof("config"))["migrations"] == ("../../migrations", "default")
    assert "1-b" in pgproof("status").out


def test_how_far_it_is_looked_for(pgproof: Pgproof, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not above the repository, and not where everybody may write."""
    lay_out({"pgproof.toml": 'checks = "c"\n', "a/b/x": ""}, Path())
    monkeypatch.chdir(tmp_path / "a" / "b")
    assert rows(pgproof("config"))["checks"] == ("../../c", "../../pgproof.toml:1")
    (tmp_path / "a" / ".git").mkdir()
    assert rows(pgproof("config"))["checks"] == ("checks", "default")
    (tmp_path / "a" / ".git").rmdir()
    tmp_path.chmod(0o1777)
    assert rows(pgproof("config"))["checks"] == ("checks", "default")
    monkeypatch.chdir(tmp_path)
    assert rows(pgproof("config"))["checks"] == ("c", "pgproof.toml:1")


def test_secrets_are_masked(pgproof: Pgproof, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ann:hunter2@db.example/shop")
    lay_out(
        {
            "pgproof.toml": 'scratch-url = "postgresql://bob:hunter2@db.example/x"\n'
            '[variables]\nregion = "eu"\napi_token = "hunter2"\n'
            'more = { password = "hunter2", at = "redis://u:hunter2@cache.example" }\n'
        },
        Path(),
    )
    for form in ("text", "json"):
        told = pgproof("config", "--format", form, "--var", "session_key=hunter2")
        assert told.code == 0
        assert "hunter2" not in told.out
        assert told.out.count("***") == 6
    told = pgproof("config")
    assert rows(told)["scratch-url"] == ("dbname=x host=db.example password=*** user=bob", "pgproof.toml:1")
    assert rows(told)["variables.region"] == ("eu", "pgproof.toml:3")
    monkeypatch.setenv("PGPROOF_SCRATCH_URL", "postgresql://bob:hunter2@hunter2@db.example")
    assert rows(pgproof("config"))["scratch-url"] == ("(no address)", "PGPROOF_SCRATCH_URL")


def test_json(pgproof: Pgproof) -> None:
    lay_out({"pgproof.toml": "postgres = 16\n"}, Path())
    told = json.loads(pgproof("config", "--format", "json").out)
    assert told["notes"] == []
    found = {each["key"]: (each["value"], each["from"]) for each in told["settings"]}
    assert found["postgres"] == (16, "pgproof.toml:1")
    assert found["pg-bin"] == (None, "default")


def test_all_mistakes_at_once(pgproof: Pgproof) -> None:
    lay_out({"pgproof.toml": 'migratons = "a"\npostgres = "16"\ndatabase = "x"\nchecks = 3\n'}, Path())
    for command in ("config", "check", "status"):
        told = pgproof(command)
        assert (told.code, told.out) == (2, "")
        assert told.err == (
            'pgproof.toml:1:1: error: unknown setting "migratons"\n  migratons = "a"\n  ^^^^^^^^^\n'
            'HINT: did you mean "migrations"?\n\n'
            'pgproof.toml:2:1: error: setting "postgres" has the wrong type\n  postgres = "16"\n  ^^^^^^^^\n'
            "HINT: it is a major version, for example 16\n\n"
            'pgproof.toml:3:1: error: setting "database" does not stand in a file\n  database = "x"\n  ^^^^^^^^\n'
            "DETAIL: It is one of a machine, or of whoever types, and not of a project.\n"
            "HINT: set the variable DATABASE_URL\n\n"
            'pgproof.toml:4:1: error: setting "checks" has the wrong type\n  checks = 3\n  ^^^^^^\n'
            "HINT: it is a folder's name\n\n4 errors\n"
        )


def test_two_files_in_one_folder(pgproof: Pgproof) -> None:
    lay_out({"pgproof.toml": "", "pyproject.toml": "[tool.pgproof]\n"}, Path())
    told = pgproof("status")
    assert told.code == 2
    assert told.err == (
        "pyproject.toml:1:2: error: settings stand in pgproof.toml and in pyproject.toml\n"
        "  [tool.pgproof]\n   ^^^^^^^^^^^^\n"
        "DETAIL: Nobody can tell which of them count.\n"
        "HINT: keep them in one of the two: pgproof.toml, or [tool.pgproof]\n"
    )
    lay_out({"pyproject.toml": "[tool.other]\nx = 'pgproof'\n"}, Path())
    assert pgproof("config").code == 0


def test_variables_that_are_wrong_or_nobodys(pgproof: Pgproof, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPROOF_CHEKS", "x")
    assert pgproof("config").out.endswith(
        "\nnote: PGPROOF_CHEKS is no variable of pgproof's; did you mean PGPROOF_CHECKS?\n"
    )
    monkeypatch.setenv("PGPROOF_POSTGRES", "new")
    told = pgproof("config")
    assert (told.code, told.err) == (
        2,
        "pgproof: error: PGPROOF_POSTGRES is no number\nHINT: it is a major version, for example 16\n",
    )


def test_of_two_ways_to_name_a_server_the_stronger_one_counts(
    pgproof: Pgproof, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out({"pgproof.toml": 'pg-bin = "bin"\n', "migrations/1-a.sql": "CREATE TABLE a ();\n"}, Path())
    monkeypatch.setenv("PGPROOF_SCRATCH_URL", "dbname=x host=/nowhere")
    assert rows(pgproof("config"))["pg-bin"] == ("-", "default")
    told = pgproof("check")
    assert told.code == 3
    assert "/nowhere" in told.err
    told = pgproof("check", "--pg-bin", "other")
    assert told.code == 2
    assert "the folder of PostgreSQL's binaries will not do" in told.err


@pytest.mark.parametrize("name", ["PGPROOF_DATABASE", "PGPROOF_DATABASE_URL", "PGPROOF_DATABSE_URL"])
def test_the_variable_of_the_database_is_not_ours(
    pgproof: Pgproof, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "postgresql://ann@localhost/shop")
    assert f"{name} is no variable of pgproof's; did you mean DATABASE_URL?" in pgproof("config").out


def test_a_file_of_an_editor_that_marks_its_bytes(pgproof: Pgproof) -> None:
    Path("pgproof.toml").write_bytes(b'\xef\xbb\xbfmigrations = "db"\r\npostgres = 16\r\n')
    told = pgproof("config")
    assert (told.code, told.err) == (0, "")
    assert "pgproof.toml:2" in told.out


def test_a_file_in_another_encoding(pgproof: Pgproof) -> None:
    Path("pgproof.toml").write_bytes('postgres = 16\nmigrations = "é"\n'.encode("latin-1"))
    told = pgproof("config")
    assert told.code == 2
    assert told.err.startswith("pgproof.toml:2:15: error: the file is not in UTF-8 (byte 0xe9)\n")
    assert "\nHINT: save it as UTF-8" in told.err
