"""Acceptances of differences: those of a folder of checks applied to what `drift` found, and new ones written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pgproof.contract.promise import Accepted
from pgproof.contract.read import load, read_checks
from pgproof.drift.accepting import PREFIX, judge, mistakes, unacceptable, unpinned
from pgproof.drift.code import Item
from pgproof.drift.outcome import Drift
from pgproof.errors import CannotTell, InputError, Problem, raise_all
from pgproof.flows.steady import stirred
from pgproof.sql.comment import as_comment
from pgproof.sql.source import Source

FILE = "accepted-drift.sql"
"""Into which file of the folder new acceptances are written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be accepted from now on: each `CODE:OBJECT`, why, and until which day (None is for ever)."""

    differences: tuple[str, ...]
    because: str
    until: date | None


def read(folder: Path) -> tuple[Accepted, ...]:
    """The acceptances of differences in a folder; only files that speak of their codes are read.

    Raises InputError with every mistake of these files.
    """
    contract = load(folder, holding=PREFIX)
    found = tuple(each for each in contract.accepted if each.code.startswith(PREFIX))
    raise_all(InputError, [*contract.problems, *mistakes(found)])
    return found


def applied(result: Drift, folder: Path, today: date) -> Drift:
    """The outcome with what is accepted, and notes about acceptances that accept nothing. Raises InputError."""
    judged = judge(
        result.items, read(folder), today, is_whole=not (result.reasons or result.schemas or result.is_stirred)
    )
    return replace(result, accepted=judged.accepted, notes=(*result.notes, *judged.notes))


def accept(result: Drift, wish: Wish, folder: Path, today: date) -> tuple[Path, tuple[Item, ...]]:
    """Write acceptances of differences that `drift` has found now; gives the file, and what they accept.

    Raises InputError where one is not found, cannot be accepted, or is accepted already, and where the file cannot
    be written; CannotTell where the schema was changed each time that it was read. Then nothing is written.
    """
    if result.is_stirred:
        raise CannotTell(replace(stirred(result.database), detail="Nothing was written."))
    if not wish.because.strip():
        raise InputError(Problem(message="an acceptance without a reason", hint="say why: --because TEXT"))
    if wish.until and wish.until < today:
        raise InputError(Problem(message=f"{wish.until} is over", hint="name a day to come: --until YYYY-MM-DD"))
    path = folder / FILE
    before = read(folder)
    chosen: dict[Item, None] = {}
    problems: list[Problem] = []
    for each in wish.differences:
        found = _found(result, each, before)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            chosen[found] = None
    raise_all(InputError, problems)
    _write(path, tuple(chosen), wish)
    return path, tuple(chosen)


def _found(result: Drift, named: str, before: Sequence[Accepted]) -> Item | Problem:
    code, _, name = named.partition(":")
    code, (name, _pin) = code.strip().upper(), unpinned(name.strip())
    if problem := unacceptable(code):
        return problem
    item = next((each for each in result.items if (each.code, each.object) == (code, name)), None)
    if item is None:
        return Problem(
            message=f"no difference is {code}:{name}",
            hint="name one that pgproof drift tells" + (", for example:" if result.items else ""),
            context=tuple(f'  --accept "{each.code}:{each.object}"' for each in result.items),
        )
    for each in before:
        if each.code == code and each.object in (item.object, item.pinned):
            return Problem(
                message=f"{item} is accepted already", place=each.place, hint="change its `until:`, or remove it"
            )
    return item


def _write(path: Path, chosen: Sequence[Item], wish: Wish) -> None:
    """Add the acceptances at the end of the file, if it says then what is meant."""
    try:
        old = path.read_bytes().decode("utf-8-sig") if path.exists() else ""
        text = "\n\n".join([*([old.rstrip()] if old.strip() else []), *_texts(chosen, wish)]) + "\n"
        _check(path, text, chosen, wish)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(Problem(message=f"cannot write {path}: {error.strerror or error}")) from None


def _check(path: Path, text: str, chosen: Sequence[Item], wish: Wish) -> None:
    contract = read_checks([Source(str(path), text)])
    raise_all(InputError, contract.problems)
    reason = " ".join(wish.because.split())
    said = {(each.code, each.object, each.because, each.until) for each in contract.accepted}
    for item in chosen:
        if (str(item.code), item.pinned, reason, wish.until) not in said:
            raise InputError(
                Problem(
                    message=f"{item} cannot be named in a comment",
                    detail="Nothing was written: the acceptance would be read as something else.",
                    hint="write another reason, or rename the object",
                )
            )


def _texts(chosen: Sequence[Item], wish: Wish) -> Iterator[str]:
    for item in chosen:
        lines = [f"-- accept: {item.code} {item.pinned}", as_comment(f"because: {wish.because}")]
        if wish.until:
            lines.append(f"-- until: {wish.until}")
        yield "\n".join(lines)
