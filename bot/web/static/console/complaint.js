/* One complaint: the record, the clocks, what happened; and what the shop does with it. */

import { canned, config, get, may, me, post } from "./api.js";
import { ask, bdi, button, el, field, filledIn, isolated, ltr, option, toast, when } from "./dom.js";
import { privacyCard, showErased } from "./privacy.js";
import { people } from "./complaints.js";

const SHOWN = ["order_number", "purchase_date", "product", "seller", "amount", "remedy", "expected", "affected", "contact"];

export function complaintPage(main, number) {
  const page = new ComplaintPage(main, number);
  page.load().catch((error) => main.replaceChildren(el("h1", {}, config.strings.missing), el("p", { role: "alert" }, error.message)));
}

class ComplaintPage {
  #main;
  #path;

  constructor(main, number) {
    this.#main = main;
    this.#path = `/complaints/${number}`;
  }

  async load() {
    this.#draw(await get(this.#path));
  }

  async #do(path, body) {
    this.#draw(await post(this.#path + path, body));
    toast(config.strings.done);
  }

  #draw(whole) {
    const { strings, names } = config;
    const { record } = whole;
    this.#main.classList.add("complaint");
    this.#main.replaceChildren(
      el("header", { class: "head" },
        el("div", {}, el("h1", {}, names.kinds[record.kind], " ", ltr(record.number)),
          el("p", { class: "row" }, el("span", { class: "tag" }, names.statuses[record.status]), el("span", { class: "tag" }, names.levels[record.level]),
            el("span", { class: `tag ${record.severity}` }, names.severities[record.severity]),
            el("span", {}, `${strings.assignee}: `, bdi(whole.assignee.name || strings.nobody)))),
        may("change_complaints") && !whole.erased && this.#actions(whole)),
      el("div", { class: "columns" },
        el("div", {}, this.#record(whole), this.#timeline(whole)),
        el("div", {}, this.#clocks(whole), may("change_complaints") && !whole.erased && this.#answering(whole), this.#evidence(whole), this.#contacts(whole), this.#notes(whole),
          !whole.erased && privacyCard(whole.conversation, () => showErased(this.#main)))),
    );
  }

  // --- What it says --------------------------------------------------------------------------------------------------------

  #record({ record, conversation, erased }) {
    const { strings, names } = config;
    const shown = (name) => ({ remedy: names.remedies[record.remedy] })[name] ?? record[name];
    return el("section", { class: "card" },
      el("h2", {}, names.slots.description),
      el("p", { class: "text", dir: "auto" }, isolated(record.description)),
      el("dl", { class: "grid" }, ...SHOWN.filter((name) => shown(name)).map((name) =>
        el("div", {}, el("dt", {}, names.slots[name] || strings.fields[name]), el("dd", {}, el("span", { dir: "auto" }, isolated(shown(name))))))),
      !erased && may("read_conversations") && el("p", { class: "no-print" }, el("a", { href: `/console/conversations/${conversation}` }, strings.open_conversation)));
  }

  #timeline({ timeline }) {
    const { strings } = config;
    const who = { shopper: strings.a_shopper, shop: config.shop, system: strings.the_system };
    return el("section", { class: "card" }, el("h2", {}, strings.timeline),
      el("ol", { class: "timeline" }, ...timeline.map((entry) => el("li", { class: entry.action },
        el("small", {}, when(entry.at), " · ", who[entry.actor] ? bdi(who[entry.actor]) : ltr(entry.actor)),
        el("span", { class: "block", dir: "auto" }, isolated(entry.said))))));
  }

  #clocks({ clocks }) {
    const { strings } = config;
    return el("section", { class: "card" }, el("h2", {}, strings.clocks),
      el("dl", {}, ...clocks.map((clock) => el("div", {}, el("dt", {}, strings.clock_names[clock.name]),
        el("dd", {}, el("span", { class: `tag ${clock.state}` }, strings.clock_states[clock.state]),
          el("span", {}, clock.done_at ? strings.done_at : strings.due_at, " ", when(clock.done_at || clock.due_at)))))));
  }

  #evidence({ files, record }) {
    const { strings } = config;
    if (!files.length && !record.evidence.length) return null;
    return el("section", { class: "card" }, el("h2", {}, strings.evidence),
      ...files.map((file) => el("p", {}, el("a", { href: file.url, target: "_blank", rel: "noopener" },
        file.kind === "image" ? el("img", { src: file.url, alt: file.name, class: "evidence", loading: "lazy" }) : bdi(file.name)))),
      ...record.evidence.map((text) => el("p", { dir: "auto" }, isolated(text))));
  }

  #contacts({ contacts }) {
    const { strings, names } = config;
    if (!contacts.length) return null;
    return el("section", { class: "card" }, el("h2", {}, strings.contacts_before),
      el("ul", {}, ...contacts.map((one) => el("li", {}, el("small", {}, names.channels[one.channel] || one.channel, one.at && " · ", bdi(one.at), one.who && " · ", bdi(one.who)), el("span", { class: "block", dir: "auto" }, isolated(one.content))))));
  }

  #notes({ notes, conversation }) {
    const { strings } = config;
    const input = el("textarea", { rows: 2, dir: "auto", required: true, "aria-label": strings.note, placeholder: strings.note });
    const keep = async (event) => {
      event.preventDefault();
      await post(`/conversations/${conversation}/notes`, { text: input.value });
      await this.load();
    };
    return el("section", { class: "card note-card" }, el("h2", {}, strings.notes),
      el("div", { class: "notes" }, ...notes.map((note) => el("p", {}, el("small", {}, bdi(note.author), " ", when(note.at)), el("span", { dir: "auto" }, isolated(note.text))))),
      may("answer") && el("form", { class: "no-print", onsubmit: keep }, input, el("button", {}, strings.keep_note)));
  }

  // --- What is done with it --------------------------------------------------------------------------------------------------

  #actions(whole) {
    const { strings } = config;
    return el("div", { class: "row actions" },
      whole.statuses.length > 0 && button(strings.change_status, () => this.#choose(strings.change_status, "status", whole.statuses, config.names.statuses)),
      whole.levels.length > 0 && button(strings.raise_level, () => this.#choose(strings.raise_level, "level", whole.levels, config.names.levels)),
      button(strings.assign, () => this.#assign(whole)),
      whole.assignee.id !== me.user.id && button(strings.take_it, () => this.#do("/assign", { to: me.user.id })),
      button(strings.print, () => this.#print(false)),
      whole.notes.length > 0 && button(strings.print_with_notes, () => this.#print(true)));
  }

  #print(withNotes) {
    document.body.classList.toggle("without-notes", !withNotes);
    print();
  }

  async #choose(title, name, values, labels) {
    const { strings } = config;
    const choice = el("select", { name }, ...values.map((value) => option(value, labels[value])));
    const reason = el("textarea", { name: "reason", rows: 3, dir: "auto" });
    const given = await ask(title, [field(title, choice), field(strings.reason, reason, strings.shopper_reads_reason)], strings.save, strings.cancel);
    if (given) await this.#do(`/${name}`, { [name]: given[name], ...(given.reason && { reason: given.reason }) });
  }

  async #assign({ assignee }) {
    const { strings } = config;
    const given = await ask(strings.assign, [field(strings.colleague, await people(strings, assignee.id))], strings.save, strings.cancel);
    if (given) await this.#do("/assign", { to: Number(given.to) || null });
  }

  #answering(whole) {
    const { strings } = config;
    const text = el("textarea", { rows: 4, dir: "auto", required: true, "aria-label": strings.answer });
    const ready = el("select", { "aria-label": strings.canned, onchange: () => (text.value = ready.value) }, option("", strings.canned));
    const values = { agent: me.user.name, shop: config.shop, number: whole.record.number, order: whole.record.order_number || "", due: whole.due, shopper: "" };
    canned().then((replies) => ready.append(...replies.map((one) => option(filledIn(one, values), one.title))));
    const send = (event) => (event.preventDefault(), this.#do("/answer", { text: text.value }));
    const form = el("form", { onsubmit: send }, ready, text, el("p", { class: "hint" }, strings.answer_goes), el("div", { class: "row" },
      el("button", { class: "primary" }, strings.send_answer),
      button(strings.make_offer, () => text.reportValidity() && this.#do("/offer", { text: text.value }))));
    return el("section", { class: "card no-print" }, el("h2", {}, strings.answer), this.#offer(whole.offer), form);
  }

  #offer(offer) {
    const { strings } = config;
    if (!offer) return null;
    const settled = offer.accepted === null ? null : offer.accepted ? strings.offer_accepted : strings.offer_declined;
    return el("div", { class: "offer" }, el("p", {}, `${strings.offered}: `, el("span", { dir: "auto" }, isolated(offer.text))),
      settled ? el("p", { class: "tag" }, settled)
        : el("div", { class: "row" }, button(strings.it_was_accepted, () => this.#do("/settle", { accepted: true }), { class: "small" }),
            button(strings.it_was_declined, () => this.#do("/settle", { accepted: false }), { class: "small" })));
  }
}
