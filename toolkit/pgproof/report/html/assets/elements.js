// What all parts of the page are made with. Text is only ever set as text.

/** The text of the data, which is packed where there is much of it. */
async function unpacked(element) {
  const { packed } = element.dataset;
  if (!packed) return element.textContent;
  if (!("DecompressionStream" in window)) {
    document.getElementById("content").append("This page is packed, and this browser is too old to unpack it: Chrome 80, Firefox 113 and Safari 16.4 can.");
    return new Promise(() => {}); // there is nothing to show
  }
  const bytes = Uint8Array.from(atob(element.textContent), (sign) => sign.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream(packed))).text();
}

const data = JSON.parse(await unpacked(document.getElementById("data")));
const grown = {}; // lists that show a part of what is in them, by what that is
const SLICE = 40; // milliseconds of work without a pause
const SVG = "http://www.w3.org/2000/svg";

const STATES = {
  fails: { sign: "✗", word: "fails" },
  unknown: { sign: "?", word: "cannot tell" },
  accepted: { sign: "○", word: "accepted" },
  holds: { sign: "✓", word: "holds" },
};

/** An element with attributes (`on` has its listeners, null and false are left out) and children: elements or text. */
function make(name, attributes = {}, ...children) {
  return dress(document.createElement(name), attributes, children);
}

/** The same for an element of SVG. */
function drawn(name, attributes = {}, ...children) {
  return dress(document.createElementNS(SVG, name), attributes, children);
}

function dress(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "on") {
      for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
    } else if (value !== null && value !== false && value !== undefined) {
      element.setAttribute(key, value === true ? "" : value);
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/** A name or a text of a user's, whose direction is its own affair. */
function own(text) {
  return make("bdi", {}, text);
}

function code(text) {
  return make("code", { dir: "auto" }, text);
}

/** What a finding comes to, as a sign and a word. */
function badge(state, text) {
  const { sign, word } = STATES[state];
  return make("span", { class: `badge ${state}` }, make("span", { "aria-hidden": "true" }, sign), ` ${text || word}`);
}

/** The sign alone, with its word for those who do not see it. */
function sign(state) {
  if (!state) return make("span", { class: "sign none", "aria-hidden": "true" }, "·");
  return make(
    "span",
    { class: `sign ${state}`, title: STATES[state].word },
    make("span", { "aria-hidden": "true" }, STATES[state].sign),
    make("span", { class: "unseen" }, STATES[state].word),
  );
}

/** A figure as people read it: 1,234, 0.42, 1.3e11. */
function figure(value) {
  if (value >= 1e8) return value.toPrecision(2).replace("+", "").replace(/\.0e/, "e");
  if (value >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}

/** A power of ten as 1e6, as the command line has it. */
function short(value) {
  if (value === null) return "";
  return value < 1e4 ? figure(value) : value.toExponential().replace("+", "");
}

function counted(number, noun, many = `${noun}s`) {
  return `${number.toLocaleString("en")} ${number === 1 ? noun : many}`;
}

/** A link to another part of the page. */
function jump(kind, number, ...children) {
  return make(
    "a",
    {
      href: `#${kind}-${number}`,
      on: {
        click: (event) => {
          event.preventDefault();
          go(kind, number);
        },
      },
    },
    ...children,
  );
}

/** Lines of a file around a place; what is meant is marked. */
function excerpt(place) {
  if (!place.lines || !place.lines.length) return make("p", { class: "at" }, whereabouts(place));
  const rows = place.lines.map(({ number, parts }) => {
    const is = parts.length === 3;
    const text = is ? [parts[0], make("mark", {}, parts[1] || " "), parts[2]] : [parts[0]];
    return make("span", { class: is ? "line here" : "line", "data-number": number }, ...text, "\n");
  });
  return make(
    "figure",
    { class: "excerpt" },
    make("figcaption", { class: "at" }, whereabouts(place)),
    make("pre", { tabindex: "0", "aria-label": `lines of ${place.path}` }, make("code", {}, ...rows)),
  );
}

/** The name of a place; it leads to the file if that is on the page. */
function whereabouts(place) {
  const number = data.migrations.findIndex((each) => each.path && each.path === place.path);
  return number < 0 ? own(place.at) : jump("migration", number, own(place.at));
}

/** A block of text in a fixed font, that can be reached and scrolled by keyboard. */
function block(text, label) {
  return make("pre", { class: "block", tabindex: "0", "aria-label": label }, make("code", {}, text));
}

/** A <details> whose content is made when it is opened for the first time. */
function unfolding(attributes, summary, content) {
  const element = make("details", attributes, make("summary", {}, ...summary));
  let is_there = false;
  element.fill = () => {
    if (is_there) return;
    is_there = true;
    element.append(make("div", { class: "inside" }, ...content()));
  };
  element.addEventListener("toggle", () => element.open && element.fill());
  return element;
}

/** A list that shows so many of its items, and more of them on demand. */
function growing(parent, items, render, step, noun) {
  let shown = 0;
  const button = make("button", { type: "button", class: "more", on: { click: () => more(step) } });
  const more = (count) => {
    const upto = Math.min(items.length, shown + count);
    for (; shown < upto; shown += 1) parent.append(render(items[shown], shown));
    button.textContent = `Show more: ${counted(items.length - shown, noun)} left`;
    button.hidden = shown >= items.length;
  };
  parent.after(button);
  more(step);
  return { upto: (number) => number >= shown && more(number - shown + 1), all: () => more(items.length) };
}

/** Lets the browser draw and listen, if it has not for a while: awaited in the midst of long work. */
function pacing() {
  let since = performance.now();
  return () => {
    if (performance.now() - since < SLICE) return null;
    return new Promise((resolve) => setTimeout(() => ((since = performance.now()), resolve())));
  };
}

/** Ends when what has been put on the page can be seen. */
function drawnOnce() {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}

/** Said to those who hear the page. */
function say(text) {
  document.getElementById("said").textContent = text;
}

function section(id, title, ...children) {
  return make(
    "section",
    { id, class: "part", "aria-labelledby": `${id}-title` },
    make("h2", { id: `${id}-title`, tabindex: "-1" }, title),
    ...children,
  );
}
