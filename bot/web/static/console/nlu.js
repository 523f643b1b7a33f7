/*
 * The analysts' inbox: what shoppers said and how the bot read it, what needs a look first. Everything by keyboard: the line
 * that has the focus is the one that is decided; a decision moves on to the next.
 */

import { config, get, post } from "./api.js";
import { ask, bdi, button, el, field, fill, filled, isolated, option, plural, toast, when } from "./dom.js";
import { importFile } from "./import.js";
import { go } from "./router.js";

/** Words shown of those that decided. */
const DECIDING = 6;

/** A label's name in Arabic: a kind, a topic of the help centre, or another intent. */
export function labelName(label) {
  const { strings, names } = config;
  const topic = label?.startsWith("faq/") && names.topics[label.slice(4)];
  return topic || names.kinds[label] || strings.intents[label] || label || "–";
}

/** Asks for a label by two letters of its name, in Arabic or as it is called in the data; undefined where it was called off. */
export async function chooseLabel(labels) {
  const { strings } = config;
  const matches = el("div", { class: "matches", role: "listbox", "aria-label": strings.choose_label });
  const hidden = el("input", { type: "hidden", name: "label" });
  const typed = el("input", { autocomplete: "off", dir: "auto", oninput: show, "aria-label": strings.type_label, placeholder: strings.type_label });
  function show() {
    const words = typed.value.trim().toLowerCase();
    const found = labels.filter((label) => label.includes(words) || labelName(label).includes(words)).slice(0, 8);
    hidden.value = found[0] || "";
    matches.replaceChildren(...found.map((label) => el("button", { value: "go", role: "option", "aria-selected": String(label === hidden.value), onclick: () => (hidden.value = label) }, labelName(label), " ", el("small", { dir: "ltr" }, label))));
    if (!found.length) matches.append(el("p", { class: "empty" }, strings.no_label));
  }
  show();
  const given = await ask(strings.choose_label, [typed, hidden, matches], strings.save, strings.cancel);
  return given?.label;
}

export function inboxPage(main) {
  const page = new NluPage(main);
  page.start();
  return () => page.stop();
}

class NluPage {
  #main;
  #labels = [];
  #utterances = new Map(); // By id, as they are shown.
  #chosen = new Set();
  #walk = (event) => this.#onKey(event);

  constructor(main) {
    this.#main = main;
  }

