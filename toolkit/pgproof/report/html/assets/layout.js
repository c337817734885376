// Where the tables of the diagram stand. Tables that refer to one another are gathered in groups of some twenty, and the
// groups are set in rows. Where columns are shown, dagre lays out each group. Where names alone are, so that hundreds
// of them can be read at once, a group has a table that others refer to at its head, and those in columns below it:
// in layers they would take four times the room. Tables without links stand in columns below.

const CARD = { head: 30, row: 19, pad: 7, least: 140, most: 300 };
const PLATE = { size: 14.5, height: 42, least: 84, most: 190 }; // a card with its name alone, on one line or two
const GROUP = 20; // tables: what is more is cut off as a group of its own, where it hangs together
const MOST_OF_A_GROUP = 120;
const MOST_LINKS = 700; // between groups: more of them would hide the tables
const GAP = 22;
const RIM = 14;
const SHAPE = 1.5; // how much wider than high a group is to be

const pen = document.createElement("canvas").getContext("2d");
const widths = new Map();

function widthOf(text, font) {
  const key = `${font} ${text}`;
  if (!widths.has(key)) {
    pen.font = font;
    widths.set(key, pen.measureText(text).width);
  }
  return widths.get(key);
}

/** The columns that a card shows, with how many are left out: none, the keys, or all. */
function rowsOf(table, detail) {
  const rows = { names: [], keys: table.columns.filter((column) => column.key.length), columns: table.columns }[detail];
  const shown = rows.slice(0, detail === "keys" ? 8 : 60);
  return { shown, left: table.columns.length - shown.length };
}

function cardOf(table, detail, fonts) {
  if (detail === "names") return plateOf(table, fonts);
  const { shown, left } = rowsOf(table, detail);
  const name = widthOf(table.written, fonts.name) + (table.state && table.state !== "holds" ? 44 : 28);
  const rows = shown.map((c) => widthOf(c.name, fonts.row) + widthOf(c.type, fonts.row) + 62);
  const width = Math.ceil(Math.min(CARD.most, Math.max(CARD.least, name, ...rows)));
  const lines = shown.length + (left && shown.length ? 1 : 0);
  return { width, height: CARD.head + (lines ? lines * CARD.row + CARD.pad : 0), shown, left };
}

function plateOf(table, fonts) {
  const text = nameOf(table);
  const words = text.split(/(?<=[_.])/);
  const wide = (lines) => (Math.max(...lines.map((line) => widthOf(line, fonts.name))) / 13) * PLATE.size;
  const ways = [[text], broken(words, 2)];
  const lines = wide(ways[0]) <= PLATE.least - 20 || words.length === 1 ? ways[0] : ways[1];
  const width = Math.ceil(Math.min(PLATE.most, Math.max(PLATE.least, wide(lines) + 22)));
  return { width, height: PLATE.height, shown: [], left: table.columns.length };
}

/** The name as it stands alone: with the sign of what is not as it should be. */
function nameOf(table) {
  return table.state && table.state !== "holds" ? `${STATES[table.state].sign} ${table.written}` : table.written;
}

/** `cards` with their places, after a while: `pause` is awaited in between. Besides, the `rims` of groups, `paths` of links by number, `undrawn` links, and the size of it all. */
async function layOut(detail, fonts, aspect, pause) {
  const cards = data.tables.map((table) => cardOf(table, detail, fonts));
  const groups = grouped();
  const lone = groups.filter((group) => group.tables.length === 1).map(({ tables }) => tables[0]);
  const of = new Map();
  const blocks = groups.filter((group) => group.tables.length > 1);
  blocks.forEach((group, n) => group.tables.forEach((table) => of.set(table, n)));
  const within = blocks.map(() => []);
  const between = [];
  data.links.forEach((link, n) => {
    if (of.has(link.from) && of.get(link.from) === of.get(link.to)) within[of.get(link.from)].push(n);
    else if (link.from !== link.to) between.push(n);
  });
  const lay = detail === "names" ? inBox : byDagre;
  const laid = [];
  for (const [n, group] of blocks.entries()) {
    laid.push(lay(group, within[n], cards));
    await pause();
  }
  for (const { loose } of laid) between.push(...loose);
  const wide = widthFor(laid, lone, cards, aspect);
  const height = shelve(laid, wide);
  const paths = new Map();
  for (const each of laid) {
    for (const [n, spot] of each.spots) Object.assign(cards[n], { x: spot.x + each.x, y: spot.y + each.y });
    for (const [n, points] of each.paths) paths.set(n, points.map((p) => ({ x: p.x + each.x, y: p.y + each.y })));
  }
  const end = inColumns(lone, cards, wide, height ? height + GAP : 0);
  const right = Math.max(1, ...cards.map((card) => card.x + card.width), ...laid.map((each) => each.x + each.width));
  const rims = laid.length > 1 ? laid.map((each, n) => ({ ...each, head: blocks[n].head ?? blocks[n].tables[0] })) : [];
  const undrawn = between.length > MOST_LINKS ? between.length : 0;
  return { cards, rims, paths, is_bent: detail === "names", between: undrawn ? [] : between, undrawn, width: right, height: Math.max(end, height, 1) };
}

