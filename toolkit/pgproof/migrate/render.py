"""Templates: a migration file that says `-- pgproof: template`, rendered by jinja2 in a sandbox.

Positions survive: before the template is compiled, each stretch of plain text and each expression at the top
level is tagged with a number between two characters that Unicode promises never to assign; after rendering
the tags are taken out again and become the pieces of the source. Text that a block captures (macro, call,
filter, set) is not tagged, as it may be compared or measured; it stands for the place where it is put out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from traceback import walk_tb

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pgproof.errors import Problem
from pgproof.place import Place
from pgproof.sql import name
from pgproof.sql.source import Piece, Source, line_starts

_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
_TAG = re.compile(f"{_OPEN}([0-9]+){_CLOSE}")
_CAPTURES = frozenset({"macro", "call", "filter", "set"})
_UNDEFINED = re.compile(r"'(?P<name>[^']+)' is undefined")
# what an expression of a template can raise besides jinja2's own errors
_RUN_TIME = (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError)


def render(source: Source, variables: Mapping[str, object]) -> Source | Problem:
    """The text that the template makes of `variables`, with the way back to the author's file; or the problem.

    There are no includes and no undefined variables. Filters beside jinja2's own: `ident` quotes a name
    where it must be, `literal` makes a string constant.
    """
    if _OPEN in source.text or _CLOSE in source.text:
        at = min(source.text.find(char) % (len(source.text) + 1) for char in (_OPEN, _CLOSE))
        return Problem(message="a character that Unicode reserves (U+FDD0, U+FDD1)", place=source.place(at))
    environment = _environment()
    try:
        environment.tags = _Tags(environment, source)
        template = environment.from_string(source.text)
        return _untagged(template.render(variables), source, environment.tags.pieces)
    except TemplateSyntaxError as error:
        return _syntax(error, source)
    except _RUN_TIME as error:
        return _failed(error, source, variables)


class _Environment(ImmutableSandboxedEnvironment):
    """jinja2's sandbox that hands its tags to the extension that sets them."""

    tags: _Tags


def _environment() -> _Environment:
    environment = _Environment(undefined=StrictUndefined, keep_trailing_newline=True, extensions=[_Tagging])
    environment.filters["ident"] = name.quote
    environment.filters["literal"] = _literal
    return environment


def _literal(value: object) -> str:
    """`value` as a string constant of SQL, right whatever standard_conforming_strings says."""
    text = str(value).replace("'", "''")
    return "E'" + text.replace("\\", "\\\\") + "'" if "\\" in text else f"'{text}'"


class _Tags:
    """Where the tokens of one template stand, and the pieces that were tagged so far."""

    def __init__(self, environment: ImmutableSandboxedEnvironment, source: Source) -> None:
        self.pieces: list[Piece] = []
        self._places = _token_places(environment, source)

    def data(self) -> str:
        """The tag of the next stretch of plain text."""
        return self._tag("data", verbatim=True)

    def expression(self) -> str:
        """The tag of the next expression."""
        return self._tag("variable_begin", verbatim=False)

    def skip(self, kind: str) -> None:
        """Pass over a token that is not tagged."""
        next(self._places[kind], None)

    def _tag(self, kind: str, *, verbatim: bool) -> str:
        place = next(self._places[kind])
        self.pieces.append(Piece(offset=0, line=place.line, column=place.column, verbatim=verbatim))
        return f"{_OPEN}{len(self.pieces) - 1}{_CLOSE}"


def _token_places(environment: ImmutableSandboxedEnvironment, source: Source) -> dict[str, Iterator[Place]]:
    """The places of the tokens that can be tagged, by kind.

    jinja2's raw tokens follow one another in the text; what lies between two is white space it was told to
    strip, so that the next occurrence of a token's text is the token.
    """
    places: dict[str, list[Place]] = {"data": [], "variable_begin": []}
    at = 0
    for _, kind, text in environment.lexer.tokeniter(source.text, None):
        at = source.text.index(text, at)
        if kind in places:
            places[kind].append(source.place(at))
        at += len(text)
    return {kind: iter(found) for kind, found in places.items()}


