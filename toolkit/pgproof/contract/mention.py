"""Words in comments that look like names of database objects. Whether they exist is not decided here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from pgproof.contract.promise import Cue, Mention, Word
from pgproof.contract.vocabulary import Vocabulary
from pgproof.sql.comment import CommentBlock, CommentLine

_PART = r'(?:`[^`]+`|"[^"]+"|[^\W\d][\w$]*)'
_NAME = re.compile(rf"(?:{_PART}\.){{0,2}}{_PART}")
_LAST_PART = re.compile(rf"{_PART}\Z")
# what is no name wherever it stands: addresses, paths with an extension, quoted values, e-mail addresses
_NOT_NAMES = re.compile(
    r"\w+://\S+|www\.\S+|\S+@\S+\.\w+|(?:\.{0,2}/)[\w./-]+|(?<!\w)'[^']*'(?!\w)|\{\{.*?\}\}|<[^<>\s]+>"
    r"|[\w./-]+\.(?:sql|py|md|txt|ya?ml|json|toml|csv|sh|go|rs|js|ts|rb|java|kt|php|html?|com|org|net|io|dev|conf)\b"
)
# a line that speaks of what was, will be or might be says nothing of what is
_OTHER_TIMES = re.compile(
    r"\b(?:dropp?(?:ed|s|ing)|removed?|removes|renamed?|renames|replace[sd]?|superseded?|supersedes|formerly"
    r"|previously|deprecated|obsolete|legacy|no longer|used to|todo|fixme|later|future|will be|would|could"
    r"|might|consider(?:ed)?|decided against|for example|for instance|such as|does not exist|doesn't exist"
    r"|instead of|rather than|unlike|not yet)\b|\be\.g\.",
    re.IGNORECASE,
)
_DIRECTIVE = re.compile(
    r"(?:migrate|pgproof|name|sqlfluff|squawk[\w-]*|noqa|atlas|liquibase|changeset|rollback|dbmate|vim?|ex)\s*:"
    r"|\+\w+|@\w+|-\*-",
    re.IGNORECASE,
)
_CUES = {
    "index": Cue.INDEX,
    "indexes": Cue.INDEX,
    "constraint": Cue.CONSTRAINT,
    "constraints": Cue.CONSTRAINT,
    "table": Cue.TABLE,
    "tables": Cue.TABLE,
    "column": Cue.COLUMN,
    "columns": Cue.COLUMN,
}
_BEFORE = re.compile(r"(?<![\w-])(index(?:es)?|constraints?|tables?|columns?)\s*:?\s*\Z", re.IGNORECASE)
_BEHIND = re.compile(r"\s+(tables?|columns?)\b", re.IGNORECASE)  # "a created_at index" is not the index's name
_SPECIAL = frozenset(
    """current_date current_time current_timestamp current_user current_role current_schema session_user
    system_user""".split()
)


@dataclass(frozen=True, slots=True)
class _Found:
    """A possible name in a line's text: where its last part begins, and what stands before the dot."""

    name: str
    at: int
    qualifier: str
    quoted: bool
    start: int
    end: int


def read(
    blocks: Iterable[CommentBlock], vocabulary: Vocabulary, claimed: Collection[Word], code: Collection[int]
) -> tuple[Mention, ...]:
    """Mentions in the comment blocks of one file, in order.

    `claimed` are names said to be indexes; they are mentions in any case. Lines whose offset is in `code` are SQL.
    """
    mentions = {(word.place.line, word.place.column): Mention(word, Cue.INDEX) for word in claimed}
    for block in blocks:
        for line in block.lines:
            if not line.text or line.offset in code or _DIRECTIVE.match(line.text):
                continue
            if _OTHER_TIMES.search(line.text):
                continue
            for mention in _of_line(line, vocabulary):
                place = mention.word.place
                mentions.setdefault((place.line, place.column), mention)
    return tuple(mentions[key] for key in sorted(mentions))


def _of_line(line: CommentLine, vocabulary: Vocabulary) -> Iterator[Mention]:
    text = line.text
    for found in _names(text, vocabulary):
        if found.name in vocabulary.gone or found.name in _SPECIAL:
            continue
        if found.name.startswith("pg_") or found.name.endswith("_ops"):
            continue
        cue = _cue(text, found, vocabulary)
        if _is_name(found, cue, vocabulary):
            word = Word(found.name, line.at(found.at, len(found.name)))
            yield Mention(word, cue, found.qualifier)


def _names(text: str, vocabulary: Vocabulary) -> Iterator[_Found]:
    blanked = _NOT_NAMES.sub(lambda match: " " * len(match.group()), text)
    for match in _NAME.finditer(blanked):
        before = blanked[match.start() - 1 : match.start()]
        behind = blanked[match.end() : match.end() + 1]
        if (before and before in "\\$@:{}<%#-.=&*") or (behind and behind in "(*{}<>$%@\\"):
            continue
        last = _LAST_PART.search(match.group())
        assert last is not None
        quoted = last.group()[0] in '`"'
        raw = last.group()[1:-1] if quoted else last.group()
        worded = re.fullmatch(r"[^\W\d][\w$]*", raw) or raw in vocabulary.known
        if not worded or (raw.isupper() and not quoted):
            continue
        spelled = vocabulary.spelled(raw)
        parts = re.findall(_PART, match.group()[: last.start()])
        yield _Found(
            name=raw if quoted or spelled not in vocabulary.known else spelled,
            at=match.start() + last.start() + (1 if quoted else 0),
            qualifier=".".join(p[1:-1] if p[0] in '`"' else vocabulary.spelled(p) for p in parts),
            quoted=quoted,
            start=match.start(),
            end=match.end(),
        )


def _cue(text: str, found: _Found, vocabulary: Vocabulary) -> Cue:
    """What the words around a name, or else its form, call it."""
    formed = vocabulary.cue(found.name)
    if formed is not Cue.NONE:
        return formed
    before = _BEFORE.search(text[: found.start])
    behind = _BEHIND.match(text, found.end)
    called = _CUES[before[1].lower()] if before else _CUES[behind[1].lower()] if behind else Cue.NONE
    if called in (Cue.INDEX, Cue.CONSTRAINT) and found.name in vocabulary.columns | vocabulary.tables:
        return Cue.NONE  # "index created_at for fast sorting"
    if called is Cue.NONE and found.qualifier.rsplit(".", 1)[-1] in vocabulary.tables:
        return Cue.COLUMN
    return called


def _is_name(found: _Found, cue: Cue, vocabulary: Vocabulary) -> bool:
    name = found.name
    if "_" in name.strip("_"):
        return True
    if found.qualifier:
        near = {name, *found.qualifier.split(".")}
        return found.quoted or "_" in found.qualifier or bool(near & (vocabulary.known | vocabulary.schemas))
    if found.quoted:
        return cue is not Cue.NONE or name in vocabulary.known
    return cue is not Cue.NONE and name in vocabulary.known
