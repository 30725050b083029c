// A film that is dropped or chosen is sent to this program, on this machine; then its page opens.
"use strict";

const target = document.getElementById("drop");
const chosen = document.getElementById("file");
const taking = document.getElementById("taking");
const dropped = document.getElementById("dropped");

function tell(text) {
  const message = document.createElement("div");
  message.className = "message";
  message.setAttribute("role", "alert");
  message.textContent = text;
  dropped.replaceChildren(message);
}

function send(film) {
  dropped.replaceChildren();
  if (film.size > Number(target.dataset.max)) {
    tell(target.dataset.large);
    return;
  }
  const request = new XMLHttpRequest(); // fetch tells no progress of what is sent
  const shown = (share) => (taking.textContent = target.dataset.takes.replace("#", `${Math.floor(100 * share)} %`));
  request.open("POST", "/analyse/drop");
  request.setRequestHeader("x-fragment", "1");
  request.setRequestHeader("x-file-name", encodeURIComponent(film.name));
  request.upload.addEventListener("progress", (event) => shown(event.loaded / event.total));
  request.addEventListener("load", () => {
    taking.hidden = true;
    if (request.status === 201) location.assign(request.getResponseHeader("location"));
    else if (request.status === 413) tell(target.dataset.large);
    else dropped.innerHTML = request.responseText; // made by this program, everything of others escaped
  });
  request.addEventListener("error", () => {
    taking.hidden = true;
    tell(target.dataset.lost);
  });
  taking.hidden = false;
  shown(0);
  request.send(film);
}

chosen.addEventListener("change", () => {
  if (chosen.files.length) send(chosen.files[0]);
  chosen.value = "";
});
for (const kind of ["dragenter", "dragover"]) {
  target.addEventListener(kind, (event) => {
    event.preventDefault();
    target.classList.add("over");
  });
}
for (const kind of ["dragleave", "drop"]) target.addEventListener(kind, () => target.classList.remove("over"));
target.addEventListener("drop", (event) => {
  event.preventDefault();
  if (event.dataTransfer.files.length) send(event.dataTransfer.files[0]);
});
