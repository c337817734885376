"""What a profile makes of a schema: how many rows each table has at each size, and what its columns hold.

The figures are checked against the schema first: all that is impossible is told at once. What the profile does not
say has a default, and which that is, is said (`Model.said`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pgproof.catalog.snapshot import Constraint, Snapshot, Table
from pgproof.contract.profile import Profile
from pgproof.contract.promise import Size
from pgproof.explain.size import declared
from pgproof.explain.size.column import FAN_OUT, HOT, NULLS, Column, Part, Said, column, is_named
from pgproof.explain.size.exported import Exported, said_of
from pgproof.explain.size.extended import Extended, Statistics
from pgproof.explain.size.shape import Attribute, Relation, Shape, Type
from pgproof.explain.size.words import short

_TIMES = (0.1, 1.0, 10.0, 100.0)
"""The sizes where statistics were exported, as multiples of those."""
_FEWEST = 100.0
"""Rows of a table that others refer to, where the profile does not say."""
Name = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Rows of each table (schema, name) at each size, of partitions as a whole; columns by relation and position.

    Those of `expressions` are extended statistics', by the number of these and their own from -1 down. `said` are
    sentences: which figures are defaults, and what has no size.
    """

    sizes: tuple[float, ...]
    rows: Mapping[Name, tuple[float, ...]]
    columns: Mapping[tuple[int, int], Column]
    extended: tuple[tuple[Statistics, Extended], ...] = ()
    expressions: Mapping[tuple[int, int], Column] = field(default_factory=dict)
    said: tuple[str, ...] = ()


def model(profile: Profile, snapshot: Snapshot, shape: Shape, exported: Exported | None = None) -> Model:
    """The model of the tables of `shape`, with statistics that were exported where there are some.

    Raises InputError with every figure that cannot be.
    """
    lost = exported.strangers(snapshot) if exported else ()
    extended, homeless = _extended(shape, exported)
    profile = sized(profile, exported)
    said = declared.read(profile, snapshot, exported)
    rows = _Rows(profile, snapshot, said)
    tables = {(each.schema, each.name): rows.of((each.schema, each.name)) for each in snapshot.tables}
    declared.check(said, snapshot, tables, rows.foreign_keys)
    columns: dict[tuple[int, int], Column] = {}
    unlike: dict[str, None] = {}
    for relation in shape.tables:
        name = (relation.schema, relation.name)
        whole = shape.root(relation)
        top = (whole.schema, whole.name)
        if name in tables and top in tables:
            for attribute in shape.attributes[relation.number]:
                part = _part(snapshot, top, attribute.name, shape.types[attribute.type], rows)
                key = (relation.number, attribute.position)
                spoken = said.columns.get((top, attribute.name), Said())
                if other := _other_type(spoken, shape.types[attribute.type]):
                    unlike[f"values of {'.'.join(top)}.{attribute.name} as {other}"] = None
                columns[key] = column(attribute, shape.types[attribute.type], tables[top], part, spoken)
    for each in _index_columns(shape, columns, tables, exported, len(profile.sizes)):
        unlike[each] = None
    tops = [_name(each) for each in shape.tables if not each.parent]
    return Model(
        sizes=profile.sizes,
        rows={name: tables[name] for name in map(_name, shape.tables) if name in tables},
        columns=columns,
        extended=extended,
        expressions=dict(_expressions(shape, extended, tables)),
        said=tuple(_said(profile, exported, rows, tops, (*lost, *homeless, *unlike))),
    )


def sized(profile: Profile, exported: Exported | None) -> Profile:
    """The profile with the sizes of the export where it says none itself."""
    if profile.has_sizes or exported is None:
        return profile
    sizes = tuple(max(1.0, exported.largest * times) for times in _TIMES)
    return replace(profile, sizes=sizes, has_sizes=True)


def with_promised(profile: Profile, made: Model, promised: Iterable[Size]) -> Profile:
    """The profile with those sizes, too, at which a table has as many rows as a promise names.

    Where the rows of that table do not follow the sizes there is none, and it is not planned at that.
    """
    for each in promised:
        known = [rows for (schema, name), rows in made.rows.items() if each.table in (name, f"{schema}.{name}")]
        if known and len(set(known[0])) == len(known[0]):
            profile = profile.with_size(made.sizes[-1] * each.rows / known[0][-1])
    return profile


