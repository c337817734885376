// What a database has not as the files build it, side by side.

function driftPart() {
  const { drift, refusal, database } = data.live;
  if (!drift) {
    return section("drift", "Drift", make("p", { class: "lead" }, badge("unknown"), " ", own(database), ": ", own(refusal)));
  }
  const state = { same: "holds", differs: "fails" }[drift.verdict] || "unknown";
  const list = make("div", { class: "differences" });
  const part = section(
    "drift",
    "Drift",
    make("p", { class: "lead" }, badge(state, drift.closing)),
    make("p", { class: "meta" }, own(database), ` at ${drift.at}, compared with `, own(drift.expected)),
    ...drift.standings.map((each) => make("p", { class: "note" }, sign("fails"), " ", own(each.text), ` [${each.code}]`)),
    ...drift.reasons.map((text) => make("p", { class: "note" }, sign("unknown"), " ", own(text))),
    ...drift.remarks.map((text) => make("p", { class: "note" }, "Note: ", own(text))),
    make("div", {}, list),
  );
  growing(list, drift.differences, difference, 100, "difference");
  return part;
}

const SIDES = { missing: "is missing", unexpected: "no file makes it", changed: "is another" };

function difference(it, number) {
  return make(
    "article",
    { class: `difference ${it.state}`, id: `difference-${number}`, tabindex: "-1" },
    make(
      "header",
      {},
      badge(it.is_accepted ? "accepted" : "fails", it.is_accepted ? "accepted" : SIDES[it.state]),
      make("span", { class: "code" }, it.codes.join(" ")),
    ),
    make("h3", { dir: "auto" }, it.label),
    it.rows.length ? sides(it) : make("ul", { class: "lines" }, ...it.lines.map((text) => make("li", {}, own(text)))),
    it.along.length ? make("p", { class: "meta" }, `with ${it.along.length} more: `, own(it.along.join(", "))) : "",
    it.by ? make("p", { class: "meta" }, own(it.by)) : "",
    ...it.because.map((text) => make("p", { class: "because" }, make("b", {}, "Accepted: "), own(text))),
  );
}

function sides(it) {
  const side = (text, has, where) =>
    has ? make("td", { dir: "auto" }, text || "–") : make("td", { class: "void" }, where);
  return make(
    "div",
    { class: "scroll", tabindex: "0", role: "group", "aria-label": `both sides of ${it.label}` },
    make(
      "table",
      {},
      make("caption", { class: "unseen" }, it.label),
      make("thead", {}, make("tr", {}, ...["What", "The files say", "The database has"].map((text) => make("th", { scope: "col" }, text)))),
      make(
        "tbody",
        {},
        ...it.rows.map((row, n) =>
          make(
            "tr",
            {},
            make("th", { scope: "row" }, row.word),
            side(row.expected, it.state !== "unexpected", n ? "" : "nothing"),
            side(row.actual, it.state !== "missing", n ? "" : "nothing"),
          ),
        ),
      ),
    ),
  );
}
