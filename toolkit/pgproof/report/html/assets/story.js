// The migrations, in the order in which they are run.

function storyPart() {
  const list = make("ol", { class: "story" });
  const part = section(
    "migrations",
    "Migrations",
    make("p", { class: "lead" }, own(data.lead), "."),
    make("div", {}, list),
  );
  grown.migrations = growing(list, [...data.migrations.keys()], entry, 200, "migration");
  return part;
}

function entry(number) {
  const it = data.migrations[number];
  return make(
    "li",
    { class: `entry ${it.look}`, id: `migration-${number}`, tabindex: "-1" },
    make(
      "div",
      { class: "head" },
      make("h3", {}, own(it.label)),
      it.condition ? make("span", { class: "condition" }, it.condition) : "",
      it.state && it.state !== "holds" ? badge(it.state) : "",
    ),
    make("p", { class: "meta" }, it.manner),
    it.detail ? make("p", { class: "detail", dir: "auto" }, it.detail) : "",
    runs(it),
    it.statements.length
      ? make("ul", { class: "statements" }, ...it.statements.slice(0, 8).map((text) => make("li", {}, code(text))),
          it.statements.length > 8 ? make("li", { class: "rest" }, `and ${it.statements.length - 8} more`) : "")
      : "",
    it.findings.some((n) => data.findings[n].state !== "holds") ? findingLinks(it.findings) : "",
    it.path ? sourceOf(it) : "",
  );
}

function runs(it) {
  if (!it.runs.length) return "";
  return make(
    "ul",
    { class: "runs" },
    ...it.runs.map((run) =>
      make(
        "li",
        { class: run.error ? "failed" : "" },
        run.at ? make("span", { class: "when" }, own(run.at)) : "",
        ` ${run.back ? "back: " : ""}`,
        own(run.words),
        ...run.lines.map((text) => make("span", { class: "meanwhile", dir: "auto" }, text)),
        run.error ? make("span", { class: "error", dir: "auto" }, run.error) : "",
      ),
    ),
  );
}

function sourceOf(it) {
  const file = data.files.find((each) => each.path === it.path);
  if (!file) return "";
  return unfolding({ class: "source" }, ["The file ", make("span", { class: "at" }, own(it.path))], () => [numbered(file.text, it.path)]);
}

function numbered(text, path) {
  const rows = text.replace(/\n$/, "").split("\n");
  return make(
    "figure",
    { class: "excerpt whole" },
    make(
      "pre",
      { tabindex: "0", "aria-label": `the file ${path}` },
      make("code", {}, ...rows.map((row, n) => make("span", { class: "line", "data-number": n + 1 }, row, "\n"))),
    ),
  );
}
