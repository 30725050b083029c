// The live camera: one picture at a time goes to this program; it is drawn when the answer is there, so that boxes fit it.
"use strict";

const camera = document.getElementById("camera");
const video = document.getElementById("video");
const seen = document.getElementById("seen");
const picture = document.getElementById("picture");
const arrows = document.querySelector("#arrows g");
const boxes = document.getElementById("boxes");
const off = document.getElementById("off");
const start = document.getElementById("start");
const stop = document.getElementById("stop");
const rate = document.getElementById("rate");
const said = document.getElementById("said");
const spare = document.createElement("canvas"); // the picture that is being looked at
const LONGEST_PX = 640;
const QUALITY = 0.85;
const WANTED = { video: { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } }, audio: false };
const REFUSALS = { NotFoundError: "none", OverconstrainedError: "none", NotReadableError: "taken", AbortError: "taken" };
const HEAD_FROM = 0.15; // a shorter arrow is a dot
const SVG = "http://www.w3.org/2000/svg";
let socket = null;
let answered = 0; // pictures, since
let since = 0;

function told(text, hint) {
  const message = document.createElement("div");
  message.className = "message";
  for (const line of [text, hint].filter(Boolean)) {
    const paragraph = document.createElement("p");
    paragraph.dir = "auto";
    paragraph.textContent = line;
    message.append(paragraph);
  }
  said.replaceChildren(message);
}

function running(yes) {
  const focused = document.activeElement === start || document.activeElement === stop;
  start.hidden = yes;
  stop.hidden = !yes;
  if (focused) (yes ? stop : start).focus();
}

function end(why, hint) {
  const open = socket;
  socket = null;
  if (open) open.close();
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
  picture.getContext("2d").clearRect(0, 0, picture.width, picture.height);
  spare.width = spare.height = 0;
  arrows.replaceChildren();
  boxes.replaceChildren();
  off.hidden = false;
  seen.setAttribute("aria-label", camera.dataset.off);
  rate.textContent = "";
  [answered, since] = [0, 0];
  running(false);
  if (why) told(why, hint);
}

async function begin() {
  said.replaceChildren();
  if (!navigator.mediaDevices) {
    told(camera.dataset.insecure);
    return;
  }
  running(true);
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia(WANTED);
  } catch (error) {
    end(camera.dataset[REFUSALS[error.name] ?? "refused"]);
    return;
  }
  if (stop.hidden) { // stopped while the browser asked
    for (const track of stream.getTracks()) track.stop();
    return;
  }
  stream.getVideoTracks()[0].addEventListener("ended", () => end(camera.dataset.ended));
  video.srcObject = stream;
  await video.play();
  connect();
}

function connect() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const mine = new WebSocket(`${scheme}://${location.host}/live/frames?lang=${camera.dataset.lang}`);
  let reason = null;
  socket = mine;
  mine.addEventListener("open", () => next(mine));
  mine.addEventListener("message", ({ data }) => {
    if (mine !== socket) return;
    const answer = JSON.parse(data);
    if (answer.error) {
      reason = [answer.error, answer.hint];
      return;
    }
    show(answer);
    next(mine);
  });
  mine.addEventListener("close", () => {
    if (mine === socket) end(...(reason ?? [camera.dataset.lost]));
  });
}

// the next picture that the camera gives is sent; a hidden page gets none and sends none
function next(mine) {
  const send = () => {
    if (mine !== socket || mine.readyState !== WebSocket.OPEN) return;
    const share = Math.min(1, LONGEST_PX / Math.max(video.videoWidth, video.videoHeight));
    [spare.width, spare.height] = [Math.round(video.videoWidth * share), Math.round(video.videoHeight * share)];
    spare.getContext("2d").drawImage(video, 0, 0, spare.width, spare.height);
    spare.toBlob((jpeg) => mine === socket && jpeg && mine.send(jpeg), "image/jpeg", QUALITY);
  };
  if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(send);
  else setTimeout(send, 33);
}

function show(answer) {
  const [width, height] = answer.size;
  if (picture.width !== width || picture.height !== height) {
    [picture.width, picture.height] = [width, height];
    arrows.parentElement.setAttribute("viewBox", `0 0 ${width} ${height}`);
    seen.style.aspectRatio = `${width} / ${height}`;
  }
  picture.getContext("2d").drawImage(spare, 0, 0);
  off.hidden = true;
  boxes.replaceChildren(...answer.faces.map((face) => box(face, width, height)));
  arrows.replaceChildren(...answer.faces.flatMap(arrow));
  tellRate(answer);
}

function box({ box: [left, top, right, bottom], group, direction, judged }, width, height) {
  const one = document.createElement("div");
  one.className = `box${judged ? "" : " none"}${top > 0.12 * height ? " low" : ""}`;
  one.style.left = `${(100 * left) / width}%`;
  one.style.top = `${(100 * top) / height}%`;
  one.style.width = `${(100 * (right - left)) / width}%`;
  one.style.height = `${(100 * (bottom - top)) / height}%`;
  const label = document.createElement("b");
  label.dir = "auto";
  label.textContent = `${group} · ${direction}`;
  one.append(label);
  return one;
}

function arrow({ box: [left, top, right, bottom], arrow: towards }) {
  if (!towards) return [];
  const length = 0.8 * Math.max(right - left, bottom - top);
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  const aside = Math.hypot(...towards) > HEAD_FROM;
  return ["under", "over"].map((name) => {
    const line = document.createElementNS(SVG, "path");
    line.setAttribute("class", name);
    line.setAttribute("d", `M${x} ${y}l${towards[0] * length} ${towards[1] * length}`);
    if (aside) line.setAttribute("marker-end", `url(#${name})`);
    return line;
  });
}

// once a second: how many were answered in it, and what a screen reader is told
function tellRate(answer) {
  const now = performance.now();
  since ||= now; // the first answer waited for the model
  answered += 1;
  if (now - since < 1000) return;
  rate.textContent = camera.dataset.rate.replace("{count}", String(Math.round((1000 * answered) / (now - since))));
  const faces = answer.faces.map(({ group, direction }) => `${group}, ${direction}`);
  seen.setAttribute("aria-label", [answer.text, ...faces].join("; "));
  [answered, since] = [0, now];
}

start.addEventListener("click", begin);
stop.addEventListener("click", () => end());
window.addEventListener("pagehide", () => end());
