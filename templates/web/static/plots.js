// Draws the charts of a page from the JSON in the page; colours are the variables of app.css.
"use strict";

const plots = JSON.parse(document.getElementById("plots").textContent);
const probe = document.createElement("i");
probe.hidden = true;
document.body.append(probe);

function colour(name) {
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}

function coloured(value) {
  if (typeof value === "string") return value.startsWith("--") ? colour(value) : value;
  if (Array.isArray(value)) return value.map(coloured);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, coloured(inner)]));
}

const touch = window.matchMedia("(pointer: coarse)").matches;
const config = {
  displaylogo: false, responsive: false, scrollZoom: false, showTips: false, displayModeBar: false,
  showSendToCloud: false, showEditInChartStudio: false,
};

function layout(element, given) {
  const mirrored = document.documentElement.dir === "rtl";
  return {
    ...given,
    dragmode: touch ? false : given.dragmode,
    margin: { l: mirrored ? 10 : 44, r: mirrored ? 44 : 10, t: given.shapes ? 26 : 22, b: 28 },
    font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: colour("--soft") },
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    width: element.clientWidth, height: element.clientHeight,
  };
}

const NARROW_PX = 640; // below it a chart has no room for names

function withoutNames(given, numbers) {
  const shapes = (given.shapes ?? []).map(({ label, ...shape }) => shape);
  const annotations = given.annotations?.map((one, at) => ({ ...one, text: numbers?.[at] ?? one.text }));
  return { ...given, shapes, ...(annotations && { annotations }) };
}

function draw() {
  for (const [name, plot] of Object.entries(plots)) {
    const element = document.getElementById(`plot-${name}`);
    const { data, layout: whole } = coloured(plot);
    const given = element.clientWidth < NARROW_PX ? withoutNames(whole, plot.narrow) : whole;
    Plotly.react(element, data, layout(element, given), config);
  }
}

let drawnAt = 0;
let waiting = 0;

function drawAgain() {
  drawnAt = window.innerWidth;
  draw();
}

drawAgain();
document.addEventListener("theme", drawAgain);
window.addEventListener("resize", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => window.innerWidth !== drawnAt && drawAgain(), 100);
});
