"""Commands that build nothing, are none, or would build elsewhere; what cannot be done where a command builds."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from pgproof.database.connection import connect
from pgproof.database.scratch import ScratchServer
from tests.cli.project import command, lay_out_project
from tests.cli.told import Pgproof, Told
from tests.migrate.test_layout import lay_out


@pytest.mark.usefixtures("same_server")
@pytest.mark.parametrize(
    ("build", "code", "said"),
    [
        (
            [sys.executable, "-c", "print('line', 1, flush=True); import sys; sys.exit('no such revision')"],
            3,
            "exit code 1, and said last:\n  line 1\n  no such revision\nNEXT: run it yourself here, with ",
        ),
        (
            [sys.executable, "-c", "import os; os.kill(os.getpid(), 15)"],
            3,
            "DETAIL: It ended with signal 15, and said nothing.\n",
        ),
        (
            [sys.executable, "-c", "pass"],
            3,
            "If it takes the address of its database from elsewhere, it has built there.\nHINT: let it take ",
        ),
        (
            ["nowhere-to-be-found"],
            2,
            "nowhere-to-be-found: No such file or directory.\nHINT: say in pgproof.toml:1 how it is run here\n",
        ),
    ],
    ids=["refused", "killed", "idle", "missing"],
)
def test_a_command_that_does_not_build(pgproof: Pgproof, build: list[str], code: int, said: str) -> None:
    lay_out({"pgproof.toml": f"build = {json.dumps(build)}\n"}, Path())
    for words in (["check"], ["snapshot", "--file", "-"], ["diff", "build", "build"]):
        told = pgproof(*words)
        assert (told.code, told.out) == (code, ""), told.err
        assert said in told.err


@pytest.mark.usefixtures("same_server")
def test_what_the_command_is_told(pgproof: Pgproof, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scratch database, and nothing of another; no shell; the folder of the project."""
    monkeypatch.setenv("PGSERVICE", "production")
    monkeypatch.setenv("PGOPTIONS", "-c search_path=production")
    monkeypatch.setenv("PGPASSWORD", "hunter2")
    monkeypatch.setenv("TOLD", "as it was")
    program = (
        "import json, os, sys, psycopg\n"
        "names = [each for each in os.environ if each.startswith('PG') and not each.startswith('PGPROOF')]\n"
        "with psycopg.connect(os.environ['DATABASE_URL']) as one, psycopg.connect('') as other:\n"
        "    where = [each.execute('SELECT current_database()').fetchone()[0] for each in (one, other)]\n"
        "    one.execute('CREATE TABLE a ()')\n"
        "json.dump([names, where, os.environ['TOLD'], sys.argv[1:], os.getcwd()], open('told.json', 'w'))\n"
    )
    lay_out(
        {
            "tell.py": program,
            "inner/x": "",
            "pgproof.toml": f"build = '{sys.executable} tell.py $X \"a b\" | c'\n",
        },
        Path(),
    )
    top = Path.cwd()
    monkeypatch.chdir("inner")
    monkeypatch.delenv("PGSERVICE")  # our own connections would go there
    monkeypatch.delenv("PGOPTIONS")
    assert pgproof("check").code == 0
    names, where, told, words, folder = json.loads((top / "told.json").read_text())
    assert "PGHOST" in names
    assert not {"PGSERVICE", "PGOPTIONS"} & set(names)
    assert where[0] == where[1]
    assert where[0].startswith("pgproof_scratch_")
    assert (told, words, folder) == ("as it was", ["$X", "a b", "|", "c"], str(top))


@pytest.mark.usefixtures("same_server")
def test_commands_about_own_migrations_say_whose_the_schema_is(pgproof: Pgproof) -> None:
    lay_out_project("alembic")
    for words in (
        ["upgrade"],
        ["downgrade", "--to", "0"],
        ["redo"],
        ["plan"],
        ["status"],
        ["adopt"],
        ["new", "a"],
        ["squash", "--to", "1"],
        ["sum"],
        ["verify"],
        ["drift", "--adopt", "a"],
    ):
        told = pgproof(*words)
        assert (told.code, told.out) == (2, ""), words
        assert told.err == (
            f"pgproof: error: the schema of this project is built by `{shlex.join(command())}`, not by pgproof\n"
            "DETAIL: pgproof.toml:2 says so. check, explain, drift, snapshot and diff use it.\n"
            "HINT: run that tool; or take build away, or name a folder of SQL with --migrations FOLDER\n"
        ), words
    told = pgproof()
    assert f"  migrations  `{shlex.join(command())}` builds the schema\n" in told.out
    assert "pgproof upgrade" not in told.out
    assert "  pgproof drift               says whether the database is what that builds\n" in told.out
    lay_out({"sql/1-a.sql": "CREATE TABLE a ();\n"}, Path())
    assert pgproof("upgrade", "--migrations", "sql").code == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'build = "alembic upgrade {version}"',
            "pgproof.toml:1:1: error: {version} stands in build, which builds all\n  build = ",
        ),
        (
            'build = "a"\nbuild-to = "alembic upgrade head"',
            "pgproof.toml:2:1: error: build-to does not say where the version stands\n",
        ),
        ('build-inputs = "a"', "pgproof.toml:1:1: error: build-inputs says nothing without build\n"),
        (
            'build = "a \'b"',
            'pgproof.toml:1:1: error: setting "build" cannot be split into words: No closing quotation\n',
        ),
        ('build = ""', 'pgproof.toml:1:1: error: setting "build" is empty\n'),
        ("build = [1]", 'pgproof.toml:1:1: error: setting "build" has the wrong type\n'),
    ],
)
def test_wrong_commands(pgproof: Pgproof, text: str, said: str) -> None:
    lay_out({"pgproof.toml": f"{text}\n"}, Path())
    told = pgproof("check")
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith(said)


