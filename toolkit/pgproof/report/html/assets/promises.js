// Documented queries: what is promised, the plans as trees, cost and rows at each size.

function promisesPart() {
  const list = make("div", { class: "queries" });
  const part = section(
    "promises",
    "Promises",
    make("p", { class: "lead" }, data.queries.length
      ? `${counted(data.queries.length, "documented query", "documented queries")}, each with its plans at production size.`
      : "No query is documented."),
    make("div", {}, list),
  );
  grown.queries = growing(list, [...data.queries.keys()], queryCard, 60, "query");
  return part;
}

function queryCard(number) {
  const it = data.queries[number];
  return unfolding(
    { class: "query", id: `query-${number}` },
    [
      sign(it.state),
      make("span", { class: "name" }, own(it.id)),
      it.title ? make("span", { class: "title" }, own(it.title)) : "",
      growth(it),
    ],
    () => inside(it, number),
  );
}

/** What the cost for any values is at the smallest and at the largest size. */
function growth(it) {
  const line = it.lines[0];
  if (!line || !line.points.length) return make("span", { class: "growth none" }, it.why ? "no plan" : "not planned");
  const first = line.points[0];
  const last = line.points[line.points.length - 1];
  return make(
    "span",
    { class: "growth" },
    make("span", { class: "dim" }, "cost "),
    first === last ? figure(first.cost) : `${figure(first.cost)} → ${figure(last.cost)}`,
  );
}

function inside(it, number) {
  return [
    make("p", { class: "meta" }, it.origin, " · ", whereabouts(it.place), ...it.tables.flatMap((n) => [" · ", jump("table", n, own(data.tables[n].written))])),
    block(it.sql, `the query ${it.id}`),
    it.parameters.length ? make("p", { class: "meta" }, own(it.parameters.join(", "))) : "",
    it.promises.length
      ? make("ul", { class: "promised", "aria-label": "what is promised" }, ...it.promises.map((text) => make("li", {}, code(text))))
      : "",
    make("h3", {}, "What was found"),
    findingLinks(it.findings),
    it.why ? make("p", { class: "note" }, sign("unknown"), " ", own(it.why)) : "",
    it.proposal ? proposal(it.proposal) : "",
    it.lines.length ? sweepOf(it, number) : "",
    it.plans.length ? plansOf(it, number) : "",
  ];
}

function proposal(it) {
  return make(
    "div",
    { class: "proposal" },
    make("p", {}, make("b", {}, "An index that would serve it"), ` (tried at ${short(it.size)} rows: some ${figure(it.bytes)} bytes, ${counted(it.indexes, "index", "indexes")} on its table then)`),
    block(it.definition, "the index that would serve it"),
  );
}

const letter = (n) => (n < 26 ? String.fromCharCode(65 + n) : `A${n}`);

function sweepOf(it, number) {
  const sizes = it.lines[0].points.map((point) => point.size);
  return make(
    "div",
    { class: "sweep" },
    make("h3", {}, `From ${short(sizes[0])} to ${short(sizes[sizes.length - 1])} rows`),
    make("div", { class: "charts" }, chart(it, "cost", "Cost, in the planner's units"), chart(it, "rows", "Rows returned, as planned")),
    legend(it),
    make(
      "details",
      { class: "figures" },
      make("summary", {}, "The figures"),
      make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": `figures of ${it.id}` }, figures(it, number)),
    ),
  );
}

function figures(it) {
  const head = it.lines.map((line) => make("th", { scope: "colgroup", colspan: "3" }, line.values));
  const under = it.lines.flatMap(() => ["cost", "rows", "plan"].map((text) => make("th", { scope: "col" }, text)));
  const rows = it.lines[0].points.map((point, n) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, short(point.size)),
      ...it.lines.flatMap((line) => {
        const at = line.points[n];
        return at
          ? [make("td", {}, figure(at.cost)), make("td", {}, figure(at.rows)), make("td", {}, letter(at.plan))]
          : [make("td", { colspan: "3" }, "–")];
      }),
    ),
  );
  return make(
    "table",
    { class: "numbers" },
    make("caption", { class: "unseen" }, `cost, rows and plan of ${it.id} at each size`),
    make("thead", {}, make("tr", {}, make("th", { scope: "col", rowspan: "2" }, "rows of the table"), ...head), make("tr", {}, ...under)),
    make("tbody", {}, ...rows),
  );
}

