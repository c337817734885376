"""What production looks like, as a team declares it in `checks/profile.toml`: figures, and where each stands.

    sizes = [1e4, 1e6, 1e8, 1e10]   # rows of the tables that nothing else is said of
    statistics = "stats.json"       # what `pgproof stats export` has written, beside this file

    [rows]                          # one figure, or as many as there are sizes
    agents = [1e2, 1e4, 1e6, 1e8]
    [fan_out]                       # rows for each value that the column has
    "jobs.agent_id" = 100
    [hot]                           # the share of the rows that the most frequent value has
    "jobs.user_id" = 0.01
    [nulls]                         # the share of the rows without a value
    "jobs.error" = 0.95
    [shares."jobs.status"]          # of each value of an enumeration, a boolean or a CHECK list
    completed = 0.9
    [span]                          # the time that the values are spread over, up to now
    "jobs.created_at" = "2 years"
    [width]                         # bytes on average
    "jobs.error" = 120
    [settings]                      # of the planner in production
    random_page_cost = 1.1

Nothing has to be said: what is not has a default, which `explain/size/model.py` says out loud. This room knows no
schema; whether there is such a table is asked there, too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from pgproof.contract import toml_document
from pgproof.contract.promise import Word
from pgproof.contract.toml_document import Document
from pgproof.errors import InputError, Problem, raise_all
from pgproof.place import Place
from pgproof.sql.name import nearest

NAME = "profile.toml"
PerSize = tuple[float, ...]
"""One figure for each size."""
SIZES = (1e4, 1e6, 1e8, 1e10)
_MOST_SIZES = 8
_NEAR = 0.001
_MOST_ROWS = 1e12  # reltuples is a float4, a table has 2^32 pages at most
_PAGE_COSTS = ("seq_page_cost", "random_page_cost", "cpu_tuple_cost", "cpu_index_tuple_cost", "cpu_operator_cost")
_DAYS = {"hour": 1 / 24, "day": 1, "week": 7, "month": 30, "year": 365}
_SPAN = re.compile(rf"\s*(\d+(?:\.\d+)?)\s*({'|'.join(_DAYS)})s?\s*")

SETTINGS = frozenset(
    (
        *_PAGE_COSTS,
        *"""parallel_setup_cost parallel_tuple_cost min_parallel_table_scan_size min_parallel_index_scan_size
        max_parallel_workers_per_gather effective_cache_size work_mem hash_mem_multiplier effective_io_concurrency
        jit jit_above_cost jit_inline_above_cost jit_optimize_above_cost cursor_tuple_fraction constraint_exclusion
        from_collapse_limit join_collapse_limit geqo geqo_threshold enable_async_append enable_bitmapscan
        enable_gathermerge enable_hashagg enable_hashjoin enable_incremental_sort enable_indexonlyscan
        enable_indexscan enable_material enable_memoize enable_mergejoin enable_nestloop enable_parallel_append
        enable_parallel_hash enable_partition_pruning enable_partitionwise_aggregate enable_partitionwise_join
        enable_seqscan enable_sort enable_tidscan""".split(),
    )
)
"""The settings of 14 to 18 that decide which plan is cheapest (19.7.1, 19.7.2 and 19.4 of the manual)."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What is said of a table ("jobs") or column ("jobs.user_id"): one value for each size, and where."""

    of: Word
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """The share of the rows in which a column has `value` (as text)."""

    of: Word
    value: Word
    share: float


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of the planner, with its value as SET takes it."""

    name: Word
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The figures of a file, or none. Spans are in days, widths in bytes, shares between 0 and 1.

    `path` is "" where there is no file: all is as the defaults have it. `has_sizes` tells sizes that are written
    from the default ones; `statistics` is the name of a file, or "".
    """

    path: str = ""
    sizes: tuple[float, ...] = SIZES
    has_sizes: bool = False
    statistics: str = ""
    rows: tuple[Figure, ...] = ()
    fan_out: tuple[Figure, ...] = ()
    hot: tuple[Figure, ...] = ()
    nulls: tuple[Figure, ...] = ()
    span: tuple[Figure, ...] = ()
    width: tuple[Figure, ...] = ()
    shares: tuple[Share, ...] = ()
    settings: tuple[Setting, ...] = ()

    def with_size(self, size: float) -> Profile:
        """The profile with one more size; figures that are not alike at all sizes are read off between the others.

        Between two sizes they follow the line through both on a logarithmic scale, outside as at the nearest one.
        """
        if any(abs(each - size) <= _NEAR * size for each in self.sizes):
            return self
        place = sum(each < size for each in self.sizes)
        sizes = (*self.sizes[:place], size, *self.sizes[place:])
        return _resized(self, sizes, lambda values: self._inserted(values, place, size))

    def at(self, size: float) -> Profile:
        """The profile at one size alone, with figures as `with_size` has them."""
        whole = self.with_size(size)
        place = min(range(len(whole.sizes)), key=lambda each: abs(whole.sizes[each] - size))
        return _resized(whole, (size,), lambda values: (values[place],))

    def _inserted(self, values: tuple[float, ...], place: int, size: float) -> tuple[float, ...]:
        before, after = values[max(0, place - 1)], values[min(place, len(values) - 1)]
        between = before
        if 0 < place < len(values) and before > 0 and after > 0:
            low, high = self.sizes[place - 1], self.sizes[place]
            between = before * (after / before) ** (math.log(size / low) / math.log(high / low))
        elif place == 0:
            between = after
        return (*values[:place], between, *values[place:])

    @property
    def figures(self) -> Mapping[str, tuple[Figure, ...]]:
        """The sections of figures by their names."""
        return {name: getattr(self, name) for name in _SECTIONS}


