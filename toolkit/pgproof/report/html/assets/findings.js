// Every finding, with the lines that it is about.

const STEP = 40;
const order = ["fails", "unknown", "accepted", "holds"];
const findings = { shown: new Set(["fails", "unknown", "accepted"]), words: "", code: "" };

function findingsPart() {
  const list = make("div", { class: "findings", id: "finding-list" });
  const empty = make("p", { class: "empty", hidden: true });
  const chips = order.map((state) => {
    const count = data.findings.filter((each) => each.state === state).length;
    return make(
      "button",
      {
        type: "button",
        class: `chip ${state}`,
        "aria-pressed": String(findings.shown.has(state)),
        "data-state": state,
        on: { click: () => turn(state) },
      },
      make("span", { "aria-hidden": "true" }, STATES[state].sign),
      ` ${STATES[state].word} `,
      make("b", {}, count.toLocaleString("en")),
    );
  });
  const turn = (state, is_on = !findings.shown.has(state)) => {
    if (is_on) findings.shown.add(state);
    else findings.shown.delete(state);
    for (const chip of chips) chip.setAttribute("aria-pressed", String(findings.shown.has(chip.dataset.state)));
    fill();
  };
  const input = make("input", {
    type: "search",
    placeholder: "code, object or words",
    "aria-label": "Filter findings by code, object or words",
    "aria-controls": "finding-list",
    on: {
      input: () => {
        findings.words = input.value.toLowerCase();
        fill();
      },
    },
  });
  const holder = make("div", {}, list);
  function fill() {
    const found = chosen();
    list.replaceChildren();
    holder.replaceChildren(list);
    findings.grown = growing(list, found, (number) => findingCard(number), STEP, "finding");
    findings.numbers = found;
    empty.hidden = found.length > 0;
    const none = data.findings.length ? "There is none of these." : "Nothing was judged.";
    empty.textContent = findings.words ? "No finding is like that." : none;
    say(counted(found.length, "finding"));
  }
  findings.turn = turn;
  findings.reveal = (number) => {
    input.value = findings.words = "";
    findings.shown.add(data.findings[number].state);
    turn(data.findings[number].state, true);
    findings.grown.upto(findings.numbers.indexOf(number));
    return document.getElementById(`finding-${number}`);
  };
  fill();
  const bar = make("div", { class: "filters" }, make("div", { class: "chips", role: "group", "aria-label": "Show findings that" }, ...chips), input);
  return section("findings", "Findings", data.findings.length ? bar : "", empty, holder);
}

function chosen() {
  const numbers = data.findings.keys();
  const has = (each) => `${each.code} ${each.name} ${each.object} ${each.message}`.toLowerCase().includes(findings.words);
  const found = [...numbers].filter((n) => findings.shown.has(data.findings[n].state) && has(data.findings[n]));
  return found.sort((a, b) => order.indexOf(data.findings[a].state) - order.indexOf(data.findings[b].state) || a - b);
}

function findingCard(number) {
  const it = data.findings[number];
  const more = it.state === "holds" ? [] : [
    it.detail && make("p", { class: "detail", dir: "auto" }, it.detail),
    excerpt(it.place),
    ...it.related.map((place) => make("div", {}, make("p", { class: "label" }, "See also"), excerpt(place))),
    it.hint && make("p", { class: "hint", dir: "auto" }, make("b", {}, "Hint: "), it.hint),
    it.because &&
      make("p", { class: "because", dir: "auto" }, make("b", {}, "Accepted: "), it.because, " (", own(it.accepted_at.at), ")"),
    it.should && make("p", { class: "should" }, make("b", {}, `${it.code} ${it.name}: `), it.should),
  ];
  return make(
    "article",
    { class: `finding ${it.state}`, id: `finding-${number}`, tabindex: "-1", "aria-labelledby": `finding-${number}-title` },
    make(
      "header",
      {},
      badge(it.state),
      make("span", { class: "code" }, it.code),
      it.state === "fails" && it.severity !== "error" ? make("span", { class: "severity" }, it.severity) : "",
      make("span", { class: "object" }, own(it.object)),
      it.state === "holds" ? make("span", { class: "at" }, whereabouts(it.place)) : "",
    ),
    make("h3", { id: `finding-${number}-title`, dir: "auto" }, it.message),
    ...more,
    leads(it),
  );
}

/** What a finding leads to. */
function leads(it) {
  const tables = it.tables.slice(0, 6).map((n) => jump("table", n, "table ", own(data.tables[n].written)));
  const query = it.query === null ? [] : [jump("query", it.query, "promise ", own(data.queries[it.query].id))];
  const all = [...tables, ...query];
  return all.length ? make("p", { class: "leads" }, "→ ", ...all.flatMap((each, n) => (n ? [", ", each] : [each]))) : "";
}

/** Short lines that lead to findings, worst first; of those that hold, how many. */
function findingLinks(numbers) {
  const told = numbers.filter((n) => data.findings[n].state !== "holds");
  const hold = numbers.length - told.length;
  told.sort((a, b) => order.indexOf(data.findings[a].state) - order.indexOf(data.findings[b].state) || a - b);
  if (!numbers.length) return make("p", { class: "empty" }, "Nothing was judged about it.");
  return make(
    "ul",
    { class: "links of" },
    ...told.map((n) =>
      make("li", {}, sign(data.findings[n].state), " ", jump("finding", n, data.findings[n].code, " ", own(data.findings[n].message))),
    ),
    hold ? make("li", {}, sign("holds"), ` ${counted(hold, "promise holds", "promises hold")}`) : "",
  );
}
