"""goose: VERSION_NAME.sql with annotations, lines that begin with `-- +goose`.

Up, Down, NO TRANSACTION (for both ways), StatementBegin and StatementEnd (which tell goose where a statement with
semicolons in it ends; we read that from the grammar, and check only that they come in pairs), ENVSUB ON and OFF
(between them $NAME, ${NAME}, ${NAME:-default} and ${NAME-default} are replaced, here by variables of pgproof, not
of the environment). Migrations in Go are refused: they are programs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pgproof.errors import Problem
from pgproof.migrate.layout import assembly, substitution
from pgproof.migrate.layout.reading import Layout, Look, Reading, doubles, own_markers, zero
from pgproof.migrate.layout.substitution import Variable
from pgproof.migrate.parse import Title
from pgproof.place import Place
from pgproof.sql import statement
from pgproof.sql.name import nearest
from pgproof.sql.source import Source

_NAME = re.compile(r"(?P<digits>[0-9]+)_(?P<slug>.*)\.(?P<kind>sql|go)\Z", re.DOTALL)
_ANNOTATION = re.compile(
    r"^(?P<blank>[ \t]*)(?P<whole>--[ \t]*\+goose[ \t]+(?P<words>[^\n]*?))[ \t]*$", re.MULTILINE | re.IGNORECASE
)
_VARIABLE = re.compile(r"\$(?:(?P<plain>[A-Za-z_]\w*)|\{(?P<name>[A-Za-z_]\w*)(?::?-(?P<default>[^}]*))?\})")
_UP, _DOWN, _BEGIN, _END = "up", "down", "statementbegin", "statementend"
_ALONE, _ON, _OFF = "no transaction", "envsub on", "envsub off"
_KNOWN = {
    _UP: "Up",
    _DOWN: "Down",
    _BEGIN: "StatementBegin",
    _END: "StatementEnd",
    _ALONE: "NO TRANSACTION",
    _ON: "ENVSUB ON",
    _OFF: "ENVSUB OFF",
}
_OUTSIDE = "move it to a file that says `-- +goose NO TRANSACTION`"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Annotation:
    """An annotation: its words in lower case, where its line begins, where the text after it begins."""

    words: str
    start: int
    end: int
    place: Place


def sees(look: Look) -> bool:
    """Its files are named VERSION_NAME.sql, and the first has an annotation."""
    return bool(look.names and _NAME.match(look.names[0]) and _ANNOTATION.search(look.first_text()))


def read(folder: Path, variables: Mapping[str, object]) -> Reading:
    """The migrations of a folder. Raises OSError."""
    reading = Reading()
    for path in sorted(folder.iterdir()):
        match = _NAME.match(path.name)
        if match and match["kind"] == "go" and not path.name.endswith("_test.go"):
            reading.problems.append(_program(path))
        elif match and match["kind"] == "sql" and not path.is_dir():
            title = Title(version=int(match["digits"]), digits=match["digits"], slug=match["slug"])
            _add(reading, path, title, variables)
        elif path.suffix.lower() == ".sql" and not path.name.startswith("."):
            reading.problems.append(_misnamed(path))
    reading.problems += doubles(reading.migrations)
    return reading


def _add(reading: Reading, path: Path, title: Title, variables: Mapping[str, object]) -> None:
    if wrong := zero(title.version, path):
        reading.problems.append(wrong)
    written = reading.source(path)
    if written is None:
        return
    annotations, problems = _annotations(written)
    source, unknown = substitution.replaced(written, list(_variables(written, annotations)), variables)
    reading.problems += [*problems, *unknown, *own_markers(written, LAYOUT.name)]
    if source is not written:
        annotations, _ = _annotations(source)
    up = next((each for each in annotations if each.words == _UP), None)
    down = next((each for each in annotations if each.words == _DOWN), None)
    if up is None or (down and down.start < up.start):
        reading.problems.append(_no_up(source))
        return
    reading.problems += _before(source, up)
    transactional = not any(each.words == _ALONE for each in annotations)
    cut = down.start if down else len(source.text)
    way_back = assembly.section(source, down.place, down.end, transactional=transactional) if down else None
    found = assembly.migration(
        title,
        assembly.section(source, up.place, up.end, cut, transactional=transactional),
        way_back,
        text=_upgrade(written),
    )
    reading.problems += assembly.mistakes(found, outside=_OUTSIDE)
    reading.migrations.append(found)


def _annotations(source: Source) -> tuple[list[_Annotation], list[Problem]]:
    found: list[_Annotation] = []
    problems: list[Problem] = []
    for match in _ANNOTATION.finditer(source.text):
        words = " ".join(match["words"].lower().split())
        place = source.place(match.start("whole"), len(match["whole"]))
        if match["blank"]:
            problems.append(
                Problem(message="blanks before an annotation", place=place, hint="begin the line with `-- +goose`")
            )
        if words not in _KNOWN:
            problems.append(_unknown(match["words"], place))
            continue
        end = min(match.end() + 1, len(source.text))
        found.append(_Annotation(words=words, start=match.start(), end=end, place=place))
    return found, [*problems, *_order(found)]


def _order(annotations: list[_Annotation]) -> Iterator[Problem]:
    """Each way once; StatementBegin and StatementEnd by turns, within one way."""
    seen: set[str] = set()
    opened: _Annotation | None = None
    for each in annotations:
        if each.words in {_UP, _DOWN}:
            if each.words in seen:
                yield Problem(message=f"second `-- +goose {_KNOWN[each.words]}` in one file", place=each.place)
            seen.add(each.words)
        if opened and each.words in {_UP, _DOWN, _BEGIN}:
            yield _left_open(opened)
            opened = None
        if each.words == _BEGIN:
            opened = each
        elif each.words == _END:
            if opened is None:
                yield Problem(message="no `-- +goose StatementBegin` before this end", place=each.place)
            opened = None
    if opened:
        yield _left_open(opened)


def _left_open(opened: _Annotation) -> Problem:
    return Problem(
        message="`-- +goose StatementBegin` without its end",
        place=opened.place,
        hint="write `-- +goose StatementEnd` behind the statement",
    )


def _variables(source: Source, annotations: list[_Annotation]) -> Iterator[Variable]:
    """The variables between ENVSUB ON and ENVSUB OFF (or the end of the file)."""
    start: int | None = None
    for each in annotations:
        if each.words == _ON:
            start = each.end
        elif each.words == _OFF and start is not None:
            yield from _variables_in(source, start, each.start)
            start = None
    if start is not None:
        yield from _variables_in(source, start, len(source.text))


def _variables_in(source: Source, start: int, end: int) -> Iterator[Variable]:
    for match in _VARIABLE.finditer(source.text, start, end):
        name = match["plain"] or match["name"]
        yield Variable(name=name, start=match.start(), end=match.end(), default=match["default"])


def _before(source: Source, up: _Annotation) -> Iterator[Problem]:
    script = statement.split(source, 0, up.start)
    yield from script.problems
    for stray in script.statements[:1]:
        yield Problem(
            message="statement before `-- +goose Up`",
            place=stray.place,
            detail="goose would pass over it.",
            hint="move it below the annotation, or delete it",
        )


def _upgrade(written: Source) -> str:
    """The upgrade as its author wrote it."""
    annotations, _ = _annotations(written)
    start = next(each.end for each in annotations if each.words == _UP)
    end = next((each.start for each in annotations if each.words == _DOWN), len(written.text))
    return written.text[start:end]


def _no_up(source: Source) -> Problem:
    return Problem(
        message="no `-- +goose Up`, or one below `-- +goose Down`",
        place=source.place(0),
        hint="begin the file with `-- +goose Up`; the downgrade comes after it",
    )


def _unknown(words: str, place: Place) -> Problem:
    meant = nearest(words.lower(), _KNOWN)
    hint = f"did you mean `-- +goose {_KNOWN[meant]}`?" if meant else "known: " + ", ".join(_KNOWN.values())
    return Problem(message=f'unknown annotation "{words}"', place=place, hint=hint)


def _misnamed(path: Path) -> Problem:
    return Problem(
        message="the file's name is not one of goose's",
        place=Place(path=str(path), line=1),
        hint="name it VERSION_NAME.sql, for example 00007_jobs.sql",
    )


def _program(path: Path) -> Problem:
    return Problem(
        message="a migration in Go cannot be run",
        place=Place(path=str(path), line=1),
        detail="pgproof runs SQL; a migration in Go is a part of somebody's program.",
        hint="write what it does in SQL, in a file of the same version",
    )


LAYOUT = Layout(name="goose", sees=sees, read=read, sections="-- +goose Up\n\n-- +goose Down\n")
