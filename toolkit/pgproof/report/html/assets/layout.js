// Where the tables of the diagram stand. Those that foreign keys connect are laid out by dagre, each group for itself,
// the others in columns below; the groups are set beside one another.

const CARD = { head: 30, row: 19, pad: 7, least: 140, most: 300 };
const MOST_OF_A_GROUP = 320; // tables; dagre takes seconds for more
const GAP = 34;

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

/** The columns that a card shows: all, or keys alone, with how many are left out. */
function rowsOf(table, is_whole) {
  const rows = is_whole ? table.columns : table.columns.filter((column) => column.key.length);
  const shown = rows.slice(0, is_whole ? 60 : 8);
  return { shown, left: table.columns.length - shown.length };
}

function cardOf(table, is_whole, fonts) {
  const { shown, left } = rowsOf(table, is_whole);
  const name = widthOf(table.written, fonts.name) + 44;
  const rows = shown.map((c) => widthOf(c.name, fonts.row) + widthOf(c.type, fonts.row) + 62);
  const width = Math.ceil(Math.min(CARD.most, Math.max(CARD.least, name, ...rows)));
  const lines = shown.length + (left && shown.length ? 1 : 0);
  return { width, height: CARD.head + (lines ? lines * CARD.row + CARD.pad : 0), shown, left };
}

/** `cards` with their places, `paths` of links by number, the size of it all; `unlinked` if it was too much for dagre. */
function layOut(is_whole, fonts, aspect) {
  const cards = data.tables.map((table) => cardOf(table, is_whole, fonts));
  const groups = connected();
  const blocks = [];
  const lone = [];
  let unlinked = 0;
  const paths = new Map();
  for (const group of groups) {
    if (group.tables.length === 1 && !group.links.length) lone.push(group.tables[0]);
    else if (group.tables.length > MOST_OF_A_GROUP) {
      unlinked += group.tables.length;
      lone.push(...group.tables);
    } else blocks.push(byDagre(group, cards, aspect));
  }
  const area = blocks.reduce((sum, b) => sum + (b.width + GAP) * (b.height + GAP), 0);
  const bricks = lone.reduce((sum, n) => sum + (cards[n].width + GAP) * (cards[n].height + GAP), 0);
  const wide = Math.max(...blocks.map((b) => b.width), Math.sqrt((area + bricks) * aspect), 1);
  const height = shelve(blocks, wide);
  for (const each of blocks) {
    for (const [n, spot] of each.spots) Object.assign(cards[n], { x: spot.x + each.x, y: spot.y + each.y });
    for (const [n, points] of each.paths) paths.set(n, points.map((p) => ({ x: p.x + each.x, y: p.y + each.y })));
  }
  const end = inColumns(lone, cards, wide, height ? height + GAP : 0);
  const right = cards.reduce((most, card) => Math.max(most, card.x + card.width), 1);
  return { cards, paths, width: right, height: Math.max(end, height, 1), unlinked };
}

/** The groups of tables that foreign keys connect, largest first. */
function connected() {
  const root = data.tables.map((_, n) => n);
  const find = (n) => {
    while (root[n] !== n) n = root[n] = root[root[n]];
    return n;
  };
  for (const link of data.links) root[find(link.from)] = find(link.to);
  const groups = new Map();
  data.tables.forEach((_, n) => {
    const key = find(n);
    if (!groups.has(key)) groups.set(key, { tables: [], links: [] });
    groups.get(key).tables.push(n);
  });
  data.links.forEach((link, n) => groups.get(find(link.from)).links.push(n));
  return [...groups.values()].sort((a, b) => b.tables.length - a.tables.length || a.tables[0] - b.tables[0]);
}

function byDagre(group, cards, aspect) {
  const tries = group.tables.length > 3 ? ["LR", "TB"] : ["LR"];
  const found = tries.map((direction) => oneWay(group, cards, direction));
  const badness = (b) => Math.max(b.width, b.height * aspect); // how small it is in the window
  return found.reduce((best, each) => (badness(each) < badness(best) ? each : best));
}

function oneWay(group, cards, direction) {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  const is_large = group.tables.length > 120;
  graph.setGraph({ rankdir: direction, nodesep: 26, ranksep: direction === "LR" ? 70 : 56, edgesep: 8, ranker: is_large ? "tight-tree" : "network-simplex" });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const n of group.tables) graph.setNode(String(n), { width: cards[n].width, height: cards[n].height });
  for (const n of group.links) {
    const { from, to } = data.links[n];
    if (from !== to) graph.setEdge(String(from), String(to), {}, String(n));
  }
  dagre.layout(graph);
  const spots = new Map();
  for (const n of group.tables) {
    const { x, y, width, height } = graph.node(String(n));
    spots.set(n, { x: x - width / 2, y: y - height / 2 });
  }
  const paths = new Map();
  for (const edge of graph.edges()) paths.set(Number(edge.name), graph.edge(edge).points);
  const { width, height } = graph.graph();
  return { spots, paths, width, height };
}

/** Sets blocks in rows of that width, from the highest to the lowest; gives the height of it all. */
function shelve(blocks, wide) {
  let [x, y, row] = [0, 0, 0];
  blocks.sort((a, b) => b.height - a.height);
  for (const each of blocks) {
    if (x && x + each.width > wide) [x, y, row] = [0, y + row + GAP * 1.5, 0];
    Object.assign(each, { x, y });
    x += each.width + GAP * 1.5;
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
    ends[column] += cards[n].height + 18;
  });
  return Math.max(...ends) - 18;
}
