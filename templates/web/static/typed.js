// Tasks typed beside the film: "now" takes the time that it shows; mistakes are said as `tasks check` says them.
"use strict";

const typed = document.getElementById("typed");
const list = typed.querySelector(".typed");
const source = document.getElementById("source");
const checked = document.getElementById("checked");
const watched = document.getElementById("film"); // null where films are not shown
const PARTS = ["task", "start", "end", "mode"];
const WAIT_MS = 250;
let waiting = 0;
let asked = 0;

function clock(seconds) {
  const tenths = Math.round(seconds * 10);
  const [h, m, s] = [Math.floor(tenths / 36000), Math.floor(tenths / 600) % 60, (tenths % 600) / 10];
  const rest = Number.isInteger(s) ? String(s).padStart(2, "0") : s.toFixed(1).padStart(4, "0");
  return h ? `${h}:${String(m).padStart(2, "0")}:${rest}` : `${m}:${rest}`;
}

function add() {
  const row = typed.querySelector("template").content.firstElementChild.cloneNode(true);
  const before = list.lastElementChild?.querySelector('[data-part="end"]').value;
  if (before) row.querySelector('[data-part="start"]').value = before; // most tasks follow each other
  list.append(row);
  return row;
}

function sent() {
  const rows = [...list.children].map((row) => PARTS.map((part) => row.querySelector(`[data-part="${part}"]`).value));
  return JSON.stringify({ rows, duration: watched?.duration || null });
}

function show(mistakes) {
  for (const [number, row] of [...list.children].entries()) {
    const own = mistakes.filter((one) => one.row === number);
    const told = row.querySelector(".wrong");
    told.id = `wrong-${number}`;
    told.textContent = own.map((one) => one.text).join("\n");
    told.hidden = !own.length;
    for (const part of PARTS) {
      const field = row.querySelector(`[data-part="${part}"]`);
      const wrong = own.some((one) => one.part === part);
      field.setAttribute("aria-invalid", String(wrong));
      if (wrong) field.setAttribute("aria-describedby", told.id);
      else field.removeAttribute("aria-describedby");
    }
  }
  const whole = mistakes.filter((one) => one.row === null).map((one) => one.text).join(" ");
  const written = JSON.parse(sent()).rows.some((row) => row.slice(0, 3).some((cell) => cell.trim()));
  checked.textContent = whole || (mistakes.length || !written ? "" : typed.dataset.right);
}

function changed() {
  typed.querySelector('[name="typed"]').value = sent();
  clearTimeout(waiting);
  waiting = setTimeout(check, WAIT_MS);
}

async function check() {
  const number = (asked += 1);
  try {
    const response = await fetch("/analyse/tasks", { method: "POST", headers: { "x-fragment": "1" }, body: sent() });
    if (response.ok && number === asked) show((await response.json()).mistakes);
  } catch {
    checked.textContent = ""; // it is checked again when the run is started
  }
}

function chosen() {
  typed.hidden = source.value !== typed.dataset.of;
  if (!typed.hidden && !list.children.length) add();
  changed();
}

source.addEventListener("change", chosen);
document.getElementById("add").addEventListener("click", () => {
  add().querySelector("input").focus();
  changed();
});
list.addEventListener("input", changed);
list.addEventListener("click", ({ target }) => {
  const row = target.closest("li");
  if (target.dataset.now) row.querySelector(`[data-part="${target.dataset.now}"]`).value = clock(watched.currentTime);
  else if (target.classList.contains("remove")) {
    row.remove();
    (list.lastElementChild?.querySelector("input") ?? document.getElementById("add")).focus();
  } else return;
  changed();
});
list.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.tagName === "BUTTON") return;
  event.preventDefault(); // Enter is the next task, not the start of the analysis
  document.getElementById("add").click();
});
watched?.addEventListener("loadedmetadata", changed);
chosen();
