"""Gives btrees the height that they have at production size: the planner reads it from their first page.

It adds to the cost of every descent (_bt_getrootheight in src/backend/access/nbtree/nbtpage.c, btcostestimate in
src/backend/utils/adt/selfuncs.c). A page that a server has once read is in its memory, from where it may write it
again; so nothing is changed in a file that it knows. The index gets another one: a first page that names the root,
the root, and a leaf with nothing in it, so that a look at the ends (get_actual_variable_range) finds its way and
no row. The levels between are not there: who descends asks for a leaf, and counts none. `inject` makes that file
the index's own, with the rest of pg_class.
"""

from __future__ import annotations

import os
import struct
from dataclasses import replace
from pathlib import Path

from pgproof.explain.size.layout import Layout, Measured
from pgproof.explain.size.own import OwnDatabase

_FIRST_NUMBER = 4_000_000_000
"""Above what the server counts up to while we use it; it never takes a number whose file is there."""
_VERSION = 4  # PG_PAGE_LAYOUT_VERSION (bufpage.h), and BTREE_VERSION (nbtree.h)
_MAGIC = 0x053162
_HEADER = struct.Struct("=QHHHHHHI")  # lsn, checksum, flags, lower, upper, special, size and version, prune xid
_META = struct.Struct("=6II4xd?7x")  # magic, version, root, level, fast root, its level, and what VACUUM left
_SPECIAL = struct.Struct("=IIIHH")  # left, right, level, flags, vacuum's cycle
_DOWN = struct.Struct("=HHHH")  # block (high, low), number of keys, size and flags
_LEAF, _ROOT, _IS_META = 1, 2, 8
_NO_KEYS = 0x2000  # INDEX_ALT_TID_MASK: a pivot tuple, here of no keys: minus infinity


def rooted(own: OwnDatabase, layout: Layout) -> Layout:
    """The layout with a file for each btree, which is made and has its first pages. Raises OSError."""
    uid, gid = own.owner
    number = _FIRST_NUMBER
    relations = []
    for each in layout.relations:
        if each.relation.method == "btree" and each.relation.path:
            number = _free(own.data / each.relation.path, number)
            each = _moved(each, number)
            path = own.data / each.relation.path
            with path.open("xb") as file:
                os.fchmod(file.fileno(), 0o600)
                os.fchown(file.fileno(), uid, gid)
                file.write(first_pages(each.height, own.page))
        relations.append(each)
    return replace(layout, relations=tuple(relations))


def clear(own: OwnDatabase, layout: Layout) -> None:
    """Take the room that those files have on disk, when another layout is in force. Their numbers stay taken."""
    for each in layout.relations:
        if each.file:
            path = own.data / each.relation.path
            for part in (path, *path.parent.glob(f"{path.name}.*")):
                os.truncate(part, 0)


def first_pages(height: int, page: int) -> bytes:
    """The first pages of an empty btree whose root is on that level, of so many bytes each."""
    leaf = _packed(page, b"", b"", 0, _LEAF if height else _LEAF | _ROOT)
    if not height:
        return _meta(height, page) + leaf
    down = _DOWN.pack(0, 2, 0, _DOWN.size | _NO_KEYS)
    at = page - _SPECIAL.size - _DOWN.size
    pointer = struct.pack("=I", at | 1 << 15 | _DOWN.size << 17)  # ItemIdData: offset, LP_NORMAL, length
    return _meta(height, page) + _packed(page, pointer, down, height, _ROOT) + leaf


def _free(path: Path, number: int) -> int:
    while (path.parent / str(number)).exists():
        number += 1
    return number


def _moved(measured: Measured, number: int) -> Measured:
    folder = measured.relation.path.rpartition("/")[0]
    return replace(measured, file=number, relation=replace(measured.relation, path=f"{folder}/{number}"))


def _meta(height: int, page: int) -> bytes:
    content = _META.pack(_MAGIC, _VERSION, 1, height, 1, height, 0, -1.0, False)
    return _packed(page, content, b"", 0, _IS_META)


def _packed(page: int, begin: bytes, end: bytes, level: int, flags: int) -> bytes:
    """A page with that behind its header, and that before its special space, which has level and flags."""
    at = page - _SPECIAL.size
    header = _HEADER.pack(0, 0, 0, _HEADER.size + len(begin), at - len(end), at, page | _VERSION, 0)
    room = at - len(end) - _HEADER.size - len(begin)
    return header + begin + bytes(room) + end + _SPECIAL.pack(0, 0, level, flags, 0)
