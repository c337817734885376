"""Databases and folders made by the tools themselves, taken over in one command; each tool as far as it is there.

goose, golang-migrate and Flyway come from no registry that Python's tests can count on: what they leave is written
down in tests/cases/adopt as their documentation has it.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pgproof.database.conninfo import Conninfo
from pgproof.database.scratch import ScratchServer
from tests.cli.told import Pgproof
from tests.migrate.test_layout import lay_out

TOP = Path(__file__).parent.parent.parent
PLACES = os.pathsep.join([os.environ.get("PATH", ""), str(TOP / "node_modules" / ".bin")])

ALEMBIC = {
    "alembic.ini": "[alembic]\nscript_location = alembic\nversion_path_separator = os\n",
    "alembic/env.py": (
        "import os\nfrom alembic import context\nfrom sqlalchemy import create_engine\n"
        "with create_engine(os.environ['SQLALCHEMY_URL']).connect() as conn:\n"
        "    context.configure(connection=conn)\n"
        "    with context.begin_transaction():\n"
        "        context.run_migrations()\n"
        "    conn.commit()\n"
    ),
    "alembic/versions/1975ea83b712_account.py": (
        "from alembic import op\nimport sqlalchemy as sa\nrevision = '1975ea83b712'\ndown_revision = None\n"
        "def upgrade():\n"
        "    op.create_table('account', sa.Column('id', sa.Integer(), primary_key=True),\n"
        "        sa.Column('name', sa.String(50), nullable=False))\n"
    ),
    "alembic/versions/ae1027a6acf_later.py": (
        "from alembic import op\nimport sqlalchemy as sa\n"
        "revision = 'ae1027a6acf'\ndown_revision = '1975ea83b712'\n"
        "def upgrade():\n    op.add_column('account', sa.Column('last', sa.DateTime()))\n"
    ),
}
RAILS = {
    "migrate.rb": (
        "require 'active_record'\n"
        "ActiveRecord::Base.establish_connection\n"
        "ActiveRecord::Migration.verbose = false\n"
        "ActiveRecord::Migrator.migrations_paths = ['db/migrate']\n"
        "pool = ActiveRecord::Base.connection_pool\n"
        "(pool.respond_to?(:migration_context) ? pool : pool.connection).migration_context.migrate\n"
    ),
    "db/migrate/20240102030405_create_people.rb": (
        "class CreatePeople < ActiveRecord::Migration[6.1]\n"
        "  def change\n"
        "    create_table :people do |t|\n"
        "      t.string :name, null: false\n"
        "      t.timestamps\n"
        "    end\n"
        "  end\n"
        "end\n"
    ),
    "db/migrate/20240202030405_index_people.rb": (
        "class IndexPeople < ActiveRecord::Migration[6.1]\n"
        "  disable_ddl_transaction!\n"
        "  def change\n"
        "    add_index :people, :name, algorithm: :concurrently\n"
        "  end\n"
        "end\n"
    ),
}
DJANGO = {
    "settings.py": (
        "import os\nSECRET_KEY = 'x'\nINSTALLED_APPS = ['shop']\nUSE_TZ = True\n"
        "DEFAULT_AUTO_FIELD = 'django.db.models.BigAutoField'\n"
        "DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'NAME': os.environ['PGDATABASE'],\n"
        "    'USER': os.environ['PGUSER'], 'HOST': os.environ['PGHOST'], 'PORT': os.environ['PGPORT']}}\n"
    ),
    "shop/__init__.py": "",
    "shop/migrations/__init__.py": "",
    "shop/migrations/0001_initial.py": (
        "from django.db import migrations, models\n"
        "class Migration(migrations.Migration):\n    initial = True\n    dependencies = []\n"
        "    operations = [migrations.CreateModel('Item', [('id', models.BigAutoField(primary_key=True)),\n"
        "        ('name', models.CharField(max_length=50))])]\n"
    ),
    "shop/migrations/0002_price.py": (
        "from django.db import migrations, models\n"
        "class Migration(migrations.Migration):\n    dependencies = [('shop', '0001_initial')]\n"
        "    operations = [migrations.AddField('Item', 'price', models.IntegerField(null=True))]\n"
    ),
}


@pytest.fixture(autouse=True)
def _same_server(server: ScratchServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPROOF_SCRATCH_URL", server.conninfo.secret)


@pytest.fixture
def run(database: Conninfo, tmp_path: Path) -> Runner:
    """Runs a tool in the test's folder; libpq's variables name the test's database."""
    return Runner(database, tmp_path)


