// What is asked of a film: sent as a form; an error is shown in place, and nothing that was typed is lost.
"use strict";

const order = document.getElementById("order");
const told = document.getElementById("told");

order.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = order.querySelector(".go button");
  button.disabled = true;
  told.replaceChildren();
  try {
    const response = await fetch("/runs", {
      method: "POST", headers: { "x-fragment": "1" }, body: new URLSearchParams(new FormData(order)),
    });
    if (response.ok) {
      location.assign(response.headers.get("location"));
      return;
    }
    told.innerHTML = await response.text(); // made by this program, everything of others escaped
  } catch {
    const message = document.createElement("div");
    message.className = "message";
    message.setAttribute("role", "alert");
    message.textContent = order.dataset.lost;
    told.replaceChildren(message);
  }
  button.disabled = false;
  told.scrollIntoView({ block: "nearest" });
});
