/* Brings a file of sentences into the inbox: chosen, shown, and only then written. */

import { config, postFile } from "./api.js";
import { ask, el, field, fill, isolated, plural, toast } from "./dom.js";
import { labelName } from "./nlu.js";

/** Asks for a file and imports it; returns whether anything was written. */
export async function importFile() {
  const { strings } = config;
  const chosen = await ask(strings.import, asked(strings.importing), strings.importing.show, strings.cancel);
  if (!chosen?.file?.name) return false;
  const wanted = { name: chosen.file.name, shopper: chosen.shopper.trim(), accept: chosen.accept === "true" };
  toast(strings.importing.reading);
  const shown = await postFile("/nlu/import/preview", wanted, chosen.file);
  if (!(await ask(strings.importing.review, reviewed(shown), strings.write, strings.cancel))) return false;
  await postFile("/nlu/import", wanted, chosen.file);
  toast(strings.done);
  return true;
}

const asked = (words) => [
  field(words.file, el("input", { type: "file", name: "file", required: true, accept: ".yml,.yaml,.csv,.tsv,.txt" }), words.file_hint),
  field(words.shopper, el("input", { name: "shopper", autocomplete: "off", dir: "auto" }), words.shopper_hint),
  el("label", { class: "available" }, el("input", { type: "checkbox", name: "accept", value: "true" }), words.accept),
];

function reviewed({ fates, merged, unknown, lines }) {
  const words = config.strings.importing;
  const counted = Object.entries(fates).filter(([, count]) => count).map(([fate, count]) => el("li", {}, el("strong", {}, count), " ", words.fates[fate]));
  const strange = Object.entries(unknown).map(([label, count]) => el("li", {}, fill(words.unknown, { label: `\u2068${label}\u2069` }), " ", plural(config.strings.times, count)));
  return [
    el("ul", { class: "plain" }, ...counted, merged > 0 && el("li", {}, el("strong", {}, merged), " ", words.merged), ...strange),
    lines.length > 0 && el("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": words.looked_at }, el("table", {},
      el("thead", {}, el("tr", {}, ...[words.line, words.sentence, words.why].map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {}, ...lines.map((one) => el("tr", {}, el("td", {}, one.line), el("td", { dir: "auto" }, isolated(one.text)), el("td", {}, whyNot(one))))))),
  ].filter(Boolean);
}

const whyNot = ({ fate, reason, before }) =>
  fate === "conflict" ? fill(config.strings.importing.labelled_before, { label: labelName(before) }) : config.strings.importing.reasons[reason];
