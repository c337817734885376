"""Acceptances of differences: those of a folder of checks applied to what `drift` found, and new ones written."""

from __future__ import annotations

from collections.abc import Sequence
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
from pgproof.migrate import file
from pgproof.rules import registry
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
    contract = load(folder, registry.clauses(), holding=PREFIX)
    found = tuple(each for each in contract.accepted if each.code.startswith(PREFIX))
    raise_all(InputError, [*contract.problems, *mistakes(found)])
    return found


def applied(result: Drift, folder: Path, today: date) -> Drift:
    """The outcome with what is accepted, and notes about acceptances that accept nothing. Raises InputError."""
    judged = judge(
        result.items, read(folder), today, is_whole=not (result.reasons or result.schemas or result.is_stirred)
    )
    return replace(result, accepted=judged.accepted, notes=(*result.notes, *judged.notes))


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedDifference:
    """What is accepted from now on, in which file, and the acceptances that counted no more and gave way to it."""

    item: Item
    path: Path
    instead: tuple[Accepted, ...] = ()


def accept(result: Drift, wish: Wish, folder: Path, today: date) -> tuple[AcceptedDifference, ...]:
    """Write acceptances of differences that `drift` has found now.

    One that has ended, or is of what was there before, is replaced where it stands; new ones come to the end of
    `FILE`.

    Raises InputError where one is not found, cannot be accepted, or is accepted already, and where the file cannot
    be written; CannotTell where the schema was changed each time that it was read. Then nothing is written.
    """
    if result.is_stirred:
        raise CannotTell(replace(stirred(result.database), detail="Nothing was written."))
    if not wish.because.strip():
        raise InputError(Problem(message="an acceptance without a reason", hint="say why: --because TEXT"))
    if wish.until and wish.until < today:
        raise InputError(Problem(message=f"{wish.until} is over", hint="name a day to come: --until YYYY-MM-DD"))
    before = read(folder)
    chosen: dict[Item, AcceptedDifference] = {}
    problems: list[Problem] = []
    for each in wish.differences:
        item = _item(result, each)
        found = item if isinstance(item, Problem) else _written(item, before, folder / FILE, today)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            chosen[found.item] = found
    raise_all(InputError, problems)
    written = tuple(chosen.values())
    _write(written, before, wish)
    return written


def _item(result: Drift, named: str) -> Item | Problem:
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
    return item


def _written(item: Item, before: Sequence[Accepted], path: Path, today: date) -> AcceptedDifference | Problem:
    """Where its acceptance will stand: in place of the first one that counts no more, if there is one."""
    about = [each for each in before if each.code == item.code and unpinned(each.object)[0] == item.object]
    for each in about:
        if unpinned(each.object)[1] in ("", item.pin) and not (each.until and each.until < today):
            return Problem(
                message=f"{item} is accepted already", place=each.place, hint="change its `until:`, or remove it"
            )
    return AcceptedDifference(item=item, path=Path(about[0].place.path) if about else path, instead=tuple(about))


def _write(written: Sequence[AcceptedDifference], before: Sequence[Accepted], wish: Wish) -> None:
    """Change the files, if all of them say then what is meant."""
    try:
        texts = {path: _text(path, written, wish) for path in _paths(written)}
        for path, text in texts.items():
            _check(path, text, written, before, wish)
        for path in texts:
            path.parent.mkdir(parents=True, exist_ok=True)
        file.put({path: text.encode() for path, text in texts.items()})
    except OSError as error:
        raise InputError(file.unwritten(error, written[0].path)) from None


def _paths(written: Sequence[AcceptedDifference]) -> dict[Path, None]:
    """The files that change."""
    places = (Path(each.place.path) for one in written for each in one.instead)
    return dict.fromkeys([*(each.path for each in written), *places])


def _text(path: Path, written: Sequence[AcceptedDifference], wish: Wish) -> str:
    """The file as it is to be: what counts no more gives way, what is new comes to its end."""
    old = path.read_bytes().decode("utf-8-sig") if path.exists() else ""
    lines: list[str | None] = [*old.split("\n")]
    more = []
    for one in written:
        new = _acceptance(one.item, wish)
        gone = [each for each in one.instead if Path(each.place.path) == path]
        for each in gone:
            lines[each.place.line - 1 : each.last] = [None] * (each.last - each.place.line + 1)
        if gone and one.path == path:
            lines[gone[0].place.line - 1] = new
        elif one.path == path:
            more.append(new)
    kept = "\n".join(line for line in lines if line is not None)
    if not more:
        return kept
    return "\n\n".join([*([kept.rstrip()] if kept.strip() else []), *more]) + "\n"


def _check(
    path: Path, text: str, written: Sequence[AcceptedDifference], before: Sequence[Accepted], wish: Wish
) -> None:
    """Raises InputError if the file would not say what is meant, and what else it said before."""
    contract = read_checks([Source(str(path), text)], registry.clauses())
    raise_all(InputError, contract.problems)
    reason = " ".join(wish.because.split())
    said = set(map(_words, contract.accepted))
    gone = [each for one in written for each in one.instead]
    for other in before:
        if other not in gone and Path(other.place.path) == path and _words(other) not in said:
            raise InputError(
                Problem(message="it cannot be replaced here", place=gone[0].place, hint="remove it by hand")
            )
    for each in written:
        item = each.item
        if each.path == path and (str(item.code), item.pinned, reason, wish.until) not in said:
            raise InputError(
                Problem(
                    message=f"{item} cannot be named in a comment",
                    detail="Nothing was written: the acceptance would be read as something else.",
                    hint="write another reason, or rename the object",
                )
            )


def _words(each: Accepted) -> tuple[str, str, str, date | None]:
    return each.code, each.object, each.because, each.until


def _acceptance(item: Item, wish: Wish) -> str:
    lines = [f"-- accept: {item.code} {item.pinned}", as_comment(f"because: {wish.because}")]
    if wish.until:
        lines.append(f"-- until: {wish.until}")
    return "\n".join(lines)
