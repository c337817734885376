"""The name of the next migration file, as the folder names its own.

A folder numbers its files (01, 02, ...) or stamps them with the time (20260102030405); it parts number and slug,
and the words of a slug, in one way; it keeps downgrades in the same file or in a file beside it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

_TITLE = re.compile(
    r"(?P<digits>[0-9]+)(?P<gap>__|[-_])(?P<slug>[^-_].*?)(?P<up>\.up)?\.(?:sql|py)\Z", re.IGNORECASE
)
_STAMP = "%Y%m%d%H%M%S"
_STAMP_WIDTH = 14


class Numbering(StrEnum):
    """How versions are chosen: one more than the last, or the time in UTC."""

    NUMBER = "number"
    TIMESTAMP = "timestamp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a folder names its files.

    `width` is how many digits a number has; `gap` stands between version and slug, `joint` between the words of
    the slug; `pairs`: NAME.up.sql and NAME.down.sql, instead of one file with sections.
    """

    numbering: Numbering = Numbering.NUMBER
    width: int = 2
    gap: str = "-"
    joint: str = "-"
    pairs: bool = False


def manner(names: Sequence[str], numbering: Numbering | None = None) -> Manner:
    """The manner of the file with the greatest version in `names`; `numbering` overrides how it is numbered."""
    titles = _titles(names)
    if not titles:
        return Manner(numbering=numbering or Numbering.NUMBER)
    last = max(titles, key=lambda match: int(match["digits"]))
    found = Numbering.TIMESTAMP if _is_stamp(last["digits"]) else Numbering.NUMBER
    joints = re.findall(r"[-_]", last["slug"])
    return Manner(
        numbering=numbering or found,
        width=len(last["digits"]),
        gap=last["gap"],
        joint=joints[0] if joints else "_" if last["gap"] == "__" else last["gap"],
        pairs=last["up"] is not None,
    )


def next_name(names: Sequence[str], slug: str, how: Manner, now: datetime) -> str:
    """The name, without its ending, of a new last file beside `names`; `now` is in UTC."""
    versions = [int(match["digits"]) for match in _titles(names)]
    digits = str(max(versions, default=0) + 1).zfill(how.width)
    if how.numbering is Numbering.TIMESTAMP:
        digits = str(max(int(f"{now:{_STAMP}}"), int(digits)))
    return f"{digits}{how.gap}{slug}"


def slug(text: str, joint: str) -> str:
    """`text` as the slug of a file's name: words of letters and digits in lower case; "" if it has none."""
    plain = unicodedata.normalize("NFKD", text)
    words = re.findall(r"[a-z0-9]+", "".join(c for c in plain if not unicodedata.combining(c)).lower())
    return joint.join(words)


def _titles(names: Sequence[str]) -> list[re.Match[str]]:
    ups = [name for name in names if not name.lower().endswith(".down.sql")]
    return [match for match in map(_TITLE.match, ups) if match]


def _is_stamp(digits: str) -> bool:
    if len(digits) != _STAMP_WIDTH:
        return False
    try:
        datetime.strptime(digits, _STAMP)  # noqa: DTZ007  (only whether it is one)
    except ValueError:
        return False
    return True
