// The tables and what refers to what, drawn. It can be moved and zoomed by pointer, wheel, fingers and keys.

const FAR = 0.62; // below this scale only names are drawn, as large as their cards allow
const AFAR = 0.34; // below this one only the names of groups are
const READ = 0.75; // at which a chosen table is shown at least
const SCALES = [0.03, 2.5];
const MANY = 100; // tables, of which it is said that they are being drawn
const diagram = { view: { x: 0, y: 0, k: 1 }, chosen: null, nodes: [], lines: [], detail: "columns", turn: 0 };

function schemaPart() {
  if (!data.tables.length) return section("schema", "Schema", make("p", { class: "lead" }, "There is no table."));
  diagram.world = drawn("g", { class: "world" });
  diagram.svg = drawn(
    "svg",
    { role: "group", "aria-label": `Entity diagram: ${counted(data.tables.length, "table")}, ${counted(data.links.length, "foreign key")}` },
    drawn("defs", {}, arrow("arrow"), arrow("arrow-lit")),
    diagram.world,
  );
  diagram.busy = make("p", { class: "busy", "aria-hidden": "true", hidden: true });
  diagram.canvas = make("div", { class: "canvas" }, diagram.svg, diagram.busy, tools(), make("p", { class: "how" }, "Drag to move, Ctrl + wheel or + and − to zoom, arrow keys to walk"));
  diagram.panel = make("aside", { class: "panel", "aria-labelledby": "panel-title" });
  diagram.frame = make("div", { class: "diagram" }, diagram.canvas, diagram.panel);
  diagram.note = make("p", { class: "meta", hidden: true });
  listen();
  showList();
  return section("schema", "Schema", make("p", { class: "lead" }, ...summaryOfSchema()), diagram.frame, diagram.note);
}

function summaryOfSchema() {
  const bad = data.tables.filter((each) => each.state === "fails" || each.state === "unknown").length;
  const parts = [`${counted(data.tables.length, "table")}, ${counted(data.links.length, "foreign key")}. `];
  if (!data.findings.length) return parts;
  return [...parts, bad ? `Something is open about ${bad === 1 ? "one of them" : `${bad} of them`}.` : "Nothing is open about any of them."];
}

function arrow(id) {
  return drawn(
    "marker",
    { id, viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: 9, markerHeight: 9, orient: "auto", markerUnits: "userSpaceOnUse" },
    drawn("path", { d: "M0 1 L9 5 L0 9", class: id }),
  );
}

const DETAILS = { names: ["Names", "Show names alone"], keys: ["Keys", "Show keys"], columns: ["Columns", "Show all columns"] };

function tools() {
  const count = data.tables.length;
  diagram.detail = count <= 14 ? "columns" : count <= 24 ? "keys" : "names";
  const button = (label, text, act, more = {}) => make("button", { type: "button", "aria-label": label, title: label, ...more, on: { click: act } }, text);
  const details = Object.entries(DETAILS).map(([detail, [text, label]]) =>
    button(label, text, () => {
      diagram.detail = detail;
      details.forEach((each) => each.setAttribute("aria-pressed", String(each.textContent === text)));
      arrange();
    }, { "aria-pressed": String(detail === diagram.detail) }),
  );
  const whole = button("Fill the window", "⤢", () => {
    const is = diagram.frame.classList.toggle("filling");
    whole.setAttribute("aria-pressed", String(is));
    fit();
  }, { "aria-pressed": "false" });
  diagram.leave = () => diagram.frame.classList.contains("filling") && (whole.click(), true);
  return make(
    "div",
    { class: "tools", role: "toolbar", "aria-label": "Diagram" },
    ...details,
    button("Zoom in", "+", () => zoom(1.3)),
    button("Zoom out", "−", () => zoom(1 / 1.3)),
    button("Show all of it", "Fit", fit),
    whole,
  );
}