def _name(relation: Relation) -> Name:
    return relation.schema, relation.name


class _Rows:
    """How many rows each table has: what is said, else what those that refer to it leave, else the sizes."""

    def __init__(self, profile: Profile, snapshot: Snapshot, said: declared.Declared) -> None:
        self._sizes = profile.sizes
        self._said = said
        self._known: dict[Name, tuple[float, ...]] = {}
        self._open: set[Name] = set()
        self.derived: dict[Name, tuple[Name, float]] = {}
        self.foreign_keys = [
            c
            for c in snapshot.constraints
            if c.kind == "f" and len(c.columns) == 1 and (c.schema, c.table) != _parent(c)
        ]
        self._children: dict[Name, list[Constraint]] = {}
        for each in self.foreign_keys:
            self._children.setdefault(_parent(each), []).append(each)

    def of(self, table: Name) -> tuple[float, ...]:
        """The rows of a table at each size."""
        if table not in self._known:
            self._open.add(table)
            self._known[table] = self._said.rows.get(table) or self._from_children(table) or self._sizes
            self._open.discard(table)
        return self._known[table]

    def _from_children(self, table: Name) -> tuple[float, ...]:
        """As many as the tables that refer to it need, of those that do not wait for its own figure."""
        children = [c for c in self._children.get(table, ()) if (c.schema, c.table) not in self._open]
        if not children:
            return ()
        needs = []
        for each in children:
            rows = self.of((each.schema, each.table))
            spoken = self._said.columns.get(((each.schema, each.table), each.columns[0]), Said()).fan_out
            fan_out = spoken or (FAN_OUT,) * len(rows)
            fewest = 1.0 if spoken else _FEWEST
            needs.append(tuple(max(fewest, rows[k] / fan_out[k]) for k in range(len(rows))))
        self.derived[table] = ((children[0].schema, children[0].table), FAN_OUT)
        return tuple(max(need[k] for need in needs) for k in range(len(self._sizes)))


def _parent(constraint: Constraint) -> Name:
    return constraint.references_schema or "", constraint.references_table or ""


def _part(snapshot: Snapshot, table: Name, name: str, kind: Type, rows: _Rows) -> Part:
    """What constraints and indexes say of one column alone."""
    whole = Table(schema=table[0], name=table[1], kind="", visible=False)
    unique = any(
        index.unique and index.predicate is None and len(index.keys) == 1 and index.keys[0].expression == name
        for index in snapshot.indexes_of(whole)
        if index.keys and index.keys[0].is_column
    )
    constraints = [c for c in snapshot.constraints_of(whole) if c.columns == (name,)]
    parents = [c for c in constraints if c.kind == "f"]
    return Part(
        is_unique=unique,
        labels=labels(kind, name, constraints),
        parent=rows.of(_parent(parents[0])) if parents else (),
    )


def labels(kind: Type, name: str, constraints: Sequence[Constraint]) -> tuple[str, ...]:
    """The values that a column is limited to, as text: of an enumeration, a boolean, or a CHECK with a list."""
    if kind.kind == "e":
        return tuple(kind.labels)
    if kind.name == "boolean":
        return ("t", "f")
    return declared.listed(constraints, name)


def _other_type(said: Said, kind: Type) -> str:
    """The type of values that are said, where the column is of another one; else ""."""
    written = said.ranges.type if said.ranges.bounds else said.type if said.common or said.bounds else ""
    return "" if not written or is_named(written, kind) else written


def _index_columns(
    shape: Shape,
    columns: dict[tuple[int, int], Column],
    rows: Mapping[Name, tuple[float, ...]],
    exported: Exported | None,
    sizes: int,
) -> Iterator[str]:
    """Keys of indexes: one on a column is as that is, an expression as it was exported, else as by default.

    Given are those that were exported, and are others here.
    """
    tables = {each.number: each for each in shape.tables}
    for index in shape.relations:
        owner = tables.get(index.owner)
        if owner is None or _name(shape.root(owner)) not in rows:
            continue
        parts = 1 if owner.kind == "p" else max(1, len(shape.leaves(shape.root(owner))))
        whole = tuple(each / parts for each in rows[_name(shape.root(owner))])
        for place, own in enumerate(shape.attributes[index.number]):
            key = (index.number, own.position)
            position = index.positions[place]
            if position and (owner.number, position) in columns:
                columns[key] = columns[owner.number, position]
            elif not position:
                attribute = shape.expressions.get(key, own)
                said, other = _said_of_key(shape, index, attribute, exported, sizes)
                is_unique = index.is_unique and index.keys == 1 and not index.predicate
                columns[key] = _expression(shape, attribute, whole, said, is_unique)
                if not other and (kind := _other_type(said, columns[key].type)):
                    other = f"values of {attribute.name} as {kind}"
                if other:
                    yield f"{other} in index {'.'.join(_name(index))}"


