// Figures over time, a line for each pool. The server keeps the last minutes for a new page; from then on the page
// adds a point a second and forgets as many.

import uPlot from "./uplot.js";
import { $, h, text, colour } from "./view.js";
import { allocations, failed, fragmentation, usedBytes, totalBytes, percent, short, LEVELS } from "./format.js";

const SECONDS = 600;
const HEIGHT = 132;
const COLOURS = 8;

const rate = (list, at, times) => {
  if (at === 0) return null;
  const seconds = (times[at] - times[at - 1]) / 1000;
  return seconds > 0 ? Math.max(0, (list[at] - list[at - 1]) / seconds) : null;
};

const CHARTS = [
  { title: "Used", unit: percent, of: (p) => p.utilizationPercent, range: [0, 100] },
  { title: "Allocations a second", unit: short, of: (p, t) => p.allocations.map((v, i) => rate(p.allocations, i, t)) },
  { title: "Failed requests a second", unit: short, of: (p, t) => p.failed.map((v, i) => rate(p.failed, i, t)) },
  { title: "Fragmentation (tiers: internal, any size: external)", unit: percent, of: (p) => p.fragmentationPercent, range: [0, 100] },
  { title: "Pressure", unit: (v) => LEVELS[Math.round(v)] ?? "", of: (p) => p.pressure, range: [-0.15, 2.15], levels: true },
];

let times = [];
let pools = [];
let plots = [];
let last = 0;

export function startCharts(history) {
  times = history.timeMillis;
  pools = history.pools;
  last = times.at(-1) ?? 0;
  build();
}

export function addPoint(stats) {
  if (stats.timeMillis - last < 950) return;
  if (pools.length !== stats.pools.length) {
    times = [];
    pools = stats.pools.map((pool) => ({
      pool: pool.pool, utilizationPercent: [], usedBytes: [], allocations: [], failed: [], fragmentationPercent: [], pressure: [],
    }));
    build();
  }
  last = stats.timeMillis;
  times.push(stats.timeMillis);
  stats.pools.forEach((pool, at) => {
    const total = totalBytes(pool);
    pools[at].utilizationPercent.push(total === 0 ? 0 : (100 * usedBytes(pool)) / total);
    pools[at].usedBytes.push(usedBytes(pool));
    pools[at].allocations.push(allocations(pool));
    pools[at].failed.push(failed(pool));
    pools[at].fragmentationPercent.push(fragmentation(pool));
    pools[at].pressure.push(LEVELS.indexOf(pool.pressure));
  });
  if (times.length > SECONDS) {
    times.shift();
    for (const pool of pools) for (const list of Object.values(pool)) if (Array.isArray(list)) list.shift();
  }
  draw();
}

const data = (chart) => [times.map((time) => time / 1000), ...pools.map((pool) => chart.of(pool, times))];

const lineColour = (at) => colour("--s" + (at % COLOURS));

export function build() {
  plots.forEach((plot) => plot.destroy());
  $("charts-legend").replaceChildren(...(pools.length < 2 ? [] : pools.map((pool, at) => {
    const mark = h("i");
    mark.style.background = lineColour(at);
    return h("span", {}, mark, pool.pool);
  })));
  plots = CHARTS.map((chart) => {
    const now = h("b");
    const box = h("div");
    const figure = h("div", { class: "chart", role: "img", "aria-label": chart.title }, h("h3", {}, chart.title, now), box);
    return { chart, now, box, figure };
  }).map((made, at, all) => {
    if (at === 0) $("charts-grid").replaceChildren(...all.map(({ figure }) => figure));
    const plot = new uPlot(settings(made.chart, made.box.clientWidth), data(made.chart), made.box);
    plot.chart = made.chart;
    plot.now = made.now;
    plot.box = made.box;
    return plot;
  });
  draw();
}

function settings(chart, width) {
  const axis = { stroke: colour("--dim"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: "11px system-ui" };
  return {
    width: Math.max(200, width), height: HEIGHT, padding: [8, 10, 0, 0],
    cursor: { sync: { key: "charts" }, points: { size: 6 }, drag: { x: false, y: false } },
    legend: { show: false },
    scales: { x: { time: true }, y: { range: chart.range ?? ((plot, least, most) => [0, Math.max(1, most * 1.1)]) } },
    axes: [
      { ...axis, size: 24, space: 70, values: (plot, splits) => splits.map((s) => new Date(s * 1000).toLocaleTimeString("en-GB")) },
      { ...axis, size: chart.levels ? 66 : 46, splits: chart.levels ? () => [0, 1, 2] : undefined,
        space: 28, values: (plot, splits) => splits.map((v) => (chart.levels ? LEVELS[v] : short(v))) },
    ],
    series: [{}, ...pools.map((pool, at) => ({
      label: pool.pool, stroke: lineColour(at), width: 1.6, points: { show: false },
      fill: pools.length === 1 && !chart.levels ? lineColour(at) + "22" : undefined,
      paths: chart.levels ? uPlot.paths.stepped({ align: 1 }) : undefined,
    }))],
    hooks: { setCursor: [showNow] },
  };
}

// The figures beside a title: under the cursor, else the newest.
function showNow(plot) {
  const at = plot.cursor.idx ?? times.length - 1;
  if (!plot.now) return;
  plot.data.slice(1).forEach((list, pool) => {
    const place = plot.now.children[pool] ?? plot.now.appendChild(h("span"));
    place.style.color = pools.length > 1 ? lineColour(pool) : "";
    text(place, list[at] === null || list[at] === undefined ? "" : plot.chart.unit(list[at]));
  });
}

function draw() {
  for (const plot of plots) {
    plot.setData(data(plot.chart));
    showNow(plot);
  }
}

export function resize() {
  for (const plot of plots) plot.setSize({ width: Math.max(200, plot.box.clientWidth), height: HEIGHT });
}
