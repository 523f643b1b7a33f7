/*
 * Models: train a candidate and put it beside the live one, see what speaks against it, let it serve or go back. A run is
 * asked after every second while it is under way; the report is drawn by model_report.js.
 */

import { config, get, may, post } from "./api.js";
import { ask, button, el, field, fill, isolated, ltr, option, plural, scrolled, toast, when } from "./dom.js";
import { nameOf, percent, reportOf } from "./model_report.js";
import { labelName } from "./nlu.js";
import { table } from "./table.js";

const SOON = 1000; // Milliseconds between two looks at a run that is under way,
const SELDOM = 15_000; // and between two looks whether a colleague has started one.

export function modelsPage(main) {
  const page = new ModelsPage(main);
  page.start();
  return () => page.stop();
}

const words = () => config.strings.models;
const isUnderWay = (run) => Boolean(run && ["waiting", "running"].includes(run.state));

class ModelsPage {
  #main;
  #told; // What `/nlu/models` said.
  #run = null; // The newest run, as it was seen last.
  #timer = 0;
  #left = false;

  constructor(main) {
    this.#main = main;
  }

  async start() {
    this.runCard = el("section", { class: "card run", "aria-label": words().run });
    this.log = logCard();
    [this.models, this.report, this.history] = [el("div", { class: "charts models" }), el("div"), el("section", { class: "card history" })];
    this.#main.append(el("header", { class: "head" }, el("div", {}, el("h1", {}, words().models), el("p", { class: "lead" }, words().lead))),
      this.runCard, this.log, this.models, this.report, this.history);
    await this.#load();
    await this.#look();
  }

  stop() {
    this.#left = true;
    clearTimeout(this.#timer);
  }

  async #load() {
    this.#told = await get("/nlu/models");
    this.models.replaceChildren(this.#candidateCard(), this.#liveCard());
    this.history.replaceChildren(...historyOf(this.#told.history));
    const first = this.#told.models.find((one) => one.macro_f1 !== null);
    await this.#showReport(first?.file);
  }

  #of = (role) => this.#told.models.find((one) => one.role === role);

  // --- A run -------------------------------------------------------------------------------------------------------------

  async #look() {
    try {
      const [run = null] = (await get("/nlu/runs")).runs;
      if (!this.#left) await this.#seen(run);
    } catch (error) {
      if (error.status === 401) return; // Signed out: the door is shown.
    }
    if (!this.#left) this.#timer = setTimeout(() => this.#look(), isUnderWay(this.#run) ? SOON : SELDOM);
  }

  async #seen(run) {
    const before = this.#run;
    this.#run = run;
    if (isUnderWay(run) && run.id === before?.id && isUnderWay(before)) this.#showProgress(run);
    else if (!before || before.id !== run?.id || before.state !== run?.state) this.#drawRun(run);
    if (isUnderWay(run)) await this.log.follow();
    if (isUnderWay(before) && !isUnderWay(run)) await this.#ended(run);
  }

  async #ended(run) {
    toast(run.state === "done" ? words().finished : words().states[run.state], run.state === "failed" ? "bad" : "");
    await this.#load();
    this.#drawRun(run);
  }

  #drawRun(run) {
    const hadFocus = this.runCard.contains(document.activeElement);
    const heading = el("h2", { tabindex: "-1" }, words().run);
    this.runCard.replaceChildren(heading, ...(isUnderWay(run) ? this.#progress(run) : [outcomeOf(run), may("train") && this.#form()].filter(Boolean)));
    if (hadFocus) heading.focus();
  }

  #progress(run) {
    this.step = el("p", { role: "status" });
    this.bar = el("progress", { max: 1, value: 0, "aria-label": words().run });
    this.share = el("p", { class: "hint" });
    this.cancel = button(words().cancel_run, () => this.#cancel());
    this.#showProgress(run);
    return [this.step, this.bar, this.share, may("train") && this.cancel].filter(Boolean);
  }

  /** Says the step only when it changes: whoever listens does not hear every second. */
  #showProgress(run) {
    const step = run.cancel_wanted ? words().cancelling : words().steps[run.step] ?? words().states[run.state];
    if (this.step.textContent !== step) this.step.textContent = step;
    this.bar.value = run.share;
    this.share.replaceChildren(ltr(`${Math.round(run.share * 100)}٪`), " · ", fill(words().asked_by, { by: run.by ?? "–" }), " ", when(run.asked_at));
    this.cancel.disabled = run.cancel_wanted;
  }

  #form() {
    const { margin, most_replayed: most } = this.#told;
    const mode = el("select", { name: "train" }, option("yes", words().train_and_compare), this.#of("candidate") && option("", words().compare_only));
    const replay = el("input", { name: "replay", type: "number", min: 0, max: most, value: 500, required: true, dir: "ltr" });
    const loss = el("input", { name: "margin", type: "number", min: 0, max: may("override_gate") ? 1 : margin, step: 0.01, value: margin, required: true, dir: "ltr" });
    return el("form", { class: "run-form", onsubmit: (event) => this.#start(event) }, field(words().mode, mode), field(words().replay, replay, words().replay_hint),
      field(words().margin, loss, fill(words().margin_hint, { margin })), el("button", { class: "primary" }, words().start));
  }

  async #start(event) {
    event.preventDefault();
    const { train, replay, margin } = Object.fromEntries(new FormData(event.target));
    await post("/nlu/runs", { train: Boolean(train), replay: Number(replay), margin: Number(margin) });
    await this.#lookNow();
  }

  async #cancel() {
    this.cancel.disabled = true;
    await post("/nlu/runs/cancel").catch((error) => toast(error.message, "bad"));
    await this.#lookNow();
  }

  async #lookNow() {
    clearTimeout(this.#timer);
    await this.#look();
  }

  // --- Models --------------------------------------------------------------------------------------------------------------

  #candidateCard() {
    const one = this.#of("candidate");
    if (!one) return card(words().roles.candidate, el("p", { class: "empty" }, words().no_candidate));
    return card(words().roles.candidate, ...measuresOf(one), ...this.#gate(one, this.#told.against));
  }

  #gate(one, against) {
    if (!against) return [el("p", { class: "hint" }, words().not_compared)];
    if (!against.length) return [el("p", {}, words().nothing_against), may("train") && button(words().promote, () => this.#promote(one), { class: "primary" })];
    const list = el("ul", { class: "objections" }, ...against.map((objection) => el("li", {}, sentenceOf(objection))));
    const act = may("override_gate") ? button(words().promote_anyway, () => this.#promote(one, true)) : el("p", { class: "hint" }, words().needs_supervisor);
    return [el("p", {}, el("strong", {}, words().against)), list, act];
  }

  async #promote(one, despite = false) {
    const because = el("textarea", { name: "because", required: true, minlength: this.#told.shortest_reason, maxlength: 1000 });
    const asked = despite ? [field(words().because, because, words().because_hint)] : [];
    const given = await ask(words().really_promote, [el("p", {}, nameOf(one.file)), el("p", {}, words().promote_hint), ...asked], despite ? words().promote_anyway : words().promote, config.strings.cancel);
    if (given) await this.#decide("promote", { model: one.file, because: given.because ?? "" }, words().promoted);
  }

  #liveCard() {
    const [one, past] = [this.#of("live"), this.#told.models.filter(({ role }) => role === "past")];
    const earlier = past.length > 0 && el("details", {}, el("summary", {}, words().earlier), scrolled(words().earlier, table([words().model, words().made, words().macro_f1], past.map((old) => [nameOf(old.file), when(old.made_at), percent(old.macro_f1)]))));
    const back = past.length > 0 && may("train") && button(words().roll_back, () => this.#rollBack(past[0]));
    return card(words().roles.live, ...(one ? measuresOf(one) : [el("p", { class: "empty" }, words().no_live)]), back, earlier);
  }

  async #rollBack(past) {
    const because = field(words().roll_back_because, el("input", { name: "because", maxlength: 1000 }));
    const given = await ask(words().really_roll_back, [el("p", {}, nameOf(past.file), " · ", when(past.made_at)), because], words().roll_back, config.strings.cancel);
    if (given) await this.#decide("rollback", { model: past.file, because: given.because }, words().rolled_back);
  }

  async #decide(path, body, done) {
    await post(`/nlu/models/${path}`, body).then(() => toast(done), (error) => toast(error.message, "bad"));
    await this.#load();
    this.#drawRun(this.#run);
  }

  // --- The report ----------------------------------------------------------------------------------------------------------

  async #showReport(file) {
    const { report, said } = file ? await get("/nlu/models/report", { model: file }) : {};
    if (!report) return this.report.replaceChildren(el("p", { class: "empty" }, words().report_none));
    const reported = this.#told.models.filter((one) => one.macro_f1 !== null);
    const choose = el("select", { onchange: ({ target }) => this.#showReport(target.value) }, ...reported.map((one) => option(one.file, `${words().roles[one.role]}: ${one.file.replace(".tar.gz", "")}`, file)));
    const hadFocus = this.report.contains(document.activeElement);
    this.report.replaceChildren(el("header", { class: "head" }, el("h2", {}, words().report), reported.length > 1 && field(words().report_on, choose)), ...reportOf(report, said));
    if (hadFocus) choose.focus();
  }
}

const card = (title, ...content) => el("section", { class: "card" }, el("h2", {}, title), ...content);

function measuresOf(one) {
  const measures = one.macro_f1 === null ? [words().no_report] : [words().macro_f1, " ", percent(one.macro_f1), " · ", words().accuracy, " ", percent(one.accuracy)];
  return [el("p", {}, nameOf(one.file)), el("p", { class: "hint" }, words().made, " ", when(one.made_at), " · ", ...measures)];
}

/** What speaks against a candidate, in a sentence. */
function sentenceOf({ code, values }) {
  const { intent, live, candidate, asked } = values;
  const shown = code === "intent_falls" ? { intent: labelName(intent), live: live.toFixed(2), candidate: candidate.toFixed(2), asked: plural(words().asked_n, asked) } : values;
  return isolated(fill(words().objections[code] ?? code, shown));
}

function outcomeOf(run) {
  if (!run) return el("p", { class: "empty" }, words().never_run);
  const line = el("p", { class: "hint" }, words().ended, " ", words().states[run.state], " · ", fill(words().asked_by, { by: run.by ?? "–" }), " ", when(run.ended_at));
  if (run.state !== "failed") return line;
  return el("div", {}, line, el("p", { class: "wrong", role: "alert" }, isolated(fill(words().failures[run.failure] ?? run.failure, run.about))));
}

/** The end of the training's output; `follow` reads it anew where it is open. */
function logCard() {
  const lines = el("pre", { class: "log", dir: "ltr", tabindex: "0", role: "region", "aria-label": words().log });
  const details = el("details", { class: "card", ontoggle: () => details.follow() }, el("summary", {}, words().log), lines);
  details.follow = async () => {
    if (!details.open) return;
    const atEnd = lines.scrollTop + lines.clientHeight >= lines.scrollHeight - 4;
    lines.textContent = (await get("/nlu/runs/log")).lines.join("\n") || words().no_log;
    if (atEnd) lines.scrollTop = lines.scrollHeight;
  };
  return details;
}

function historyOf(history) {
  const heads = [words().moment, words().action, words().model, words().instead_of, words().by, words().because];
  const rows = history.map((one) => [when(one.at), words().actions[one.action] ?? one.action, nameOf(one.model), one.instead_of ? nameOf(one.instead_of) : "–", ltr(one.by || "–"), el("bdi", {}, one.because || "–")]);
  return [el("h2", {}, words().history), rows.length ? scrolled(words().history, table(heads, rows)) : el("p", { class: "empty" }, words().no_history)];
}