/** Lays everything out anew, and draws it. Until it is there, what was there before stays; who asks last is heard. */
async function arrange() {
  const { clientWidth: width, clientHeight: height } = diagram.canvas;
  if (!width) return;
  const turn = (diagram.turn += 1);
  const count = counted(data.tables.length, "table");
  const is_long = data.tables.length > MANY;
  if (is_long) {
    busy(`Drawing ${count} …`);
    await drawnOnce();
  }
  const pause = pacing();
  const sans = colour("--sans");
  const fonts = { name: `600 13px ${sans}`, row: `12px ${sans}` };
  const spread = await layOut(diagram.detail, fonts, (width - 32) / (height - 96), pause);
  const nodes = [];
  for (const [n, card] of spread.cards.entries()) {
    if (turn !== diagram.turn) return;
    nodes.push(node(card, n));
    await pause();
  }
  const between = new Set(spread.between);
  const lines = data.links.map((link, n) => line(link, spread.paths.get(n), between.has(n), spread));
  if (turn !== diagram.turn) return;
  Object.assign(diagram, { spread, nodes, lines });
  show(spread);
  if (is_long) {
    busy("");
    say(`${count} drawn`);
  }
}

/** Says that the diagram is being drawn; "" when it is there. */
function busy(text) {
  diagram.busy.textContent = text;
  diagram.busy.hidden = !text;
  diagram.svg.setAttribute("aria-busy", String(Boolean(text)));
  if (text) say(text);
}

/** Puts what was laid out on the page. */
function show(spread) {
  diagram.world.replaceChildren(
    drawn("g", { class: "rims", "aria-hidden": "true" }, ...spread.rims.map(({ x, y, width, height }) => drawn("rect", { x, y, width, height, rx: 12 }))),
    drawn("g", { class: "lines", "aria-hidden": "true" }, ...diagram.lines.filter(Boolean).map((each) => each)),
    (diagram.extra = drawn("g", { class: "extra", "aria-hidden": "true" })),
    drawn("g", { class: "cards" }, ...diagram.nodes),
    drawn("g", { class: "heads", "aria-hidden": "true" }, ...headNames(spread.rims)),
  );
  diagram.note.hidden = !spread.undrawn;
  diagram.note.textContent = `Of ${counted(spread.undrawn, "foreign key")} between groups of tables, those of the table that is chosen are drawn.`;
  suit();
  fit();
  light();
  if (diagram.chosen !== null) intoView(diagram.chosen, READ);
  if (diagram.is_printed) printDiagram(true);
}

/** A small schema needs no high frame. */
function suit() {
  const { width, height } = diagram.spread;
  const scale = Math.min(1.15, (diagram.canvas.clientWidth - 40) / width);
  diagram.frame.style.setProperty("--wanted", `${Math.ceil(height * scale + 120)}px`);
}

function node(card, n) {
  const it = data.tables[n];
  const label = `${it.kind} ${it.written}, ${counted(it.columns.length, "column")}${it.state ? `, ${STATES[it.state].word}` : ""}`;
  const group = drawn(
    "g",
    {
      class: `card ${it.state || "none"}`,
      transform: `translate(${card.x} ${card.y})`,
      role: "button",
      tabindex: n === (diagram.chosen ?? 0) ? "0" : "-1",
      "aria-label": label,
      "aria-pressed": "false",
      "data-table": n,
    },
    drawn("rect", { class: "box", width: card.width, height: card.height, rx: 7 }),
    drawn("path", { class: "head", d: headOf(card) }),
    drawn("rect", { class: "frame", width: card.width, height: card.height, rx: 7 }),
    drawn("rect", { class: "edge", x: 0, y: 6, width: 4, height: Math.max(8, card.height - 12), rx: 2 }),
  );
  const near = drawn("g", { class: "near" }, clipped(it.written, card.width - 24, "600 13px", { class: "name", x: 13, y: 20 }));
  if (it.state && it.state !== "holds") near.append(drawn("text", { class: `mark ${it.state}`, x: card.width - 14, y: 20, "text-anchor": "middle" }, STATES[it.state].sign));
  group.append(near, farName(nameOf(it), card));
  group.draw_rows = () => {
    group.draw_rows = null;
    near.append(...rowsDrawn(card));
  };
  return group;
}

