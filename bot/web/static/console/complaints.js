/* The list of complaints: filters in the address, words however they are spelled, saved views, changes of many at once. */

import { config, get, may, post } from "./api.js";
import { ask, bdi, button, el, field, fill, isolated, ltr, option, plural, scrolled, toast, when } from "./dom.js";
import { colleagues } from "./queue.js";
import { go } from "./router.js";

const FILTERS = ["text", "status", "kind", "level", "severity", "assignee", "breach", "since", "until", "open_only"];

export function complaintsPage(main) {
  const page = new ComplaintsPage(main);
  page.start();
}

class ComplaintsPage {
  #main;
  #chosen = new Set();
  #before = null;

  constructor(main) {
    this.#main = main;
  }

  start() {
    const { strings } = config;
    this.rows = el("tbody");
    this.more = button(strings.more, () => this.#load(), { hidden: true });
    this.count = el("p", { class: "lead", role: "status" });
    this.bulk = el("div", { class: "row actions", hidden: true });
    this.viewsBar = el("div", { class: "row views" });
    this.#main.append(
      el("header", { class: "head" }, el("div", {}, el("h1", {}, strings.pages.complaints), this.count), this.#tools()),
      this.viewsBar,
      this.#filters(),
      this.bulk,
      scrolled(strings.pages.complaints, el("table", {}, this.#head(), this.rows)),
      this.more,
    );
    this.#showViews();
    this.#load();
  }

  // --- What is asked for -------------------------------------------------------------------------------------------------

  get #query() {
    const query = Object.fromEntries(new URLSearchParams(location.search));
    return Object.fromEntries(FILTERS.filter((name) => query[name]).map((name) => [name, query[name]]));
  }

  #ask(query) {
    const fits = new URLSearchParams(Object.entries(query).filter(([, value]) => value));
    go(`/console/complaints${fits.size ? `?${fits}` : ""}`);
  }

  #filters() {
    const { strings, names } = config;
    const query = this.#query;
    const pick = (name, choices, every) =>
      el("select", { name, "aria-label": strings.filters[name] }, option("", every), ...Object.entries(choices).map(([value, label]) => option(value, label, query[name])));
    const day = (name) => el("input", { type: "date", name, value: (query[name] || "").slice(0, 10), "aria-label": strings.filters[name] });
    const form = el("form", { class: "filters", role: "search", onsubmit: submit, onchange: submit },
      el("input", { type: "search", name: "text", value: query.text || "", placeholder: strings.search_hint, "aria-label": strings.search }),
      pick("status", names.statuses, strings.every_status),
      pick("kind", names.kinds, strings.every_kind),
      pick("level", names.levels, strings.every_level),
      pick("severity", names.severities, strings.every_severity),
      pick("assignee", { me: strings.mine, nobody: strings.nobodys }, strings.everybodys),
      pick("breach", { breached: strings.breached, warned: strings.warned }, strings.any_clock),
      el("label", { class: "available" }, el("input", { type: "checkbox", name: "open_only", value: "true", checked: query.open_only === "true" }), strings.open_only),
      el("label", { class: "day" }, strings.filters.since, day("since")),
      el("label", { class: "day" }, strings.filters.until, day("until")),
      el("button", {}, strings.search),
    );
    const ask = (data) => this.#ask(data);
    function submit(event) {
      event.preventDefault();
      ask(Object.fromEntries(new FormData(form)));
    }
    return form;
  }

  #tools() {
    const { strings } = config;
    return el("div", { class: "row" },
      button(strings.save_view, () => this.#saveView()),
      may("export") && el("a", { class: "button", href: `/console/api/complaints.csv?${new URLSearchParams(this.#query)}`, download: "complaints.csv", target: "_self" }, strings.export));
  }

