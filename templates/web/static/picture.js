// The page of single pictures: a file that is chosen or dropped, or a picture of the camera. It stays in this browser but
// for the request to this program.
"use strict";

const drop = document.getElementById("drop");
const file = document.getElementById("file");
const answer = document.getElementById("answer");
const busy = document.getElementById("busy");
const live = document.getElementById("live");
const preview = document.getElementById("preview");
let shown = null; // address of the picture that is shown
let asked = 0;

function told(text) {
  const message = document.createElement("div");
  message.className = "message";
  message.setAttribute("role", "alert");
  message.textContent = text;
  answer.replaceChildren(message);
}

async function look(picture, name) {
  if (picture.size > Number(drop.dataset.max)) {
    told(drop.dataset.large);
    return;
  }
  const number = (asked += 1);
  busy.hidden = false;
  answer.replaceChildren();
  try {
    const headers = { "x-fragment": "1", "x-file-name": encodeURIComponent(name), "content-type": "application/octet-stream" };
    const response = await fetch("/picture", { method: "POST", body: picture, headers });
    const text = response.status === 413 ? null : await response.text();
    if (number !== asked) return; // another picture was chosen meanwhile
    if (text === null) {
      told(drop.dataset.large);
      return;
    }
    answer.innerHTML = text; // made by this program, everything of others escaped
    show(picture);
  } catch {
    if (number === asked) told(drop.dataset.lost);
  } finally {
    if (number === asked) busy.hidden = true;
  }
}

function show(picture) {
  const image = answer.querySelector("img[data-picture]");
  if (shown) URL.revokeObjectURL(shown);
  if (!image) return;
  shown = URL.createObjectURL(picture);
  image.addEventListener("error", () => image.remove()); // a format that this browser cannot draw: boxes alone
  image.src = shown;
  answer.querySelector("h2").focus({ preventScroll: true });
}

file.addEventListener("change", () => {
  if (file.files.length) look(file.files[0], file.files[0].name);
  file.value = "";
});
for (const kind of ["dragenter", "dragover"]) {
  drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  const dropped = event.dataTransfer.files[0];
  if (dropped) look(dropped, dropped.name);
});

function stop() {
  for (const track of preview.srcObject?.getTracks() ?? []) track.stop();
  preview.srcObject = null;
  live.hidden = true;
}

document.getElementById("camera").addEventListener("click", async () => {
  try {
    preview.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 } }, audio: false });
    live.hidden = false;
    document.getElementById("take").focus();
  } catch {
    told(drop.dataset.refused);
  }
});
document.getElementById("stop").addEventListener("click", stop);
document.getElementById("take").addEventListener("click", () => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [preview.videoWidth, preview.videoHeight];
  canvas.getContext("2d").drawImage(preview, 0, 0);
  stop();
  canvas.toBlob((picture) => look(picture, "camera.jpg"), "image/jpeg", 0.95);
});
window.addEventListener("pagehide", stop);
