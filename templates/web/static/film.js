// The film beside a lesson: a click on a moment or a chart shows that time.
"use strict";

const film = document.getElementById("film");
const play = document.getElementById("play");
const at = document.getElementById("at");
const now = document.getElementById("now");
const DAY_S = 86400; // charts begin on the second day, see plots.py

function clock(seconds) {
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  const two = (number) => String(number).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

function told() {
  at.max = film.duration || 1;
  at.value = film.currentTime;
  at.setAttribute("aria-valuetext", clock(film.currentTime));
  now.value = `${clock(film.currentTime)} / ${clock(film.duration || 0)}`;
  play.setAttribute("aria-pressed", String(!film.paused));
}

// controls of our own: the browser's would lie under the black regions, and leave them in full screen
for (const kind of ["loadedmetadata", "timeupdate", "seeking", "play", "pause", "ended"]) film.addEventListener(kind, told);
film.addEventListener("contextmenu", (event) => event.preventDefault());
play.addEventListener("click", () => (film.paused ? film.play() : film.pause()));
film.addEventListener("click", () => play.click());
at.addEventListener("input", () => {
  film.currentTime = Number(at.value);
});
if (film.readyState) told();

function seek(seconds) {
  film.currentTime = Math.max(0, seconds);
  film.scrollIntoView({ block: "nearest" });
}

for (const one of document.querySelectorAll("[data-seek]")) {
  one.addEventListener("click", () => seek(Number(one.dataset.seek)));
}
for (const chart of document.querySelectorAll(".plot")) {
  chart.on("plotly_click", ({ event, points }) => {
    const axis = chart._fullLayout.xaxis;
    const left = chart.querySelector(".nsewdrag").getBoundingClientRect().left;
    const at = event ? axis.p2d(event.clientX - left) : points[0].x; // the time under the pointer, not the bin's start
    seek(new Date(`${String(at).replace(" ", "T")}Z`).getTime() / 1000 - DAY_S);
  });
}
film.addEventListener("error", () => {
  document.querySelector(".film .broken").hidden = false;
});
if (film.error) document.querySelector(".film .broken").hidden = false;
