// Opt-out regions drawn over the film; their corners are fractions of the picture. Nothing is stored before the start.
"use strict";

const screen_ = document.getElementById("film");
const stage = document.querySelector(".stage");
const drawing = document.getElementById("drawing");
const draw = document.getElementById("draw");
const undo = document.getElementById("undo");
const clear = document.getElementById("clear");
const field = document.querySelector('[name="regions"]');
const told_ = document.getElementById("regions-told");
const NEAR = 0.02; // of the picture: a click on the first corner closes
let regions = [];
let open = [];

const SVG = "http://www.w3.org/2000/svg";
function shape(name, points) {
  const made = document.createElementNS(SVG, name);
  made.setAttribute("points", points.map(([x, y]) => `${x},${y}`).join(" "));
  return made;
}

function redraw() {
  const corners = open.map(([x, y], number) => {
    const dot = document.createElementNS(SVG, "ellipse");
    const box = drawing.getBoundingClientRect();
    for (const [name, value] of Object.entries({ cx: x, cy: y, rx: 5 / box.width, ry: 5 / box.height })) dot.setAttribute(name, value);
    if (number === 0) dot.classList.add("first");
    return dot;
  });
  drawing.replaceChildren(...regions.map((points) => shape("polygon", points)), shape("polyline", open), ...corners);
  const listed = regions.map((points) => ({ points }));
  field.value = regions.length ? JSON.stringify({ unit: "fraction", regions: listed }) : "";
  undo.disabled = !open.length;
  clear.disabled = !open.length && !regions.length;
  told_.textContent = regions.length ? told_.dataset.told.replace("#", regions.length) : "";
}

function place(event) {
  const box = drawing.getBoundingClientRect();
  const cut = (value) => Math.round(Math.min(1, Math.max(0, value)) * 1e5) / 1e5;
  return [cut((event.clientX - box.left) / box.width), cut((event.clientY - box.top) / box.height)];
}

function isNear([x, y], [a, b]) {
  return Math.abs(x - a) < NEAR && Math.abs(y - b) < NEAR;
}

function close() {
  if (open.length < 3) return;
  regions.push(open);
  open = [];
  redraw();
}

drawing.addEventListener("pointerdown", (event) => {
  if (draw.getAttribute("aria-pressed") !== "true") return;
  const point = place(event);
  if (open.length > 2 && isNear(point, open[0])) close();
  else open.push(point);
  redraw();
});
draw.addEventListener("click", () => {
  const on = draw.getAttribute("aria-pressed") !== "true";
  draw.setAttribute("aria-pressed", String(on));
  stage.classList.toggle("drawn-on", on);
  if (on) {
    screen_.pause();
    stage.scrollIntoView({ block: "nearest" });
  } else {
    close();
    open = [];
    redraw();
  }
});
document.getElementById("order").addEventListener("submit", close, { capture: true }); // a region left open counts too
undo.addEventListener("click", () => {
  open.pop();
  redraw();
});
clear.addEventListener("click", () => {
  [open, regions] = [[], []];
  redraw();
});
screen_.addEventListener("loadedmetadata", () => {
  if (screen_.videoWidth) stage.style.aspectRatio = `${screen_.videoWidth} / ${screen_.videoHeight}`;
});
screen_.addEventListener("error", () => {
  document.querySelector(".preview .broken").hidden = false;
});
window.addEventListener("resize", redraw);
redraw();
