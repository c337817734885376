// What is beside the diagram: the list of tables, or all about the one that is chosen.

function tablePanel(number) {
  const it = data.tables[number];
  const outgoing = data.links.filter((link) => link.from === number);
  const incoming = data.links.filter((link) => link.to === number);
  return [
    make("p", { class: "meta" }, `${it.kind} in schema `, own(it.schema)),
    make("h3", { id: "panel-title", tabindex: "-1" }, own(it.written)),
    make("h4", {}, "What was found"),
    findingLinks(it.findings),
    it.queries.length
      ? make("div", {}, make("h4", {}, "Promised of it"), make("ul", { class: "links" }, ...it.queries.map((n) =>
          make("li", {}, sign(data.queries[n].state), " ", jump("query", n, own(data.queries[n].id))))))
      : "",
    make("h4", {}, counted(it.columns.length, "column")),
    make(
      "div",
      { class: "scroll", tabindex: "0", role: "group", "aria-label": `columns of ${it.written}` },
      make("table", { class: "columns" },
        make("caption", { class: "unseen" }, `columns of ${it.written}`),
        make("thead", { class: "unseen" }, make("tr", {}, ...["name", "type"].map((text) => make("th", { scope: "col" }, text)))),
        make("tbody", {}, ...it.columns.map(columnRow))),
    ),
    outgoing.length ? linkList("Refers to", outgoing, "to") : "",
    incoming.length ? linkList("Is referred to by", incoming, "from") : "",
    it.constraints.length ? named("Constraints", it.constraints) : "",
    it.indexes.length ? named("Indexes", it.indexes) : "",
  ];
}

function columnRow(it) {
  const marks = [...it.key, it.not_null ? "not null" : "", it.made];
  return make(
    "tr",
    {},
    make("th", { scope: "row" }, own(it.name)),
    make(
      "td",
      {},
      make("span", { class: "type" }, own(it.type)),
      ...marks.filter(Boolean).map((text) => make("span", { class: "tag" }, text)),
      it.default ? make("span", { class: "default" }, "default ", own(it.default)) : "",
    ),
  );
}

function linkList(title, links, side) {
  return make(
    "div",
    {},
    make("h4", {}, title),
    make("ul", { class: "links" }, ...links.map((link) =>
      make("li", {}, jump("table", link[side], own(data.tables[link[side]].written)),
        make("span", { class: "dim" }, ` (${link.columns.join(", ")})${link.on_delete === "NO ACTION" ? "" : ` on delete ${link.on_delete.toLowerCase()}`}`)))),
  );
}

function named(title, items) {
  return make(
    "div",
    {},
    make("h4", {}, title),
    make("dl", {}, ...items.flatMap((it) => [
      make("dt", {}, own(it.name), ...it.states.map((text) => make("span", { class: "tag" }, text))),
      make("dd", {}, code(it.definition)),
    ])),
  );
}

function tableList(choose) {
  const list = make("ul", { class: "tables" });
  const empty = make("p", { class: "empty", hidden: true }, "No table is called so.");
  const holder = make("div", {}, list);
  const input = make("input", {
    type: "search",
    placeholder: "Find a table",
    "aria-label": "Find a table by its name or a column",
    on: { input: () => fill(input.value.toLowerCase()) },
  });
  const row = (n) =>
    make("li", {}, sign(data.tables[n].state), " ",
      make("a", { href: `#table-${n}`, on: { click: (event) => { event.preventDefault(); choose(n); } } }, own(data.tables[n].written)),
      make("span", { class: "dim" }, ` ${data.tables[n].columns.length}`, make("span", { class: "unseen" }, " columns")));
  function fill(words) {
    const found = [...data.tables.keys()].filter((n) => {
      const it = data.tables[n];
      return `${it.schema}.${it.name}`.toLowerCase().includes(words) || it.columns.some((c) => c.name.toLowerCase().includes(words));
    });
    list.replaceChildren();
    holder.replaceChildren(list);
    growing(list, found, row, 200, "table");
    empty.hidden = found.length > 0;
    diagram.mark(words ? new Set(found) : null);
  }
  fill("");
  return [make("h3", { id: "panel-title" }, counted(data.tables.length, "table")), input, empty, holder];
}
