// One box that finds tables, columns, promises, migrations and findings.

const MOST_FOUND = 40;

function everything() {
  const of = (kind, word, items, text, sub) => items.map((it, number) => ({ kind, word, number, text: text(it), sub: sub(it), state: it.state }));
  return [
    ...of("table", "table", data.tables, (t) => t.written, (t) => `${t.columns.length} columns`),
    ...data.tables.flatMap((t, number) => t.columns.map((c) => ({ kind: "table", word: "column", number, text: `${t.written}.${c.name}`, sub: c.type, state: "" }))),
    ...data.tables.flatMap((t, number) => t.indexes.map((i) => ({ kind: "table", word: "index", number, text: i.name, sub: `on ${t.written}`, state: "" }))),
    ...of("query", "promise", data.queries, (q) => q.id, (q) => q.title),
    ...of("migration", "migration", data.migrations, (m) => m.label, (m) => m.condition),
    ...of("finding", "finding", data.findings, (f) => `${f.code} ${f.object}`, (f) => f.message),
  ];
}

function searchBox() {
  let all = null;
  let found = [];
  let at = -1;
  const list = make("ul", { id: "found", role: "listbox", "aria-label": "What was found", hidden: true });
  const input = make("input", {
    type: "search",
    id: "search",
    placeholder: "Search",
    role: "combobox",
    "aria-label": "Search tables, promises, migrations and findings",
    "aria-autocomplete": "list",
    "aria-controls": "found",
    "aria-expanded": "false",
    autocomplete: "off",
    spellcheck: "false",
    "aria-keyshortcuts": "/",
    on: { input: look, keydown: byKey, focus: () => input.value && look(), blur: close },
  });
  function look() {
    all = all || everything().map((each) => ({ ...each, lower: `${each.text} ${each.sub || ""}`.toLowerCase() }));
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const rank = (each) => (each.text.toLowerCase() === words[0] ? 0 : each.text.toLowerCase().startsWith(words[0]) ? 1 : 2);
    found = words.length ? all.filter((each) => words.every((word) => each.lower.includes(word))) : [];
    const count = found.length;
    found = found.sort((a, b) => rank(a) - rank(b)).slice(0, MOST_FOUND);
    at = found.length ? 0 : -1;
    list.replaceChildren(...found.map(option));
    if (words.length && !count) list.append(make("li", { class: "empty", role: "option", "aria-disabled": "true" }, "Nothing is called so."));
    list.hidden = !words.length;
    input.setAttribute("aria-expanded", String(words.length > 0));
    say(words.length ? `${count} found` : "");
    mark();
  }
  function option(each, n) {
    return make(
      "li",
      { role: "option", id: `found-${n}`, "aria-selected": "false", on: { mousedown: (event) => { event.preventDefault(); take(n); } } },
      make("span", { class: "kind" }, each.word),
      make("span", { class: "text" }, own(each.text)),
      each.state && each.state !== "holds" ? sign(each.state) : "",
      make("span", { class: "sub" }, own(each.sub || "")),
    );
  }
  function mark() {
    [...list.children].forEach((each, n) => each.setAttribute("aria-selected", String(n === at)));
    if (at >= 0) {
      input.setAttribute("aria-activedescendant", `found-${at}`);
      list.children[at].scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  }
  function byKey(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by && found.length) {
      at = (at + by + found.length) % found.length;
      mark();
    } else if (event.key === "Enter" && at >= 0) take(at);
    else if (event.key === "Escape") {
      input.value = "";
      close();
    } else return;
    event.preventDefault();
  }
  function take(n) {
    const { kind, number } = found[n];
    close();
    input.blur();
    go(kind, number);
  }
  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }
  document.addEventListener("keydown", (event) => {
    const is_typing = event.target.closest && event.target.closest("input, textarea, select");
    if (event.key !== "/" || is_typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    input.focus();
    input.select();
  });
  return make("div", { class: "search", role: "search" }, input, make("kbd", { "aria-hidden": "true" }, "/"), list);
}