function headOf({ width, height }) {
  const low = Math.min(CARD.head, height);
  const end = height > CARD.head ? `V${low}H0V7` : `V${low - 7}a7 7 0 0 1 -7 7H7a7 7 0 0 1 -7 -7V7`;
  return `M0 7a7 7 0 0 1 7 -7H${width - 7}a7 7 0 0 1 7 7${end}z`;
}

function rowsDrawn(card) {
  const lines = card.shown.map((column, n) => {
    const y = CARD.head + 17 + n * CARD.row;
    const key = column.key[0];
    return drawn(
      "g",
      { class: "row" },
      key ? drawn("text", { class: `key ${key}`, x: 12, y }, key) : drawn("text", { class: "key", x: 12, y }, column.not_null ? "•" : ""),
      clipped(column.name, card.width - 96, "12px", { class: "column", x: 37, y }),
      clipped(column.type, card.width - 60 - Math.min(card.width - 96, widthOf(column.name, `12px ${colour("--sans")}`)), "12px", {
        class: "type",
        x: card.width - 10,
        y,
        "text-anchor": "end",
      }),
    );
  });
  if (card.left && card.shown.length) {
    const y = CARD.head + 17 + card.shown.length * CARD.row;
    lines.push(drawn("text", { class: "type", x: 37, y }, `and ${card.left} more`));
  }
  return lines;
}

/** A text that is cut where it is wider than that; all of it is in its title. */
function clipped(text, most, font, attributes) {
  const full = `${font} ${colour("--sans")}`;
  let shown = text;
  if (widthOf(text, full) > most) {
    let [low, high] = [0, text.length];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (widthOf(`${text.slice(0, middle)}…`, full) <= most) low = middle;
      else high = middle - 1;
    }
    shown = `${text.slice(0, low)}…`;
  }
  return drawn("text", attributes, shown, ...(shown === text ? [] : [drawn("title", {}, text)]));
}

/** The name in the largest letters that the card has room for, on up to three lines. */
function farName(text, card) {
  const words = text.split(/(?<=[_.])/);
  let best = { size: 0, lines: [text] };
  for (let count = 1; count <= Math.min(3, words.length); count += 1) {
    const lines = broken(words, count);
    const widest = Math.max(...lines.map((each) => widthOf(each, `600 13px ${colour("--sans")}`))) / 13;
    const size = Math.min((card.width - 18) / widest, (card.height - 6) / (lines.length * 1.15), diagram.detail === "names" ? PLATE.size : 18);
    if (size > best.size) best = { size, lines };
  }
  const top = card.height / 2 - ((best.lines.length - 1) * best.size * 1.15) / 2;
  return drawn(
    "text",
    { class: "far", "font-size": best.size.toFixed(1), "text-anchor": "middle", "dominant-baseline": "central" },
    ...best.lines.map((each, n) => drawn("tspan", { x: card.width / 2 + 2, y: top + n * best.size * 1.15 }, each)),
  );
}

/** The names of the tables at the heads of groups, as large as most groups have room for: all that is read from afar. */
function headNames(rims) {
  const name = ({ head }) => data.tables[head].written;
  const room = (rim) => Math.min(((rim.width - 16) / widthOf(name(rim), `600 13px ${colour("--sans")}`)) * 13, rim.height / 3);
  const most = rims.map(room).sort((a, b) => a - b)[Math.floor(rims.length * 0.4)];
  return rims.map((rim) =>
    drawn("text", {
      x: rim.x + rim.width / 2,
      y: rim.y + rim.height / 2,
      "font-size": Math.min(room(rim), most).toFixed(1),
      "text-anchor": "middle",
      "dominant-baseline": "central",
    }, name(rim)),
  );
}

/** Words on so many lines, about as long as one another. */
function broken(words, count) {
  const whole = words.join("").length;
  const lines = [""];
  for (const word of words) {
    const is_full = lines[lines.length - 1].length + word.length / 2 > whole / count;
    if (lines[lines.length - 1] && is_full && lines.length < count) lines.push("");
    lines[lines.length - 1] += word;
  }
  return lines;
}

