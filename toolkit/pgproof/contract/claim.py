"""Claims in comments that an index serves something: "(uses idx_jobs_agent)", "served by index jobs_agent"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain

from pgproof.contract.promise import Cue, Promise, Served, Word
from pgproof.contract.vocabulary import Vocabulary
from pgproof.sql.comment import CommentLine

_PART = r'(?:`[^`]+`|"(?:[^"]|"")+"|[^\W\d][\w$]*)'
NAME = rf"(?:{_PART}\.)?{_PART}"
LAST_PART = re.compile(rf"{_PART}\Z")
_LIST = rf"{NAME}(?:(?:\s*,\s*(?:and\s+)?|\s+(?:and|plus)\s+|\s*[&+]\s*){NAME})*"
_BEGIN = (
    r"(?P<open>\(\s*)?\b(?:(?P<verb>uses?|hits?|via|served by|backed by|using)\b\s*:?"
    r"|(?P<label>ind(?:ex(?:es)?|ices)(?:\s+used)?)\s*:)"
    r"\s*(?:the\s+)?(?P<index>ind(?:ex(?:es)?|ices)\s*:?\s+)?"
)
# the names end with the phrase, or else there is one name and the sentence goes on
_CLAIMS = (
    re.compile(
        rf"{_BEGIN}(?P<names>{_LIST})(?P<after>\s+ind(?:ex(?:es)?|ices)\b)?\s*(?P<close>[):.;,]|$)", re.IGNORECASE
    ),
    re.compile(rf"{_BEGIN}(?P<names>{NAME})(?P<after>\s+ind(?:ex|ices)\b)?(?P<close>(?!))?", re.IGNORECASE),
)
_DENIED = re.compile(
    r"(?:\bnot|n't|\bnever|\bno longer|\bcannot|\bwithout|\binstead of|\brather than|\bthan|\bif it|\bif this"
    r"|\bwould|\bcould|\bmight|\bpreviously|\bformerly|\bonce)\s+(?:\w+\s+)?\(?\s*\Z",
    re.IGNORECASE,
)

_PLAN = re.compile(r"\((?:cost|actual time|actual rows)=\d")


@dataclass(frozen=True, slots=True)
class Claim:
    """Names of indexes said to serve something, and the stretch of the line's text that says so."""

    words: tuple[Word, ...]
    start: int
    end: int


def promises(
    uses: tuple[Word, ...], *, order: bool = False, filter_too: bool = False
) -> tuple[Promise[object], ...]:
    """The promises that a claim makes: which indexes serve the query, and whether they do more than that."""
    used: list[Promise[object]] = [Promise("uses", word, word.place) for word in uses]
    kinds = [kind for kind, given in ((Served.ORDER, order), (Served.FILTER, filter_too)) if given and uses]
    return (*used, *(Promise("serves", kind, uses[0].place) for kind in kinds))


def find(line: CommentLine, vocabulary: Vocabulary, start: int = 0) -> Claim | None:
    """The first claim in a comment line from character `start` on; a plan that was pasted promises nothing.

    A verb alone is no claim ("uses UUIDs", "uses created_at"): the words behind it must look like names of
    indexes, or be called so, or be declared as such.
    """
    if _PLAN.search(line.text):
        return None
    for match in chain.from_iterable(form.finditer(line.text, start) for form in _CLAIMS):
        if _DENIED.search(line.text[: match.start()]):
            continue
        words = _words(line, match, vocabulary)
        if words and all(_is_index(word, match, vocabulary) for word in words):
            return Claim(tuple(words), match.start(), _end(line.text, match))
    return None


def _end(text: str, match: re.Match[str]) -> int:
    """Where the claim's words end: with the parenthesis that it opened, else before a colon."""
    closing = text.find(")", match.end() - 1) if match["open"] else -1
    if closing >= 0:
        return closing + 1
    return match.end() - 1 if match["close"] == ":" else match.end()


def _words(line: CommentLine, match: re.Match[str], vocabulary: Vocabulary) -> list[Word]:
    words = []
    for found in re.finditer(NAME, match["names"]):
        if found.group().lower() in ("and", "plus"):
            continue
        last = LAST_PART.search(found.group())
        assert last is not None
        quoted = last.group()[0] in '`"'
        name = last.group()[1:-1] if quoted else vocabulary.spelled(last.group())
        at = match.start("names") + found.start() + last.start() + (1 if quoted else 0)
        words.append(Word(name, line.at(at, len(name))))
    return words


def _is_index(word: Word, match: re.Match[str], vocabulary: Vocabulary) -> bool:
    name = word.text
    if name in vocabulary.indexes:
        return True
    if name in vocabulary.columns or name in vocabulary.tables:
        return False
    formed = vocabulary.cue(name) is not Cue.NONE
    if not match["close"] and not match["after"]:
        return formed
    called = bool(match["index"] or match["after"] or match["label"])
    if called or (match["verb"] or "").lower() in ("use", "uses", "served by"):
        return formed or "_" in name or match["names"][0] in '`"'
    return formed
