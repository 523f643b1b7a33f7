/* The report on a candidate: both models side by side, by intent, by confusion, by confidence, and on what shoppers said. */

import { config, may } from "./api.js";
import { bdi, el, fill, isolated, ltr, option, plural, scrolled, when } from "./dom.js";
import { labelName } from "./nlu.js";
import { table } from "./table.js";

const words = () => config.strings.models;
const SIGNIFICANT = 0.05;

export const nameOf = (file) => ltr(file.replace(".tar.gz", ""));
export const percent = (share) => (share === null || share === undefined ? "–" : ltr(`${(share * 100).toFixed(1)}٪`));
const signed = (value, digits = 1) => ltr(`${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(value).toFixed(digits)}`);
const points = (share) => signed(share * 100);

export function reportOf(report, said) {
  return [
    madeOf(report),
    el("div", { class: "charts" },
      card(words().headline, headline(report), "wide"),
      card(words().changes, changes(report.changes), "wide"),
      card(words().confusion, confusion(report), "wide"),
      card(words().calibration, calibration(report), "wide"),
      card(words().conversations, conversations(report.conversations)),
      card(words().cross_validation, crossValidation(report.cross_validation)),
      report.leaked.length > 0 && card(words().leaked, list(report.leaked), "wide"),
      card(words().replayed, replay(report.replay, said), "wide")),
  ];
}

const card = (title, content, kind = "") => el("section", { class: `card ${kind}` }, el("h3", {}, title), ...[content].flat());
const list = (texts) => el("ul", { class: "texts" }, ...texts.map((text) => el("li", {}, bdi(text))));

/** A sentence of the strings, into which elements are put. */
function sentence(template, values) {
  return template.split(/\{(\w+)\}/).map((piece, at) => (at % 2 ? values[piece] : piece));
}

function madeOf(report) {
  const values = { moment: when(report.made_at), questions: plural(words().questions_n, report.questions), margin: ltr(report.margin.toFixed(2)), seconds: plural(words().seconds_n, Math.round(report.seconds)) };
  return el("p", { class: "hint" }, ...sentence(words().report_made, values));
}

// --- Both models side by side --------------------------------------------------------------------------------------------

function headline({ live, candidate, disagreement }) {
  const share = (name) => [words().measures[name], percent(live.verdict[name]), percent(candidate.verdict[name]), points(candidate.verdict[name] - live.verdict[name])];
  const time = (name) => [words().measures[name], milliseconds(live.verdict[name]), milliseconds(candidate.verdict[name]), signed(candidate.verdict[name] - live.verdict[name])];
  const heads = [words().measure, words().live, words().candidate, words().change];
  return [
    scrolled(words().headline, table(heads, [...["accuracy", "macro_f1", "kinds_f1", "topics"].map(share), ...["ms_p50", "ms_p95"].map(time)])),
    el("p", {}, mcnemar(disagreement)),
    parts(words().varieties, live.verdict.varieties, candidate.verdict.varieties, (name) => config.strings.varieties[name] ?? name),
    parts(words().entities, live.verdict.entities, candidate.verdict.entities, (name) => config.names.slots[name] || config.strings.entities[name] || name),
  ];
}

const milliseconds = (value) => isolated(fill(words().ms, { n: value.toFixed(1) }));

function mcnemar({ only_live, only_candidate, p }) {
  const counts = fill(words().mcnemar, { only_live: plural(words().questions_n, only_live), only_candidate: plural(words().questions_n, only_candidate) });
  return isolated(`${counts} ${fill(p < SIGNIFICANT ? words().not_by_chance : words().by_chance, { p: p.toFixed(3) })}`);
}

function parts(title, live, candidate, name) {
  const rows = Object.keys({ ...live, ...candidate }).map((one) => [bdi(name(one)), percent(live[one]), percent(candidate[one]), points((candidate[one] ?? 0) - (live[one] ?? 0))]);
  return el("details", {}, el("summary", {}, title), scrolled(title, table([words().measure, words().live, words().candidate, words().change], rows)));
}

// --- By intent -------------------------------------------------------------------------------------------------------------

