"""Facts as text that git can keep: JSON, one fact a line, in one order, and back.

There is no clock in it, no OID and nothing of the machine: the same files make the same bytes with every server of
a major. What a fact does not say (null) is left out. A full one has in addition what the server writes to make an
object (the last of a fact, where there is one), what objects depend on, and the order of columns. The line
`digest` is over all other lines, so that a file that was changed by hand, cut off or merged is not taken for what
files build.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pgproof.catalog.fact import Fact, Facts, Key, Value
from pgproof.errors import InputError, Problem
from pgproof.sql.source import Source

FORMAT = "pgproof.schema/1"
FAMILY = "pgproof.schema/"
FULL = frozenset({"definitions", "dependencies", "positions"})
"""The options that facts of a full snapshot are read with."""
_DIGEST = re.compile(r'^"digest": "(?P<digest>[^"\n]*)",\n', re.MULTILINE)
_ROLE = re.compile(r'^"role": (?P<role>"(?:[^"\\\n]|\\["\\])*"),$', re.MULTILINE)
_MAJOR = re.compile(r'^"postgres": (?P<major>\d{2}),$', re.MULTILINE)
_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?: .*)?$", re.MULTILINE)
_HEAD = 100_000
_FACTS = '\n"facts": [\n'
_AGAIN = "write it anew: pgproof snapshot"


class ChangedError(InputError):
    """The lines of a file are not those that its digest is of. (Which are not, only who builds them can tell.)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Canonical:
    """Facts, and what they were built from.

    `files` is the digest of the migrations, in the order in which they were run, `role` who ran them and owns what
    they made. `depends` are the reasons why another server may build something else of the same files. `reading`
    is the digest of the accounting by which the facts were read. It is `full` if they were read with FULL.
    """

    facts: Facts
    files: str
    role: str
    depends: tuple[str, ...] = ()
    reading: str = ""
    full: bool = False


def text(kept: Canonical) -> str:
    """The file. `definition` of facts and `needs` are kept in a full one alone. Pure."""
    facts = kept.facts
    order = {name: number for number, name in enumerate(facts.words)}
    places = sorted(facts, key=lambda f: (order[f.catalog], f.name))
    needs = (
        sorted((list(key), sorted(map(list, needed))) for key, needed in facts.needs.items()) if kept.full else []
    )
    body = [
        *_mapping("words", ((name, list(words)) for name, words in facts.words.items())),
        *_list("unmodelled", facts.unmodelled),
        *_list("unread", facts.unread),
        *_list("facts", (_said(facts, each, full=kept.full) for each in places)),
        *(_list("needs", needs) if kept.full else ()),
    ]
    head = [
        f'"format": {_json(FORMAT)},',
        f'"postgres": {facts.major},',
        f'"reading": {_json(kept.reading)},',
        f'"files": {_json(kept.files)},',
        f'"role": {_json(kept.role)},',
        f'"depends": {_json(list(kept.depends))},',
        *(['"full": true,'] if kept.full else []),
    ]
    body[-1] = body[-1].removesuffix(",")
    before, behind = "\n".join(["{", *head, ""]), "\n".join([*body, "}", ""])
    del body  # of a large one each copy counts
    return f'{before}"digest": "{_sum(before, behind)}",\n{behind}'


def read(source: Source) -> Canonical:
    """What `text` made the file of. Raises InputError with what is wrong with it, and where."""
    written = source.text
    if conflict := _CONFLICT.search(written):
        raise InputError(
            Problem(
                message=f"a merge conflict in {_name(source)}",
                place=source.place(conflict.start(), len(conflict[0])),
                detail="Two branches have each changed what the files build.",
                hint=f"merge the migrations, then {_AGAIN}",
            )
        )
    digest = _DIGEST.search(written)
    if digest is None or _sum(written[: digest.start()], written[digest.end() :]) != digest["digest"]:
        _document(source)  # raises
        raise ChangedError(
            Problem(
                message=f"{_name(source)} was changed since pgproof wrote it",
                place=source.place(digest.start(), len(digest[0]) - 1) if digest else source.place(0),
                detail="Its lines are not those that its digest is of.",
                hint=_AGAIN,
            )
        )
    try:
        return _canonical(*_parts(source))
    except (InputError, AttributeError, IndexError, KeyError, TypeError, ValueError):
        _document(source)  # raises, if that is why
        problem = Problem(message=f"{_name(source)} does not hold what {FORMAT} holds", hint=_AGAIN)
        raise InputError(problem) from None


def head(written: str) -> tuple[str | None, int | None]:
    """The role and the major that a file names, be the rest of it as it may; None for what is not there. Pure."""
    role, major = _ROLE.search(written), _MAJOR.search(written)
    return (json.loads(role["role"]) if role else None), (int(major["major"]) if major else None)


def is_full(written: str) -> bool:
    """True if a file says that it is full, be the rest of it as it may. Pure."""
    return '\n"full": true,\n' in written[:_HEAD]


def brief(facts: Facts) -> Facts:
    """Facts of a full snapshot as they would be without. Pure."""
    place = facts.words["pg_attribute"].index("position")
    cut = {
        key: replace(
            fact,
            definition=None,
            values=fact.values[:place] + fact.values[place + 1 :]
            if fact.catalog == "pg_attribute"
            else fact.values,
        )
        for key, fact in facts.facts.items()
    }
    columns = tuple(word for word in facts.words["pg_attribute"] if word != "position")
    return replace(facts, facts=cut, needs={}, words={**facts.words, "pg_attribute": columns})