  async start() {
    const { strings } = config;
    this.count = el("p", { class: "lead", role: "status" });
    this.list = el("div", { class: "utterances" });
    this.bulk = el("div", { class: "row actions", hidden: true });
    this.more = button(strings.more, () => this.#load(), { hidden: true });
    this.#labels = (await get("/nlu/labels")).labels;
    this.#main.append(
      el("header", { class: "head" }, el("div", {}, el("h1", {}, strings.pages.nlu), this.count), this.#tools()),
      this.#filters(), el("p", { class: "hint" }, strings.keys_help), this.bulk, this.list, this.more);
    addEventListener("keydown", this.#walk);
    await this.#load();
  }

  stop() {
    removeEventListener("keydown", this.#walk);
  }

  get #query() {
    return Object.fromEntries(new URLSearchParams(location.search));
  }

  #filters() {
    const { strings } = config;
    const query = this.#query;
    const named = this.#labels.map((label) => [label, labelName(label)]).sort(([, one], [, other]) => one.localeCompare(other, "ar"));
    const intents = named.filter(([label]) => !label.includes("/"));
    const choice = (name, first, entries, chosen = query[name]) =>
      el("select", { name, "aria-label": first }, option("", first, chosen), ...entries.map(([value, label]) => option(value, label, chosen)));
    const form = el("form", { class: "filters", role: "search", onsubmit: submit, onchange: submit },
      el("input", { type: "search", name: "text", value: query.text || "", "aria-label": strings.search, placeholder: strings.search }),
      el("select", { name: "state", "aria-label": strings.state }, ...Object.entries(strings.label_states).map(([value, label]) => option(value, label, query.state || "new"))),
      choice("look", strings.any_reason, Object.entries(strings.looks)),
      choice("intent", strings.read_as, [...intents, ["nlu_fallback", strings.looks.not_understood]]),
      choice("label", strings.labelled_as, named),
      choice("variety", strings.any_variety, Object.entries(strings.varieties)),
      choice("days", strings.any_time, Object.entries(strings.said_within)),
      el("label", { class: "available" }, el("input", { type: "checkbox", name: "grouped", value: "true", checked: query.grouped === "true" }), strings.group),
      el("button", {}, strings.search));
    function submit(event) {
      event.preventDefault();
      const fits = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
      go(`/console/nlu?${fits}`);
    }
    return form;
  }

  #tools() {
    const { strings } = config;
    return el("div", { class: "row" }, button(strings.undo, () => this.#undo()), button(strings.import, async () => (await importFile()) && go(location.pathname + location.search)), button(strings.export_labels, () => this.#export(), { class: "primary" }));
  }

  async #load() {
    const { grouped, ...query } = this.#query;
    if (grouped === "true") return this.#loadGroups(query);
    const { utterances, count } = await get("/nlu/inbox", { ...query, offset: this.#utterances.size });
    this.list.append(...utterances.map((one) => this.#row(one)));
    this.more.hidden = this.#utterances.size >= count;
    this.#showCount(count);
    this.#showEmpty();
    if (!this.list.contains(document.activeElement)) this.list.querySelector(".utterance")?.focus();
  }

  async #loadGroups(query) {
    const { clusters } = await get("/nlu/clusters", query);
    const group = (utterances) => {
      const rows = utterances.map((one) => this.#row(one));
      const chooseAll = () => rows.forEach((row) => row.querySelector(".choose").checked || row.querySelector(".choose").click());
      return el("section", { class: "group" }, el("div", { class: "row" }, el("strong", {}, plural(config.strings.inbox_count, rows.length)), button(config.strings.choose_all, chooseAll, { class: "small" })), ...rows);
    };
    this.list.append(...clusters.map(group));
    this.#showCount(this.#utterances.size);
    this.#showEmpty();
  }

  #showCount = (count) => (this.count.textContent = plural(config.strings.inbox_count, count));

  #showEmpty() {
    if (!this.#utterances.size) this.list.replaceChildren(el("p", { class: "empty" }, config.strings.nobody_labelled));
  }

  // --- A line --------------------------------------------------------------------------------------------------------------

  #row(one) {
    const { strings } = config;
    this.#utterances.set(one.id, one);
    const choose = ({ target }) => (target.checked ? this.#chosen.add(one.id) : this.#chosen.delete(one.id), this.#showBulk());
    const small = { class: "small" };
    return el("article", { class: `utterance p${one.priority}`, tabindex: "0", "data-id": one.id, "aria-label": one.text },
      el("input", { type: "checkbox", class: "choose", onchange: choose, "aria-label": fill(strings.choose_utterance, { text: one.text }) }),
      el("div", {},
        el("p", { class: "said", dir: "auto" }, marked(one)),
        el("p", { class: "meta" }, plural(strings.times, one.count), " · ", when(one.last_seen), one.suggestion && el("span", { class: "tag" }, filled(strings.suggested, { label: labelName(one.suggestion) })),
          one.variety !== "unmarked" && el("span", {}, strings.varieties[one.variety]),
          one.badly_rated && el("span", { class: "tag high" }, strings.badly_rated), one.label && el("span", { class: "tag" }, bdi(labelName(one.label)))),
        el("div", { class: "row guesses" }, ...guessesOf(one).map(({ name, confidence }, at) =>
          button([`${at + 1}. `, bdi(labelName(name)), confidence === null ? "" : ` ${Math.round(confidence * 100)}٪`], () => this.#accept(one.id, name), { class: "small guess-button" })))),
      el("div", { class: "row" }, button(strings.choose_label, () => this.#choose([one.id]), small), button(strings.mark, () => this.#mark(one.id), small),
        button(strings.out_of_scope, () => this.#decide(one.id, { state: "out_of_scope" }), small), button(strings.ignore, () => this.#decide(one.id, { state: "ignored" }), small),
        button(strings.why, () => this.#why(one.id), small), button(strings.where_seen, () => this.#whereSeen(one.id), small)));
  }

  #accept = (id, label) => this.#decide(id, { state: "accepted", label, entities: this.#utterances.get(id).entities });

  async #decide(id, verdict) {
    const one = this.#utterances.get(id);
    try {
      const { utterance } = await post(`/nlu/utterances/${id}`, { ...verdict, version: one.version });
      toast(filled(config.strings.was_labelled, { label: labelName(utterance.label) || config.strings.label_states[utterance.state] }));
    } catch (error) {
      if (error.code !== "labelled_meanwhile") throw error;
      toast(error.message, "bad");
    }
    this.#drop(id);
  }

  /** Takes a decided line away and moves on to the next. */
  #drop(id) {
    const row = this.list.querySelector(`[data-id="${id}"]`);
    const rows = this.#rows();
    const next = rows[rows.indexOf(row) + 1] || rows[rows.indexOf(row) - 1];
    const moves = row?.contains(document.activeElement) || !this.list.contains(document.activeElement);
    row?.remove();
    this.#utterances.delete(id);
    this.#chosen.delete(id);
    this.#showBulk();
    if (moves) next?.focus();
    if (!this.#utterances.size) this.#load();
  }

  // --- What is asked ---------------------------------------------------------------------------------------------------------

  async #choose(ids) {
    const label = await chooseLabel(this.#labels);
    if (!label) return;
    if (ids.length === 1) return this.#accept(ids[0], label);
    await this.#decideMany(ids, { state: "accepted", label });
  }

  /** Marks values by choosing words: a stretch of them becomes one value. */
  async #mark(id) {
    const { strings, names } = config;
    const one = this.#utterances.get(id);
    const words = [...one.text.matchAll(/\S+/g)].map((word) => ({ text: word[0], start: word.index, end: word.index + word[0].length }));
    const boxes = words.map((word, at) => el("label", { class: "word" }, el("input", { type: "checkbox", name: `w${at}`, value: "on" }), el("bdi", {}, word.text)));
    const entities = { ...names.slots, ...strings.entities };
    const kinds = ["product", "order_number", "date", "amount", "phone", "email", "seller", "remedy", "complaint_number", "channel"];
    const kind = el("select", { name: "entity" }, ...kinds.map((name) => option(name, entities[name] || name)));
    const given = await ask(strings.choose_words, [el("p", { class: "words-to-mark", dir: "auto" }, ...boxes), field(strings.entity, kind)], strings.save, strings.cancel);
    if (!given) return;
    const picked = words.filter((_, at) => given[`w${at}`]);
    if (!picked.length) one.entities = [];
    else {
      const mark = { start: picked[0].start, end: picked.at(-1).end, entity: given.entity };
      one.entities = [...one.entities.filter((other) => other.end <= mark.start || other.start >= mark.end), mark];
    }
    const row = this.list.querySelector(`[data-id="${id}"]`);
    row.querySelector(".said").replaceChildren(...[marked(one)].flat());
    row.focus();
  }

  /** Shows the words that decided under the line, or takes them away again. */
  async #why(id) {
    const row = this.list.querySelector(`[data-id="${id}"]`);
    const shown = row.querySelector(".why");
    if (shown) return shown.remove();
    const { words } = await get(`/nlu/utterances/${id}/why`);
    if (row.querySelector(".why")) return;
    const parts = words.slice(0, DECIDING).map(wordShare);
    row.querySelector(".guesses").after(el("p", { class: "why", role: "status" }, parts.length ? config.strings.decided_by : config.strings.nothing_decided, ...parts));
  }

  async #whereSeen(id) {
    const { seen } = await get(`/nlu/utterances/${id}/seen`);
    const links = seen.map((one) => el("p", {}, el("a", { href: `/console/conversations/${one.conversation}?line=${one.line}`, target: "_blank" }, when(one.at))));
    await ask(config.strings.where_seen, links, config.strings.done, config.strings.cancel);
  }

  async #undo() {
    const { utterance } = await post("/nlu/undo");
    toast(filled(config.strings.undone, { text: utterance.text }));
    if (utterance.state !== (this.#query.state || "new")) return;
    this.list.querySelector(".empty")?.remove();
    const row = this.#row(utterance);
    this.list.prepend(row);
    row.focus();
  }

  async #export() {
    const { strings } = config;
    const { changes, left_out: left } = await get("/nlu/dataset");
    if (!changes.length) return toast(strings.nothing_to_write);
    const measure = left > 0 && el("p", { class: "hint" }, fill(strings.left_out, { n: left }));
    const shown = changes.map((one) => el("details", { open: changes.length < 4 }, el("summary", {}, el("bdi", { dir: "ltr" }, one.name)), el("pre", { class: "diff", dir: "auto" }, ...one.diff.split("\n").slice(2).map((line) => el("span", { class: { "+": "added", "-": "gone" }[line[0]] }, `${line}\n`)))));
    if (await ask(strings.review_changes, [measure, ...shown].filter(Boolean), strings.write, strings.cancel)) {
      await post("/nlu/dataset");
      toast(strings.done);
    }
  }

  // --- Many at once ------------------------------------------------------------------------------------------------------

  #showBulk() {
    const { strings } = config;
    this.bulk.hidden = !this.#chosen.size;
    const ids = [...this.#chosen];
    this.bulk.replaceChildren(el("strong", {}, plural(strings.chosen_utterances, ids.length)), button(strings.label_them, () => this.#choose(ids)),
      button(strings.out_of_scope, () => this.#decideMany(ids, { state: "out_of_scope" })), button(strings.ignore, () => this.#decideMany(ids, { state: "ignored" })));
  }

  async #decideMany(ids, verdict) {
    const { refused } = await post("/nlu/many", { ...verdict, chosen: ids.map((id) => [id, this.#utterances.get(id).version]) });
    for (const id of ids) this.#drop(id);
    toast(plural(config.strings.inbox_count, ids.length - refused.length));
    if (refused.length) toast(config.strings.labelled_by_other.replace(": {label}", ""), "bad");
  }

  // --- By keyboard -------------------------------------------------------------------------------------------------------

  #rows = () => [...this.list.querySelectorAll(".utterance")];

  #onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]") || event.target.closest("input:not(.choose), select, textarea")) return;
    const rows = this.#rows();
    const row = document.activeElement.closest?.(".utterance");
    const id = Number(row?.dataset.id);
    const decide = (verdict) => (this.#chosen.size ? this.#decideMany([...this.#chosen], verdict) : this.#decide(id, verdict));
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (step) rows[Math.max(0, Math.min(rows.length - 1, rows.indexOf(row) + step))]?.focus();
    else if (event.key === "u") this.#undo();
    else if (!row || (event.key === "Enter" && event.target !== row)) return;
    else if (event.key === "Enter") row.querySelector(".guess-button")?.click();
    else if (/^[1-5]$/.test(event.key)) row.querySelectorAll(".guess-button")[event.key - 1]?.click();
    else if (event.key === "c") this.#choose(this.#chosen.size ? [...this.#chosen] : [id]);
    else if (event.key === "e") this.#mark(id);
    else if (event.key === "o") decide({ state: "out_of_scope" });
    else if (event.key === "i") decide({ state: "ignored" });
    else if (event.key === "x") row.querySelector(".choose").click();
    else if (event.key === "X") row.closest(".group")?.querySelector("button").click();
    else if (event.key === "w") this.#why(id);
    else if (event.key === "s") this.#whereSeen(id);
    else return;
    event.preventDefault();
  }
}

/** A word that decided, underlined the thicker the more it did. */
function wordShare({ text, share }) {
  const node = el("span", { class: "word-share" }, el("bdi", {}, text), ` ${Math.round(share * 100)}٪`);
  node.style.setProperty("--share", share);
  return node;
}

/** What it might mean, the likeliest first: a suggestion of people before the model's guesses. */
function guessesOf({ suggestion, ranking }) {
  const guesses = ranking.filter(({ name }) => !["nlu_fallback", "faq", suggestion].includes(name));
  return [...(suggestion ? [{ name: suggestion, confidence: null }] : []), ...guesses].slice(0, 5);
}

/** The text with its marked values. */
function marked({ text, entities }) {
  const { strings, names } = config;
  if (!entities.length) return isolated(text);
  const pieces = [];
  let last = 0;
  for (const { start, end, entity } of [...entities].sort((one, other) => one.start - other.start)) {
    const name = names.slots[entity] || strings.entities[entity] || entity;
    pieces.push(...isolated(text.slice(last, start)), el("mark", { title: name }, ...isolated(text.slice(start, end)), el("small", {}, ` ${name}`)));
    last = end;
  }
  return [...pieces, ...isolated(text.slice(last))];
}