function line(link, points, is_between, spread) {
  if (points) return lineOf(link, spread.is_bent ? bent(points) : curve(points));
  if (link.from === link.to) return loop(link, spread.cards[link.from]);
  return is_between ? direct(link, "link between", spread.cards) : null;
}

function lineOf(link, path, kind = "link") {
  const [from, to] = [data.tables[link.from].written, data.tables[link.to].written];
  return drawn("path", { class: kind, d: path, "data-from": link.from, "data-to": link.to },
    drawn("title", {}, `${from} (${link.columns.join(", ")}) → ${to} (${link.referenced.join(", ")})`));
}

function curve(points) {
  const at = ({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  const middle = (a, b) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
  let path = `M${at(points[0])}`;
  for (let n = 1; n < points.length - 1; n += 1) {
    const end = n === points.length - 2 ? points[n + 1] : middle(points[n], points[n + 1]);
    path += `Q${at(points[n])} ${at(end)}`;
  }
  return points.length === 2 ? `${path}L${at(points[1])}` : path;
}

/** Straight from point to point, with round corners. */
function bent(points) {
  let path = `M${points[0].x} ${points[0].y}`;
  for (let n = 1; n < points.length - 1; n += 1) {
    const [a, b, c] = [points[n - 1], points[n], points[n + 1]];
    const near = (p) => {
      const far = Math.hypot(p.x - b.x, p.y - b.y) || 1;
      const part = Math.min(5, far / 2) / far;
      return `${(b.x + (p.x - b.x) * part).toFixed(1)} ${(b.y + (p.y - b.y) * part).toFixed(1)}`;
    };
    path += `L${near(a)}Q${b.x} ${b.y} ${near(c)}`;
  }
  const last = points[points.length - 1];
  return `${path}L${last.x} ${last.y}`;
}

function loop(link, { x, y, width }) {
  return lineOf(link, `M${x + width - 40} ${y}C${x + width - 34} ${y - 26} ${x + width - 4} ${y - 26} ${x + width - 14} ${y}`);
}

/** A link that was not laid out: from card to card. */
function direct(link, kind, cards = diagram.spread.cards) {
  const [a, b] = [link.from, link.to].map((n) => cards[n]);
  const is_right = b.x + b.width / 2 >= a.x + a.width / 2;
  const [x1, x2] = is_right ? [a.x + a.width, b.x] : [a.x, b.x + b.width];
  const [y1, y2] = [a, b].map((card) => card.y + Math.min(card.height, CARD.head) / 2);
  const bend = Math.max(40, Math.abs(x2 - x1) / 3) * (is_right ? 1 : -1);
  return lineOf(link, `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`, kind);
}

function listen() {
  const { svg } = diagram;
  const pointers = new Map();
  let moved = 0;
  svg.addEventListener("pointerdown", (event) => {
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    moved = 0;
  });
  svg.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const [dx, dy] = [now.x - before.x, now.y - before.y];
    moved += Math.abs(dx) + Math.abs(dy);
    if (moved > 4 && !svg.hasPointerCapture(event.pointerId)) svg.setPointerCapture(event.pointerId);
    if (pointers.size === 2) {
      const other = [...pointers].find(([id]) => id !== event.pointerId)[1];
      const apart = (p) => Math.hypot(p.x - other.x, p.y - other.y) || 1;
      zoom(apart(now) / apart(before), (now.x + other.x) / 2, (now.y + other.y) / 2);
    } else if (moved > 4) move(dx, dy);
    pointers.set(event.pointerId, now);
  });
  for (const type of ["pointerup", "pointercancel"]) svg.addEventListener(type, (event) => pointers.delete(event.pointerId));
  svg.addEventListener("click", (event) => {
    const card = event.target.closest(".card");
    if (moved > 4) return;
    if (card) choose(Number(card.dataset.table));
    else if (diagram.chosen !== null) choose(null);
  });
  diagram.canvas.addEventListener("wheel", (event) => {
    if (!(event.ctrlKey || event.metaKey || diagram.frame.classList.contains("filling"))) return;
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * 0.0022), event.clientX, event.clientY);
  }, { passive: false });
  svg.addEventListener("keydown", byKeyboard);
  document.addEventListener("keydown", (event) => event.key === "Escape" && diagram.leave());
  svg.addEventListener("focusin", (event) => {
    const card = event.target.closest(".card");
    if (card && card.matches(":focus-visible")) intoView(Number(card.dataset.table));
  });
  let known = 0;
  new ResizeObserver(() => {
    if (diagram.canvas.clientWidth === known || diagram.is_printed) return;
    const is_first = !known;
    known = diagram.canvas.clientWidth;
    if (is_first) arrange();
    else fit();
  }).observe(diagram.canvas);
}