function changes(all) {
  const place = el("div");
  const typed = el("input", { type: "search", "aria-label": words().filter, placeholder: words().filter, oninput: show });
  const [changed, guarded] = [words().changed_only, words().guarded_only].map((label) => el("input", { type: "checkbox", "aria-label": label, onchange: show }));
  function show() {
    const wanted = typed.value.trim();
    const fits = all.filter((one) => (labelName(one.intent).includes(wanted) || one.intent.includes(wanted)) && (!changed.checked || one.gain) && (!guarded.checked || one.guarded));
    place.replaceChildren(fits.length ? scrolled(words().changes, changesTable(fits)) : el("p", { class: "empty" }, words().none_fits));
  }
  show();
  const box = (input, label) => el("label", { class: "available" }, input, label);
  return [el("p", { class: "hint" }, words().changes_hint), el("div", { class: "row" }, typed, box(changed, words().changed_only), box(guarded, words().guarded_only)), place];
}

function changesTable(rows) {
  const group = (label) => el("th", { scope: "colgroup", colspan: 2 }, label);
  const pair = () => [el("th", { scope: "col" }, words().live), el("th", { scope: "col" }, words().candidate)];
  const tall = (label) => el("th", { scope: "col", rowspan: 2 }, label);
  return el("table", {},
    el("thead", {},
      el("tr", {}, tall(words().intent), tall(words().asked), group(words().precision), group(words().recall), group("F1"), tall(words().change), tall(words().guarded)),
      el("tr", {}, ...pair(), ...pair(), ...pair())),
    el("tbody", {}, ...rows.map(changeRow)));
}

function changeRow(one) {
  const both = (name) => [one.live[name], one.candidate[name]].map((value) => el("td", {}, percent(value)));
  const change = el("td", { class: one.gain < 0 ? "loss" : one.gain > 0 ? "gain" : null }, points(one.gain), " ", el("small", {}, ltr(`[${(one.low * 100).toFixed(1)}, ${(one.high * 100).toFixed(1)}]`)));
  return el("tr", {}, el("th", { scope: "row" }, labelName(one.intent)), el("td", {}, String(one.asked)), ...both("precision"), ...both("recall"), ...both("f1"), change, el("td", {}, one.guarded ? words().yes : words().no));
}

// --- What is taken for what ------------------------------------------------------------------------------------------------

function confusion(report) {
  const place = el("div");
  const side = el("select", { "aria-label": words().shown_side, onchange: show }, option("candidate", words().candidate), option("live", words().live));
  function show() {
    place.replaceChildren(matrix(report[side.value].confusion));
  }
  show();
  return [el("p", { class: "hint" }, words().confusion_hint), el("div", { class: "row narrow-card" }, side), place];
}

/** The labels that were taken for others, or others for them. */
function confused(found) {
  const pairs = Object.entries(found).flatMap(([truth, guesses]) => Object.keys(guesses).filter((guess) => guess !== truth).map((guess) => [truth, guess]));
  const order = (labels) => [...new Set(labels)].sort((one, other) => labelName(one).localeCompare(labelName(other), "ar"));
  return { truths: order(pairs.map(([truth]) => truth)), guesses: order(pairs.flat()) };
}

function matrix(found) {
  const { truths, guesses } = confused(found);
  if (!truths.length) return el("p", { class: "empty" }, words().nothing_confused);
  const head = guesses.map((guess) => el("th", { scope: "col" }, el("span", {}, labelName(guess))));
  const rows = truths.map((truth) => el("tr", {}, el("th", { scope: "row" }, labelName(truth)), ...guesses.map((guess) => cell(truth, guess, found[truth]?.[guess]))));
  return scrolled(words().confusion, el("table", { class: "matrix" }, el("thead", {}, el("tr", {}, el("td", {}, words().truth), ...head)), el("tbody", {}, ...rows)));
}

function cell(truth, guess, questions) {
  if (!questions) return el("td", {});
  const label = fill(words().cell, { truth: labelName(truth), guess: labelName(guess), count: plural(words().asked_n, questions.length) });
  const open = el("button", { type: "button", class: "small", "aria-label": label, onclick: () => showTexts(label, questions) }, String(questions.length));
  return el("td", { class: truth === guess ? "right" : "off" }, open);
}

