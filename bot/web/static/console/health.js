/* The state of the training data: what it lacks, what contradicts itself, and each sentence with a click that mends it. */

import { config, get, post } from "./api.js";
import { button, el, fill, isolated, plural, toast, when } from "./dom.js";
import { chooseLabel, labelName } from "./nlu.js";

const LOOK_AGAIN_MS = 2000;
const SHOWN = 20;
/** From this probability on, another label is worth a look. */
const SURE = 0.8;

export function healthPage(main) {
  const page = new HealthPage(main);
  page.start();
  return () => page.stop();
}

class HealthPage {
  #main;
  #labels = [];
  #stopped = false;

  constructor(main) {
    this.#main = main;
  }

  async start() {
    const { strings } = config;
    this.lead = el("p", { class: "lead", role: "status" });
    this.examine = button(strings.health.examine, async () => this.#show(await post("/nlu/health")), { class: "primary" });
    this.place = el("div", { class: "health" });
    this.#main.append(el("header", { class: "head" }, el("div", {}, el("h1", {}, strings.nlu_tabs.health), this.lead), this.examine), this.place);
    this.#labels = (await get("/nlu/labels")).labels;
    this.#show(await get("/nlu/health"));
  }

  stop() {
    this.#stopped = true;
  }

  /** Shows what is known, and looks again while an examination is under way. */
  #show(state) {
    if (this.#stopped) return;
    this.examine.disabled = state.running;
    this.lead.replaceChildren(...said(state));
    if (state.running) setTimeout(async () => this.#stopped || this.#show(await get("/nlu/health")), LOOK_AGAIN_MS);
    this.place.replaceChildren(...(state.health ? this.#draw(state.health) : [el("p", { class: "empty" }, config.strings.health.never)]));
  }

  #draw(health) {
    const { health: words, varieties } = config.strings;
    const lacks = (names) => names.map((name) => el("span", { class: "tag" }, varieties[name] || name));
    return [
      section(words.contradictions, health.contradictions, (group) => el("li", {}, el("ul", { class: "plain" }, ...group.map((one) => this.#sentence(one))))),
      section(words.mislabelled, health.misread.filter(({ sure }) => sure >= SURE), (one) => this.#misread(one)),
      section(words.confused, health.confused, (pair) => this.#confused(pair, health.misread)),
      section(words.too_few, health.too_few, ([label, count]) => el("li", {}, inboxLink({ intent: label }, labelName(label)), " ", plural(words.sentences_n, count))),
      section(words.look_alikes, health.look_alikes, (one) => this.#sentence(one, el("small", { class: "block" }, words.like, " ", el("bdi", {}, one.like)))),
      section(words.missing_varieties, health.missing_varieties, ([label, names]) => el("li", {}, inboxLink({ intent: label }, labelName(label)), " ", ...lacks(names))),
      section(words.entities, Object.entries(health.entities), ([name, count]) => el("li", {}, entityName(name), " ", plural(words.marked_n, count))),
    ];
  }

  #misread(one) {
    const rather = fill(config.strings.health.rather, { label: labelName(one.guess) });
    return this.#sentence(one, el("small", { class: "block" }, `${rather} ${Math.round(one.sure * 100)}٪`), one.guess);
  }

  #confused(pair, misread) {
    const its = misread.filter((one) => one.label === pair.label && one.guess === pair.guess);
    const said = fill(config.strings.health.taken_for, { label: labelName(pair.label), guess: labelName(pair.guess) });
    return el("li", {}, el("details", {}, el("summary", {}, said, " ", plural(config.strings.times, pair.count)), el("ul", { class: "plain" }, ...its.map((one) => this.#misread(one)))));
  }

  /** A sentence with what can be done about it; one that analysts accepted is mended in the inbox. */
  #sentence(one, more, guess) {
    const acts = one.from_inbox ? [inboxLink({ state: "accepted", label: one.label }, config.strings.health.in_inbox)] : this.#acts(one, guess);
    return el("li", { class: "mendable" },
      el("div", {}, el("span", { class: "said", dir: "auto" }, isolated(one.text)), " ", el("span", { class: "tag" }, labelName(one.label)), more),
      el("div", { class: "row" }, ...acts.filter(Boolean)));
  }

  #acts(one, guess) {
    const { health: words } = config.strings;
    const act = (name, wanted) => button(name, () => this.#mend(one, wanted), { class: "small" });
    return [
      guess && act(fill(words.move_to, { label: labelName(guess) }), { act: "move", label: guess }),
      button(words.move, () => this.#move(one), { class: "small" }),
      guess && act(words.right, { act: "approve" }),
      act(words.remove, { act: "remove" }),
    ];
  }

  async #move(one) {
    const label = await chooseLabel(this.#labels);
    if (label) await this.#mend(one, { act: "move", label });
  }

  async #mend(one, wanted) {
    this.#show(await post("/nlu/health/mend", { ...wanted, text: one.text, under: one.label }));
    toast(config.strings.health.mended);
  }
}

function said({ health, running, failed, outdated }) {
  const { health: words } = config.strings;
  if (running || failed) return [running ? words.running : words.failed];
  if (!health) return [];
  return [plural(words.sentences_n, health.sentences), " · ", words.made, " ", when(health.made_at), outdated ? ` · ${words.outdated}` : ""];
}

/** A list of what is to be mended, its first lines shown, the others on request; closed where there is nothing. */
function section(title, rows, draw) {
  const rest = rows.slice(SHOWN);
  const list = el("ul", { class: "plain" }, ...rows.slice(0, SHOWN).map(draw));
  const more = rest.length > 0 && button(config.strings.more, () => (list.append(...rest.map(draw)), more.remove()));
  return el("details", { class: "card", open: rows.length > 0 }, el("summary", {}, el("h2", {}, title), " ", el("span", { class: "tag" }, String(rows.length))), list, more);
}

const inboxLink = (wanted, text) => el("a", { href: `/console/nlu?${new URLSearchParams(wanted)}` }, text);

const entityName = (name) => config.names.slots[name] || config.strings.entities[name] || name;
