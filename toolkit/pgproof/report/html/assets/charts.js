// Cost and rows at each size, on logarithmic scales. The same figures stand in a table below.

const DASHES = [[], [8, 4], [2, 4]];
const charts = new Set();

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Which place among all kinds of values one has: its colour and its dashes are the same in all charts. */
function kind(values) {
  return Math.max(0, ["any values", "the most frequent values", "rare values"].indexOf(values));
}

function chart(it, what, title) {
  const all = it.lines.flatMap((line) => line.points.map((point) => point[what]));
  const label = `${title}: from ${figure(Math.min(...all))} to ${figure(Math.max(...all))}; the figures stand in the table below`;
  const holder = make("div", { class: "chart", role: "img", "aria-label": label });
  let plot = null;
  const draw = () => {
    const width = holder.clientWidth;
    if (!width) return;
    if (plot) plot.destroy();
    plot = new uPlot(look(it, what, width), values(it, what), holder);
  };
  new ResizeObserver(() => (plot && plot.width === holder.clientWidth ? null : draw())).observe(holder);
  charts.add(draw);
  return make("figure", {}, make("figcaption", {}, title), holder);
}

function values(it, what) {
  const sizes = it.lines[0].points.map((point) => point.size);
  return [sizes, ...it.lines.map((line) => sizes.map((size, n) => (line.points[n] ? line.points[n][what] || null : null)))];
}

function look(it, what, width) {
  const axis = {
    stroke: colour("--soft"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { stroke: colour("--line"), width: 1, size: 4 },
    font: `12px ${colour("--sans") || "sans-serif"}`,
  };
  const powers = (_plot, _axis, low, high) => tens(low, high);
  return {
    width,
    height: 220,
    padding: [10, 22, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false, distr: 3 }, y: { distr: 3, range: (_plot, low, high) => decades(low, high) } },
    axes: [
      { ...axis, size: 32, splits: () => it.lines[0].points.map((point) => point.size), filter: all, values: (_p, found) => found.map(power) },
      { ...axis, size: 48, splits: powers, filter: all, values: (_p, found) => found.map(power) },
    ],
    series: [
      {},
      ...it.lines.map((line) => {
        const n = kind(line.values);
        return {
          label: line.values,
          stroke: colour(`--line-${n}`),
          width: 2,
          dash: DASHES[n],
          points: { show: true, size: 7, fill: colour("--paper"), stroke: colour(`--line-${n}`), width: 2 },
        };
      }),
    ],
  };
}

function all(_plot, found) {
  return found;
}

/** 1, 10, 100, 1e3, 1e4: as short as can be, for an axis. */
function power(value) {
  return value < 1000 ? figure(value) : value.toExponential().replace("+", "");
}

/** The powers of ten between two of them, six at most. */
function tens(low, high) {
  const [from, to] = [low, high].map((value) => Math.round(Math.log10(value)));
  const stride = Math.ceil((to - from) / 5);
  return Array.from({ length: Math.floor((to - from) / stride) + 1 }, (_, n) => 10 ** (from + n * stride));
}

/** Whole powers of ten around all values, at least two of them apart. */
function decades(low, high) {
  const from = Math.floor(Math.log10(low || 1) + 1e-9);
  const to = Math.ceil(Math.log10(high || 1) - 1e-9);
  return [10 ** from, 10 ** Math.max(to, from + 2)];
}

function legend(it) {
  return make(
    "ul",
    { class: "legend", "aria-label": "lines of the charts" },
    ...it.lines.map((line) => {
      const n = kind(line.values);
      const stroke = drawn("line", { x1: 1, x2: 29, y1: 6, y2: 6, "stroke-dasharray": DASHES[n].join(" "), class: `stroke-${n}` });
      const dot = drawn("circle", { cx: 15, cy: 6, r: 3.5, class: `stroke-${n} dot` });
      return make("li", {}, drawn("svg", { width: 30, height: 12, "aria-hidden": "true" }, stroke, dot), ` ${line.values}`);
    }),
  );
}

function redrawCharts() {
  for (const draw of charts) draw();
}