/** At which sizes a plan is made, in few words: "1e4 to 1e6, rare values". */
function when({ sizes, values }) {
  const last = sizes[sizes.length - 1];
  const size = sizes[0] === last ? short(last) : `${short(sizes[0])} to ${short(last)}`;
  return [size, values.map((each) => each.replace("the most ", "")).join(" and ")].filter(Boolean).join(", ");
}

/** The plans, of which one is shown. */
function plansOf(it, number) {
  const id = (n, what) => `query-${number}-plan-${n}-${what}`;
  const panels = it.plans.map((plan, n) =>
    make(
      "div",
      { class: "plan", role: "tabpanel", id: id(n, "panel"), "aria-labelledby": id(n, "tab"), tabindex: "0", hidden: n > 0 },
      make("p", { class: "meta" }, make("b", {}, letter(n)), ` ${plan.title}`),
      make("ul", { class: "tree", "aria-label": `plan ${letter(n)}` }, step(plan.root, plan.root.cost)),
    ),
  );
  const tabs = it.plans.map((plan, n) =>
    make(
      "button",
      {
        type: "button",
        role: "tab",
        id: id(n, "tab"),
        "aria-controls": id(n, "panel"),
        "aria-selected": String(n === 0),
        tabindex: n ? "-1" : "0",
        title: plan.title,
        on: { click: () => show(n), keydown: (event) => byKey(event, n) },
      },
      make("b", {}, letter(n)),
      " ",
      when(plan),
    ),
  );
  const show = (chosen) => {
    panels.forEach((panel, n) => (panel.hidden = n !== chosen));
    tabs.forEach((tab, n) => {
      tab.setAttribute("aria-selected", String(n === chosen));
      tab.tabIndex = n === chosen ? 0 : -1;
    });
  };
  const byKey = (event, n) => {
    const to = { ArrowRight: n + 1, ArrowDown: n + 1, ArrowLeft: n - 1, ArrowUp: n - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = (to + tabs.length) % tabs.length;
    show(next);
    tabs[next].focus();
  };
  return make(
    "div",
    { class: "plans" },
    make("h3", {}, it.plans.length === 1 ? "The plan" : `${it.plans.length} plans`),
    it.plans.length > 1 ? make("div", { class: "tabs", role: "tablist", "aria-label": `plans of ${it.id}` }, ...tabs) : "",
    ...(it.plans.length > 1 ? panels : [single(panels[0])]),
  );
}

function single(panel) {
  panel.removeAttribute("role");
  panel.removeAttribute("aria-labelledby");
  panel.removeAttribute("tabindex");
  return panel;
}

/** A node of a plan and all below it; the bar is its share of the cost of the whole. */
function step(it, whole) {
  const share = Math.max(0, Math.min(1, whole ? it.cost / whole : 0));
  return make(
    "li",
    {},
    make(
      "div",
      { class: "node" },
      make("span", { class: "what" }, own(it.name)),
      make("span", { class: "rows" }, `${figure(it.rows)} ${it.rows === 1 ? "row" : "rows"}`),
      make("span", { class: "cost" }, "cost ", figure(it.cost)),
      make("span", { class: "share", "aria-hidden": "true" }, make("span", { style: `width:${(share * 100).toFixed(1)}%` })),
      ...it.notes.map((note) => make("span", { class: "note" }, own(note))),
    ),
    it.steps.length ? make("ul", {}, ...it.steps.map((each) => step(each, whole))) : "",
  );
}