def _document(source: Source) -> Mapping[str, Any]:
    """The JSON of the format that is known."""
    try:
        document = json.loads(source.text)
    except json.JSONDecodeError as error:
        is_cut = error.pos >= len(source.text.rstrip()) or "Unterminated" in error.msg
        what = "ends in the middle" if is_cut else f"is not JSON: {error.msg}"
        place = source.place(min(error.pos, max(0, len(source.text) - 1)))
        raise InputError(Problem(message=f"{_name(source)} {what}", place=place, hint=_AGAIN)) from None
    except RecursionError:
        raise InputError(Problem(message=f"{_name(source)} is no snapshot", hint=_AGAIN)) from None
    except ValueError as error:  # a number of thousands of digits
        raise InputError(Problem(message=f"{_name(source)} is no snapshot: {error}", hint=_AGAIN)) from None
    form = document.get("format") if isinstance(document, dict) else None
    if form == FORMAT:
        return dict(document)
    known = isinstance(form, str) and form.startswith(FAMILY)
    raise InputError(
        Problem(
            message=f"{_name(source)} is {f'of the format {form}' if known else 'no snapshot of pgproof'}",
            place=source.place(max(0, source.text.find('"format"'))),
            detail=f"This version of pgproof reads {FORMAT}.",
            hint=_AGAIN if known else "write the snapshot to another file: pgproof snapshot --file FILE",
        )
    )


def _parts(source: Source) -> tuple[Mapping[str, Any], Iterator[Any]]:
    """The document without its facts, and them one by one: as JSON they take several times what is made of them.

    Raises InputError, whose place is not that in the file.
    """
    text = source.text
    begin = text.find(_FACTS) + len(_FACTS) - 1
    end = text.find("\n]", begin)
    if begin < len(_FACTS) or end < 0:
        return (document := _document(source)), iter(document["facts"])
    rest = _document(Source(source.path, f"{text[:begin]}{text[end:]}"))
    return rest, map(json.loads, _lines(text, begin + 1, end))


def _lines(text: str, begin: int, end: int) -> Iterator[str]:
    """The lines between two offsets, without the commas behind them."""
    while begin < end:
        stop = text.find("\n", begin, end)
        stop = end if stop < 0 else stop
        yield text[begin:stop].removesuffix(",")
        begin = stop + 1


def _canonical(document: Mapping[str, Any], said_of: Iterator[Any]) -> Canonical:
    words: dict[str, tuple[str, ...]] = {name: tuple(each) for name, each in document["words"].items()}
    known = {name: frozenset(each) for name, each in words.items()}
    once: dict[Any, Any] = {}
    """Names and what they are of, which are there again and again."""
    facts: dict[Key, Fact] = {}
    for catalog, name, kind, said, of, *definition in said_of:
        if not said.keys() <= known[catalog]:
            raise ValueError(said)
        values = tuple([_value(said.get(word)) for word in words[catalog]])
        parts = tuple([once.setdefault(part, part) for part in name])
        above = (
            (once.setdefault(of[0], of[0]), tuple([once.setdefault(part, part) for part in of[1]])) if of else None
        )
        fact = Fact(
            once.setdefault(catalog, catalog),
            once.setdefault(parts, parts),
            once.setdefault(kind, kind),
            tuple([once.setdefault(each, each) if type(each) is str else each for each in values]),
            once.setdefault(above, above),
            definition[0] if definition else None,
        )
        facts[fact.key] = fact
    return Canonical(
        facts=Facts(
            major=int(document["postgres"]),
            words=words,
            facts=facts,
            unmodelled=tuple(document["unmodelled"]),
            unread=tuple(document["unread"]),
            needs={_key(key): frozenset(map(_key, needed)) for key, needed in document.get("needs", ())},
        ),
        files=str(document["files"]),
        role=str(document["role"]),
        depends=tuple(document["depends"]),
        reading=str(document["reading"]),
        full=bool(document.get("full")),
    )


def _key(said: Any) -> Key:
    catalog, name = said
    return catalog, tuple(name)


def _said(facts: Facts, fact: Fact, *, full: bool) -> list[Any]:
    words = facts.words[fact.catalog]
    said = {word: value for word, value in zip(words, fact.values, strict=True) if value is not None}
    definition = [fact.definition] if full and fact.definition is not None else []
    return [fact.catalog, list(fact.name), fact.kind, said, list(fact.of) if fact.of else None, *definition]


def _value(value: Any) -> Value:
    if isinstance(value, dict):
        raise TypeError(value)
    return tuple([_value(each) for each in value]) if isinstance(value, list) else value


def _mapping(name: str, pairs: Iterator[tuple[str, Any]]) -> Iterator[str]:
    lines = [f"{_json(key)}: {_json(value)}" for key, value in pairs]
    return _block(f'"{name}": {{', lines, "},")


def _list(name: str, values: Any) -> Iterator[str]:
    return _block(f'"{name}": [', [_json(each) for each in values], "],")


def _block(begin: str, lines: list[str], end: str) -> Iterator[str]:
    yield begin
    for line in lines[:-1]:
        yield f"{line},"
    yield from lines[-1:]
    yield end


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


def _sum(*written: str) -> str:
    found = hashlib.sha256()
    for each in written:
        found.update(each.encode())
    return found.hexdigest()


def _name(source: Source) -> str:
    return source.path.replace("\\", "/").rpartition("/")[2]