function showTexts(title, texts) {
  const dialog = el("dialog", { "aria-label": title, onclose: () => dialog.remove() }, el("h2", {}, title), list(texts), el("form", { method: "dialog" }, el("button", {}, words().close)));
  document.body.append(dialog);
  dialog.showModal();
}

// --- Confidence ------------------------------------------------------------------------------------------------------------

const SVG = "http://www.w3.org/2000/svg";

function shape(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

function calibration(report) {
  const side = (name) => el("figure", {}, el("figcaption", {}, el("strong", {}, words()[name]), " · ", ...sentence(words().calibration_error, { n: percent(report[name].calibration.error) })), chart(report[name].calibration.bins), binsTable(words()[name], report[name].calibration.bins));
  return [el("p", { class: "hint" }, words().calibration_hint), el("div", { class: "charts" }, side("live"), side("candidate"))];
}

/** Ten columns under the line on which confidence is right as often as it says; the table below has the numbers. */
function chart(bins) {
  const svg = shape("svg", { class: "calibration", viewBox: "0 0 100 100", "aria-hidden": "true" });
  for (const { low, count, accuracy } of bins) {
    if (count) svg.append(shape("rect", { x: low * 100 + 1, y: 100 - accuracy * 100, width: 8, height: accuracy * 100 }));
  }
  svg.append(shape("line", { x1: 0, y1: 100, x2: 100, y2: 0 }), shape("path", { d: "M0 0V100H100" }));
  return svg;
}

function binsTable(name, bins) {
  const label = `${words().calibration} ${name}`;
  const rows = bins.filter(({ count }) => count).map((one) => [ltr(`${Math.round(one.low * 100)}–${Math.round(one.low * 100) + 10}٪`), String(one.count), percent(one.confidence), percent(one.accuracy)]);
  return el("details", {}, el("summary", {}, label), scrolled(label, table([words().confidence, words().asked, words().mean_confidence, words().accuracy], rows)));
}

// --- The rest --------------------------------------------------------------------------------------------------------------

function conversations({ passed, failed }) {
  const named = (title, names, open) => names.length > 0 && el("details", { open }, el("summary", {}, title), list(names));
  const count = fill(words().conversations_passed, { passed: passed.length, total: passed.length + failed.length });
  return [el("p", {}, isolated(count)), named(words().failed, failed, true), named(words().passed, passed, false)];
}

function crossValidation(found) {
  if (!found) return el("p", { class: "empty" }, words().not_cross_validated);
  const values = { sentences: ltr(String(found.sentences)), accuracy: percent(found.accuracy), macro_f1: percent(found.macro_f1) };
  return [el("p", {}, ...sentence(words().cross_validated, values)), found.dropped.length > 0 && el("p", { class: "hint" }, fill(words().dropped, { labels: found.dropped.map(labelName).join("، ") }))];
}

function replay(found, said) {
  if (!found) return el("p", { class: "empty" }, words().not_replayed);
  const differ = found.differences.length;
  const values = { read: plural(words().messages_n, found.read), differ: plural(words().messages_n, differ), share: percent(differ / Math.max(1, found.read)) };
  const rows = found.differences.map((one) => [saidOf(said[one.utterance]), guess(one.live, one.live_confidence), guess(one.candidate, one.candidate_confidence)]);
  return [el("p", {}, ...sentence(words().replayed_n, values)), differ > 0 && scrolled(words().replayed, table([words().message, words().live, words().candidate], rows))];
}

const guess = (intent, confidence) => el("span", {}, labelName(intent), " ", percent(confidence));

/** What a shopper said; whoever labels gets to it in the inbox. */
function saidOf(text) {
  if (text === undefined) return el("span", { class: "empty" }, words().erased);
  if (!may("label")) return bdi(text);
  return el("a", { href: `/console/nlu?${new URLSearchParams({ text })}`, title: words().open_in_inbox }, bdi(text));
}