@pytest.mark.usefixtures("same_server")
def test_inputs_that_are_not_there(pgproof: Pgproof) -> None:
    lay_out_project("alembic")
    path = Path("pgproof.toml")
    path.write_text(path.read_text() + 'build-inputs = ["nowhere/*.py", "/abs"]\n')
    told = pgproof("drift")
    assert (told.code, told.out) == (2, "")
    assert 'error: build-inputs: no file is like "nowhere/*.py"\n' in told.err
    assert 'error: build-inputs: "/abs" is no pattern of files: ' in told.err


@pytest.mark.usefixtures("same_server")
def test_revisions_and_roles_cannot_be_built(pgproof: Pgproof) -> None:
    lay_out_project("alembic")

    def refused(*words: str) -> Told:
        told = pgproof(*words)
        assert told.out == ""
        return told

    told = refused("diff", os.environ["DATABASE_URL"], "git:main")
    assert (told.code, "error: a revision cannot be built by `" in told.err) == (2, True)
    told = refused("diff", os.environ["DATABASE_URL"], "alembic@2")
    assert (told.code, "error: nobody knows how to build up to version 2\n" in told.err) == (2, True)
    told = refused("drift", "--roles")
    assert (told.code, "makes or changes is not to be seen\n" in told.err) == (4, True)
    told = refused("snapshot", "--to", "1")
    assert told.code == 2


def test_passwords_in_a_command_or_its_output_are_not_shown(
    pgproof: Pgproof, monkeypatch: pytest.MonkeyPatch, server: ScratchServer
) -> None:
    monkeypatch.setenv("PGPROOF_SCRATCH_URL", server.conninfo.secret + " password='hunter 2'")
    show = "import os, sys; print(os.environ['DATABASE_URL'], os.environ['PGPASSWORD']); sys.exit(3)"
    build = [sys.executable, "-c", show, "--url", "postgresql://a:hunter3@h/d", "--password", "hunter3"]
    lay_out({"pgproof.toml": f"build = {json.dumps(build)}\n"}, Path())
    for words in (["config"], ["check"], ["upgrade"]):
        told = pgproof(*words)
        assert "hunter" not in told.out + told.err
        assert "***" in told.out + told.err
    assert pgproof("check").code == 3


@pytest.mark.usefixtures("same_server")
def test_doctor_looks_for_the_program(pgproof: Pgproof) -> None:
    lay_out_project("alembic")
    told = pgproof("doctor")
    assert (told.code, told.err) == (0, ""), told.out
    assert f"  `{shlex.join(command())}` builds the schema: {sys.executable}\n" in told.out.replace(
        "ok         ", ""
    )
    for name in ("nowhere-to-be-found", "./pgproof.toml"):
        lay_out({"pgproof.toml": f'build = "{name} up"\n'}, Path())
        told = pgproof("doctor")
        assert told.code == 1
        assert f"`{name} up` builds the schema, and there is no program {name}\n" in told.out
        assert "hint: install it, or say in pgproof.toml:1 where it is\n" in told.out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_the_command_and_what_it_has_started(
    server: ScratchServer, tmp_path: Path, number: signal.Signals
) -> None:
    wait = "import subprocess, sys, os\nopen('begun', 'w').write(str(os.getpid()))\n"
    wait += "subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    lay_out({"wait.py": wait, "pgproof.toml": f"build = ['{sys.executable}', 'wait.py']\n"}, tmp_path)
    environment = {**os.environ, "PGPROOF_SCRATCH_URL": server.conninfo.secret}
    words = [sys.executable, "-m", "pgproof", "check"]
    with subprocess.Popen(words, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True) as process:
        begun = tmp_path / "begun"
        while not (begun.is_file() and begun.read_text()) and process.poll() is None:
            time.sleep(0.05)
        group = int(begun.read_text())
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in err) == (128 + number, False), err
    for _ in range(200):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            break
        time.sleep(0.05)
    else:
        pytest.fail("the command goes on")
    with closing(connect(server.conninfo)) as conn:
        left = f"pgproof_scratch_{process.pid}_%"
        assert conn.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [left]).fetchall() == []
