// The map of blocks. The pixels are kept in one buffer: a frame changes those of the cells that changed, and the
// buffer goes to the canvas at once, so that a frame costs the same for a hundred blocks and for a hundred thousand.

import { $, h, text, colour } from "./view.js";
import { age, bytes, exact } from "./format.js";

const HEAD = 24;
const ALL = 1, CHANGES = 2, PIECES = 3;
const GRANULE = 8;
const TITLE = 18;
const GAP = 8;
const LARGEST = 22;
const LABEL_COLOURS = 8;

let layout = null; // of the last message "map"
let cells = new Uint32Array(0);
let sizes = new Uint32Array(0); // of pieces, in granules
let slabs = []; // with their place on the canvas, in device pixels
let image = null;
let palette = null;
let focus = -1;
let ask = async () => null;
let timer = 0;
let counts = [];

const canvas = $("map-canvas");
const context = canvas.getContext("2d");
export const drawn = { frames: 0, last: 0, worst: 0, cells: 0 };

const state = (cell) => cell & 7;
const step = (cell) => (cell >>> 3) & 7;
const label = (cell) => cell >>> 8;

export function startMap(askBlock, select) {
  ask = askBlock;
  canvas.addEventListener("click", (event) => go(at(event)));
  canvas.addEventListener("keydown", key);
  canvas.addEventListener("focus", () => focus < 0 && cells.length > 0 && go(0));
  $("map-pool").addEventListener("change", () => { focus = -1; clearBlock(); select($("map-pool").value); });
  $("map-colour").addEventListener("change", () => { palette = null; draw(); });
  clearBlock();
}

export const clearBlock = () =>
  $("block").replaceChildren(h("span", { class: "dim" }, "No block is chosen."));

// --- what comes from the server ---------------------------------------------------------------

export function setLayout(message) {
  layout = message;
  cells = new Uint32Array(0);
  image = null;
}

export function frame(buffer) {
  const start = performance.now();
  const view = new DataView(buffer);
  if (layout === null || view.getUint32(4, true) !== layout.layout) return;
  const count = view.getUint32(12, true);
  const words = new Uint32Array(buffer, HEAD);
  const kind = view.getUint8(1);
  if (kind === ALL) {
    cells = words.slice(0, count);
    draw();
  } else if (kind === PIECES) {
    cells = new Uint32Array(count);
    sizes = new Uint32Array(count);
    for (let i = 0; i < count; i++) { cells[i] = words[2 * i]; sizes[i] = words[2 * i + 1]; }
    draw();
  } else if (kind === CHANGES) {
    for (let i = 0; i < count; i++) {
      const cell = words[2 * i];
      cells[cell] = words[2 * i + 1];
      if (image) paintCell(cell);
    }
    show();
  }
  drawn.frames++;
  drawn.cells = cells.length;
  drawn.last = performance.now() - start;
  drawn.worst = Math.max(drawn.worst, drawn.last);
}

// --- colours ------------------------------------------------------------------------------------

function rgba(name) {
  const value = parseInt(colour(name).slice(1), 16);
  return (0xff000000 | ((value & 0xff) << 16) | (value & 0xff00) | (value >> 16)) >>> 0;
}

function colours() {
  palette ??= {
    back: rgba("--panel"),
    free: rgba("--cell-free"),
    ages: [0, 1, 2, 3, 4, 5].map((at) => rgba("--cell-" + at)),
    others: { 2: rgba("--cell-pinned"), 3: rgba("--cell-quarantined"), 4: rgba("--cell-lost"), 5: rgba("--cell-withdrawn") },
    labels: [...Array(LABEL_COLOURS).keys()].map((at) => rgba("--s" + at)),
  };
  return palette;
}

const byLabel = () => $("map-colour").value === "label";

function pixel(cell) {
  const now = colours();
  const is = state(cell);
  if (is === 0) return now.free;
  if (is !== 1) return now.others[is];
  return byLabel() ? now.labels[label(cell) % LABEL_COLOURS] : now.ages[step(cell)];
}

// --- drawing ------------------------------------------------------------------------------------

export function redraw() {
  palette = null;
  draw();
}

export function draw() {
  if (layout === null) return;
  const ratio = window.devicePixelRatio || 1;
  const width = Math.floor(canvas.parentElement.clientWidth * ratio);
  if (width === 0) return;
  const height = layout.pieces ? placePieces(width, ratio) : placeBlocks(width, ratio);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
    canvas.style.height = height / ratio + "px";
  }
  image = context.createImageData(width, Math.max(1, height));
  image.pixels = new Uint32Array(image.data.buffer);
  image.pixels.fill(colours().back);
  for (let cell = 0; cell < cells.length; cell++) paintCell(cell);
  show();
}

