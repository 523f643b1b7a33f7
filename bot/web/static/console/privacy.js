/* What a shopper may ask for: a copy of everything that is stored of them, and its end. */

import { config, get, may, post } from "./api.js";
import { ask, button, el, fill } from "./dom.js";

/** A card with both, for whoever may; `erased` is called when nothing is left. Returns it in a list, empty for all others. */
export function privacyCard(conversation, erased) {
  if (!may("erase")) return [];
  const { strings } = config;
  const path = `/conversations/${conversation}`;
  const copy = { class: "button", href: `/console/api${path}/export`, download: "", target: "_self" };
  return [el("section", { class: "card no-print" }, el("h2", {}, strings.privacy), el("p", { class: "hint" }, strings.privacy_hint),
    el("div", { class: "row" }, el("a", copy, strings.export_shopper),
      button(strings.erase_shopper, async () => (await erase(path)) && erased(), { class: "danger" })))];
}

/** Lists what goes and asks; says whether it is gone. */
async function erase(path) {
  const { strings } = config;
  const held = await get(`${path}/held`);
  const lines = Object.entries(strings.held).filter(([name]) => held.counts[name]);
  const given = await ask(strings.erase_shopper, [
    el("dl", { class: "grid" }, ...lines.map(([name, label]) => el("div", {}, el("dt", {}, label), el("dd", {}, String(held.counts[name]))))),
    held.open.length > 0 && el("p", { class: "wrong" }, fill(strings.erase_open, { numbers: held.open.join("، ") })),
    held.complaints.length > 0 && el("p", {}, strings.complaints_are[held.complaints_are]),
    el("p", {}, strings.erase_trained),
    el("p", { class: "wrong" }, strings.erase_warns),
  ], strings.erase_now, strings.cancel);
  if (!given) return false;
  await post(`${path}/erase`);
  return true;
}

export function showErased(main) {
  const { strings } = config;
  main.replaceChildren(el("h1", { tabindex: "-1" }, strings.erased), el("p", { role: "status" }, strings.erased_why));
  main.firstChild.focus();
}