def _resized(profile: Profile, sizes: PerSize, values_of: Callable[[PerSize], PerSize]) -> Profile:
    """The profile for these sizes, with other values in each figure."""

    def resized(figures: tuple[Figure, ...]) -> tuple[Figure, ...]:
        return tuple(replace(each, values=values_of(each.values)) for each in figures)

    return replace(
        profile,
        sizes=sizes,
        rows=resized(profile.rows),
        fan_out=resized(profile.fan_out),
        hot=resized(profile.hot),
        nulls=resized(profile.nulls),
        span=resized(profile.span),
        width=resized(profile.width),
    )


@dataclass(frozen=True, slots=True)
class _Section:
    """How the values of a section are read; `columns` is False where it speaks of tables."""

    number: Callable[[Any], float | None]
    wanted: str
    columns: bool = True


def load(path: Path) -> Profile:
    """The profile in the file at `path`, the defaults where there is none.

    Raises InputError with all mistakes that can be seen without a schema.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return Profile()
    except OSError as error:
        raise InputError(Problem(message=f"cannot read {path}: {error.strerror or error}")) from None
    except UnicodeDecodeError as error:
        at = f"The byte at offset {error.start} is 0x{error.object[error.start]:02x}."
        raise InputError(Problem(message=f"{path} is not UTF-8", detail=at, hint="save it as UTF-8")) from None
    return read(str(path), text)


def read(path: str, text: str) -> Profile:
    """The profile in the text of the file called `path`. Raises InputError with all mistakes."""
    return _Reader(toml_document.parse(path, text)).profile()


class _Reader:
    """Reads one document, and remembers what is wrong in it."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._problems: list[Problem] = []

    def profile(self) -> Profile:
        values = self._document.values
        known = ("sizes", "statistics", "shares", "settings", *_SECTIONS)
        for key in values:
            if key not in known:
                meant = nearest(key, known)
                hint = f'did you mean "{meant}"?' if meant else f"known keys: {', '.join(sorted(known))}"
                self._wrong(f'unknown key "{key}" in a profile', hint, key)
        sizes = self._sizes(values.get("sizes", list(SIZES)))
        profile = Profile(
            path=self._document.path,
            sizes=sizes,
            has_sizes="sizes" in values,
            statistics=self._statistics(values.get("statistics", "")),
            shares=tuple(self._shares()),
            settings=tuple(self._settings()),
            **{name: tuple(self._figures(name, section, len(sizes))) for name, section in _SECTIONS.items()},
        )
        self._sums(profile.shares)
        raise_all(InputError, self._problems)
        return profile

    def _sizes(self, written: object) -> tuple[float, ...]:
        numbers = [_count(each) for each in written] if isinstance(written, list) else []
        sizes = tuple(each for each in numbers if each is not None)
        if not sizes or len(sizes) != len(numbers) or len(sizes) > _MOST_SIZES:
            self._wrong(
                "sizes is not a list of numbers of rows",
                f"write one to {_MOST_SIZES} figures: sizes = [1e4, 1e6, 1e8, 1e10]",
                "sizes",
            )
            return SIZES
        if any(after <= before for before, after in pairwise(sizes)):
            self._wrong("sizes do not grow", "write the smallest first, and each once", "sizes")
        return sizes

    def _statistics(self, written: object) -> str:
        if not isinstance(written, str):
            self._wrong("statistics is not the name of a file", 'write statistics = "stats.json"', "statistics")
            return ""
        return written

    def _figures(self, name: str, section: _Section, sizes: int) -> Iterator[Figure]:
        for keys, written in self._entries(name):
            figures = written if isinstance(written, list) else [written]
            numbers = [section.number(each) for each in figures]
            values = tuple(each for each in numbers if each is not None)
            thing = ".".join(keys[1:])
            if len(values) != len(numbers) or not values:
                self._wrong(f'{name} of "{thing}" is not {section.wanted}', "", *keys)
            elif isinstance(written, list) and len(values) != sizes:
                self._wrong(
                    f'{name} of "{thing}" has {len(values)} figures, and there are {sizes} sizes',
                    "write one figure, or one for each size",
                    *keys,
                )
            elif section.columns and len(keys) == 2 and "." not in thing:
                self._wrong(f'"{thing}" in [{name}] names no column', "write the table before it", *keys)
            else:
                yield Figure(self._word(thing, keys), values if isinstance(written, list) else values * sizes)

    def _shares(self) -> Iterator[Share]:
        for keys, written in self._entries("shares"):
            thing, value = ".".join(keys[1:-1]), keys[-1]
            share = _share(written)
            if "." not in thing:
                hint = 'write them below the column: [shares."jobs.status"]'
                self._wrong(f'"{value}" in [shares] belongs to no column', hint, *keys)
            elif share is None:
                self._wrong(f'the share of "{value}" in "{thing}" is not a number from 0 to 1', "", *keys)
            else:
                yield Share(self._word(thing, keys[:-1]), self._word(value, keys), share)

    def _settings(self) -> Iterator[Setting]:
        for keys, written in self._entries("settings"):
            name = ".".join(keys[1:])
            if name not in SETTINGS:
                meant = nearest(name, SETTINGS)
                hint = f'did you mean "{meant}"?' if meant else "only settings of the planner belong here"
                self._wrong(f'"{name}" is not a setting of the planner', hint, *keys)
            elif isinstance(written, bool):
                yield Setting(self._word(name, keys), "on" if written else "off")
            elif isinstance(written, int | float | str):
                yield Setting(self._word(name, keys), str(written))
            else:
                self._wrong(f'setting "{name}" has no single value', "write a number or a string", *keys)

    def _sums(self, shares: tuple[Share, ...]) -> None:
        sums: dict[str, float] = {}
        for each in shares:
            sums[each.of.text] = sums.get(each.of.text, 0.0) + each.share
        for each in shares:
            total = sums.pop(each.of.text, 0.0)
            if total > 1 + 1e-9:
                self._problems.append(
                    Problem(
                        message=f'the shares of "{each.of.text}" add up to {total:g}',
                        place=each.of.place,
                        hint="make them 1, or less: what is missing is shared by the values that are not named",
                    )
                )

    def _entries(self, name: str) -> Iterator[tuple[tuple[str, ...], object]]:
        """Each value below a section, with its keys. `a.b = 1` and `"a.b" = 1` are alike."""
        section = self._document.values.get(name, {})
        if not isinstance(section, dict):
            self._wrong(f'"{name}" is not a section', f"write [{name}], and below it one line for each", name)
            return
        yield from _leaves((name,), section)

    def _word(self, text: str, keys: tuple[str, ...]) -> Word:
        return Word(text, self._place(keys))

    def _place(self, keys: tuple[str, ...]) -> Place:
        return self._document.place(*keys)

    def _wrong(self, message: str, hint: str, *keys: str) -> None:
        self._problems.append(Problem(message=message, place=self._place(keys), hint=hint))