class _Tagging(Extension):
    """Puts the tags of `environment.tags` into the stream of tokens."""

    environment: _Environment

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        tags = self.environment.tags
        captures: list[str] = []
        tokens = list(stream)
        for index, token in enumerate(tokens):
            if token.type == "block_begin":
                _follow(captures, tokens[index + 1 :])
            tagged = not captures
            if token.type == "data" and tagged:
                yield Token(token.lineno, "data", tags.data() + token.value)
                continue
            if token.type == "variable_begin" and tagged:
                yield Token(token.lineno, "data", tags.expression())
            elif token.type in {"data", "variable_begin"}:
                tags.skip(token.type)
            yield token


def _follow(captures: list[str], tag: list[Token]) -> None:
    """Keep count of the blocks that capture what is in them; `{% set x = 1 %}` has no end and captures nothing."""
    word = tag[0].value
    if captures and word == "end" + captures[-1]:
        captures.pop()
    elif word in _CAPTURES and not (word == "set" and _assigns(tag)):
        captures.append(word)


def _assigns(tag: list[Token]) -> bool:
    for token in tag:
        if token.type == "assign":
            return True
        if token.type in {"block_end", "pipe"}:
            return False
    return False


def _untagged(text: str, source: Source, tags: list[Piece]) -> Source:
    parts, pieces, at, length = [], [], 0, 0
    for match in _TAG.finditer(text):
        parts.append(text[at : match.start()])
        length += match.start() - at
        tag = tags[int(match[1])]
        pieces.append(Piece(offset=length, line=tag.line, column=tag.column, verbatim=tag.verbatim))
        at = match.end()
    parts.append(text[at:])
    if not pieces or pieces[0].offset:
        pieces.insert(0, Piece(offset=0, line=1, column=1, verbatim=False))
    return Source(source.path, "".join(parts), original=source.text, pieces=tuple(pieces))


def _syntax(error: TemplateSyntaxError, source: Source) -> Problem:
    message = (error.message or "syntax error").rstrip(".")
    return Problem(
        message="template: " + message[:1].lower() + message[1:],
        place=_line(source, error.lineno),
        hint="where SQL itself holds {{, {% or {#, put it between {% raw %} and {% endraw %}",
    )


def _failed(error: Exception, source: Source, variables: Mapping[str, object]) -> Problem:
    lines = [number for frame, number in walk_tb(error.__traceback__) if frame.f_code.co_filename == "<template>"]
    place = _line(source, lines[-1] if lines else 1)
    unknown = _UNDEFINED.search(str(error)) if isinstance(error, UndefinedError) else None
    if unknown is None:
        return Problem(message=f"template: {str(error).rstrip('.')}", place=place)
    word = unknown["name"]
    meant = name.nearest(word, variables)
    define = f"define it: --var {word}=... or `{word} = ...` below [tool.pgproof.variables] in pyproject.toml"
    return Problem(
        message=f'template: variable "{word}" is undefined',
        place=_word(source, place.line, word) or place,
        hint=f'did you mean "{meant}"?' if meant else define,
    )


def _line(source: Source, number: int) -> Place:
    starts = line_starts(source.text)
    number = min(number, len(starts))
    line = source.line(number)
    blank = len(line) - len(line.lstrip())
    return source.place(starts[number - 1] + blank, len(line.strip()))


def _word(source: Source, number: int, word: str) -> Place | None:
    """The first place of a word from a line on (jinja2 tells the line of the statement, not of the word)."""
    match = re.compile(rf"\b{re.escape(word)}\b").search(source.text, line_starts(source.text)[number - 1])
    return source.place(match.start(), len(word)) if match else None
