// The page as a whole: its bar, its parts, and the ways from one to another.

const PARTS = {
  schema: { title: "Schema", make: schemaPart },
  promises: { title: "Promises", make: promisesPart },
  migrations: { title: "Migrations", make: storyPart },
  drift: { title: "Drift", make: driftPart },
};

function overview() {
  const { summary, failure, headline, live } = data;
  const tile = (state, count) =>
    make(
      "button",
      { type: "button", class: `tile ${state}${count ? "" : " zero"}`, on: { click: () => { order.forEach((each) => findings.turn(each, each === state)); reach(document.getElementById("findings-title")); } } },
      make("b", {}, count.toLocaleString("en")),
      make("span", {}, make("span", { "aria-hidden": "true" }, `${STATES[state].sign} `), { fails: "fail", unknown: "cannot be told", accepted: "accepted", holds: "hold" }[state]),
    );
  const tiles = ["fails", "unknown", "accepted", "holds"].map((state) => tile(state, summary[state]));
  const where = [data.server, data.provider, data.database].filter(Boolean);
  return make(
    "section",
    { id: "overview", class: "part overview", "aria-labelledby": "overview-title" },
    make("h1", { id: "overview-title", class: headline.state }, headline.text),
    ...(failure ? failure.problems.map((text) => block(text, "why it ended")) : []),
    make("p", { class: "lead" }, own(where.join(", ")), data.counts.length ? `. ${data.counts.join(", ")}.` : ""),
    live && live.drift ? make("p", { class: "lead" }, make("a", { href: "#drift" }, own(live.database)), `: ${live.drift.closing}`) : "",
    make("div", { class: "tiles", role: "group", "aria-label": "Show the findings that" }, ...tiles),
    data.said.length ? make("ul", { class: "said" }, ...data.said.map((text) => make("li", {}, own(text)))) : "",
  );
}

function bar() {
  const names = ["overview", ...data.has, "findings"];
  const titles = { overview: "Overview", findings: "Findings", ...Object.fromEntries(Object.entries(PARTS).map(([name, { title }]) => [name, title])) };
  const links = names.map((name) => make("a", { href: `#${name}`, "data-part": name }, titles[name]));
  const themes = make("button", { type: "button", class: "theme", "aria-label": "Switch between light and dark", title: "Light or dark", on: { click: turnTheme } }, "◐");
  return [
    make("a", { class: "brand", href: "#overview", "aria-label": "pgproof: overview" }, "pgproof"),
    make("nav", { "aria-label": "Parts of the page" }, ...links),
    searchBox(),
    themes,
  ];
}

function turnTheme() {
  const root = document.documentElement;
  const is_dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = is_dark ? "light" : "dark";
  redrawCharts();
}

/** Goes to a table, query, migration or finding: it is shown, unfolded and focused. */
function go(kind, number) {
  if (kind === "table") {
    choose(number);
    reach(document.getElementById("schema"), document.getElementById("panel-title"));
    return;
  }
  if (kind === "query") grown.queries.upto(number);
  if (kind === "migration") grown.migrations.upto(number);
  const found = kind === "finding" ? findings.reveal(number) : document.getElementById(`${kind}-${number}`);
  if (!found) return;
  if (found.tagName === "DETAILS") {
    found.open = true;
    found.fill();
  }
  reach(found, kind === "query" ? found.querySelector("summary") : found);
  history.replaceState(null, "", `#${kind}-${number}`);
}

function reach(element, focused = element) {
  element.scrollIntoView({ block: "start" });
  focused.focus({ preventScroll: true });
  element.classList.remove("reached");
  requestAnimationFrame(() => element.classList.add("reached"));
}

/** The part that is being read is marked in the bar. */
function follow(main, header) {
  const links = new Map([...header.querySelectorAll("nav a")].map((link) => [link.dataset.part, link]));
  const parts = [...main.querySelectorAll(".part")];
  const mark = () => {
    const edge = header.offsetHeight + 80;
    const passed = parts.filter((each) => each.getBoundingClientRect().top < edge);
    const is_end = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 2;
    const now = is_end && window.scrollY > 0 ? parts[parts.length - 1] : passed[passed.length - 1] || parts[0];
    for (const [name, link] of links) {
      if (name !== now.id) link.removeAttribute("aria-current");
      else if (!link.hasAttribute("aria-current")) {
        link.setAttribute("aria-current", "true");
        const strip = link.parentElement;
        strip.scrollLeft = link.offsetLeft - strip.offsetLeft - (strip.clientWidth - link.offsetWidth) / 2;
      }
    }
  };
  addEventListener("scroll", mark, { passive: true });
  mark();
}

function byHash() {
  const [, kind, number] = /^#(table|query|migration|finding)-(\d+)$/.exec(location.hash) || [];
  const lists = { table: data.tables, query: data.queries, migration: data.migrations, finding: data.findings };
  if (kind && Number(number) < lists[kind].length) go(kind, Number(number));
}

/** On paper everything is there that was judged and does not hold, the promises unfolded. */
function onPaper(is_paper) {
  printDiagram(is_paper);
  for (const each of document.querySelectorAll("details.query, details.figures")) {
    if (is_paper && !each.open) {
      each.dataset.unfolded = "";
      each.open = true;
      if (each.fill) each.fill();
    } else if (!is_paper && "unfolded" in each.dataset) {
      each.open = false;
      delete each.dataset.unfolded;
    }
  }
  if (is_paper) findings.grown.all();
  redrawCharts();
}

const header = document.getElementById("bar");
const main = document.getElementById("content");
header.append(...bar());
main.append(overview(), ...data.has.map((name) => PARTS[name].make()), findingsPart());
main.append(make("footer", {}, `Written by pgproof ${data.version}. This page loads nothing from anywhere.`));
follow(main, header);
say("");
byHash();
addEventListener("hashchange", byHash);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawCharts);
matchMedia("print").addEventListener("change", (event) => onPaper(event.matches));
