// The migrations, in the order in which they are run.

const WORDS = {
  applied: "applied",
  pending: "pending",
  edited: "edited since it was applied",
  missing: "applied, and its file is missing",
  late: "late: newer ones are applied",
  unwritten: "not written yet",
  stopped: "stopped half way",
  interrupted: "interrupted",
};

function storyPart() {
  const list = make("ol", { class: "story" });
  const part = section(
    "migrations",
    "Migrations",
    make("p", { class: "lead" }, ...told()),
    make("div", {}, list),
  );
  grown.migrations = growing(list, [...data.migrations.keys()], entry, 200, "migration");
  return part;
}

function told() {
  const count = counted(data.migrations.length, "migration");
  if (!data.live || !data.migrations.some((each) => each.condition)) return [`${count}, in the order in which they are run.`];
  const pending = data.migrations.filter((each) => each.condition === "pending").length;
  return [`${count}; `, own(data.live.database), pending ? ` has ${pending} of them still before it.` : " has them all."];
}

function entry(number) {
  const it = data.migrations[number];
  const amiss = it.condition && it.condition !== "applied" && it.condition !== "pending";
  return make(
    "li",
    { class: `entry ${it.condition || "file"}${amiss ? " amiss" : ""}`, id: `migration-${number}`, tabindex: "-1" },
    make(
      "div",
      { class: "head" },
      make("h3", {}, own(it.label)),
      it.condition ? make("span", { class: "condition" }, WORDS[it.condition] || it.condition) : "",
      it.state && it.state !== "holds" ? badge(it.state) : "",
    ),
    make("p", { class: "meta" }, manner(it)),
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

function manner(it) {
  if (!it.path) return "no file of that name is here";
  const parts = [
    it.repeatable ? "run again whenever it changes" : "",
    it.function ? `a program: ${it.function}` : counted(it.statements.length, "statement"),
    it.transactional ? "in one transaction" : "each statement by itself",
    it.back ? "can be taken back" : "no way back is written",
  ];
  return parts.filter(Boolean).join(" · ");
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
        make("span", { class: "when" }, run.at),
        ` ${run.direction === "down" ? "back: " : ""}`,
        own(run.words),
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
