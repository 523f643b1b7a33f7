/* What changes over the days: how sure the bot is, what it does not understand, new words, intents and varieties. */

import { config, get, may, post } from "./api.js";
import { card, dayBars, days, percent } from "./charts.js";
import { bdi, button, el, fill, isolated, ltr, option, plural, scrolled } from "./dom.js";
import { labelName } from "./nlu.js";
import { go } from "./router.js";

const STRETCHES = [14, 30, 90];
const WEEK = 7;

export function driftPage(main) {
  const words = config.strings.drift;
  const query = Object.fromEntries(new URLSearchParams(location.search));
  const place = el("div", {}, el("p", { class: "hint", role: "status" }, words.loading));
  const beside = el("div");
  main.append(el("header", { class: "head" }, el("h1", {}, words.title)), place, beside);
  get("/nlu/shadow").then((told) => showShadow(beside, told), () => {}); // What fails is said by the page's own question.
  get("/nlu/drift", { days: query.days, model: query.model, variety: query.variety }).then(
    (told) => place.replaceChildren(filters(query, told), ...draw(told)),
    (error) => place.replaceChildren(el("p", { role: "alert", class: "wrong" }, error.message)),
  );
}

function filters(query, told) {
  const words = config.strings.drift;
  const days = query.days || "30";
  const choice = (name, label, options) => el("select", { name, "aria-label": label }, ...options);
  const models = [...new Set([query.model, ...told.models].filter(Boolean))];
  const form = el("form", { class: "filters", "aria-label": config.strings.range, onchange: submit, onsubmit: submit },
    choice("days", config.strings.range, STRETCHES.map((n) => option(String(n), plural(words.last_days, n), days))),
    choice("model", words.model, [option("", words.every_model, query.model || ""), ...models.map((one) => option(one, one, query.model))]),
    choice("variety", words.variety, [option("", words.every_variety, query.variety || ""), ...Object.entries(config.strings.varieties).map(([name, label]) => option(name, label, query.variety))]));
  function submit(event) {
    event.preventDefault();
    go(`/console/nlu/drift?${new URLSearchParams([...new FormData(form)].filter(([, value]) => value))}`);
  }
  return form;
}

function draw(told) {
  const words = config.strings.drift;
  const rows = (name) => told.days.map((day, at) => [day, told[name][at]]);
  const charts = Object.entries(words.measures).map(([name, label]) => {
    const whole = name === "agreement" ? told.handled : told.read;
    return card(label, shares(told.days, told[name], whole, label, name === "agreement" ? words.cases : words.messages));
  });
  return [
    el("p", { class: "sentence", role: "status" }, sentence(told)),
    told.waiting > 0 && el("p", { class: "hint" }, plural(words.waiting, told.waiting)),
    el("div", { class: "tiles" }, ...told.weeks.map(tile)),
    el("div", { class: "charts" }, card(words.read, withHighest(rows("read"), days(rows("read"), words.read), String), "wide"), ...charts,
      card(words.intents, named(words.intents, told, told.intents, labelName), "wide"),
      card(words.by_variety, named(words.by_variety, told, told.varieties, varietyName), "wide"),
      card(words.new_words, newWords(told.words), "wide")),
  ].filter(Boolean);
}

const varietyName = (name) => config.strings.varieties[name] || name;

/** What changed most from the seven days before to the last seven, in a sentence. */
function sentence({ moved, enough }) {
  const words = config.strings.drift;
  if (!enough) return words.too_few;
  if (!moved) return words.nothing_moved;
  const name = moved.what === "variety" ? varietyName(moved.name) : labelName(moved.name);
  const template = moved.now > moved.before ? words.rose : words.fell;
  return fill(template, { what: fill(words.what[moved.what], { name }), before: percent(moved.before), now: percent(moved.now) });
}

function tile({ what, now, before, whole }) {
  const words = config.strings.drift;
  return el("div", { class: "card tile" }, el("b", {}, percent(now)), words.measures[what],
    el("small", { class: "block" }, fill(words.week_before, { before: percent(before) })),
    el("small", { class: "block" }, fill(what === "agreement" ? words.of_cases : words.of_messages, { n: whole })));
}

/** The share of each day as bars, its number and what it is a share of as a table. */
function shares(all, parts, wholes, label, whole) {
  const { strings } = config;
  if (!parts.some(Boolean)) return el("p", { class: "empty" }, strings.drift.none);
  const rows = all.map((day, at) => [day, wholes[at] ? parts[at] / wholes[at] : null, parts[at], wholes[at]]);
  const cells = ([, share, part, of]) => [percent(share), String(part), String(of)];
  return withHighest(rows, days(rows, label, { heads: [strings.drift.share, strings.count, whole], shown: percent, cells }), percent);
}

