/*
 * One conversation: the transcript as it grows, with the bot's guess beside each line; the composer; and at the side the
 * form, the complaints, notes and earlier conversations. Whoever holds it answers; everybody else reads along.
 */

import { canned, config, get, listen, may, me, post } from "./api.js";
import { privacyCard, showErased } from "./privacy.js";
import { colleagues, claim, queueLine } from "./queue.js";
import { ask, bdi, button, el, field, fill, filled, filledIn, isolated, ltr, option, toast, when } from "./dom.js";

const TYPING_MS = 2500; // Said again while the agent writes, and taken for over when it is not.

export function conversationPage(main, [id]) {
  const page = new ConversationPage(main, id);
  page.start().catch((error) => {
    main.replaceChildren(el("h1", {}, config.strings.missing), el("p", { role: "alert" }, error.message));
  });
  return () => page.stop();
}

class ConversationPage {
  #id;
  #main;
  #state = null;
  #close = () => {};
  #last = 0;
  #rows = new Map(); // Number → row of the transcript.
  #typing = new Map(); // Who → the timer that ends it.
  #saidTyping = 0;
  #pending = new Map(); // Client id → row of a reply that is not acknowledged yet.

  constructor(main, id) {
    this.#main = main;
    this.#id = id;
  }

  async start() {
    this.#draw();
    const [state, { messages, readings }] = await Promise.all([get(this.#path()), this.#wholeTranscript()]);
    for (const message of messages) this.#message(message);
    for (const [seq, reading] of Object.entries(readings)) this.#reading({ ...reading, seq: Number(seq) });
    this.#take(state);
    this.#showEarlier(state.earlier);
    this.#goTo(Number(new URLSearchParams(location.search).get("line")));
    if (may("answer")) post(this.#path("/seen")).catch(() => {});
    this.#close = listen(this.#id, this.#last, {
      message: (message) => this.#message(message),
      reading: (reading) => this.#reading(reading),
      state: (fresh) => this.#take(fresh),
      viewers: (names) => this.#showViewers(names),
      typing: ({ who, on }) => this.#showTyping(who, on),
      queue: (lines) => this.#showQueue(lines),
      gone: () => this.#showErased(),
      line: (up) => this.#main.classList.toggle("cut", !up),
    });
  }

  /** Shows the line a search has led to. */
  #goTo(seq) {
    const row = this.#rows.get(seq);
    if (!row) return;
    row.classList.add("sought");
    row.scrollIntoView({ block: "center" });
  }

  stop() {
    this.#close();
    for (const timer of this.#typing.values()) clearTimeout(timer);
  }

  #showErased() {
    this.stop();
    this.#main.classList.remove("talk");
    showErased(this.#main);
  }

  #path = (rest = "") => `/conversations/${this.#id}${rest}`;

  async #wholeTranscript() {
    const all = { messages: [], readings: {} };
    for (let after = 0; ; ) {
      const page = await get(this.#path("/messages"), { after });
      all.messages.push(...page.messages);
      Object.assign(all.readings, page.readings);
      if (page.messages.length < 200) return all;
      after = page.messages.at(-1).seq;
    }
  }

  get #holds() {
    return this.#state?.handoff?.state === "held" && this.#state.handoff.agent_id === me.user.id;
  }

  #draw() {
    const { strings } = config;
    this.list = el("div", { class: "transcript", role: "log", "aria-label": strings.transcript, tabindex: "0" });
    this.typing = el("p", { class: "typing", role: "status" });
    this.viewers = el("p", { class: "viewers" });
    this.title = el("h1", {});
    this.status = el("p", { class: "lead", role: "status" });
    this.actions = el("div", { class: "row actions" });
    this.composer = new Composer(this);
    this.side = el("div", { class: "side" });
    this.form = el("section", { class: "card", "aria-labelledby": "form-title" });
    this.complaints = el("section", { class: "card" });
    this.notes = new Notes(this);
    this.earlier = el("section", { class: "card" });
    this.queue = el("div", { class: "lines narrow" });
    this.side.append(this.form, this.complaints, this.notes.element, this.earlier, ...privacyCard(this.#id, () => this.#showErased()));
    this.#main.classList.add("talk");
    this.#main.append(
      el("aside", { class: "beside", "aria-label": strings.pages.queue }, this.queue),
      el("section", { class: "middle" },
        el("header", { class: "head" }, el("div", {}, this.title, this.status, this.viewers), this.actions),
        this.list, this.typing, this.composer.element),
      this.side,
    );
  }

  // --- What comes in ---------------------------------------------------------------------------------------------------

  #message(message) {
    if (this.#rows.has(message.seq)) return;
    this.#last = Math.max(this.#last, message.seq);
    this.#pending.get(message.client_id)?.remove();
    this.#pending.delete(message.client_id);
    const stuck = this.#isAtEnd();
    const row = bubble(message);
    this.#rows.set(message.seq, row);
    this.list.append(row);
    if (message.from === "shopper") this.#showTyping("shopper", false);
    if (stuck) this.list.scrollTop = this.list.scrollHeight;
  }

  #reading(reading) {
    const row = this.#rows.get(reading.seq);
    if (!row) return;
    row.querySelector(".guess")?.remove();
    row.append(guess(reading));
  }