def _said_of_key(
    shape: Shape, index: Relation, attribute: Attribute, exported: Exported | None, sizes: int
) -> tuple[Said, str]:
    """What was exported of an expression of an index, or the expression if that is another one there."""
    indexes = {each.number: each for each in shape.relations if each.is_index}
    top = index
    while top.parent in indexes:
        top = indexes[top.parent]
    known = exported.key(_name(index), _name(top), attribute.position) if exported else None
    if known is None or exported is None:
        return Said(), ""
    is_same = (index.number, attribute.position) not in shape.expressions or attribute.name == known.text
    return (
        (said_of(known.figures, exported.rows.get(known.table, 1.0), sizes), "")
        if is_same
        else (Said(), known.text)
    )


def _expression(
    shape: Shape, attribute: Attribute, rows: tuple[float, ...], said: Said, is_unique: bool = False
) -> Column:
    kind = shape.types[attribute.type]
    return column(attribute, kind, rows, Part(is_unique=is_unique, labels=labels(kind, "", ())), said)


def _expressions(
    shape: Shape, extended: Sequence[tuple[Statistics, Extended]], rows: Mapping[Name, tuple[float, ...]]
) -> Iterator[tuple[tuple[int, int], Column]]:
    """Expressions of extended statistics of which something is known."""
    tables = {each.number: _name(each) for each in shape.tables}
    for found, said in extended:
        whole = rows.get(tables[found.owner])
        for number, figures in said.expressions.items() if whole is not None else ():
            attribute = shape.expressions.get((found.number, number))
            if attribute is not None and whole is not None:
                spoken = said_of(figures, said.rows, len(whole))
                yield (found.number, number), _expression(shape, attribute, whole, spoken)


def _extended(
    shape: Shape, exported: Exported | None
) -> tuple[tuple[tuple[Statistics, Extended], ...], tuple[str, ...]]:
    """The extended statistics that were exported with those of the same name, and names of those without."""
    tables = {each.number: each for each in shape.tables}
    names = {_name(each) for each in shape.tables}
    known = {(each.schema, each.name): each for each in shape.extended}
    placed, homeless = [], []
    for said in exported.extended if exported else ():
        found = known.get((said.schema, said.name))
        if said.table not in names:
            continue
        if found is None or _name(tables[found.owner]) != said.table or not said.fits(found):
            homeless.append(f"statistics {said.schema}.{said.name}")
        elif said.inherited == (tables[found.owner].kind == "p"):
            placed.append((found, said))
    return tuple(placed), tuple(dict.fromkeys(homeless))


def _said(
    profile: Profile, exported: Exported | None, rows: _Rows, tables: list[Name], lost: Sequence[str]
) -> Iterator[str]:
    """Which figures are whose, in sentences."""
    sizes = ", ".join(map(short, profile.sizes))
    yield f"sizes {sizes} rows {f'by {profile.path}' if profile.path else 'by default: there is no profile.toml'}"
    spoken = {each.name.text for each in profile.settings}
    settings = {k: v for k, v in (exported.settings if exported else {}).items() if k not in spoken}
    if profile.statistics:
        yield f"other figures are those of {profile.statistics}, where it has some"
        if settings:
            yield f"planned with its {', '.join(f'{name} = {value}' for name, value in settings.items())}"
    if lost:
        yield f"{profile.statistics} speaks of {', '.join(lost)}, which the migrations do not create"
    derived = ", ".join(sorted(table[1] for table in tables if table in rows.derived))
    if derived:
        yield f"{derived}: a row for each {FAN_OUT:g} that refer to it, where nothing else is said"
    yield (
        f"by default each value of a column that is not unique is in {FAN_OUT:g} rows, the most frequent one in "
        f"{HOT:.0%} of all, and a column that may be NULL is so in {NULLS:.0%}"
    )
