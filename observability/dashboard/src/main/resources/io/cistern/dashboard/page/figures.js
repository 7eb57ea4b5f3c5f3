// Every figure of the snapshot, under its own name: nothing is left out, and what is new appears by itself.

import { $, h, text } from "./view.js";
import { exact } from "./format.js";

const cells = new Map();

export function figure(path) {
  const element = h("span", { "data-figure": path });
  if (!cells.has(path)) cells.set(path, []);
  cells.get(path).push(element);
  return element;
}

// An element of a list is named by what tells it apart.
const key = (item, at) => item.pool ?? item.blockSizeBytes ?? item.path ?? item.name ?? at;

function flatten(value, path, into) {
  if (Array.isArray(value)) {
    value.forEach((item, at) => flatten(item, path + "." + (typeof item === "object" ? key(item, at) : at), into));
  } else if (value !== null && typeof value === "object") {
    for (const [name, item] of Object.entries(value)) flatten(item, path ? path + "." + name : name, into);
  } else {
    into.push([path, value]);
  }
}

let shape = "";

export function showFigures(stats) {
  const flat = [];
  flatten(stats, "", flat);
  const now = flat.map(([path]) => path).join("\n");
  if (now !== shape) {
    shape = now;
    build(stats, flat);
  }
  for (const [path, value] of flat) {
    for (const element of cells.get(path) ?? []) text(element, value === null ? "none" : exact(value));
  }
}

function build(stats, flat) {
  for (const [path, list] of cells) {
    cells.set(path, list.filter((element) => !element.closest("#figure-groups") && element.isConnected));
  }
  const open = new Set([...document.querySelectorAll("#figure-groups details[open]")].map((d) => d.dataset.group));
  const groups = new Map([["Manager", []]]);
  for (const [path] of flat) {
    const group = groupOf(path, stats);
    if (!groups.has(group.title)) groups.set(group.title, []);
    groups.get(group.title).push([path, path.slice(group.prefix.length)]);
  }
  $("figure-groups").replaceChildren(...[...groups].map(([title, list]) =>
    h("details", { "data-group": title, ...(open.has(title) ? { open: true } : {}) },
      h("summary", {}, title, h("span", { class: "dim" }, "  " + list.length)), ...blocks(list))));
}

function groupOf(path, stats) {
  for (const pool of stats.pools) {
    const prefix = "pools." + pool.pool + ".";
    if (path.startsWith(prefix)) return { title: "Pool " + pool.pool, prefix };
  }
  const first = path.split(".")[0];
  if (first === "quotas") return { title: "Quotas", prefix: "quotas." };
  if (first === "reclaimers") return { title: "Reclaimers", prefix: "reclaimers." };
  return { title: "Manager", prefix: "" };
}

function blocks(list) {
  const parts = new Map();
  for (const [path, name] of list) {
    const cut = name.lastIndexOf(".");
    const title = cut < 0 ? "" : name.slice(0, cut);
    if (!parts.has(title)) parts.set(title, []);
    parts.get(title).push(h("div", {}, h("dt", {}, name.slice(cut + 1)), h("dd", {}, figure(path))));
  }
  return [...parts].flatMap(([title, rows]) => [
    ...(title ? [h("p", { class: "kv-title" }, title.replaceAll(".", " "))] : []),
    h("dl", { class: "kv" }, ...rows),
  ]);
}
