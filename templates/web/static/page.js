// Every page: light and dark, menus that close, and wide tables that the keyboard can scroll.
"use strict";

const root = document.documentElement;
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const button = document.getElementById("theme");

function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : dark.matches;
}

function changed() {
  button.setAttribute("aria-pressed", String(isDark()));
  document.dispatchEvent(new Event("theme"));
}

button.hidden = false;
button.addEventListener("click", () => {
  const theme = isDark() ? "light" : "dark";
  root.dataset.theme = theme;
  document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=strict`;
  changed();
});
dark.addEventListener("change", changed);
button.setAttribute("aria-pressed", String(isDark()));

for (const menu of document.querySelectorAll("details.menu")) {
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

function reachable() {
  for (const one of document.querySelectorAll(".scroll")) {
    if (one.scrollWidth > one.clientWidth) one.tabIndex = 0;
    else one.removeAttribute("tabindex");
  }
}

reachable();
window.addEventListener("resize", reachable);
document.addEventListener("toggle", reachable, true); // a part that was folded has had no width
