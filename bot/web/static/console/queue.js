/* The queue: who waits for a person, why and for how long; the most urgent first, live. */

import { config, get, listen, me, post } from "./api.js";
import { bdi, button, el, filled, isolated, plural, span, toast, when } from "./dom.js";
import { go } from "./router.js";

/** One line of the queue as a link to its conversation. */
export function queueLine(line, current) {
  const { strings, names } = config;
  const about = line.kind ? names.kinds[line.kind] : strings.no_complaint_yet;
  const mine = line.agent_id === me.user.id;
  return el("a", {
      class: `line ${line.severity} ${mine ? "mine" : ""}`,
      href: `/console/conversations/${line.conversation}`,
      "aria-current": line.conversation === current && "true",
    },
    el("span", { class: "who" }, bdi(line.shopper || strings.a_shopper), el("small", {}, about)),
    el("span", { class: "words", dir: "auto" }, isolated(line.last_words)),
    el("span", { class: "why" },
      el("span", { class: `tag ${line.reason}` }, line.state === "held" ? filled(strings.held_by, { agent: line.agent }) : strings.reasons[line.reason]),
      ["high", "urgent"].includes(line.severity) && el("span", { class: `tag ${line.severity}` }, names.severities[line.severity]),
      el("time", { datetime: line.asked_at, "data-since": line.asked_at }, since(line.asked_at)),
    ),
  );
}

const since = (at) => span(Date.now() - new Date(at), config.strings.spans);

/** Keeps "waiting for 3 minutes" true while a page is open; returns what ends it. */
export function tick(root) {
  const timer = setInterval(() => {
    for (const time of root.querySelectorAll("[data-since]")) time.textContent = since(time.dataset.since);
  }, 15_000);
  return () => clearInterval(timer);
}

/** Rings and shows a notice of the browser for each line that is new to `known`. */
export function announceNew(known, lines) {
  const waiting = lines.filter((line) => line.state === "waiting");
  const fresh = waiting.filter((line) => !known.has(line.conversation));
  known.clear();
  for (const line of waiting) known.add(line.conversation);
  document.title = `${waiting.length ? `(${waiting.length}) ` : ""}${config.strings.pages.queue} – ${config.shop}`;
  if (!fresh.length || !me.user.available) return;
  ring();
  if (globalThis.Notification?.permission === "granted" && document.hidden)
    new Notification(config.strings.new_waiting, { body: config.strings.reasons[fresh[0].reason], tag: "shakwa-queue" });
}

function ring() {
  if (localStorage.getItem("shakwa:ring") !== "on") return;
  const audio = new AudioContext();
  if (audio.state !== "running") return;
  const [tone, gain] = [new OscillatorNode(audio, { frequency: 740 }), new GainNode(audio, { gain: 0.1 })];
  tone.connect(gain).connect(audio.destination);
  gain.gain.setTargetAtTime(0, audio.currentTime + 0.15, 0.08);
  tone.start();
  tone.stop(audio.currentTime + 0.6);
  setTimeout(() => audio.close(), 1000);
}

export function queuePage(main) {
  const { strings } = config;
  const known = new Set();
  const waiting = el("div", { class: "lines", "aria-live": "polite" });
  const held = el("div", { class: "lines" });
  const found = el("section", { class: "card found", hidden: true });
  const counts = el("p", { class: "lead", role: "status" });
  main.append(
    el("header", { class: "head" }, el("div", {}, el("h1", {}, strings.pages.queue), counts), notices()),
    searching(found),
    waiting,
    el("h2", {}, strings.being_served),
    held,
    found,
  );
  const walk = (event) => onKey(event, main);
  addEventListener("keydown", walk); // On the window: a line that goes away takes the focus with it.
  let first = true;
  const close = listen("", 0, {
    queue(lines) {
      if (first) for (const line of lines) known.add(line.conversation);
      first = false;
      announceNew(known, lines);
      draw(waiting, lines.filter((line) => line.state === "waiting"), strings.nobody_waits);
      draw(held, lines.filter((line) => line.state === "held"), strings.nobody_held);
      counts.textContent = plural(strings.waiting_count, lines.filter((line) => line.state === "waiting").length);
    },
    mentions: (notes) => showMentions(main, notes),
  });
  const stop = tick(main);
  return () => (close(), stop(), removeEventListener("keydown", walk));
}