class Runner:
    """A tool's command line, on one database and in one folder."""

    def __init__(self, database: Conninfo, folder: Path) -> None:
        said = dict(database.parameters)
        self.user, self.host, self.port, self.database = said["user"], said["host"], said["port"], said["dbname"]
        self._password = said.get("password", "")
        self._folder = folder

    def __call__(self, *words: str, **variables: str) -> None:
        libpq = {"PGUSER": self.user, "PGHOST": self.host, "PGPORT": self.port, "PGDATABASE": self.database}
        if self._password:
            libpq["PGPASSWORD"] = self._password
        environment = {**os.environ, **libpq, **variables}
        ran = subprocess.run(words, cwd=self._folder, env=environment, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr

    def url(self, scheme: str) -> str:
        """The database in the words of tools that know URLs alone."""
        name = f"{self.user}:{self._password}" if self._password else self.user
        return f"{scheme}://{name}@/{self.database}?host={self.host}&port={self.port}"


def program(name: str) -> str:
    """Where a program is; the test is skipped if it is not."""
    found = shutil.which(name, path=PLACES)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def module(name: str) -> None:
    """Skips the test if a Python package is not installed."""
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed")


def adopted(pgproof: Pgproof, *words: str) -> list[str]:
    """Adopts; the labels of what was, in order."""
    told = pgproof("adopt", *words)
    assert (told.code, told.err) == (0, ""), told.out
    assert "proved: these files build just this catalog" in told.out
    return re.findall(r"^  (\S+)", told.out, re.MULTILINE)


def test_dbmate(run: Runner, pgproof: Pgproof) -> None:
    dbmate = program("dbmate")
    up = "-- migrate:up\n{}\n\n-- migrate:down\n{}\n"
    lay_out(
        {
            "db/migrations/20240101000000_a.sql": up.format("CREATE TABLE a (b int);", "DROP TABLE a;"),
            "db/migrations/20240102000000_i.sql": up.format("CREATE INDEX i ON a (b);", "DROP INDEX i;").replace(
                "up\n", "up transaction:false\n"
            ),
        },
        Path(),
    )
    run(dbmate, "--url", run.url("postgres") + "&sslmode=disable", "--no-dump-schema", "up")
    lay_out({"db/migrations/20240103000000_c.sql": up.format("CREATE TABLE c ();", "DROP TABLE c;")}, Path())
    words = ["--migrations", "db/migrations"]
    assert adopted(pgproof, *words) == ["20240101000000_a", "20240102000000_i"]
    assert pgproof("upgrade", *words).code == 0
    assert pgproof("downgrade", "--to", "0", *words).code == 0


def test_sqitch(run: Runner, pgproof: Pgproof) -> None:
    sqitch = program("sqitch")
    who = {"SQITCH_FULLNAME": "Ann Other", "SQITCH_EMAIL": "ann@example.com", "HOME": str(Path.cwd())}
    target = run.url("db:pg")

    def change(name: str, up: str, down: str, *words: str) -> None:
        run(sqitch, *words, name, "-n", "what for", **who)
        for folder, text in (("deploy", up), ("revert", down)):
            Path(folder, f"{name}.sql").write_text(f"-- {folder} it\n\nBEGIN;\n\n{text};\n\nCOMMIT;\n")

    run(sqitch, "init", "shop", "--engine", "pg", **who)
    change("shop", "CREATE SCHEMA shop", "DROP SCHEMA shop", "add")
    view = "CREATE OR REPLACE VIEW shop.v AS SELECT {} AS a"
    change("view", view.format(1), "DROP VIEW shop.v", "add", "--requires", "shop")
    run(sqitch, "tag", "v1.0", "-n", "first", **who)
    change("view", view.format(2), view.format(1), "rework")
    Path("verify/view.sql").write_text("SELECT 1;\n")
    run(sqitch, "deploy", target, **who)
    change("later", "CREATE TABLE shop.later ()", "DROP TABLE shop.later", "add")
    assert adopted(pgproof, "--migrations", ".") == ["shop", "view@v1.0", "view"]
    assert pgproof("upgrade", "--migrations", ".").code == 0
    assert pgproof("downgrade", "--to", "0", "--migrations", ".").code == 0


def test_alembic(run: Runner, pgproof: Pgproof) -> None:
    module("alembic")
    lay_out(ALEMBIC, Path())
    url = run.url("postgresql+psycopg")
    run(sys.executable, "-m", "alembic", "upgrade", "head", SQLALCHEMY_URL=url)
    lay_out(
        {
            "migrations/01-account.sql": (
                "-- pgproof: was alembic 1975ea83b712\n"
                "CREATE TABLE account (id serial PRIMARY KEY, name varchar(50) NOT NULL);\n"
            ),
            "migrations/02-ae1027a6acf.sql": "ALTER TABLE account ADD last timestamp;\n",
            "migrations/03-new.sql": "CREATE TABLE fresh ();\n",
        },
        Path(),
    )
    assert adopted(pgproof) == ["01-account", "02-ae1027a6acf"]
    assert pgproof("upgrade").code == 0


def test_django(run: Runner, pgproof: Pgproof) -> None:
    module("django")
    lay_out(DJANGO, Path())
    run(
        sys.executable,
        "-m",
        "django",
        "migrate",
        DJANGO_SETTINGS_MODULE="settings",
        PYTHONPATH=str(Path.cwd()),
    )
    lay_out(
        {
            "migrations/01-shop.sql": (
                "-- pgproof: was django shop 0001_initial\n-- pgproof: was django shop 0002_price\n"
                "CREATE TABLE shop_item (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,\n"
                "    name varchar(50) NOT NULL, price int);\n"
            ),
            "migrations/02-new.sql": "CREATE TABLE fresh ();\n",
        },
        Path(),
    )
    assert adopted(pgproof) == ["01-shop"]
    assert pgproof("upgrade").code == 0


@pytest.mark.parametrize(
    ("files", "folder", "said"),
    [
        (ALEMBIC, "alembic", "Alembic's"),
        (ALEMBIC, "alembic/versions", "Alembic's"),
        (DJANGO, "shop/migrations", "Django's"),
    ],
    ids=["script directory", "versions", "app"],
)
def test_a_folder_of_python_is_told_and_nothing_comes_into_it(
    pgproof: Pgproof, files: dict[str, str], folder: str, said: str
) -> None:
    lay_out(files, Path())
    before = sorted(Path(folder).rglob("*"))
    for words in (["drift", "--adopt", "it"], ["new", "it"], ["upgrade"], ["adopt"]):
        told = pgproof(*words, "--migrations", folder)
        assert told.code == 2
        assert f"error: {folder} is a folder of {said}, whose migrations are Python\n" in told.err
        assert "HINT: write what they have built into SQL files of another folder" in told.err
    assert sorted(Path(folder).rglob("*")) == before


def test_rails(run: Runner, pgproof: Pgproof) -> None:
    ruby = program("ruby")
    if subprocess.run([ruby, "-e", "require 'active_record'; require 'pg'"], capture_output=True).returncode:
        pytest.skip("ruby is installed without activerecord and pg")
    lay_out(RAILS, Path())
    run(ruby, "migrate.rb", DATABASE_URL=f"postgresql:///{run.database}")  # the rest is in libpq's variables
    lay_out(
        {
            "migrations/20240102030405_create_people.sql": (
                "CREATE TABLE people (id bigserial PRIMARY KEY, name character varying NOT NULL,\n"
                "    created_at timestamp(6) NOT NULL, updated_at timestamp(6) NOT NULL);\n"
            ),
            "migrations/20240202030405_index_people.sql": (
                "-- migrate:up transaction:false\n"
                "CREATE INDEX CONCURRENTLY index_people_on_name ON people (name);\n"
                "-- migrate:down transaction:false\n"
                "DROP INDEX CONCURRENTLY index_people_on_name;\n"
            ),
            "migrations/20240302030405_new.sql": (
                "-- migrate:up\nCREATE TABLE fresh ();\n-- migrate:down\nDROP TABLE fresh;\n"
            ),
        },
        Path(),
    )
    assert adopted(pgproof) == ["20240102030405_create_people", "20240202030405_index_people"]
    assert pgproof("upgrade").code == 0
    assert pgproof("downgrade", "--to", "20240102030405").code == 0


def test_no_more_is_done_than_asked(run: Runner, pgproof: Pgproof) -> None:
    """Without proof nothing is built; a dry run writes nothing."""
    lay_out({"migrations/1-a.sql": "CREATE TABLE a ();\n"}, Path())
    told = pgproof("adopt", "--to", "1", "--trust", "--dry-run")
    assert told.out == (
        "DATABASE\nby version 1, as you say:\n  1-a\n1 migration would be adopted, 0 pending\n"
        "nothing was changed (--dry-run)\n"
    )
    assert pgproof("status").out.endswith("1 pending; next: pgproof upgrade\n")
    assert pgproof("adopt", "--to", "1", "--trust").out.endswith(
        "1 migration adopted, 0 pending; next: pgproof status\n"
    )
