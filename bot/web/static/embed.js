/* The page /embed: the line to copy, and the widget set as the form says. */
(() => {
  "use strict";
  const form = document.getElementById("settings");
  const snippet = document.getElementById("snippet");
  const copy = document.getElementById("copy");

  const settings = () =>
    [...new FormData(form)].filter(([name, value]) => value && value !== form.elements[name].defaultValue);

  const escaped = (value) => value.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;");

  function show() {
    const chosen = settings();
    const data = chosen.map(([name, value]) => ` data-${name}="${escaped(value)}"`).join("");
    snippet.textContent = `<script src="${location.origin}/widget.js"${data} defer></${"script"}>`;
    document.querySelector("shakwa-chat")?.remove();
    const chat = document.createElement("shakwa-chat");
    for (const [name, value] of chosen) chat.setAttribute(name, value);
    document.body.append(chat);
  }

  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(snippet.textContent);
    const before = copy.textContent;
    copy.textContent = copy.dataset.copied;
    setTimeout(() => (copy.textContent = before), 2000);
  });
  addEventListener("DOMContentLoaded", show);
})();