function byKeyboard(event) {
  const card = event.target.closest(".card");
  const ways = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
  const acts = { "+": () => zoom(1.3), "=": () => zoom(1.3), "-": () => zoom(1 / 1.3), 0: fit };
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (card && ways[event.key]) walk(Number(card.dataset.table), ways[event.key]);
  else if (card && (event.key === "Enter" || event.key === " ")) choose(Number(card.dataset.table), true);
  else if (event.key === "Escape") {
    if (!diagram.leave()) choose(null);
  } else if (acts[event.key]) acts[event.key]();
  else return;
  event.preventDefault();
}

/** Focuses the nearest card that way. */
function walk(from, [dx, dy]) {
  const centre = ({ x, y, width, height }) => [x + width / 2, y + height / 2];
  const [x, y] = centre(diagram.spread.cards[from]);
  let best = null;
  diagram.spread.cards.forEach((card, n) => {
    const [cx, cy] = centre(card);
    const along = (cx - x) * dx + (cy - y) * dy;
    const across = Math.abs((cx - x) * dy) + Math.abs((cy - y) * dx);
    const far = along + across * 2.2;
    if (n !== from && along > 4 && across <= along * 3 && (!best || far < best.far)) best = { n, far };
  });
  if (best) focusOn(best.n);
}

function focusOn(n) {
  for (const each of diagram.nodes) if (each.getAttribute("tabindex") === "0") each.setAttribute("tabindex", "-1");
  diagram.nodes[n].setAttribute("tabindex", "0");
  diagram.nodes[n].focus({ preventScroll: true });
}

function move(dx, dy) {
  diagram.view.x += dx;
  diagram.view.y += dy;
  place();
}

/** Zooms around a point of the window, or the middle. */
function zoom(factor, clientX, clientY) {
  const { view, canvas } = diagram;
  const box = canvas.getBoundingClientRect();
  const [px, py] = [clientX === undefined ? box.width / 2 : clientX - box.left, clientY === undefined ? box.height / 2 : clientY - box.top];
  const k = Math.min(SCALES[1], Math.max(SCALES[0], view.k * factor));
  view.x = px - ((px - view.x) * k) / view.k;
  view.y = py - ((py - view.y) * k) / view.k;
  view.k = k;
  place();
}

function fit() {
  if (!diagram.spread) return;
  const { width, height } = diagram.spread;
  const { clientWidth: w, clientHeight: h } = diagram.canvas;
  const k = Math.max(SCALES[0], Math.min((w - 32) / width, (h - 96) / height, 1.15));
  diagram.view = { k, x: (w - width * k) / 2, y: 60 + Math.max(0, (h - 96 - height * k) / 2) };
  place();
}

/** Moves a card to the middle, if it is not in view, or too small. */
function intoView(n, least = 0) {
  const { view, canvas, spread } = diagram;
  const card = spread.cards[n];
  const k = Math.max(view.k, least);
  const [x, y] = [view.x + card.x * view.k, view.y + card.y * view.k];
  const is_in = x > 0 && y > 0 && x + card.width * view.k < canvas.clientWidth && y + card.height * view.k < canvas.clientHeight - 40;
  if (is_in && k === view.k) return;
  diagram.view = { k, x: canvas.clientWidth / 2 - (card.x + card.width / 2) * k, y: canvas.clientHeight / 2 - (card.y + Math.min(card.height, 260) / 2) * k };
  place();
}