function draw(place, lines, empty) {
  const focused = place.contains(document.activeElement) && document.activeElement.getAttribute("href");
  place.replaceChildren(...(lines.length ? lines.map(item) : [el("p", { class: "empty" }, empty)]));
  if (lines.length) place.setAttribute("role", "list");
  else place.removeAttribute("role"); // An empty list is none to a screen reader.
  if (focused) place.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
}

const item = (line) =>
  el("div", { role: "listitem", class: "item" },
    queueLine(line),
    line.state === "waiting" && button(config.strings.claim, () => claim(line.conversation), { class: "primary" }),
  );

/** Takes a conversation over and opens it; who was slower is told who was quicker. */
export async function claim(conversation) {
  try {
    await post(`/conversations/${conversation}/claim`);
    go(`/console/conversations/${conversation}`);
  } catch (error) {
    if (error.code !== "held_by_another") throw error;
    toast(filled(config.strings.was_quicker, { agent: error.heldBy }), "bad");
  }
}

/** Up and down walk the lines, as in any list. */
function onKey(event, main) {
  if (!["ArrowDown", "ArrowUp", "j", "k"].includes(event.key) || event.target.matches("input, textarea, select")) return;
  const lines = [...main.querySelectorAll("a.line")];
  const at = lines.indexOf(document.activeElement);
  const step = event.key === "ArrowDown" || event.key === "j" ? 1 : -1;
  lines[Math.min(lines.length - 1, Math.max(0, at + step))]?.focus();
  event.preventDefault();
}

/** Finds what shoppers and agents said, however it is spelled, and leads to the line. */
function searching(place) {
  const { strings } = config;
  const text = el("input", { type: "search", "aria-label": strings.search_messages, placeholder: strings.search_messages });
  const search = async (event) => {
    event.preventDefault();
    place.hidden = !text.value.trim();
    if (place.hidden) return;
    const { messages } = await get("/messages", { text: text.value });
    place.replaceChildren(el("h2", {}, strings.found_messages), ...messages.map((one) =>
      el("a", { class: "found-line", href: `/console/conversations/${one.conversation_id}?line=${one.seq}` },
        el("small", {}, one.sender === "shopper" ? strings.a_shopper : strings.a_colleague, " · ", when(one.created_at)), el("span", { class: "block", dir: "auto" }, isolated(one.text)))));
    if (!messages.length) place.append(el("p", { class: "empty" }, strings.no_messages));
    place.scrollIntoView({ block: "nearest" });
  };
  return el("form", { class: "row searching", role: "search", onsubmit: search }, text, el("button", {}, strings.search));
}

function notices() {
  const { strings } = config;
  const ringing = el("input", { type: "checkbox", role: "switch", checked: localStorage.getItem("shakwa:ring") === "on", onchange: keep });
  function keep() {
    localStorage.setItem("shakwa:ring", ringing.checked ? "on" : "off");
    if (ringing.checked && globalThis.Notification?.permission === "default") Notification.requestPermission();
  }
  return el("label", { class: "available" }, ringing, strings.ring);
}

export function showMentions(main, notes) {
  main.querySelector(".mentions")?.remove();
  if (!notes.length) return;
  const { strings } = config;
  main.prepend(el("aside", { class: "mentions" }, el("h2", {}, strings.mentions),
    ...notes.map((note) => el("a", { href: `/console/conversations/${note.conversation}`, dir: "auto" }, isolated(note.text)))));
}

export const colleagues = async () => (await get("/colleagues")).colleagues;