// The largest cells with which all slabs fit into the height there is.
function placeBlocks(width, ratio) {
  const room = (window.innerWidth < 700 ? 320 : 420) * ratio;
  let pitch = Math.round(LARGEST * ratio);
  while (pitch > 2 && heightAt(pitch, width, ratio) > room) pitch--;
  let top = 0;
  slabs = layout.slabs.map((slab) => {
    const columns = Math.max(1, Math.floor(width / pitch));
    const placed = { ...slab, top: top + TITLE * ratio, pitch, columns, rows: Math.ceil(slab.count / columns) };
    top = placed.top + placed.rows * pitch + GAP * ratio;
    return placed;
  });
  return Math.ceil(top);
}

function heightAt(pitch, width, ratio) {
  const columns = Math.max(1, Math.floor(width / pitch));
  return layout.slabs.reduce((sum, slab) => sum + Math.ceil(slab.count / columns) * pitch + (TITLE + GAP) * ratio, 0);
}

// Memory to scale, in rows like text.
function placePieces(width, ratio) {
  const line = Math.round(14 * ratio);
  const rows = Math.max(4, Math.min(16, Math.floor(320 / 14 / layout.slabs.length)));
  let first = 0;
  let top = 0;
  slabs = layout.slabs.map((slab) => {
    const placed = { ...slab, first, top: top + TITLE * ratio, pitch: line, rows, columns: width, starts: [] };
    let bytesSoFar = 0;
    while (first < cells.length && bytesSoFar < slab.bytes) {
      placed.starts.push(bytesSoFar);
      bytesSoFar += sizes[first++] * GRANULE;
    }
    placed.count = first - placed.first;
    top = placed.top + rows * line + GAP * ratio;
    return placed;
  });
  return Math.ceil(top);
}

const slabOf = (cell) => slabs.find((slab) => cell >= slab.first && cell < slab.first + slab.count);

function paintCell(cell) {
  const slab = slabOf(cell);
  if (slab === undefined) return;
  if (slab.starts) return paintPiece(slab, cell);
  const index = cell - slab.first;
  const x = (index % slab.columns) * slab.pitch;
  const y = slab.top + Math.floor(index / slab.columns) * slab.pitch;
  const gap = slab.pitch > 12 ? 2 : slab.pitch > 2 ? 1 : 0;
  fill(x, Math.round(y), slab.pitch - gap, slab.pitch - gap, pixel(cells[cell]));
}

function paintPiece(slab, cell) {
  const scale = (slab.rows * slab.columns) / slab.bytes;
  const index = cell - slab.first;
  let from = Math.floor(slab.starts[index] * scale);
  const to = Math.max(from + 1, Math.floor((slab.starts[index] + sizes[cell] * GRANULE) * scale) - (state(cells[cell]) ? 1 : 0));
  const value = pixel(cells[cell]);
  while (from < to) {
    const row = Math.floor(from / slab.columns);
    const end = Math.min(to, (row + 1) * slab.columns);
    fill(from - row * slab.columns, Math.round(slab.top + row * slab.pitch), end - from, slab.pitch - 2, value);
    from = end;
  }
}

function fill(x, y, width, height, value) {
  const line = image.width;
  for (let row = y; row < y + height && row < image.height; row++) {
    image.pixels.fill(value, row * line + x, row * line + x + width);
  }
}

function show() {
  if (!image) return;
  const ratio = window.devicePixelRatio || 1;
  context.putImageData(image, 0, 0);
  context.font = 12 * ratio + "px system-ui, sans-serif";
  context.textBaseline = "middle";
  for (const slab of slabs) {
    context.fillStyle = colour("--dim");
    context.fillText(title(slab), 0, slab.top - (TITLE / 2 + 1) * ratio);
  }
  mark();
  legend();
  canvas.setAttribute("aria-label", "Map of pool " + layout.pool + ": " + counts.map(({ name, count }) => count + " " + name).join(", "));
}

function title(slab) {
  const region = slabs.some((other) => other.region > 0) ? "region " + slab.region + " · " : "";
  return slab.starts
    ? region + bytes(slab.bytes) + " · " + exact(slab.count) + " pieces"
    : region + bytes(slab.blockSizeBytes) + " × " + exact(slab.count) + (slab.label ? " · " + slab.label : "");
}

function mark() {
  const slab = focus < 0 ? undefined : slabOf(focus);
  if (slab === undefined) return;
  const ratio = window.devicePixelRatio || 1;
  const { x, y, width, height } = box(slab, focus);
  context.lineWidth = 2 * ratio;
  context.strokeStyle = colour("--mark");
  const pad = Math.max(ratio, (6 * ratio - Math.min(width, height)) / 2);
  context.strokeRect(x - pad, y - pad, width + 2 * pad, height + 2 * pad);
}

function box(slab, cell) {
  const index = cell - slab.first;
  if (!slab.starts) {
    return {
      x: (index % slab.columns) * slab.pitch, y: slab.top + Math.floor(index / slab.columns) * slab.pitch,
      width: slab.pitch - 1, height: slab.pitch - 1,
    };
  }
  const scale = (slab.rows * slab.columns) / slab.bytes;
  const from = slab.starts[index] * scale;
  const row = Math.floor(from / slab.columns);
  const x = from - row * slab.columns;
  return { x, y: slab.top + row * slab.pitch, width: Math.min(sizes[cell] * GRANULE * scale, slab.columns - x), height: slab.pitch - 2 };
}