  async #showViews() {
    const { views } = await get("/views");
    this.viewsBar.replaceChildren(...views.map(({ name, query }) => el("span", { class: "view" },
      button(name, () => this.#ask(query), { class: "small" }),
      button("×", () => this.#dropView(name), { class: "small", "aria-label": fill(config.strings.really_delete, { what: name }) }))));
  }

  async #saveView() {
    const { strings } = config;
    const given = await ask(strings.save_view, [field(strings.view_name, el("input", { name: "name", required: true }))], strings.save, strings.cancel);
    if (!given) return;
    await post("/views", { name: given.name, query: this.#query });
    await this.#showViews();
  }

  async #dropView(name) {
    await post("/views/drop", { name, query: {} });
    await this.#showViews();
  }

  // --- The list ----------------------------------------------------------------------------------------------------------

  #head() {
    const { strings } = config;
    const every = el("input", { type: "checkbox", "aria-label": strings.choose_all, onchange: ({ target }) => this.#chooseAll(target.checked) });
    const heads = [strings.complaint, strings.kind, strings.status, strings.level, strings.clock, strings.assignee, strings.filed_at];
    return el("thead", {}, el("tr", {}, may("change_many") && el("th", { scope: "col" }, every), ...heads.map((head) => el("th", { scope: "col" }, head))));
  }

  async #load() {
    const { complaints, before } = await get("/complaints", { ...this.#query, before: this.#before });
    this.#before = before;
    this.rows.append(...complaints.map((one) => this.#row(one)));
    this.more.hidden = before === null;
    const shown = this.rows.children.length;
    this.count.textContent = shown ? plural(before === null ? config.strings.found_count : config.strings.found_more, shown) : config.strings.nothing_found;
  }

  #row(one) {
    const { strings, names } = config;
    const choose = ({ target }) => (target.checked ? this.#chosen.add(one.number) : this.#chosen.delete(one.number), this.#showBulk());
    const due = [one.answer_due_at, one.resolve_by].filter(Boolean).sort()[0];
    return el("tr", { class: one.severity },
      may("change_many") && el("td", {}, el("input", { type: "checkbox", class: "choose", onchange: choose, "aria-label": fill(strings.choose, { number: one.number }) })),
      el("td", {}, el("a", { href: `/console/complaints/${one.number}` }, ltr(one.number)), el("small", { class: "block", dir: "auto" }, isolated(one.product || one.description))),
      el("td", {}, names.kinds[one.kind], ["high", "urgent"].includes(one.severity) && el("span", { class: `tag ${one.severity}` }, names.severities[one.severity])),
      el("td", {}, names.statuses[one.status]),
      el("td", {}, names.levels[one.level]),
      el("td", {}, one.clock ? el("span", { class: `tag ${one.clock}` }, strings.clock_states[one.clock], " ", when(due)) : "–"),
      el("td", {}, one.assignee ? bdi(one.assignee) : "–"),
      el("td", {}, when(one.created_at)));
  }

  #chooseAll(on) {
    for (const box of this.rows.querySelectorAll(".choose")) if (box.checked !== on) box.click();
  }

  // --- Many at once ------------------------------------------------------------------------------------------------------

  #showBulk() {
    const { strings, names } = config;
    this.bulk.hidden = !this.#chosen.size;
    if (!this.#chosen.size) return;
    const statuses = el("select", { name: "status" }, ...Object.entries(names.statuses).map(([value, label]) => option(value, label)));
    const levels = el("select", { name: "level" }, ...Object.entries(names.levels).map(([value, label]) => option(value, label)));
    this.bulk.replaceChildren(
      el("strong", {}, plural(strings.chosen_count, this.#chosen.size)),
      button(strings.change_status, () => this.#change(strings.change_status, "status", statuses)),
      button(strings.raise_level, () => this.#change(strings.raise_level, "level", levels)),
      button(strings.assign, async () => this.#change(strings.assign, "to", await people(strings))),
    );
  }

  async #change(title, name, choice) {
    const { strings } = config;
    const reason = el("input", { name: "reason" });
    const given = await ask(title, [field(title, choice), name !== "to" && field(strings.reason, reason, strings.shopper_reads_reason)], strings.save, strings.cancel);
    if (!given) return;
    const value = name === "to" ? Number(given.to) || null : given[name];
    const { changed, refused } = await post("/complaints/many", {
      numbers: [...this.#chosen], action: name === "to" ? "assign" : name, [name]: value, ...(given.reason && { reason: given.reason }),
    });
    toast(plural(strings.changed_count, changed));
    for (const [number, why] of Object.entries(refused).slice(0, 5)) toast(`${number}: ${why}`, "bad");
    this.#chosen.clear();
    this.#ask(this.#query);
  }
}

/** Whom a complaint can be given to, as a choice; the first is nobody. */
export async function people(strings, current) {
  const able = await colleagues();
  return el("select", { name: "to" }, option("", strings.nobody, current ?? ""), ...able.map((one) => option(one.id, one.name, current)));
}
