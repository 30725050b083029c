// The list of runs: asked for again while one is under way, and its buttons.
"use strict";

const runs = document.getElementById("runs");
const told = document.getElementById("told");
const section = document.getElementById("runs-section");
const FRAGMENT = { "x-fragment": "1" };
const OFTEN_MS = 1000;
let waiting = 0;
let asked = 0;

function say(text) {
  const message = document.createElement("div");
  message.className = "message";
  message.setAttribute("role", "alert");
  message.textContent = text;
  told.replaceChildren(message);
}

function show(text) {
  const focused = document.activeElement?.id;
  if (runs.dataset.shown !== text) {
    runs.innerHTML = text; // made by this program, everything of others escaped
    runs.dataset.shown = text;
    if (focused) document.getElementById(focused)?.focus();
  }
  section.hidden = !runs.querySelector(".run");
  again();
}

async function ask(address, options = {}) {
  clearTimeout(waiting);
  const number = (asked += 1);
  try {
    const response = await fetch(address, { headers: FRAGMENT, ...options });
    const text = await response.text();
    if (number !== asked) return;
    if (response.ok) {
      if (options.method || told.dataset.lost) told.replaceChildren();
      delete told.dataset.lost;
      show(text);
    } else {
      told.innerHTML = text; // as above
      again();
    }
  } catch {
    if (number !== asked) return;
    if (!told.dataset.lost) say(runs.dataset.lost);
    told.dataset.lost = "yes";
    again();
  }
}

function again() {
  clearTimeout(waiting);
  const live = runs.querySelector('[data-under-way="yes"]') || told.dataset.lost;
  waiting = setTimeout(() => ask("/runs"), live && !document.hidden ? OFTEN_MS : 10 * OFTEN_MS);
}

runs.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  if (button) ask(button.dataset.act, { method: "POST" });
});
document.addEventListener("visibilitychange", () => document.hidden || ask("/runs"));
again();