def _leaves(keys: tuple[str, ...], table: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], object]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _leaves((*keys, key), value)
        else:
            yield (*keys, key), value


def _number(written: object) -> float | None:
    if isinstance(written, bool) or not isinstance(written, int | float):
        return None
    return float(written) if abs(written) < float("inf") else None


def _count(written: object) -> float | None:
    number = _number(written)
    return number if number is not None and 1 <= number <= _MOST_ROWS else None


def _share(written: object) -> float | None:
    number = _number(written)
    return number if number is not None and 0 <= number <= 1 else None


def _bytes(written: object) -> float | None:
    number = _number(written)
    return number if number is not None and 1 <= number <= 1 << 30 else None


def _span(written: object) -> float | None:
    match = _SPAN.fullmatch(written) if isinstance(written, str) else None
    days = float(match[1]) * _DAYS[match[2]] if match else 0.0
    return days if days > 0 else None


_SECTIONS: Mapping[str, _Section] = {
    "rows": _Section(_count, "a number of rows from 1 to 1e12", columns=False),
    "fan_out": _Section(_count, "a number of rows for each value, from 1 on"),
    "hot": _Section(_share, "a share from 0 to 1"),
    "nulls": _Section(_share, "a share from 0 to 1"),
    "span": _Section(_span, 'a time such as "90 days" or "2 years"'),
    "width": _Section(_bytes, "a number of bytes"),
}