function legend() {
  const ages = layout.ageLimitsMillis;
  const names = byLabel()
    ? layout.labels.map((name, at) => ({ name: name || "no label", of: (cell) => state(cell) === 1 && label(cell) === at, colour: "--s" + (at % LABEL_COLOURS) }))
    : [0, 1, 2, 3, 4, 5].map((at) => ({
      name: at < ages.length ? "used < " + age(ages[at]).replace(" 0 s", "").replace(" 0 min", "").replace(".0", "") : "older",
      of: (cell) => state(cell) === 1 && step(cell) === at, colour: "--cell-" + at }));
  const all = [
    { name: "free", of: (cell) => state(cell) === 0, colour: "--cell-free" }, ...names,
    ...["pinned", "quarantined", "lost", "withdrawn"].map((name, at) => ({ name, of: (cell) => state(cell) === at + 2, colour: "--cell-" + name, rare: true })),
  ];
  tally(all);
  counts = all.filter((entry) => entry.count > 0);
  const shown = all.filter((entry) => !entry.rare || entry.count > 0 || entry.name === "pinned");
  const box = $("map-legend");
  while (box.children.length < shown.length) box.append(h("span", {}, h("i"), h("span"), " ", h("b")));
  while (box.children.length > shown.length) box.lastChild.remove();
  shown.forEach((entry, at) => {
    const [mark, name, , count] = box.children[at].childNodes;
    if (mark.dataset.colour !== entry.colour) { mark.dataset.colour = entry.colour; mark.style.background = "var(" + entry.colour + ")"; }
    text(name, entry.name);
    text(count, exact(entry.count));
  });
}

// One pass over the cells, whatever the legend.
function tally(all) {
  const found = new Map();
  for (let i = 0; i < cells.length; i++) {
    const key = byLabel() ? cells[i] & ~0xf8 : cells[i] & 0x3f;
    found.set(key, (found.get(key) ?? 0) + 1);
  }
  for (const entry of all) {
    entry.count = 0;
    for (const [key, count] of found) if (entry.of(key)) entry.count += count;
  }
}

// --- one block ------------------------------------------------------------------------------------

function at(event) {
  const ratio = canvas.width / canvas.clientWidth;
  const x = event.offsetX * ratio;
  const y = event.offsetY * ratio;
  for (const slab of slabs) {
    const row = Math.floor((y - slab.top) / slab.pitch);
    if (row < 0 || row >= slab.rows) continue;
    if (slab.starts) return slab.first + pieceAt(slab, ((row * slab.columns + x) / (slab.rows * slab.columns)) * slab.bytes);
    const column = Math.floor(x / slab.pitch);
    const index = row * slab.columns + column;
    if (column < slab.columns && index < slab.count) return slab.first + index;
  }
  return -1;
}

function pieceAt(slab, offset) {
  let low = 0;
  let high = slab.count - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (slab.starts[middle] <= offset) low = middle; else high = middle - 1;
  }
  return low;
}

function key(event) {
  if (cells.length === 0) return;
  const slab = slabOf(Math.max(0, focus)) ?? slabs[0];
  const line = slab.starts ? 10 : slab.columns;
  const next = slabs[slabs.indexOf(slab) + 1];
  const before = slabs[slabs.indexOf(slab) - 1];
  const to = {
    ArrowLeft: focus - 1, ArrowRight: focus + 1, ArrowUp: focus - line, ArrowDown: focus + line,
    Home: 0, End: cells.length - 1, PageDown: next ? next.first : cells.length - 1, PageUp: before ? before.first : 0, Enter: focus,
  }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  go(Math.max(0, Math.min(cells.length - 1, to)));
}

function go(cell) {
  if (cell < 0) return;
  focus = cell;
  show();
  clearTimeout(timer);
  timer = setTimeout(async () => {
    try {
      const block = await ask(cell);
      if (block && focus === cell) showBlock(block);
    } catch (failed) {
      $("block").replaceChildren(h("span", { class: "dim" }, failed.message));
    }
  }, 60);
}

function showBlock(block) {
  const rows = [
    ["block", exact(block.cell)], ["state", block.state.toLowerCase()], ["size", exact(block.blockSizeBytes) + " B"],
    ["offset", exact(block.offsetBytes)],
  ];
  if (block.handle) rows.push(["asked for", exact(block.sizeBytes) + " B"], ["age", age(block.ageMillis)], ["label", block.label || "none"], ["thread", block.thread || "not sampled"], ["handle", block.handle]);
  $("block").replaceChildren(
    h("dl", {}, ...rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", { "data-block": name }, value)))),
    ...(block.stack.length ? [h("pre", { "data-block": "stack" }, block.stack.join("\n"))] : []));
}
