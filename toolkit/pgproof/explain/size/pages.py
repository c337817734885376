"""How many pages a table or an index of so many rows has: the arithmetic of the page layout.

Sources: 66.6 of the manual (page layout), heap_compute_data_size in src/backend/access/common/heaptuple.c,
src/include/access/nbtree.h and itup.h. A btree is 90 % full where keys come in order, and 69 % where they come at
random (the steady state of splits in the middle); many entries of one key share one (btree's deduplication).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from pgproof.explain.size.column import Column

_PAGE_HEADER = 24
_LINE_POINTER = 4
_TUPLE_HEADER = 23
_INDEX_TUPLE_HEADER = 8
_BTREE_SPECIAL = 16
_ORDERED, _RANDOM = 0.9, 0.69
_INNER = 0.7  # of pages between root and leaves: BTREE_NONLEAF_FILLFACTOR, and what splits leave
_TID = 6
_POSTING = 100  # TIDs that share a key's entry before it is split, roughly
_BRIN_RANGE = 128
_ALIGNS = {"c": 1, "s": 2, "i": 4, "d": 8}
_MOST_PAGES = 2**32 - 2


def heap(rows: float, columns: Sequence[Column], size: int, page: int, fillfactor: int = 0) -> int:
    """Pages of a table."""
    has_nulls = any(column.nulls[size] > 0 for column in columns)
    header = _aligned(_TUPLE_HEADER + ((len(columns) + 7) // 8 if has_nulls else 0), 8)
    data = 0.0
    for column in columns:
        length = column.attribute.length
        if length > 0 and not column.nulls[size]:
            data = _aligned(data, _ALIGNS[column.attribute.align])
        # longer values are compressed or moved out of line (TOAST), down to a quarter of a page
        data += min(column.width[size], page / 4) * (1 - column.nulls[size])
    tuple_size = _aligned(header + data, 8) + _LINE_POINTER
    room = (page - _PAGE_HEADER) * (fillfactor or 100) / 100
    return _whole(rows / max(1, math.floor(room / tuple_size)))


def index(method: str, rows: float, keys: Sequence[Column], size: int, page: int, heap_pages: int) -> int:
    """Pages of an index of that access method over so many rows."""
    width = _width(keys, size)
    entry = _entry(width)
    match method:
        case "brin":
            return _whole(2 + heap_pages / _BRIN_RANGE * (entry + width) / page)
        case "hash":
            return _whole(2 + rows * (_INDEX_TUPLE_HEADER + 8 + _LINE_POINTER) / (page * 0.75))
        case "gin":
            return _whole(2 + rows * _TID * 4 / (page * 0.7))
        case "btree":
            return _btree(rows, entry, keys, size, page)
        case _:
            return _whole(1 + rows * (entry + _LINE_POINTER) / (page * _RANDOM))


def _btree(rows: float, entry: float, keys: Sequence[Column], size: int, page: int) -> int:
    distinct = 1.0
    for column in keys:
        distinct *= column.distinct[size]
    same = rows / max(1.0, min(distinct, rows))
    each = entry / min(same, _POSTING) + _TID if same > 2 else entry
    fill = _ORDERED if keys and keys[0].is_ordered else _RANDOM
    level = math.ceil(rows * each / ((page - _PAGE_HEADER - _BTREE_SPECIAL) * fill))
    pages = 1 + level
    while level > 1:
        level = _above(level, entry, page)
        pages += level
    return _whole(pages)


def height(pages: int, keys: Sequence[Column], size: int, page: int) -> int:
    """The level of the root of a btree of so many pages, 0 where that is a leaf."""
    entry = _entry(_width(keys, size))
    level, found = max(1, pages - 1), 0
    while level > 1:
        level = _above(level, entry, page)
        found += 1
    return found


def _above(level: int, entry: float, page: int) -> int:
    """Pages on the level above one of so many pages: the root is filled before it is split."""
    full = level * entry / (page - _PAGE_HEADER - _BTREE_SPECIAL)
    return 1 if full <= 1 else math.ceil(full / _INNER)


def _width(keys: Sequence[Column], size: int) -> float:
    return _aligned(sum(max(1.0, column.width[size]) for column in keys) or 8.0, 8)


def _entry(width: float) -> float:
    return _aligned(_INDEX_TUPLE_HEADER + width, 8) + _LINE_POINTER


def _aligned(size: float, to: int) -> float:
    return math.ceil(size / to) * to


def _whole(pages: float) -> int:
    return max(1, min(_MOST_PAGES, math.ceil(pages)))