  #take(state) {
    const before = this.#state;
    this.#state = { ...before, ...state };
    const { strings } = config;
    const { handoff, conversation } = this.#state;
    this.title.replaceChildren(bdi(conversation.known.name || strings.a_shopper));
    this.status.replaceChildren(...(!handoff
      ? [strings.with_bot]
      : handoff.state === "held"
        ? filled(strings.held_by, { agent: handoff.agent })
        : [fill(strings.waits_because, { reason: strings.reasons[handoff.reason] })]));
    this.#showActions();
    this.#showForm(before?.form);
    this.#showComplaints();
    this.notes.show(this.#state.notes);
    this.composer.enable(this.#holds);
  }

  #showViewers(names) {
    const others = names.filter((name) => name !== me.user.name);
    this.viewers.replaceChildren(...(others.length ? named(config.strings.also_here, "names", others) : []));
  }

  #showTyping(who, on) {
    clearTimeout(this.#typing.get(who));
    this.#typing.delete(who);
    if (on) this.#typing.set(who, setTimeout(() => this.#showTyping(who, false), 2 * TYPING_MS));
    const { strings } = config;
    const names = [...this.#typing.keys()].map((name) => ({ shopper: strings.a_shopper, bot: strings.the_bot })[name] || name);
    this.typing.replaceChildren(...(names.length ? named(strings.is_typing, "who", names) : []));
  }

  #showQueue(lines) {
    this.queue.replaceChildren(...lines.map((line) => queueLine(line, this.#id)));
    const waiting = lines.filter((line) => line.state === "waiting").length;
    document.title = `${waiting ? `(${waiting}) ` : ""}${config.strings.pages.conversation} – ${config.shop}`;
  }

  #isAtEnd = () => this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 80;

  // --- What the agent does ---------------------------------------------------------------------------------------------

  #showActions() {
    const { strings } = config;
    const { handoff } = this.#state;
    const decides = this.#holds || (may("assign") && handoff?.state === "held");
    this.actions.replaceChildren(...[
      may("answer") && handoff?.state !== "held" && button(strings.claim, () => claim(this.#id), { class: "primary" }),
      decides && button(strings.hand_back, () => this.#end("/hand-back"), { class: "primary" }),
      decides && button(strings.close, () => this.#end("/close")),
      (decides || may("assign")) && button(strings.give, () => this.#give()),
    ].filter(Boolean));
  }

  async #end(path) {
    await post(this.#path(path));
    toast(config.strings.done);
  }

  async #give() {
    const { strings } = config;
    const others = (await colleagues()).filter((one) => one.id !== this.#state.handoff?.agent_id);
    const choice = el("select", { name: "to" }, ...others.map((one) => option(one.id, one.available ? `${one.name} (${strings.available})` : one.name)));
    const given = await ask(strings.give, [field(strings.colleague, choice)], strings.give, strings.cancel);
    if (given) await post(this.#path("/give"), { to: Number(given.to) });
  }

  /** Shows a reply at once, and again as what it is when the stream brings it; a failed one can be sent again. */
  async say(text, clientId = crypto.randomUUID?.() || String(Math.random()).slice(2).padEnd(12, "0")) {
    const row = this.#pending.get(clientId) || bubble({ from: "agent", text, at: new Date().toISOString(), custom: { agent: me.user.name } });
    row.classList.remove("failed");
    row.classList.add("pending");
    row.querySelector(".again")?.remove();
    this.#pending.set(clientId, row);
    this.list.append(row);
    this.list.scrollTop = this.list.scrollHeight;
    try {
      const { message } = await post(this.#path("/messages"), { client_id: clientId, text });
      this.#message(message);
    } catch (error) {
      row.classList.replace("pending", "failed");
      row.append(el("p", { class: "again" }, error.message, " ", button(config.strings.send_again, () => this.say(text, clientId))));
    }
  }

  note = (text) => post(this.#path("/notes"), { text });

  saysTyping() {
    if (Date.now() - this.#saidTyping < TYPING_MS) return;
    this.#saidTyping = Date.now();
    post(this.#path("/typing"), { on: true }).catch(() => {});
  }

  /** What canned replies may say of this conversation. */
  variables() {
    const { conversation, form, complaints } = this.#state;
    const value = (slot) => form.find((one) => one.slot === slot)?.shown;
    const newest = complaints.at(-1);
    return {
      shopper: conversation.known.name || "",
      agent: me.user.name,
      shop: config.shop,
      order: value("order_number") || conversation.known.order_number || "",
      number: newest?.number || "",
      due: newest?.answer_due_at ? when(newest.answer_due_at).textContent : "",
    };
  }

  // --- The side --------------------------------------------------------------------------------------------------------

  #showForm(before) {
    if (this.form.contains(document.activeElement) && JSON.stringify(before) === JSON.stringify(this.#state.form)) return;
    const { strings, names, slots } = config;
    const entries = this.#state.form.length ? this.#state.form : this.#holds ? slots.map((slot) => ({ slot })) : [];
    this.form.replaceChildren(
      el("h2", { id: "form-title" }, strings.form),
      entries.length
        ? el("dl", {}, ...entries.map((one) => el("div", {}, el("dt", {}, names.slots[one.slot]),
            el("dd", {}, one.value != null ? el("span", { dir: "auto" }, isolated(one.shown)) : el("span", { class: "empty" }, one.skipped ? strings.skipped : strings.not_yet),
              this.#holds && button(strings.edit, () => this.#edit(one), { class: "small", "aria-label": `${strings.edit}: ${names.slots[one.slot]}` })))))
        : el("p", { class: "empty" }, strings.no_form),
    );
  }

  async #edit({ slot, value, typed }) {
    const { strings, names } = config;
    const known = { complaint_kind: names.kinds, remedy: names.remedies }[slot];
    const input = known
      ? el("select", { name: "value" }, ...Object.entries(known).map(([name, label]) => option(name, label, value)))
      : slot === "description"
        ? el("textarea", { name: "value", rows: 5, required: true, dir: "auto" }, value ?? "")
        : el("input", { name: "value", required: true, dir: "auto", value: typed ?? value ?? "" });
    const given = await ask(names.slots[slot], [field(names.slots[slot], input, strings.shopper_reads_change)], strings.save, strings.cancel);
    if (!given) return;
    const { form } = await post(this.#path("/form"), { slot, value: given.value });
    this.#take({ ...this.#state, form });
  }

  #showComplaints() {
    const { strings, names } = config;
    this.complaints.replaceChildren(
      el("h2", {}, strings.complaints_here),
      this.#state.complaints.length
        ? el("ul", {}, ...this.#state.complaints.map((one) => el("li", {},
            el("a", { href: `/console/complaints/${one.number}` }, ltr(one.number)),
            el("small", {}, `${names.kinds[one.kind]} · ${names.statuses[one.status]}`))))
        : el("p", { class: "empty" }, strings.no_complaints),
    );
  }

  #showEarlier(earlier) {
    const { strings, names } = config;
    this.earlier.replaceChildren(
      el("h2", {}, strings.earlier),
      earlier.length
        ? el("ul", {}, ...earlier.map((one) => el("li", {},
            el("a", { href: `/console/conversations/${one.id}` }, when(one.created_at)),
            el("small", {}, one.complaints.map((filed) => names.kinds[filed.kind]).join("، ") || strings.no_complaints))))
        : el("p", { class: "empty" }, strings.no_earlier),
    );
  }
}

// --- Pieces ------------------------------------------------------------------------------------------------------------

/** A template in which names stand, each isolated, with commas between. */
const named = (template, place, names) => template.split(`{${place}}`).flatMap((piece, at) =>
  at ? [...names.flatMap((name, nth) => (nth ? ["، ", bdi(name)] : [bdi(name)])), piece] : [piece]);

/** One line of the transcript. */
function bubble(message) {
  const { strings } = config;
  const who = { shopper: strings.a_shopper, bot: strings.the_bot, agent: message.custom?.agent, system: "" }[message.from];
  const summary = message.custom?.summary;
  return el("article", { class: `bubble ${message.from}` },
    message.from !== "system" && el("p", { class: "meta" }, bdi(who), " ", when(message.at), message.tapped && el("span", { class: "tag" }, strings.tapped)),
    el("p", { class: "text", dir: "auto" }, isolated(message.text)),
    summary && el("dl", { class: "summary" }, ...summary.map((line) => el("div", {}, el("dt", {}, line.label), el("dd", {}, el("span", { dir: "auto" }, isolated(line.value)))))),
    (message.custom?.files || []).map(evidence),
    message.buttons?.length && el("p", { class: "buttons" }, ...message.buttons.map((one) => el("span", { class: "tag" }, one.title))),
  );
}

function evidence(file) {
  if (file.kind !== "image") return el("p", {}, el("a", { href: file.url, target: "_blank", rel: "noopener" }, bdi(file.name)));
  return el("a", { href: file.url, target: "_blank", rel: "noopener" }, el("img", { src: file.url, alt: file.name, loading: "lazy", class: "evidence" }));
}

/** How the bot read a line: its guess, how sure it was, what else it might have been, and what it found in the words. */
function guess(reading) {
  const { strings, names } = config;
  const name = (intent) => names.kinds[intent] || strings.intents[intent] || intent;
  const percent = (confidence) => `${Math.round(confidence * 100)}٪`;
  return el("details", { class: `guess ${reading.confidence < 0.5 ? "unsure" : ""}` },
    el("summary", {}, bdi(name(reading.intent)), ` ${percent(reading.confidence)}`,
      reading.entities.map((one) => el("span", { class: "tag" }, bdi(names.slots[one.entity] || strings.entities[one.entity] || one.entity), ": ", bdi(String(one.value))))),
    el("ol", {}, ...reading.ranking.map((one) => el("li", {}, bdi(name(one.name)), ` ${percent(one.confidence)}`))),
    reading.taken_as && reading.taken_as !== reading.intent && el("p", {}, filled(strings.taken_as, { intent: name(reading.taken_as) })),
  );
}

/** Where the agent writes: Enter sends, Shift and Enter breaks the line, "/" finds a canned reply. */
class Composer {
  constructor(page) {
    this.page = page;
    const { strings } = config;
    this.input = el("textarea", { rows: 2, dir: "auto", placeholder: strings.reply, "aria-label": strings.reply, oninput: () => this.#typed(), onkeydown: (event) => this.#key(event), "aria-controls": "canned" });
    this.offers = el("div", { class: "offers", id: "canned", role: "listbox", "aria-label": strings.canned, hidden: true });
    this.send = el("button", { class: "primary" }, strings.send);
    this.element = el("form", { class: "composer", onsubmit: (event) => (event.preventDefault(), this.#submit()) }, this.offers, this.input, this.send);
  }

  enable(on) {
    this.input.disabled = this.send.disabled = !on;
    this.input.placeholder = on ? config.strings.reply : config.strings.claim_first;
  }

  #submit() {
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    this.page.say(text);
  }

  #typed() {
    if (this.input.value.trim()) this.page.saysTyping();
    this.#offer();
  }

  async #offer() {
    const replies = this.input.value.startsWith("/") ? await canned() : [];
    const word = /^\/(\S*)$/.exec(this.input.value.trim())?.[1]; // After the wait: what stands there now counts.
    this.offers.hidden = word === undefined;
    if (word === undefined) return;
    const fits = (one) => one.shortcut.startsWith(word) || one.title.includes(word);
    const found = replies.filter(fits).slice(0, 8);
    this.offers.replaceChildren(...found.map((one, at) => this.#offered(one, at === 0)));
    if (!found.length) this.offers.append(el("p", { class: "empty" }, config.strings.no_canned));
  }

  #offered(one, first) {
    const take = () => {
      this.input.value = filledIn(one, this.page.variables());
      this.offers.hidden = true;
      this.input.focus();
    };
    return el("button", { type: "button", role: "option", "aria-selected": String(first), onclick: take },
      el("strong", {}, `/${one.shortcut}`), " ", one.title, el("small", { dir: "auto" }, one.text));
  }

  #key(event) {
    const open = !this.offers.hidden;
    const options = [...this.offers.querySelectorAll("button")];
    const at = options.findIndex((one) => one.getAttribute("aria-selected") === "true");
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (open && options.length) options[Math.max(0, at)].click();
      else this.#submit();
    } else if (open && ["ArrowDown", "ArrowUp"].includes(event.key) && options.length) {
      event.preventDefault();
      const next = (at + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length;
      options.forEach((one, index) => one.setAttribute("aria-selected", String(index === next)));
      options[next].scrollIntoView({ block: "nearest" });
    } else if (open && event.key === "Escape") {
      this.offers.hidden = true;
    }
  }
}

/** Notes between colleagues; `@login` tells that colleague. */
class Notes {
  constructor(page) {
    const { strings } = config;
    this.list = el("div", { class: "notes" });
    const input = el("textarea", { rows: 2, dir: "auto", "aria-label": strings.note, placeholder: strings.note });
    const keep = async (event) => {
      event.preventDefault();
      if (!input.value.trim()) return;
      await page.note(input.value);
      input.value = "";
    };
    this.element = el("section", { class: "card note-card" }, el("h2", {}, strings.notes), this.list,
      may("answer") && el("form", { onsubmit: keep }, input, el("button", {}, strings.keep_note)));
  }

  show(notes) {
    this.list.replaceChildren(...notes.map((note) => el("p", {}, el("small", {}, bdi(note.author), " ", when(note.at)), el("span", { dir: "auto" }, isolated(note.text)))));
  }
}