/** The tables in groups, each with the table at its head. Each hangs on the one that it refers to and that the fewest others refer to. */
function grouped() {
  const count = data.tables.length;
  const referred = new Array(count).fill(0);
  const targets = data.tables.map(() => new Set());
  for (const { from, to } of data.links) {
    if (from !== to && !targets[from].has(to)) {
      targets[from].add(to);
      referred[to] += 1;
    }
  }
  const parent = new Array(count).fill(-1);
  for (let n = 0; n < count; n += 1) {
    const candidates = [...targets[n]].sort((a, b) => referred[a] - referred[b] || a - b);
    parent[n] = candidates.find((each) => !leadsTo(parent, each, n)) ?? -1;
  }
  const children = data.tables.map(() => []);
  parent.forEach((to, n) => to >= 0 && children[to].push(n));
  const found = [];
  const rest = new Array(count).fill(null);
  for (const n of leavesFirst(parent, children)) {
    const parts = children[n].map((each) => rest[each]).sort((a, b) => b.length - a.length);
    let size = 1 + parts.reduce((sum, part) => sum + part.length, 0);
    while (size > GROUP && parts.length && parts[0].length > 3) {
      const cut = parts.shift();
      size -= cut.length;
      found.push({ head: cut[0], tables: cut });
    }
    while (size > MOST_OF_A_GROUP) {
      const cut = parts.splice(-MOST_OF_A_GROUP + 1).flat();
      size -= cut.length;
      found.push({ head: null, tables: cut });
    }
    rest[n] = [n, ...parts.flat()];
    if (parent[n] < 0) found.push({ head: n, tables: rest[n] });
  }
  for (const { tables } of found) tables.sort((a, b) => a - b);
  return found.sort((a, b) => b.tables.length - a.tables.length || a.tables[0] - b.tables[0]);
}

function leadsTo(parent, from, to) {
  for (let n = from; n >= 0; n = parent[n]) if (n === to) return true;
  return false;
}

/** All tables, each after those that hang on it. */
function leavesFirst(parent, children) {
  const found = data.tables.map((_, n) => n).filter((n) => parent[n] < 0);
  for (let n = 0; n < found.length; n += 1) found.push(...children[found[n]]);
  return found.reverse();
}

/** A group in columns below its head; links to the head run between the columns, the others are `loose`. */
function inBox({ head, tables }, links, cards) {
  const members = tables.filter((n) => n !== head);
  const wide = Math.max(...members.map((n) => cards[n].width)) + 20;
  for (const n of members) cards[n].width = wide - 20;
  const high = PLATE.height + 8;
  const count = Math.max(1, Math.min(members.length, Math.round(Math.sqrt((members.length * SHAPE * high) / wide))));
  const rows = Math.ceil(members.length / count);
  const top = RIM + (head === null ? 0 : PLATE.height + 20);
  const spots = new Map(members.map((n, place) => [n, { x: RIM + 12 + Math.floor(place / rows) * wide, y: top + (place % rows) * high }]));
  if (head !== null) spots.set(head, { x: RIM, y: RIM });
  const paths = new Map();
  const loose = [];
  for (const n of links) {
    const { from, to } = data.links[n];
    if (to === head && from !== head) {
      const { x, y } = spots.get(from);
      const [gutter, middle, bus] = [x - 10, y + PLATE.height / 2, top - 10];
      paths.set(n, [{ x, y: middle }, { x: gutter, y: middle }, { x: gutter, y: bus }, { x: RIM + 24, y: bus }, { x: RIM + 24, y: RIM + PLATE.height }]);
    } else if (from !== to) loose.push(n);
  }
  const least = head === null ? 0 : cards[head].width + 2 * RIM;
  return { spots, paths, loose, width: Math.max(least, 2 * RIM + 12 + count * wide - 20), height: top + rows * high - 8 + RIM };
}

