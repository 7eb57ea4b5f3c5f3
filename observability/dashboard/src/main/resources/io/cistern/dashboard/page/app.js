// The page: one connection, and what comes over it goes to the panels.

import { $, kind, options, text } from "./view.js";
import { Link } from "./link.js";
import { showFigures } from "./figures.js";
import { showStats, showReport, showEvents, noEvents } from "./panels.js";
import * as charts from "./charts.js";
import * as map from "./map.js";

const INTERVAL = 500;
const LOOK_AGAIN = 5000;
const THEMES = ["auto", "light", "dark"];

let paused = false;
let token = sessionStorage.getItem("cistern-token");
let sequence = 0;

const link = new Link({ hello, snapshot, events, map: map.setLayout, frame, error, lost });
window.cistern = { map: map.drawn, get sequence() { return sequence; } };

// --- the connection -------------------------------------------------------------------------------

async function hello(message) {
  if (!message.authorized) return login();
  $("login").close();
  document.body.classList.remove("stale");
  state("live", "live");
  $("trim").hidden = !message.mayChange;
  noEvents();
  for (const id of ["map-pool", "leak-pool"]) options($(id), message.pools);
  charts.startCharts(await link.ask("history"));
  await link.ask("subscribe", { channels: ["snapshot", "events"], intervalMillis: INTERVAL });
  if (message.pools.length > 0) await subscribeMap($("map-pool").value);
  look();
}

const subscribeMap = (pool) => link.ask("subscribe", { channels: ["map"], pool, intervalMillis: INTERVAL });

async function login(wrong = "") {
  if (token !== null) {
    const given = token;
    token = null;
    try {
      await link.ask("auth", { token: given });
    } catch (refused) {
      if (refused.message !== "wrong token") {
        token ??= given; // for the next connection
        return;
      }
      sessionStorage.removeItem("cistern-token");
      login(refused.message);
    }
    return;
  }
  if (wrong) text($("login-wrong"), wrong);
  if (!$("login").open) $("login").showModal();
}

$("login-form").addEventListener("submit", (event) => {
  event.preventDefault();
  token = $("login-token").value;
  sessionStorage.setItem("cistern-token", token);
  login();
});

function lost() {
  document.body.classList.add("stale");
  state("reconnecting", "lost");
  token = sessionStorage.getItem("cistern-token");
}

function state(name, of) {
  text($("link"), name);
  kind($("link"), "chip", of);
}

function error(message) {
  show("The server refused something", message.message);
}

// --- what comes -----------------------------------------------------------------------------------

function snapshot(message) {
  if (paused) return;
  showStats(message.stats);
  showFigures(message.stats);
  charts.addPoint(message.stats);
  sequence = message.sequence;
  text($("foot"), "Snapshot " + message.sequence + (message.dropped > 0 ? ", " + message.dropped + " skipped because this page was slow" : ""));
}

function events(message) {
  showEvents(message.events);
}

function frame(buffer) {
  if (!paused) map.frame(buffer);
}

// --- buttons --------------------------------------------------------------------------------------

function show(title, body) {
  text($("result-title"), title);
  text($("result-text"), body);
  if (!$("result").open) $("result").showModal();
}

async function command(name, title, write) {
  try {
    show(title, write(await link.ask("command", { name })));
  } catch (refused) {
    show(title, refused.message);
  }
}

$("dump").addEventListener("click", () => command("dump", "State of all pools", (result) => result.text));
$("trim").addEventListener("click", () => command("trim", "Trim", (result) => result.bytes + " B were given back."));
$("verify").addEventListener("click", () => command("verify", "Verify", (result) =>
  (result.ok ? "Everything is in order" : result.findings.join("\n")) + ": " + result.blocks + " blocks used"
  + (result.quiescent ? "." : ", while others allocated and freed.")));
$("result-close").addEventListener("click", () => $("result").close());
$("result-copy").addEventListener("click", () => navigator.clipboard?.writeText($("result-text").textContent));

async function look() {
  const pool = $("leak-pool").value;
  if (!pool || paused || document.hidden) return;
  try {
    showReport(await link.ask("command", { name: "report", pool, olderThanMillis: Number($("leak-age").value) }));
  } catch { /* shown by the state of the connection, or at the next look */ }
}

$("leak-now").addEventListener("click", look);
$("leak-pool").addEventListener("change", look);
$("leak-age").addEventListener("change", look);
setInterval(look, LOOK_AGAIN);

$("pause").addEventListener("click", () => {
  paused = !paused;
  $("pause").setAttribute("aria-pressed", String(paused));
  text($("pause"), paused ? "Resume" : "Pause");
  state(paused ? "paused" : "live", paused ? "wait" : "live");
  if (!paused) subscribeMap($("map-pool").value); // the whole map again: changes were missed
});

// --- colours and sizes ----------------------------------------------------------------------------

const system = matchMedia("(prefers-color-scheme: dark)");

function theme() {
  const chosen = localStorage.getItem("cistern-theme") ?? "auto";
  document.documentElement.classList.toggle("dark", chosen === "dark" || (chosen === "auto" && system.matches));
  text($("theme"), { auto: "Auto", light: "Light", dark: "Dark" }[chosen]);
  $("theme").setAttribute("aria-label", "Colours: " + (chosen === "auto" ? "as the system" : chosen));
}

$("theme").addEventListener("click", () => {
  const chosen = localStorage.getItem("cistern-theme") ?? "auto";
  localStorage.setItem("cistern-theme", THEMES[(THEMES.indexOf(chosen) + 1) % THEMES.length]);
  repaint();
});
system.addEventListener("change", repaint);

function repaint() {
  theme();
  charts.build();
  map.redraw();
}

theme();
map.startMap((cell) => link.ask("block", { cell }), subscribeMap);
new ResizeObserver(() => { charts.resize(); map.draw(); }).observe($("map-box"));