let is_asked = false;
function place() {
  if (is_asked) return;
  is_asked = true;
  requestAnimationFrame(() => {
    is_asked = false;
    if (diagram.is_printed) return;
    const { x, y, k } = diagram.view;
    diagram.world.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(${k.toFixed(4)})`);
    const is_far = k < FAR && !isRoomy(k);
    diagram.svg.classList.toggle("far", is_far || diagram.detail === "names");
    diagram.svg.classList.toggle("afar", k < AFAR && diagram.spread.rims.length > 0);
    if (!is_far) drawRows(-x / k, -y / k, diagram.canvas.clientWidth / k, diagram.canvas.clientHeight / k);
  });
}

/** Whether names in rows are still legible; on small screens it is as on large ones. */
function isRoomy(k) {
  return 12 * k >= 7.5;
}

/** The columns of the cards in that window, which nobody has seen before. */
function drawRows(left, top, width, height) {
  diagram.spread.cards.forEach((card, n) => {
    const is_in = card.x < left + width && card.x + card.width > left && card.y < top + height && card.y + card.height > top;
    if (is_in && diagram.nodes[n].draw_rows) diagram.nodes[n].draw_rows();
  });
}

/** Chooses a table, or none; with `reads`, what is told of it gets the focus. */
function choose(n, reads = false) {
  diagram.chosen = n;
  diagram.mark(null);
  if (n === null) showList();
  else showTable(n);
  light();
  if (n !== null && diagram.spread) intoView(n, READ);
  if (reads && n !== null) {
    document.getElementById("panel-title").focus({ preventScroll: true });
    diagram.panel.scrollIntoView({ block: "nearest" });
  }
  history.replaceState(null, "", n === null ? "#schema" : `#table-${n}`);
}

function showTable(n) {
  const back = make("button", { type: "button", class: "back", on: { click: () => { choose(null); focusOn(n); } } }, "← All tables");
  diagram.panel.replaceChildren(back, ...tablePanel(n).filter(Boolean));
  diagram.panel.scrollTop = 0;
  if (diagram.nodes[n]) {
    for (const each of diagram.nodes) each.setAttribute("tabindex", "-1");
    diagram.nodes[n].setAttribute("tabindex", "0");
  }
}

function showList() {
  diagram.panel.replaceChildren(...tableList((n) => choose(n, true)));
}

/** Draws the chosen table, its links and its neighbours so that they stand out. */
function light() {
  if (!diagram.spread) return;
  const { chosen, svg } = diagram;
  svg.classList.toggle("focused", chosen !== null);
  const near = new Set();
  diagram.extra.replaceChildren();
  data.links.forEach((link, n) => {
    const is = chosen !== null && (link.from === chosen || link.to === chosen);
    if (is) near.add(link.from).add(link.to);
    if (diagram.lines[n]) diagram.lines[n].classList.toggle("lit", is);
    else if (is) diagram.extra.append(direct(link));
  });
  for (const each of diagram.extra.children) each.classList.add("lit");
  diagram.nodes.forEach((each, n) => {
    each.classList.toggle("chosen", n === chosen);
    each.classList.toggle("nearby", near.has(n) && n !== chosen);
    each.setAttribute("aria-pressed", String(n === chosen));
  });
}

/** Marks the tables that somebody looks for, by their numbers; null for none. */
diagram.mark = (numbers) => {
  if (!diagram.svg) return;
  diagram.svg.classList.toggle("sought", numbers !== null);
  diagram.nodes.forEach((each, n) => each.classList.toggle("found", numbers !== null && numbers.has(n)));
};

/** On paper all of it is shown, as large as the page is wide. */
function printDiagram(is_printed) {
  diagram.is_printed = is_printed;
  if (!diagram.spread) return;
  if (!is_printed) {
    diagram.svg.removeAttribute("viewBox");
    place();
    return;
  }
  const { width, height } = diagram.spread;
  diagram.svg.setAttribute("viewBox", `-10 -30 ${width + 20} ${height + 40}`);
  diagram.world.removeAttribute("transform");
  diagram.svg.classList.remove("afar");
  diagram.svg.classList.toggle("far", width > 1400 || diagram.detail === "names");
  if (width <= 1400) drawRows(-Infinity, -Infinity, Infinity, Infinity);
}