/** A chart, and above it the number of its highest bar. */
function withHighest(rows, chart, shown) {
  const [day, most] = rows.reduce((best, row) => (row[1] > best[1] ? row : best), ["", 0]);
  return el("div", {}, most > 0 && el("p", { class: "hint" }, ...isolated(fill(config.strings.drift.highest, { day, n: shown(most) }))), chart);
}

/** Each name with a small chart, its numbers of the two weeks and of all days; and all days as a table. */
function named(title, told, rows, nameOf) {
  const words = config.strings.drift;
  if (!rows.length) return el("p", { class: "empty" }, config.strings.nothing_yet);
  const sum = (counts) => counts.reduce((total, count) => total + count, 0);
  const lines = rows.map(({ name, counts }) => el("tr", {}, el("th", { scope: "row" }, bdi(nameOf(name))),
    el("td", {}, dayBars(told.days.map((day, at) => [day, counts[at]]), "spark")),
    ...[counts.slice(-WEEK), counts.slice(-2 * WEEK, -WEEK), counts].map((some) => el("td", { class: "number" }, String(sum(some))))));
  const heads = [words.name, words.over_days, words.this_week, words.last_week, words.all_days];
  const busy = told.days.map((day, at) => [day, at]).filter(([, at]) => told.read[at]).reverse();
  return el("div", {},
    scrolled(title, el("table", { class: "named" }, head(heads), el("tbody", {}, ...lines))),
    el("details", {}, el("summary", {}, words.every_day), scrolled(`${title}: ${words.every_day}`, el("table", {}, head([config.strings.day, ...rows.map(({ name }) => nameOf(name))]),
      el("tbody", {}, ...busy.map(([day, at]) => el("tr", {}, el("th", { scope: "row" }, el("time", { datetime: day }, day)), ...rows.map(({ counts }) => el("td", { class: "number" }, String(counts[at]))))))))));
}

const head = (heads) => el("thead", {}, el("tr", {}, ...heads.map((one) => el("th", { scope: "col" }, one))));

/** New words with how often they were said, and an utterance they were in; the way to the inbox for who may label. */
function newWords(rows) {
  const words = config.strings.drift;
  if (!rows.length) return el("p", { class: "empty" }, words.no_new_words);
  const lead = ({ word }) => (may("label") ? el("a", { href: `/console/nlu?${new URLSearchParams({ text: word })}` }, bdi(word)) : bdi(word));
  return el("div", {}, el("p", { class: "hint" }, words.new_words_hint),
    scrolled(words.new_words, el("table", {}, head([words.word, config.strings.count, words.example]),
      el("tbody", {}, ...rows.map((one) => el("tr", {}, el("th", { scope: "row" }, lead(one)), el("td", { class: "number" }, ltr(String(one.count))), el("td", {}, bdi(one.example))))))));
}

// --- A candidate that reads along ----------------------------------------------------------------------------------------

function showShadow(place, told) {
  const words = config.strings.shadow;
  const turn = async () => showShadow(place, await post("/nlu/shadow", { is_on: !told.is_on }));
  const state = !told.is_on ? words.off : told.candidate ? fill(words.on, { model: told.candidate }) : words.waits;
  place.replaceChildren(el("section", { class: "card shadow" }, el("h2", {}, words.title), el("p", { class: "hint" }, words.hint),
    el("p", { role: "status" }, ...isolated(state)),
    may("train") && button(told.is_on ? words.turn_off : words.turn_on, turn),
    ...(told.read ? readAlong(told) : [])));
}

function readAlong(told) {
  const words = config.strings.shadow;
  const sure = (share) => ltr(percent(share));
  const line = fill(words.read, { model: told.model, n: told.read, share: percent(told.share), middle: told.ms_p50, high: told.ms_p95 });
  const intents = told.intents.map((one) => [bdi(labelName(one.name)), String(one.read), percent(one.agreed / one.read)]);
  const pairs = told.pairs.map(([live, other, count]) => [bdi(labelName(live)), bdi(labelName(other)), String(count)]);
  const differences = told.differences.map((one) => [bdi(one.text), [bdi(labelName(one.live)), " ", sure(one.live_confidence)], [bdi(labelName(one.shadow)), " ", sure(one.shadow_confidence)]]);
  return [
    el("p", {}, ...isolated(line)),
    listed(words.by_intent, [words.live, words.count, words.alike], intents),
    listed(words.pairs, [words.live, words.candidate, words.count], pairs),
    listed(words.differences, [words.text, words.live, words.candidate], differences),
  ].filter(Boolean);
}

const listed = (title, heads, rows) => rows.length > 0 && el("details", {}, el("summary", {}, title),
  scrolled(title, el("table", {}, head(heads), el("tbody", {}, ...rows.map((cells) => el("tr", {}, ...cells.map((cell) => el("td", {}, cell))))))));