/** A group with its links, laid out from left to right. */
function byDagre({ tables: group }, links, cards) {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: 10, ranksep: 42, edgesep: 4, marginx: RIM, marginy: RIM });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const n of group) graph.setNode(String(n), { width: cards[n].width, height: cards[n].height });
  const lengths = ranks(group, links, cards);
  for (const n of links) {
    const { from, to } = data.links[n];
    if (from !== to) graph.setEdge(String(from), String(to), { minlen: lengths.get(n) || 1 }, String(n));
  }
  dagre.layout(graph);
  const spots = new Map();
  for (const n of group) {
    const { x, y, width, height } = graph.node(String(n));
    spots.set(n, { x: x - width / 2, y: y - height / 2 });
  }
  const paths = new Map();
  for (const edge of graph.edges()) paths.set(Number(edge.name), graph.edge(edge).points);
  const { width, height } = graph.graph();
  return { spots, paths, loose: [], width, height };
}

/** How many ranks links span: tables that refer to one stand in several ranks, where a single one would be too high. */
function ranks(group, links, cards) {
  const referring = new Map();
  for (const n of links) {
    const { from, to } = data.links[n];
    if (from !== to) referring.set(to, [...(referring.get(to) || []), n]);
  }
  const mean = (what) => group.reduce((sum, n) => sum + cards[n][what], 0) / group.length;
  const rows = Math.max(3, Math.ceil(Math.sqrt((group.length * (mean("width") + 42)) / ((mean("height") + 10) * SHAPE))));
  const lengths = new Map();
  for (const mine of referring.values()) {
    const own = (n) => (referring.get(data.links[n].from) || []).length;
    mine.sort((a, b) => own(b) - own(a) || a - b);
    mine.forEach((n, place) => lengths.set(n, 1 + Math.floor(place / rows)));
  }
  return lengths;
}

/** The width of the rows with which all of it is largest in a window of that shape. */
function widthFor(blocks, lone, cards, aspect) {
  const area = blocks.reduce((sum, b) => sum + (b.width + GAP) * (b.height + GAP), 0);
  const bricks = lone.reduce((sum, n) => sum + (cards[n].width + GAP) * (cards[n].height + GAP), 0);
  const least = Math.max(1, ...blocks.map((each) => each.width), ...lone.map((n) => cards[n].width));
  let best = null;
  for (let factor = 0.5; factor < 2.4; factor += 0.06) {
    const wide = Math.max(least, Math.sqrt((area + bricks) * aspect) * factor);
    const height = shelve(blocks, wide);
    const end = inColumns(lone, cards, wide, height ? height + GAP : 0);
    const right = Math.max(...blocks.map((each) => each.x + each.width), ...lone.map((n) => cards[n].x + cards[n].width));
    const size = Math.max(right, end * aspect);
    if (!best || size < best.size) best = { wide, size };
  }
  return best.wide;
}

/** Sets blocks in rows of that width, from the highest to the lowest; gives the height of it all. */
function shelve(blocks, wide) {
  let [x, y, row] = [0, 0, 0];
  for (const each of [...blocks].sort((a, b) => b.height - a.height)) {
    if (x && x + each.width > wide) [x, y, row] = [0, y + row + GAP, 0];
    Object.assign(each, { x, y });
    x += each.width + GAP;
    row = Math.max(row, each.height);
  }
  return y + row;
}

/** Sets tables that are on their own in columns, in their order, from `top` on; gives where they end. */
function inColumns(numbers, cards, wide, top) {
  if (!numbers.length) return top;
  const widest = Math.max(...numbers.map((n) => cards[n].width)) + GAP;
  const count = Math.max(1, Math.min(numbers.length, Math.floor((wide + GAP) / widest)));
  const ends = new Array(count).fill(top);
  numbers.forEach((n) => {
    const column = ends.indexOf(Math.min(...ends));
    Object.assign(cards[n], { x: column * widest, y: ends[column] });
    ends[column] += cards[n].height + 14;
  });
  return Math.max(...ends) - 14;
}
