"""A text to be sent in one go, made of pieces; and from the server's refusal of it back to the piece."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto

from pgproof.database import failure
from pgproof.database.exchange import Reply
from pgproof.errors import Problem
from pgproof.place import Place
from pgproof.sql.statement import Statement

_BETWEEN = ";\n"


class Part(Enum):
    """What a piece is for."""

    FRAME = auto()
    STATEMENT = auto()
    RECORD = auto()
    COMMIT = auto()


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of our own SQL, or a `statement` of the author's, without a semicolon behind it.

    `count` is how many statements the text holds; the server answers each.
    """

    text: str
    part: Part = Part.FRAME
    statement: Statement | None = None
    count: int = 1


def of_statement(statement: Statement, tag: str = "") -> Piece:
    """A statement of the author's; a `tag` in front says in pg_stat_activity whose it is."""
    return Piece(tag + statement.text, Part.STATEMENT, statement)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A message that was not done: the piece that the server refused (None: all of it was), and the problem."""

    piece: Piece | None
    problem: Problem


@dataclass(frozen=True, slots=True)
class Message:
    """Pieces in order. `text` is what is sent."""

    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The pieces as one text, with semicolons between them."""
        return _BETWEEN.join([piece.text for piece in self.pieces])

    def has_done(self, reply: Reply, part: Part) -> bool:
        """True if the last piece of that part ended well."""
        number, last = 0, 0
        for each in self.pieces:
            number += each.count
            last = number if each.part is part else last
        return 0 < last <= reply.done

    def refusal(self, reply: Reply, otherwise: Place) -> Refusal:
        """Which piece the reply's error is about; `otherwise` is the place of a problem that has none."""
        assert reply.error is not None
        position = failure.position(reply.error)
        found = self._by_count(reply.done) if position is None else self._by_offset(position)
        if found is None:
            problem = failure.problem(reply.error)
            return Refusal(None, replace(problem, place=otherwise))
        piece, begin = found
        if piece.statement is not None:
            begin += len(piece.text) - len(piece.statement.text)
        problem = failure.problem(reply.error, statement=piece.statement, before=begin)
        return Refusal(piece, problem if problem.place else replace(problem, place=otherwise))

    def _by_count(self, done: int) -> tuple[Piece, int] | None:
        begin = 0
        for piece in self.pieces:
            done -= piece.count
            if done < 0:
                return piece, begin
            begin += len(piece.text) + len(_BETWEEN)
        return None

    def _by_offset(self, offset: int) -> tuple[Piece, int] | None:
        begin = 0
        for piece in self.pieces:
            if offset <= begin + len(piece.text):  # an error at the end of the input is one behind it
                return piece, begin
            begin += len(piece.text) + len(_BETWEEN)
        return None
