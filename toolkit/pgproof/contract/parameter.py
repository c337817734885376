"""Parameters as people write them (`?`, `:name`, `@name`, `$name`, `%(name)s`, `sqlc.arg(name)`) become `$n`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pgproof.contract.draft import Draft
from pgproof.contract.promise import Given, Parameter, Promise
from pgproof.sql import grammar
from pgproof.sql.grammar import Token
from pgproof.sql.source import Source
from pgproof.sql.statement import COMMENTS

_OPERATORS = frozenset("= <> != < <= > >= || + * / -> ->> #> #>> && ~ ~* @> @@ %".split())
_COMPARISONS = frozenset("ASCII_61 ASCII_60 ASCII_62 LESS_EQUALS GREATER_EQUALS NOT_EQUALS".split())
_OPERAND_ENDS = frozenset(
    "IDENT UIDENT SCONST USCONST ICONST FCONST BCONST XCONST PARAM ASCII_41 ASCII_93".split()
)
# keywords that an operand follows; after any other keyword (which may be a column's name) `?` is an operator
_OPENERS = frozenset(
    """WHERE AND OR NOT IN_P LIKE ILIKE BETWEEN SYMMETRIC ASYMMETRIC LIMIT OFFSET SET VALUES SELECT THEN ELSE WHEN
    CASE ON HAVING BY RETURNING DISTINCT FETCH FIRST_P NEXT ANY ALL SOME TO FROM ESCAPE USING SIMILAR""".split()
)
_TARGET = re.compile(r"\$(?P<number>\d+)|[:@]?(?P<name>[A-Za-z_]\w*)")
_SQLC_PARAMETERS = frozenset({"arg", "narg", "slice"})


@dataclass(frozen=True, slots=True)
class _Hole:
    """A stretch of the text to be replaced: by a parameter (a `pair` with AND), or by `text` if that is given."""

    start: int
    end: int
    name: str = ""
    text: str = ""
    pair: bool = False


def number(source: Source, *, ellipsis: bool = False) -> tuple[Source, tuple[Parameter, ...]]:
    """The statement with `$n` parameters only, and what they are.

    `$n` keep their order and close up where numbers are missing (a part of a longer script); each other name
    gets the next free number, each `?` and `%s` one of its own. With `ellipsis`, as comments write it,
    `SELECT ... FROM` means `*`, and `= ...`, `IN (...)`, `= X`, `= <id>` and `= {id}` mean parameters.
    Raises GrammarError where the text cannot be scanned.
    """
    tokens = [token for token in grammar.scan(source.text) if token.kind not in COMMENTS]
    text = source.text
    given = sorted({int(t.of(text)[1:]) for t in tokens if t.kind == "PARAM"})
    numbers = {new: "" if new == old else f"${old}" for new, old in enumerate(given, 1)}
    by_name = {f"${old}": new for new, old in enumerate(given, 1)}
    free = len(given) + 1
    draft, at = Draft(source), 0
    for hole in _Reader(text, tokens, ellipsis).holes():
        draft.copy(at, hole.start)
        at = hole.end
        if hole.text:
            draft.write(hole.text, hole.start)
            continue
        mine = by_name.get(hole.name) if hole.name else None
        if mine is None:
            mine, free = free, free + 1
            numbers[mine] = hole.name
            by_name[hole.name] = mine
        draft.write(f"${mine} AND ${free}" if hole.pair else f"${mine}", hole.start)
        if hole.pair:
            numbers[free] = ""
            free += 1
    draft.copy(at, len(text))
    return draft.source(), tuple(Parameter(n, name) for n, name in sorted(numbers.items()))


def described(parameters: Sequence[Parameter], promises: Iterable[Promise[object]]) -> tuple[Parameter, ...]:
    """The parameters with the types and values that promises give them."""
    known = list(parameters)
    for given in (each.value for each in promises if isinstance(each.value, Given)):
        found = find(given.target, known)
        for index, each in enumerate(known):
            if found is not None and each.number == found.number:
                known[index] = replace(each, type=given.type or each.type, value=given.value or each.value)
    return tuple(known)


def find(target: str, parameters: Sequence[Parameter]) -> Parameter | None:
    """The parameter that is written so: `$1`, `:name`, `@name`, `name`."""
    match = _TARGET.fullmatch(target)
    if match is None:
        return None
    written = match["name"] or target
    for each in parameters:  # a `$n` that was renumbered has what was written as its name
        numbered = match["number"] and each.number == int(match["number"]) and not each.name.startswith("$")
        if each.name == written or numbered:
            return each
    return None


class _Reader:
    """Walks over tokens and finds what stands for a parameter."""

    def __init__(self, text: str, tokens: Sequence[Token], ellipsis: bool) -> None:
        self._text = text
        self._tokens = tokens
        self._ellipsis = ellipsis
        self._brackets = 0

    def holes(self) -> Iterator[_Hole]:
        end = 0
        for index, token in enumerate(self._tokens):
            self._brackets += {"ASCII_91": 1, "ASCII_93": -1}.get(token.kind, 0)
            if token.start < end:
                continue
            hole = self._hole(index, token, after_hole=end > 0 and self._ends(index - 1, end))
            if hole is not None:
                end = hole.end
                yield hole

    def _ends(self, index: int, end: int) -> bool:
        return self._tokens[index].end <= end

    def _hole(self, index: int, token: Token, *, after_hole: bool) -> _Hole | None:
        word = token.of(self._text)
        operand = not after_hole and self._wants_operand(index)
        match token.kind:
            case "PARAM":
                return _Hole(token.start, token.end, word)
            case "Op" if word[-1] in "?@%":
                return self._at_operator(index, token, word, operand)
            case "ASCII_37" if operand:
                return self._percent(index, token.start)
            case "ASCII_58" if operand or not self._brackets:
                name = self._name(index + 1, token.end)
                return _Hole(token.start, name.end, name.of(self._text)) if name else None
            case "IDENT" if word.lower() == "sqlc":
                return self._sqlc(index, token.start)
            case "ASCII_36":
                name = self._name(index + 1, token.end)
                if name is not None:
                    return _Hole(token.start, name.end, name.of(self._text))
        return self._shorthand(index, token, word) if self._ellipsis and not after_hole else None

    def _shorthand(self, index: int, token: Token, word: str) -> _Hole | None:
        """What comments write for a value: three dots, one capital letter, a word in angle or curly brackets."""
        if word in ("…", ".."):
            return self._dots(index, token)
        kinds = [t.kind for t in self._tokens[max(0, index - 1) : index]]
        if not kinds or kinds[0] not in _COMPARISONS:
            return None
        if token.kind == "IDENT" and len(word) == 1 and word.isupper():
            return _Hole(token.start, token.end, word)
        start = index + 1 if word == "$" else index
        bracketed = self._tokens[start : start + 3]
        texts = [t.of(self._text) for t in bracketed]
        if len(texts) == 3 and texts[0] + texts[2] in ("<>", "{}") and texts[1].isidentifier():
            return _Hole(token.start, bracketed[2].end, texts[1])
        return None

    def _at_operator(self, index: int, token: Token, word: str, operand: bool) -> _Hole | None:
        """`?`, `@name` and `%(name)s`, alone or written against the operator before them."""
        joined = len(word) > 1
        if (word[:-1] not in _OPERATORS) if joined else not operand:
            return None
        start = token.end - 1
        if word[-1] == "?":
            return _Hole(start, token.end)
        if word[-1] == "%":
            return self._percent(index, start)
        name = None if word == "<@" or word == "@@" else self._name(index + 1, token.end)
        return _Hole(start, name.end, name.of(self._text)) if name else None

    def _percent(self, index: int, start: int) -> _Hole | None:
        following = self._tokens[index + 1 : index + 5]
        texts = [token.of(self._text) for token in following]
        if texts[:1] == ["s"] and following[0].start == start + 1:
            return _Hole(start, following[0].end)
        if len(texts) == 4 and texts[0] == "(" and texts[2] == ")" and texts[3] in ("s", "b", "t"):
            return _Hole(start, following[3].end, texts[1])
        return None

    def _sqlc(self, index: int, start: int) -> _Hole | None:
        following = self._tokens[index + 1 : index + 6]
        texts = [token.of(self._text) for token in following]
        if len(texts) < 5 or texts[0] != "." or texts[2] != "(" or texts[4] != ")":
            return None
        name = texts[3].strip("'\"")
        if texts[1].lower() == "embed":
            return _Hole(start, following[4].end, text=f"{texts[3]}.*")
        return _Hole(start, following[4].end, name) if texts[1].lower() in _SQLC_PARAMETERS else None

    def _dots(self, index: int, token: Token) -> _Hole | None:
        end = token.end
        if token.kind == "DOT_DOT":
            third = self._tokens[index + 1 : index + 2]
            if not third or third[0].kind != "ASCII_46" or third[0].start != end:
                return None
            end = third[0].end
        before = [t.kind for t in self._tokens[max(0, index - 2) : index]]
        if before[-1:] == ["SELECT"]:
            return _Hole(token.start, end, text="*")
        within = before == ["IN_P", "ASCII_40"] or before[-1:] == ["ASCII_44"]
        if within or (before and before[-1] in _COMPARISONS):
            return _Hole(token.start, end)
        if before[-1:] == ["BETWEEN"]:
            return _Hole(token.start, end, pair=True)
        return None

    def _name(self, index: int, start: int) -> Token | None:
        """The word directly at `start`, if there is one."""
        token = self._tokens[index] if index < len(self._tokens) else None
        if token is None or token.start != start or self._text[start] == '"':
            return None
        return token if token.kind == "IDENT" or token.keyword else None

    def _wants_operand(self, index: int) -> bool:
        """Whether an operand must follow the token before: `a = ?` against the operator in `a ? 'key'`."""
        if index == 0:
            return True
        before = self._tokens[index - 1]
        return before.kind in _OPENERS if before.keyword else before.kind not in _OPERAND_ENDS
