/*
 * The chat widget of Shakwa: <shakwa-chat>, a custom element without dependency or build.
 *
 *   <script src="https://gateway.example/widget.js" defer></script>     a launcher that opens a panel
 *   <shakwa-chat inline></shakwa-chat>                                  fills its container instead
 *
 * Settings are `data-` attributes of the script or attributes of the element: position (left, right), theme (light, dark),
 * digits (arab, latn), accent (a colour), sound (on), order and product (what the shopper looks at), open.
 * A page talks to it through window.Shakwa: open, close, toggle, prefill, identify, on, off.
 *
 * Read it in this order: pure functions on text and time, Memory (what survives a reload), Transport (session, outbox,
 * stream), Transcript (the list of bubbles), Composer (the input), ShakwaChat (the element that joins them).
 * All wording comes from /api/config; nothing here is written with innerHTML, so a strict CSP holds.
 */
(() => {
  "use strict";
  if (customElements.get("shakwa-chat")) return;

  const SCRIPT = document.currentScript;
  const ORIGIN = new URL(SCRIPT.src).origin;
  const SETTINGS = ["position", "theme", "digits", "accent", "sound", "order", "product", "open"];
  const LOCALE = "ar-u-ca-gregory-nu-latn";
  const FULL_SCREEN = matchMedia("(max-width: 480px), (max-height: 480px)");
  const TOUCH = matchMedia("(pointer: coarse)");
  const REQUEST_TIMEOUT = 20_000;
  const STREAM_SILENCE = 45_000; // The gateway pings every 15 s: three missed pings mean a dead line.
  const HIDDEN_GRACE = 60_000; // A tab left in the background gives its connection back after this.
  const WRITING_EVERY = 3_000;
  const GROUP_GAP = 5 * 60_000; // Bubbles of one sender closer than this share one time.

  // --- Text: what must not turn around inside a right-to-left line ---------------------------------------------------

  const LETTER = "[\\p{Script=Latin}\\p{Nd}]";
  const WORD = `[#+@]?${LETTER}(?:[\\p{Script=Latin}\\p{Nd}\\p{M}.,:/@#+&'%=?_~*-]*[\\p{Script=Latin}\\p{Nd}%+*])?`;
  const WORDS = new RegExp(WORD, "gu");
  const RUNS = new RegExp(`${WORD}(?: ${WORD})*`, "gu");

  const wordsWith = (text, letter) => text.split(/\s+/).filter((word) => letter.test(word)).length;

  /**
   * Splits a text into `{text, isolated}` pieces whose concatenation is the text.
   *
   * In Arabic text every run of Latin words and digits is isolated ("iPhone 15 Pro", "405-1234567-1234567"); in mostly
   * Latin text only what holds a digit is, so that the first letter still decides the direction of the bubble.
   */
  function pieces(text) {
    const latin = wordsWith(text, /\p{Script=Latin}/u) > wordsWith(text, /\p{Script=Arabic}/u);
    const found = [];
    let end = 0;
    for (const match of text.matchAll(latin ? WORDS : RUNS)) {
      if (latin && !/\p{Nd}/u.test(match[0])) continue;
      found.push({ text: text.slice(end, match.index), isolated: false }, { text: match[0], isolated: true });
      end = match.index + match[0].length;
    }
    found.push({ text: text.slice(end), isolated: false });
    return found.filter((piece) => piece.text);
  }

  const DIGITS = { arab: "٠١٢٣٤٥٦٧٨٩", latn: "0123456789" };

  /** What the shop and the assistant say, in the digits the page asks for; what the shopper wrote stays as it is. */
  const inDigits = (text, digits) =>
    DIGITS[digits] ? text.replace(/[0-9٠-٩]/g, (digit) => DIGITS[digits][digit.codePointAt(0) % 16]) : text;

  /** Invisible characters that turn text around, which come along when it is copied; the gateway keeps none of them. */
  const TURNING = /[\u202a-\u202e\u2066-\u2069]/g;

  const nodesOf = (text) => pieces(text).map((piece) => (piece.isolated ? isolate(piece.text) : piece.text));

  const LINK = /(https?:\/\/[^\s<>"'،؛]*[^\s<>"'،؛.,:!?؟)\]»])/u;

  /** As nodesOf, with the addresses the shop gives as links; what a shopper types is never made one. */
  const linkedNodesOf = (text, digits) =>
    text.split(LINK).flatMap((piece, at) => (at % 2 ? [link(piece)] : nodesOf(inDigits(piece, digits))));

  const link = (url) =>
    el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, el("bdi", { dir: "ltr" }, url));

  /** Up to the length of a long phone number a run also stays on one line. */
  const isolate = (text) => el("bdi", { dir: "ltr", class: text.length <= 24 && "whole" }, text);

  const fill = (template, values) => template.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

  /** The form of `forms` that Arabic uses after the number n (one, two, few, many, other), with {n} filled in. */
  function plural(forms, n) {
    return fill(forms[new Intl.PluralRules("ar").select(n)] || forms.other, { n });
  }

  /** Characters as the gateway counts them: an emoji is one, not two. */
  const lengthOf = (text) => [...text].length;

  // --- Time ----------------------------------------------------------------------------------------------------------

  const CLOCK = new Intl.DateTimeFormat(LOCALE, { hour: "numeric", minute: "2-digit", hour12: true });
  const DAY = new Intl.DateTimeFormat(LOCALE, { weekday: "long", day: "numeric", month: "long" });
  const DAY_AND_YEAR = new Intl.DateTimeFormat(LOCALE, { dateStyle: "full" });
  const NEAR_DAY = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" });

  /** "3:05" and the words for before or after noon, which Intl would shorten to one letter. */
  function clockTime(date, { am, pm }) {
    const parts = CLOCK.formatToParts(date).filter((part) => part.type !== "dayPeriod");
    return `${parts.map((part) => part.value).join("").trim()} ${date.getHours() < 12 ? am : pm}`;
  }

  const dayKey = (date) => `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;

  /** Today and yesterday by their names, then the weekday and date, with the year once it is another one. */
  function dayName(date, now = new Date()) {
    const midnight = (day) => new Date(day.getFullYear(), day.getMonth(), day.getDate());
    const distance = Math.round((midnight(date) - midnight(now)) / 86_400_000);
    if (distance === 0 || distance === -1) return NEAR_DAY.format(distance, "day");
    return (date.getFullYear() === now.getFullYear() ? DAY : DAY_AND_YEAR).format(date);
  }

  /** Half to all of 1, 2, 4 … 30 seconds: the jitter keeps a restarted gateway from meeting everybody at once. */
  const backoff = (failures) => Math.min(30_000, 500 * 2 ** failures) * (0.5 + Math.random() / 2);

  // --- Page elements -------------------------------------------------------------------------------------------------

  /** Makes an element; `on…` attributes are listeners, null and false ones are left out, strings become text nodes. */
  function el(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (typeof value === "function") node.addEventListener(name.slice(2), value);
      else if (value != null && value !== false) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.filter((child) => child != null && child !== "" && child !== false));
    return node;
  }

  /** Notices after which somebody else answers. */
  const CHANGES = ["agent_joined", "handed_back", "closed", "back_in_queue"];

  const ICONS = {
    person: "M12 4.5a3.6 3.6 0 1 1 0 7.2 3.6 3.6 0 0 1 0-7.2M5 19.5c.5-3.6 3.2-5.4 7-5.4s6.5 1.8 7 5.4",
    chat: "M4.5 6.8A2.8 2.8 0 0 1 7.3 4h9.4a2.8 2.8 0 0 1 2.8 2.8v6.4a2.8 2.8 0 0 1-2.8 2.8H11l-4.5 3.5V16a2.8 2.8 0 0 1-2-2.8zM8.5 8.6h7M8.5 11.6h4.5",
    close: "M6.5 6.5l11 11M17.5 6.5l-11 11",
    send: "M12 19V5.5M6 11.2l6-6 6 6",
    down: "M12 5v13.5M6 12.8l6 6 6-6",
    clip: "M18.5 11.5l-6.6 6.6a4.2 4.2 0 0 1-6-6l7.2-7.1a2.8 2.8 0 0 1 4 4l-7.2 7a1.3 1.3 0 0 1-1.9-1.9l6.2-6.1",
    file: "M7 4.5h6.5L18 9v9a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 6 18V6a1.5 1.5 0 0 1 1-1.5zM13 4.5V9h5",
    check: "M5.5 12.5l4.3 4.3 8.7-9.3",
    clock: "M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM12 8v4.4l2.8 1.8",
    alert: "M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM12 8v4.8M12 16v.1",
    more: "M12 6v.1M12 12v.1M12 18v.1",
    star: "M12 3.8l2.5 5.2 5.7.8-4.1 4 1 5.7-5.1-2.7-5.1 2.7 1-5.7-4.1-4 5.7-.8z",
    copy: "M9 9h8.5A1.5 1.5 0 0 1 19 10.5V18a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 9 18zM6 15a1.5 1.5 0 0 1-1-1.5V6a1.5 1.5 0 0 1 1.5-1.5h7.5a1.5 1.5 0 0 1 1.5 1.5",
  };

  function icon(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", ICONS[name]);
    svg.append(path);
    return svg;
  }

  /** Copies without the clipboard permission too: shops still served over plain http have no navigator.clipboard. */
  async function copyText(text, near) {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const field = el("textarea", { class: "sr", readonly: true, "aria-hidden": "true" });
    field.value = text;
    near.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }

  /** A file's size in words: "340 كيلوبايت". */
  function sizeName(bytes, { kilo, mega }) {
    const inMega = bytes / 1024 ** 2;
    return inMega >= 1 ? fill(mega, { n: inMega.toFixed(1) }) : fill(kilo, { n: Math.max(1, Math.round(bytes / 1024)) });
  }

  /** Two soft notes; a browser that has not been touched yet stays silent. */
  function chime() {
    const audio = new AudioContext();
    if (audio.state !== "running") return audio.close();
    [660, 880].forEach((pitch, at) => {
      const [tone, gain] = [new OscillatorNode(audio, { frequency: pitch }), new GainNode(audio, { gain: 0.08 })];
      const begin = audio.currentTime + at * 0.12;
      tone.connect(gain).connect(audio.destination);
      gain.gain.setTargetAtTime(0, begin + 0.06, 0.05);
      tone.start(begin);
      tone.stop(begin + 0.4);
    });
    return setTimeout(() => audio.close(), 1000);
  }

  function newId() {
    if (crypto.randomUUID) return crypto.randomUUID(); // Missing on pages served over plain http.
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  // --- Memory: what survives a reload --------------------------------------------------------------------------------

  /** localStorage as JSON under "shakwa:"; a browser that refuses it is served from this page's own memory. */
  class Memory {
    #spare = new Map();

    read(key, otherwise = null) {
      if (this.#spare.has(key)) return this.#spare.get(key);
      try {
        return JSON.parse(localStorage.getItem(`shakwa:${key}`)) ?? otherwise;
      } catch {
        return otherwise;
      }
    }

    write(key, value) {
      this.#spare.delete(key);
      try {
        if (value == null) localStorage.removeItem(`shakwa:${key}`);
        else localStorage.setItem(`shakwa:${key}`, JSON.stringify(value));
      } catch {
        if (value != null) this.#spare.set(key, value);
      }
    }

    /** The values under every key that begins so. */
    all(prefix) {
      return this.#keys()
        .filter((key) => key.startsWith(prefix))
        .map((key) => this.read(key))
        .filter(Boolean);
    }

    #keys() {
      const spare = [...this.#spare.keys()];
      try {
        const stored = Object.keys(localStorage).filter((key) => key.startsWith("shakwa:"));
        return [...spare, ...stored.map((key) => key.slice("shakwa:".length))];
      } catch {
        return spare;
      }
    }
  }

  // --- Transport: session, outbox, stream ----------------------------------------------------------------------------

  /** An answer of the gateway that is not a success. */
  class Refused extends Error {
    constructor(status, message, retryAfter) {
      super(message);
      this.status = status;
      this.retryAfter = retryAfter;
    }

    /** Sending the same again would be refused again. */
    get final() {
      return this.status >= 400 && this.status < 500 && this.status !== 408 && this.status !== 429;
    }
  }

  async function fetchJson(path, options = {}) {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), REQUEST_TIMEOUT);
    try {
      const response = await fetch(ORIGIN + path, { ...options, signal: abort.signal });
      if (!response.ok) throw await refusal(response);
      return response.status === 204 ? null : await response.json();
    } finally {
      clearTimeout(timer);
    }
  }

  async function refusal(response) {
    const body = await response.json().catch(() => ({}));
    const seconds = Number(response.headers.get("Retry-After")) || 0;
    return new Refused(response.status, body.error?.message, seconds * 1000);
  }

  /** Sends one file with XMLHttpRequest, the only way a browser says how far it is. */
  function putFile(file, token, onProgress, signal) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const answer = () => JSON.parse(request.responseText || "{}");
      request.open("POST", `${ORIGIN}/api/files`);
      request.setRequestHeader("Authorization", `Bearer ${token}`);
      request.setRequestHeader("X-File-Name", encodeURIComponent(file.name));
      request.upload.onprogress = ({ loaded, total }) => onProgress(loaded / total);
      request.onload = () => (request.status === 201 ? resolve(answer().file) : reject(refusedUpload(request.status, answer())));
      request.onerror = request.onabort = () => reject(new Refused(0));
      signal.addEventListener("abort", () => request.abort());
      request.send(file);
    });
  }

  const refusedUpload = (status, { error }) => new Refused(status, error?.message);

  const asJson = (body, headers = {}) => ({
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

  /** Reads server-sent events from chunks of text that may break anywhere; `onEvent({event, id, data})`. */
  function eventParser(onEvent) {
    let buffer = "";
    return (chunk) => {
      const blocks = (buffer + chunk).split(/\r?\n\r?\n/);
      buffer = blocks.pop();
      for (const block of blocks) {
        const event = parseEvent(block);
        if (event.data !== undefined) onEvent(event);
      }
    };
  }

  function parseEvent(block) {
    const event = {};
    for (const line of block.split(/\r?\n/)) {
      const [, field, value] = /^([^:]+)(?:: ?(.*))?$/.exec(line) || [];
      if (field) event[field] = field === "data" && event.data !== undefined ? `${event.data}\n${value}` : value || "";
    }
    return event;
  }

  /**
   * Everything that crosses the network. What the shopper writes goes into the outbox first and leaves it only when the
   * gateway has said that it is stored, so a reload, a closed browser or a dead line loses and doubles nothing.
   *
   * The listener has: message(Message), outbox(), typing(on), waiting(place or null), reset(),
   * connection("ok" | "reconnecting" | "offline").
   */
  class Transport {
    #memory;
    #listener;
    #shown = null; // The token whose conversation is on the screen.
    #lastSeq = 0; // From the stream alone: the answer to a POST may be ahead of messages still on their way.
    #streamFailures = 0;
    #sendFailures = 0;
    #following = false;
    #flushing = false;
    #resting = false; // The tab is hidden or going away.
    #opening = null;
    #toldWriting = 0;
    #told = new Map(); // What the page knows, by the path that takes it.
    #stream = null;
    #flushTimer = 0;
    #hiding = 0;
    #watching = null;
    #wake = () => {};

    constructor(memory, listener) {
      this.#memory = memory;
      this.#listener = listener;
    }

    /** What the gateway has not acknowledged, oldest first. A key for each: two tabs share them without losing one. */
    get outbox() {
      return this.#memory.all("outbox:").sort((one, other) => one.at.localeCompare(other.at));
    }

    get #token() {
      return this.#memory.read("session")?.token;
    }

    start() {
      this.#watchPage();
      this.#resume();
    }

    stop() {
      this.#watching.abort();
      this.#rest();
      clearTimeout(this.#flushTimer);
    }

    /** Queues a text, or a choice whose button is called `text`. */
    send(text, choice) {
      this.#queue({ text, choice });
    }

    /** Queues files that were handed in. */
    sendFiles(files) {
      this.#queue({ text: files.map((file) => file.name).join("\n"), custom: { files } });
    }

    #queue(said) {
      this.#keep({ client_id: newId(), ...said, at: new Date().toISOString(), state: "sending" });
      this.#flushSoon(0);
    }

    /** Tells the gateway what the page knows of the shopper, now or as soon as there is a conversation. */
    async tell(path, body) {
      this.#told.set(path, { ...this.#told.get(path), ...body });
      if (this.#token) await this.#tellOne(path, this.#token).catch((error) => console.warn(`Shakwa: ${error.message}`));
    }

    async #tellAll(token) {
      for (const path of this.#told.keys()) await this.#tellOne(path, token).catch(() => {}); // Never in a message's way.
    }

    #tellOne(path, token) {
      return fetchJson(path, asJson(this.#told.get(path), { Authorization: `Bearer ${token}` }));
    }

    /** Begins a new conversation; the old one is not read again here. */
    restart() {
      this.#memory.write("session", null);
      this.#stream?.abort();
      this.#shown = null;
      this.#lastSeq = 0;
    }

    /** Hands a file in; `onProgress` gets what is through, from 0 to 1. Resolves to what the gateway calls it. */
    async upload(file, onProgress, signal) {
      const token = this.#token || (await this.#openSession());
      try {
        return await putFile(file, token, onProgress, signal);
      } catch (error) {
        if (error.status !== 401) throw error;
        this.#forgetSession(token);
        return putFile(file, this.#token || (await this.#openSession()), onProgress, signal);
      }
    }

    /** A file that is not to be sent after all; one that stays behind is swept away by the gateway. */
    takeBack(id) {
      const headers = { Authorization: `Bearer ${this.#token}` };
      fetch(`${ORIGIN}/api/files/${id}`, { method: "DELETE", headers, keepalive: true }).catch(() => {});
    }

    /** Gives up waiting for a person. */
    stopWaiting() {
      return fetchJson("/api/wait", { method: "DELETE", headers: { Authorization: `Bearer ${this.#token}` } });
    }

    /** Tells a person on the other side that the shopper writes, at most every few seconds. */
    writes() {
      if (Date.now() - this.#toldWriting < WRITING_EVERY || !this.#token) return;
      this.#toldWriting = Date.now();
      fetchJson("/api/typing", asJson({ on: true }, { Authorization: `Bearer ${this.#token}` })).catch(() => {});
    }

    retry(clientId) {
      this.#sendFailures = 0;
      this.#change(clientId, { state: "sending" });
      this.#flushSoon(0);
    }

    discard(clientId) {
      this.#memory.write(`outbox:${clientId}`, null);
      this.#listener.outbox();
    }

    /** Delivers the outbox in the order it was written, one message at a time. */
    async flush() {
      if (this.#flushing) return;
      this.#flushing = true;
      clearTimeout(this.#flushTimer);
      try {
        while (await this.#deliver(this.outbox.find((item) => item.state !== "refused")));
      } finally {
        this.#flushing = false;
      }
    }

    /** Says whether the outbox may go on with its next message; without an item it is empty. */
    async #deliver(item) {
      if (!item) return false;
      try {
        this.#accept(await this.#postWithSession(item));
        this.#sendFailures = 0;
        return true;
      } catch (error) {
        return this.#afterFailure(item, error);
      } finally {
        this.#reportConnection();
      }
    }

    #afterFailure(item, error) {
      if (error instanceof Refused && error.final) {
        this.#change(item.client_id, { state: "refused", reason: error.message });
        return true;
      }
      this.#sendFailures += 1;
      this.#change(item.client_id, { state: "waiting" });
      this.#flushSoon(error.retryAfter || backoff(this.#sendFailures));
      return false;
    }

    #flushSoon(delay) {
      clearTimeout(this.#flushTimer);
      this.#flushTimer = setTimeout(() => this.flush(), delay);
    }

    /** A session the gateway has forgotten is replaced once. */
    async #postWithSession(item) {
      const token = this.#token || (await this.#openSession());
      try {
        return await this.#post(item, token);
      } catch (error) {
        if (error.status !== 401) throw error;
        this.#forgetSession(token);
        return this.#post({ ...item, choice: null }, this.#token || (await this.#openSession()));
      }
    }

    async #post({ client_id, text, choice, custom }, token) {
      this.#show(token);
      const files = custom?.files.map((file) => file.id);
      const body = files ? { client_id, files } : choice ? { client_id, choice } : { client_id, text };
      return (await fetchJson("/api/messages", asJson(body, { Authorization: `Bearer ${token}` }))).message;
    }

    #openSession() {
      this.#opening ??= this.#requestSession().finally(() => (this.#opening = null));
      return this.#opening;
    }

    async #requestSession() {
      const session = await fetchJson("/api/session", asJson({}));
      this.#memory.write("session", session);
      await this.#tellAll(session.token);
      this.#wake();
      this.#follow();
      return session.token;
    }

    /** The gateway does not know this session any more; another tab may already have opened a new one. */
    #forgetSession(token) {
      if (this.#token === token) this.#memory.write("session", null);
      if (this.#shown === token) this.#show(null);
      // A button of the old conversation was never offered in the new one: its words go instead.
      for (const { choice, ...item } of this.outbox) this.#keep(item);
    }

    /** Each session is a conversation of its own, with numbers from 1: what another one showed has to go. */
    #show(token) {
      const before = this.#shown;
      this.#shown = token;
      if (!before || before === token) return;
      this.#stream?.abort();
      this.#lastSeq = 0;
      this.#listener.reset();
    }

    #accept(message) {
      if (message.client_id) this.discard(message.client_id);
      this.#listener.message(message);
    }

    #change(clientId, changes) {
      const item = this.#memory.read(`outbox:${clientId}`);
      if (item) this.#keep({ ...item, ...changes });
    }

    #keep(item) {
      this.#memory.write(`outbox:${item.client_id}`, item);
      this.#listener.outbox();
    }

    /** Keeps one stream open for as long as there is a session and somebody to read it. */
    async #follow() {
      if (this.#following) return;
      this.#following = true;
      let fruitless = 0;
      while (this.#token && !this.#resting) {
        const [seq, since] = [this.#lastSeq, Date.now()];
        const { reached, retryAfter } = await this.#listen(this.#token);
        this.#streamFailures = reached ? 0 : this.#streamFailures + 1;
        fruitless = this.#lastSeq > seq || Date.now() - since > 5_000 ? 0 : fruitless + 1;
        this.#reportConnection();
        await this.#pause(retryAfter || backoff(fruitless));
      }
      this.#following = false;
    }

    /** Reads one stream to its end; says whether the gateway was reached at all. */
    async #listen(token) {
      this.#show(token);
      const abort = (this.#stream = new AbortController());
      let [silence, reached] = [0, false];
      const heard = () => {
        clearTimeout(silence);
        silence = setTimeout(() => abort.abort(), STREAM_SILENCE);
      };
      try {
        heard();
        const response = await this.#connect(token, abort.signal);
        reached = true;
        await this.#read(response, heard);
      } catch (error) {
        if (error.status === 401) this.#sessionEnded(token);
        return { reached, retryAfter: error.retryAfter };
      } finally {
        clearTimeout(silence);
        this.#listener.typing(false);
      }
      return { reached };
    }

    async #connect(token, signal) {
      const headers = { Authorization: `Bearer ${token}`, "Last-Event-ID": String(this.#lastSeq) };
      const response = await fetch(`${ORIGIN}/api/stream`, { headers, signal, cache: "no-store" });
      if (!response.ok) throw await refusal(response);
      return response;
    }

    async #read(response, heard) {
      const reader = response.body.getReader();
      const decoder = new TextDecoder();
      const parse = eventParser((event) => this.#onEvent(event));
      this.#streamFailures = 0;
      this.#reportConnection();
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        heard();
        parse(decoder.decode(value, { stream: true }));
      }
    }

    #onEvent({ event, id, data }) {
      const content = JSON.parse(data);
      if (event === "typing") this.#listener.typing(content.on);
      if (event === "waiting") this.#listener.waiting(content.place);
      if (event !== "message") return;
      this.#lastSeq = Math.max(this.#lastSeq, Number(id) || content.seq);
      this.#accept(content);
    }

    #sessionEnded(token) {
      this.#forgetSession(token);
      this.flush();
    }

    #pause(delay) {
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, delay);
        this.#wake = () => (clearTimeout(timer), resolve());
      });
    }

    #watchPage() {
      this.#watching = new AbortController();
      const on = (target, event, act) => target.addEventListener(event, act, { signal: this.#watching.signal });
      on(window, "online", () => this.#resume());
      on(window, "offline", () => this.#reportConnection());
      on(window, "pagehide", () => this.#rest());
      on(window, "pageshow", () => this.#resume());
      on(window, "storage", (event) => this.#onOtherTab(event.key));
      on(document, "visibilitychange", () => this.#onVisibility());
    }

    #onVisibility() {
      clearTimeout(this.#hiding);
      if (document.hidden) this.#hiding = setTimeout(() => this.#rest(), HIDDEN_GRACE);
      else this.#resume();
    }

    #rest() {
      this.#resting = true;
      this.#stream?.abort();
      this.#wake();
    }

    #resume() {
      this.#resting = false;
      this.#wake();
      this.#follow();
      this.flush();
      this.#reportConnection();
    }

    #onOtherTab(key) {
      if (key?.startsWith("shakwa:outbox:")) {
        this.#listener.outbox();
        this.#flushSoon(10_000); // In case the other tab is closed before it has delivered.
      }
      if (key !== "shakwa:session") return;
      this.#show(this.#token);
      this.#wake();
      this.#follow();
    }

    #reportConnection() {
      const failing = Math.max(this.#streamFailures, this.#sendFailures) >= 2;
      this.#listener.connection(!navigator.onLine ? "offline" : failing ? "reconnecting" : "ok");
    }
  }

  // --- Transcript: the list of bubbles -------------------------------------------------------------------------------

  const linesOf = (summary = []) => summary.map(({ label, value }) => `${label}: ${value}`);

  /** A message's text without the lines of its summary: they are there for channels that have no card to show it in. */
  const withoutSummary = ({ text, custom = {} }) => text.replace(linesOf(custom.summary).join("\n"), "").trim();

  const isReply = (entry) => entry.from === "bot" || entry.from === "agent";
  const isOwn = (entry) => entry.from === "shopper" && entry.state !== "refused";
  const dayOf = (entry) => dayKey(new Date(entry.at));
  /** Files have their addresses only once the gateway has the message: it is drawn anew then. */
  const keyOf = (entry) => `${entry.client_id || entry.seq}${entry.custom?.files?.[0].url ? ":kept" : ""}`;

  /** Five choices called 1 to 5 are stars: the bot asks for nothing else in this way. */
  const isRating = (buttons) => buttons?.map(({ title }) => title).join() === "1,2,3,4,5";
  const offered = ({ buttons }, answer) => buttons.some(({ title }) => title === answer.text);

  /** What the shopper said after the reply at `index` and before the next one. */
  function answersTo(entries, index) {
    const next = entries.findIndex((entry, at) => at > index && isReply(entry));
    return entries.slice(index + 1, next < 0 ? entries.length : next).filter(isOwn);
  }

  function belongTogether(one, other) {
    if (!one || !other || one.from !== other.from || dayOf(one) !== dayOf(other)) return false;
    return Math.abs(new Date(other.at) - new Date(one.at)) < GROUP_GAP;
  }

  /**
   * Shows entries: messages in the order of the gateway, then the outbox. An entry keeps its page element from "sending"
   * to "sent" (its key is the client_id), so nothing flickers and no focus is lost.
   *
   * `act` has: choose(button), start(text), retry(clientId), discard(clientId), say(text).
   */
  class Transcript {
    #strings;
    #act;
    #digits;
    #rows = new Map();
    #list = el("ol", { class: "list" });
    #typing;
    #starters;
    #pill;
    #following = true; // False once the reader has scrolled up.

    /** `digits`: arab, latn, or nothing for those of each text. */
    constructor(strings, act, shop, digits) {
      this.#strings = strings;
      this.#act = act;
      this.#digits = digits;
      this.#typing = this.#typingBubble();
      this.#starters = this.#starterChips();
      this.#pill = el("button", { type: "button", class: "pill", hidden: true, onclick: () => this.toEnd() });
      this.scroller = el(
        "div",
        { class: "scroller", role: "region", tabindex: "0", "aria-label": strings.log, onscroll: () => this.#onScroll() },
        this.#welcome(shop),
        this.#starters,
        this.#list,
        this.#typing,
      );
      this.element = el("div", { class: "transcript" }, this.scroller, this.#pill);
      new ResizeObserver(() => this.#settle()).observe(this.scroller);
    }

    showTyping(on) {
      this.#typing.hidden = !on;
      this.#settle();
    }

    /** Goes to the newest message and stays there as more come. */
    toEnd() {
      this.#following = true;
      this.#settle();
    }

    /** `empty` shows the starters; `notice` is a line of ours above the messages. */
    render(entries, { empty, notice }) {
      this.#starters.hidden = !empty;
      const rows = this.#rowsFor(entries, notice);
      for (const [key, row] of this.#rows) if (!rows.has(key)) row.remove();
      this.#rows = rows;
      this.#arrange([...rows.values()]);
      this.#settle();
    }

    /** Tells a reader who is further up how many messages wait below. */
    countNew(n) {
      this.#pill.hidden = this.#following || !n;
      if (n) this.#pill.replaceChildren(icon("down"), el("span", {}, ...nodesOf(plural(this.#strings.unread, n))));
    }

    get atEnd() {
      return this.#following;
    }

    /** The rows to show, by key and in order: those already there, and new ones for what is new. */
    #rowsFor(entries, notice) {
      const rows = new Map();
      const row = (key, make) => rows.set(key, this.#rows.get(key) || make()).get(key);
      if (notice) row(notice, () => this.#noticeRow(notice));
      entries.forEach((entry, index) => {
        const day = dayName(new Date(entry.at));
        row(day, () => this.#dayRow(day));
        const [before, after] = [entries[index - 1], entries[index + 1]];
        const { classList } = row(keyOf(entry), () => this.#messageRow(entry));
        classList.toggle("starts", !belongTogether(before, entry));
        classList.toggle("ends", !belongTogether(entry, after));
      });
      this.#refresh(entries, rows);
      return rows;
    }

    /** States belong to what the shopper wrote, quick replies and the summary's buttons to the last reply; a rating stays. */
    #refresh(entries, rows) {
      const lastOwn = entries.map(isOwn).lastIndexOf(true);
      const lastReply = entries.map(isReply).lastIndexOf(true);
      entries.forEach((entry, index) => {
        const row = rows.get(keyOf(entry));
        const last = index === lastReply;
        const answers = last || isRating(entry.buttons) ? answersTo(entries, index) : [];
        this.#refreshMeta(row, entry, index === lastOwn);
        this.#refreshChoices(row, (last || answers.some((answer) => offered(entry, answer))) && entry.buttons, answers);
        this.#refreshEdits(row, last && !answers.length);
      });
    }

    #arrange(rows) {
      let place = this.#list.firstChild;
      for (const row of rows) {
        if (row === place) place = place.nextSibling;
        else this.#list.insertBefore(row, place);
      }
    }

    #onScroll() {
      const { scrollHeight, scrollTop, clientHeight } = this.scroller;
      this.#following = scrollHeight - scrollTop - clientHeight < 40;
      if (this.#following) (this.countNew(0), this.#act.reachedEnd());
    }

    #settle() {
      // While the conversation is empty the greeting is read from its beginning.
      if (this.#following) this.scroller.scrollTop = this.#starters.hidden ? this.scroller.scrollHeight : 0;
    }

    // The pieces of a row

    #messageRow(entry) {
      const { custom = {} } = entry;
      const text = custom.files ? "" : withoutSummary(entry);
      const nodes = entry.from === "shopper" ? nodesOf : (said) => linkedNodesOf(said, this.#digits);
      return el(
        "li",
        { class: `row ${entry.from}` },
        el("span", { class: entry.from === "agent" ? "sender" : "sr" }, el("bdi", {}, custom.agent || this.#strings.senders[entry.from])),
        text && el("div", { class: "bubble" }, el("p", { dir: "auto" }, ...nodes(text))),
        custom.files && el("ul", { class: "files" }, ...custom.files.map((file) => el("li", {}, this.#file(file)))),
        custom.summary && this.#summary(custom.summary),
        custom.complaint_number && this.#number(custom.complaint_number),
        el("div", { class: "meta" }),
      );
    }

    /** A picture and a video as they are, anything else and what is not stored yet by its name. */
    #file(file) {
      if (!file.url) return this.#fileName(file);
      const url = ORIGIN + file.url;
      if (file.kind === "video") return el("video", { controls: true, preload: "metadata", src: url, "aria-label": file.name });
      const outside = { href: url, target: "_blank", rel: "noopener noreferrer" };
      if (file.kind !== "image") return el("a", outside, this.#fileName(file));
      const settle = () => this.#settle(); // A picture makes the list longer once it is there.
      const expired = (event) => event.target.replaceWith(this.#fileName(file));
      return el("a", outside, el("img", { src: url, alt: file.name, onload: settle, onerror: expired }));
    }

    #fileName({ name, size }) {
      const words = el("span", {}, el("span", { dir: "auto" }, name), " ", el("small", {}, ...nodesOf(sizeName(size, this.#strings.sizes))));
      return el("span", { class: "file" }, icon("file"), words);
    }

    #summary(fields) {
      const lines = fields.map((field) => this.#summaryLine(field));
      return el("dl", { class: "card summary", "aria-label": this.#strings.summary_label }, ...lines);
    }

    #summaryLine({ label, value, edit }) {
      const shown = el("span", { dir: "auto" }, ...nodesOf(inDigits(String(value ?? ""), this.#digits)));
      const name = fill(this.#strings.edit_field, { field: label });
      const change = () => this.#act.choose({ id: edit, title: label });
      const button = el("button", { type: "button", class: "quiet", "aria-label": name, onclick: change }, this.#strings.edit);
      return el("div", {}, el("dt", {}, label), el("dd", {}, shown), edit && el("dd", { class: "edit" }, button));
    }

    #number(number) {
      const label = el("span", {}, this.#strings.copy);
      const copy = async () => {
        await copyText(number, this.element);
        label.textContent = this.#strings.copied;
        this.#act.say(this.#strings.copied);
        setTimeout(() => (label.textContent = this.#strings.copy), 2500);
      };
      return el(
        "div",
        { class: "card number" },
        el("span", { class: "label" }, this.#strings.complaint_number),
        el("bdi", { dir: "ltr", class: "big" }, number),
        el("button", { type: "button", class: "quiet", onclick: copy }, icon("copy"), label),
      );
    }

    #dayRow(name) {
      return el("li", { class: "day" }, el("span", {}, ...nodesOf(inDigits(name, this.#digits))));
    }

    #noticeRow(text) {
      return el("li", { class: "row system" }, el("div", { class: "bubble" }, el("p", {}, ...nodesOf(text))));
    }

    #welcome(shop) {
      const text = fill(this.#strings.welcome, { shop });
      const bubble = el("div", { class: "bubble" }, el("p", { dir: "auto" }, ...nodesOf(text)));
      return el("div", { class: "row bot starts ends" }, el("span", { class: "sr" }, this.#strings.senders.bot), bubble);
    }

    #starterChips() {
      const chips = this.#strings.starters.map((text) => this.#chip(text, () => this.#act.start(text)));
      return el("div", { class: "starters", role: "group", "aria-label": this.#strings.starters_label }, ...chips);
    }

    #chip(text, onclick) {
      return el("button", { type: "button", class: "chip", onclick }, ...nodesOf(inDigits(text, this.#digits)));
    }

    #typingBubble() {
      const dots = el("div", { class: "bubble dots", "aria-hidden": "true" }, el("i"), el("i"), el("i"));
      const words = el("span", { class: "sr" }, this.#strings.typing);
      return el("div", { class: "row bot typing", hidden: true }, words, dots);
    }

    // What changes about a row after it was made

    #refreshMeta(row, entry, isLastOwn) {
      const state = entry.from === "shopper" ? entry.state || (isLastOwn ? "sent" : "") : "";
      const seen = `${entry.at}|${state}|${entry.reason || ""}`;
      if (row.dataset.meta === seen) return;
      row.dataset.meta = seen;
      row.classList.toggle("unsent", state === "waiting" || state === "refused");
      row.querySelector(".meta").replaceChildren(...this.#metaOf(entry, state));
    }

    #metaOf(entry, state) {
      const clock = inDigits(clockTime(new Date(entry.at), this.#strings.times), this.#digits);
      const time = el("time", { datetime: entry.at }, ...nodesOf(clock));
      if (!state) return [time];
      if (state === "waiting" || state === "refused") return [this.#problem(entry, state), ...this.#remedies(entry, state)];
      return [time, el("span", { class: "state" }, icon(state === "sent" ? "check" : "clock"), this.#strings.states[state])];
    }

    #problem(entry, state) {
      return el("span", { class: "state problem" }, icon("alert"), entry.reason || this.#strings.states[state]);
    }

    #remedies({ client_id }, state) {
      const button = (text, onclick) => el("button", { type: "button", class: "link", onclick }, text);
      const retry = button(this.#strings.retry, () => this.#act.retry(client_id));
      return state === "refused" ? [retry, button(this.#strings.discard, () => this.#act.discard(client_id))] : [retry];
    }

    #refreshChoices(row, buttons, answers) {
      let choices = row.querySelector(".choices");
      if (!buttons?.length) return choices?.remove();
      if (!choices) row.append((choices = this.#choices(buttons)));
      for (const button of choices.children) {
        const chosen = answers.some((answer) => answer.text === button.dataset.title);
        button.disabled = answers.length > 0;
        button.classList.toggle("chosen", chosen);
        if (button.role === "radio") button.setAttribute("aria-checked", chosen);
      }
    }

    /** A line of the summary can be changed for as long as the summary waits for its answer. */
    #refreshEdits(row, open) {
      for (const edit of row.querySelectorAll(".edit")) edit.hidden = !open;
    }

    #choices(buttons) {
      if (isRating(buttons)) return this.#stars(buttons);
      const chips = buttons.map((button) => {
        const chip = this.#chip(button.title, () => this.#act.choose(button));
        chip.dataset.title = button.title;
        return chip;
      });
      return el("div", { class: "choices", role: "group", "aria-label": this.#strings.choices_label }, ...chips);
    }

    /** The arrows only walk, for what is given cannot be taken back. */
    #stars(buttons) {
      const { label, names, given } = this.#strings.stars;
      const stars = buttons.map((button, at) => {
        const give = () => (this.#act.say(fill(given, { stars: names[at] })), this.#act.choose(button));
        const attributes = { type: "button", class: "star", role: "radio", title: names[at], "aria-label": names[at] };
        return el("button", { ...attributes, "data-title": button.title, tabindex: at ? -1 : 0, onclick: give }, icon("star"));
      });
      return el("div", { class: "choices stars", role: "radiogroup", "aria-label": label, onkeydown: walk }, ...stars);
    }
  }

  const STEPS = { ArrowLeft: 1, ArrowDown: 1, ArrowRight: -1, ArrowUp: -1 }; // Left is onward in Arabic.

  /** Moves the focus through a group of which Tab reaches one. */
  function walk(event) {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const members = [...event.currentTarget.children];
    const next = members.at((members.indexOf(event.target) + step) % members.length);
    for (const member of members) member.tabIndex = member === next ? 0 : -1;
    next.focus();
  }

  // --- Tray: files that are to be sent -------------------------------------------------------------------------------

  const ACCEPTED = "image/jpeg,image/png,image/webp,image/gif,application/pdf,video/mp4,video/quicktime,video/webm";

  /**
   * Hands files in as soon as they are chosen and shows how far each is. What is refused says why and stays until it is
   * removed; it is never sent.
   */
  class Tray {
    #strings;
    #limits;
    #uploads;
    #changed;
    #files = new Map(); // By the row that shows it: {id, name, kind, size} once it is handed in, null before.

    /** `uploads` has upload(file, onProgress, signal) and takeBack(id); `changed(spoken)` is called when anything is. */
    constructor(strings, limits, uploads, changed) {
      [this.#strings, this.#limits, this.#uploads, this.#changed] = [strings, limits, uploads, changed];
      this.element = el("ul", { class: "tray", "aria-label": strings.files.chosen, hidden: true });
    }

    /** Nothing is on its way any more. */
    get settled() {
      return ![...this.#files.values()].includes(null);
    }

    get ready() {
      return [...this.#files.values()].filter(Boolean);
    }

    add(files) {
      for (const file of files) this.#add(file);
    }

    /** Empties the tray of what is sent now; what was refused goes with it. */
    take() {
      const files = this.ready;
      for (const row of [...this.element.children]) this.#drop(row);
      return files;
    }

    #add(file) {
      const row = this.#row(file);
      const { too_many, too_large } = this.#strings.files;
      const full = this.#files.size >= this.#limits.files;
      this.element.append(row);
      if (full || file.size > this.#limits.file_bytes) return this.#refuse(row, full ? too_many : too_large);
      this.#files.set(row, null);
      this.#changed();
      this.#upload(row, file);
    }

    async #upload(row, file) {
      const abort = new AbortController();
      const bar = row.querySelector("progress");
      row.addEventListener("removed", () => abort.abort());
      try {
        const kept = await this.#uploads.upload(file, (share) => (bar.value = share), abort.signal);
        if (!this.#files.has(row)) return this.#uploads.takeBack(kept.id);
        this.#files.set(row, kept);
        bar.remove();
        this.#changed(fill(this.#strings.files.ready, { name: file.name }));
      } catch (error) {
        if (this.#files.delete(row)) this.#refuse(row, error.message, () => (row.remove(), this.#add(file)));
      }
    }

    #refuse(row, reason, again) {
      const text = reason || this.#strings.files.failed;
      const retry = el("button", { type: "button", class: "link", onclick: again }, this.#strings.retry);
      row.querySelector("progress").replaceWith(el("p", { class: "problem" }, ...nodesOf(text), !reason && retry));
      row.classList.add("refused");
      this.#changed(text);
    }

    #row(file) {
      const name = el("span", { dir: "auto" }, file.name);
      const size = el("small", {}, ...nodesOf(sizeName(file.size, this.#strings.sizes)));
      const label = fill(this.#strings.files.remove, { name: file.name });
      const bar = el("progress", { max: "1", value: "0", "aria-label": fill(this.#strings.files.uploading, { name: file.name }) });
      const remove = () => this.#remove(row);
      const shut = el("button", { type: "button", class: "quiet", "aria-label": label, title: label, onclick: remove }, icon("close"));
      const row = el("li", {}, el("div", {}, name, " ", size, bar), shut);
      return row;
    }

    #remove(row) {
      const kept = this.#files.get(row);
      if (kept) this.#uploads.takeBack(kept.id);
      this.#drop(row);
      row.dispatchEvent(new Event("removed"));
    }

    #drop(row) {
      this.#files.delete(row);
      row.remove();
      this.#changed();
    }
  }

  // --- Composer: the input -------------------------------------------------------------------------------------------

  /** How the keyboard of a phone helps with each slot; every other slot is plain text. */
  const KEYBOARDS = {
    order_number: { inputmode: "numeric", autocomplete: "off" },
    contact: { inputmode: "email", autocomplete: "tel" },
  };

  class Composer {
    #strings;
    #limit;
    #send;
    #save;
    #tray;
    #asks = "";
    #letters = false; // The shopper asked for letters where we offered digits ("I do not know it" is an answer too).

    /** `send(text, files)` takes a finished text and files, `save(text)` an unfinished one; `tray` holds the files. */
    constructor(strings, limit, tray, send, save) {
      this.#strings = strings;
      this.#limit = limit;
      this.#tray = tray;
      this.#send = send;
      this.#save = save;
      this.#build();
      this.ask("");
    }

    set text(value) {
      this.input.value = value;
      this.#refresh();
    }

    /** Fits placeholder and keyboard to the slot asked for. */
    ask(slot) {
      if (slot !== this.#asks) this.#letters = false;
      this.#asks = slot;
      const { inputmode, autocomplete } = KEYBOARDS[slot] || { inputmode: "text", autocomplete: "off" };
      const { placeholders } = this.#strings;
      this.input.placeholder = placeholders[slot] || placeholders.default;
      this.input.inputMode = this.#letters ? "text" : inputmode;
      this.input.autocomplete = autocomplete;
      this.input.enterKeyHint = this.#entersLines() ? "enter" : "send";
      this.element.classList.toggle("long", slot === "description");
      this.#refreshKeys(inputmode);
      this.#refresh();
    }

    /** Something in the tray has changed. */
    refresh() {
      this.#refresh();
    }

    #build() {
      const { input, send, files } = this.#strings;
      this.input = el("textarea", { rows: "1", "aria-label": input, "aria-describedby": "counter", dir: "rtl" });
      this.grow = el("div", { class: "grow" }, this.input);
      this.counter = el("p", { class: "counter", id: "counter" });
      this.keys = el("button", { type: "button", class: "keys", hidden: true, onclick: () => this.#switchKeys() });
      this.button = el("button", { type: "submit", class: "send", "aria-label": send, title: send }, icon("send"));
      this.picker = el("input", { type: "file", multiple: true, accept: ACCEPTED, hidden: true, "aria-label": files.attach });
      this.picker.addEventListener("change", () => (this.#tray.add(this.picker.files), (this.picker.value = "")));
      const pick = () => this.picker.click();
      const clip = { type: "button", class: "attach", "aria-label": files.attach, title: files.attach, onclick: pick };
      const attach = el("button", clip, icon("clip"));
      const box = el("div", { class: "box" }, attach, this.grow, this.keys, this.button);
      this.element = el("form", { class: "composer", novalidate: true }, this.#tray.element, this.counter, box, this.picker);
      this.input.addEventListener("paste", (event) => this.#onPaste(event));
      this.element.addEventListener("submit", (event) => (event.preventDefault(), this.#submit()));
      this.input.addEventListener("input", () => (this.#refresh(), this.#save(this.input.value)));
      this.input.addEventListener("keydown", (event) => this.#onKey(event));
      this.#refresh();
    }

    /** On a phone, which has no Shift+Enter, Enter makes a new line while the story is being told. */
    #entersLines() {
      return this.#asks === "description" && TOUCH.matches;
    }

    #onKey(event) {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || this.#entersLines()) return;
      event.preventDefault();
      this.#submit();
    }

    /** A copied picture is a file; a copied text that also has a picture of itself stays a text. */
    #onPaste(event) {
      const { files } = event.clipboardData;
      if (!files.length || event.clipboardData.getData("text")) return;
      event.preventDefault();
      this.#tray.add(files);
    }

    #submit() {
      if (this.button.disabled) return;
      const text = this.input.value.replace(TURNING, "").trim();
      const files = this.#tray.take();
      this.text = "";
      this.#save("");
      this.#send(text, files);
    }

    #refresh() {
      const text = this.input.value;
      const left = this.#limit - lengthOf(text.trim());
      this.input.dir = text.trim() ? "auto" : "rtl"; // An empty "auto" field would show its placeholder on the left.
      this.grow.dataset.text = text || this.input.placeholder;
      const something = text.trim() || this.#tray.ready.length;
      this.button.disabled = !something || left < 0 || !this.#tray.settled;
      this.#tray.element.hidden = !this.#tray.element.childElementCount;
      this.counter.textContent = this.#counted(left);
      this.input.setAttribute("aria-invalid", left < 0);
      this.element.classList.toggle("over", left < 0);
    }

    #counted(left) {
      if (left > this.#limit / 10) return "";
      return left < 0 ? fill(this.#strings.over, { n: -left }) : plural(this.#strings.left, left);
    }

    #switchKeys() {
      this.#letters = !this.#letters;
      this.ask(this.#asks);
      this.input.blur(); // A phone changes its keyboard only when the field is entered anew.
      this.input.focus();
    }

    #refreshKeys(inputmode) {
      const { letters, numbers } = this.#strings.keyboard;
      const { text, label } = this.#letters ? numbers : letters;
      this.keys.hidden = inputmode !== "numeric" || !TOUCH.matches;
      this.keys.textContent = text;
      this.keys.setAttribute("aria-label", label);
    }
  }

  // --- The element ---------------------------------------------------------------------------------------------------

  class ShakwaChat extends HTMLElement {
    static pieces = pieces;

    #memory = new Memory();
    #messages = new Map(); // By seq.
    #notice = "";
    #announced = 0;
    #missed = 0;
    #drawing = false;
    #opened = false;
    #strings;
    #transcript;
    #composer;
    #transport;
    #launcher;
    #badge;
    #panel;
    #banner;
    #waiting;
    #partner;
    #mark;
    #shop;
    #consent;
    #person; // Who of the shop the shopper talks to; null for the assistant.
    #log;
    #tray;
    #menu;
    #pageTitle = null; // What the page is called, while it shows a number before it.

    connectedCallback() {
      if (this.shadowRoot) return this.#transport?.start(); // Moved within the page.
      this.attachShadow({ mode: "open" });
      this.#announced = this.#seen;
      if (this.hasAttribute("accent")) this.style.setProperty("--shakwa-accent", this.getAttribute("accent"));
      this.#opened ||= this.hasAttribute("open");
      Promise.all([this.#loadStyles(), this.#loadConfig()]).then(([, config]) => this.#build(config));
    }

    disconnectedCallback() {
      this.#transport?.stop();
    }

    open() {
      if (!this.#opened) this.#tell("open");
      this.#opened = true;
      this.#showPanel();
      this.#transcript?.toEnd();
      this.#composer?.input.focus();
    }

    close() {
      if (this.#inline || !this.#opened) return;
      this.#opened = false;
      this.#tell("close");
      this.#showPanel();
      this.#launcher?.focus();
    }

    toggle() {
      if (this.#opened) this.close();
      else this.open();
    }

    /** What the page knows: `order` and `product` go to the complaint, `text` into an empty field. */
    prefill({ order, product, text } = {}) {
      if (text && this.#composer && !this.#composer.input.value) this.#composer.text = text;
      const seen = { ...(order && { order_number: String(order) }), ...(product && { product: String(product) }) };
      if (Object.keys(seen).length) this.#whenReady(() => this.#transport.tell("/api/context", seen));
    }

    /** Who the shopper is: a token that the shop's own server has signed. */
    identify(token) {
      this.#whenReady(() => this.#transport.tell("/api/identity", { token }));
    }

    #whenReady(act) {
      if (this.#transport) act();
      else this.addEventListener("shakwa:ready", act, { once: true });
    }

    #tell(name, detail = {}) {
      this.dispatchEvent(new CustomEvent(`shakwa:${name}`, { detail }));
    }

    get #inline() {
      return this.hasAttribute("inline");
    }

    get #seen() {
      return this.#memory.read("seen", 0);
    }

    #loadStyles() {
      return new Promise((resolve) => {
        this.shadowRoot.append(el("link", { rel: "stylesheet", href: `${ORIGIN}/widget.css`, onload: resolve }));
      });
    }

    /** The wording, from the gateway or, while it is out of reach, as it was the last time. */
    async #loadConfig(failures = 1) {
      try {
        const config = await fetchJson("/api/config");
        this.#memory.write("config", config);
        return config;
      } catch {
        const kept = this.#memory.read("config");
        if (kept) return kept;
        await new Promise((resolve) => setTimeout(resolve, backoff(failures)));
        return this.#loadConfig(failures + 1);
      }
    }

    #build({ shop, kept_days, limits, strings }) {
      this.#strings = strings;
      this.#consent = this.#consentTo(shop, kept_days);
      this.#transport = new Transport(this.#memory, this.#listener());
      this.#transcript = new Transcript(strings, this.#actions(), shop.name, this.getAttribute("digits"));
      const keepDraft = (text) => this.#memory.write("draft", text);
      this.#tray = new Tray(strings, limits, this.#transport, (spoken) => this.#onTray(spoken));
      const send = (text, files) => this.#sendAll(text, files);
      this.#composer = new Composer(strings, limits.text, this.#tray, send, keepDraft);
      this.#composer.input.addEventListener("input", () => this.#person && this.#transport.writes());
      this.#composer.text = this.#memory.read("draft", "");
      this.#log = el("div", { class: "sr", role: "log", "aria-live": "polite", "aria-label": strings.announcements });
      this.#panel = this.#buildPanel(shop);
      this.#launcher = this.#buildLauncher();
      const parts = [this.#launcher, this.#panel, this.#log];
      this.shadowRoot.append(el("div", { class: "root", dir: "rtl", lang: "ar" }, ...parts));
      this.#watchKeyboard();
      document.addEventListener("visibilitychange", () => this.#draw());
      this.#showPanel();
      this.#draw();
      if (this.isConnected) this.#transport.start();
      if (this.#opened) this.open();
      this.prefill({ order: this.getAttribute("order"), product: this.getAttribute("product") });
      this.#tell("ready");
    }

    /** What sending a message agrees to. */
    #consentTo({ name }, days) {
      const { consent, kept } = this.#strings;
      return inDigits(fill(consent, { shop: name, kept: days ? plural(kept, days) : "" }), this.getAttribute("digits"));
    }

    /** Before the first message it is read at once, later from the menu. */
    #buildPrivacy({ privacy_url }) {
      const { privacy, privacy_link } = this.#strings;
      const page = privacy_url && el("a", { href: privacy_url, target: "_blank", rel: "noopener" }, privacy_link);
      return el("div", { class: "privacy" }, el("p", {}, ...nodesOf(this.#consent), " ", page), el("p", {}, privacy));
    }

    #showPrivacy() {
      this.#menu.close();
      this.#menu.focus();
      this.#say(this.#consent);
      this.#panel.classList.toggle("told");
      this.#transcript.toEnd();
    }

    #buildPanel(shop) {
      const { title, close } = this.#strings;
      this.#partner = el("p", {});
      const names = el("div", { class: "names" }, el("h2", { id: "title" }, title), this.#partner);
      const closing = { type: "button", class: "shut", "aria-label": close, title: close, onclick: () => this.close() };
      const shut = el("button", closing, icon("close"));
      this.#mark = el("span", { class: "mark" });
      this.#shop = shop.name;
      this.#waiting = el("div", { class: "waiting", role: "status", hidden: true });
      const header = el("header", {}, this.#mark, names, this.#buildMenu(), !this.#inline && shut);
      this.#banner = el("div", { class: "banner", role: "status" });
      const role = this.#inline ? "region" : "dialog";
      const listeners = {
        onkeydown: (event) => this.#onKey(event),
        ondragover: (event) => this.#onDrag(event),
        ondragleave: () => this.#panel.classList.remove("dropping"),
        ondrop: (event) => this.#onDrop(event),
      };
      return el(
        "section",
        { class: "panel", role, "aria-labelledby": "title", "data-drop": this.#strings.files.drop, ...listeners },
        el("button", { type: "button", class: "skip", onclick: () => this.#composer.input.focus() }, this.#strings.skip),
        header,
        this.#banner,
        this.#waiting,
        this.#transcript.element,
        this.#composer.element,
        this.#buildPrivacy(shop),
      );
    }

    /** What is rarely wanted: a new conversation, a copy of this one, a sound. */
    #buildMenu() {
      const { label, restart, sure, save, privacy } = this.#strings.menu;
      const item = (text, onclick) => el("button", { type: "button", class: "item", onclick }, text);
      const fresh = item(restart, () => (fresh.textContent === sure ? this.#restart() : (fresh.textContent = sure)));
      const sound = item("", () => this.#switchSound(sound));
      this.#nameSound(sound);
      const more = [item(save, () => this.#saveCopy()), item(privacy, () => this.#showPrivacy())];
      const list = el("div", { class: "menu", hidden: true }, fresh, ...more, sound);
      const toggle = (open) => {
        list.hidden = !open;
        button.setAttribute("aria-expanded", open);
        fresh.textContent = restart;
      };
      const attributes = { type: "button", class: "shut", "aria-label": label, title: label, "aria-expanded": "false" };
      const button = el("button", { ...attributes, onclick: () => toggle(list.hidden) }, icon("more"));
      this.#menu = { close: () => toggle(false), isOpen: () => !list.hidden, focus: () => button.focus() };
      const leave = (event) => !event.currentTarget.contains(event.relatedTarget) && event.relatedTarget && toggle(false);
      return el("div", { class: "more", onfocusout: leave }, button, list);
    }

    #restart() {
      this.#menu.close();
      this.#transport.restart();
      this.#notice = "";
      this.#forgetShown();
      this.#say(this.#strings.menu.restarted);
      this.#composer.input.focus();
    }

    #saveCopy() {
      this.#menu.close();
      const lines = this.#entries().map((entry) => this.#copied(entry));
      const url = URL.createObjectURL(new Blob(["\ufeff", lines.join("\n\n")], { type: "text/plain;charset=utf-8" }));
      el("a", { href: url, download: `${this.#strings.menu.copy_name}.txt` }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    }

    #copied({ from, at, text }) {
      const date = new Date(at);
      return `${dayName(date)} ${clockTime(date, this.#strings.times)} – ${this.#strings.senders[from]}\n${text}`;
    }

    get #sounds() {
      return this.#memory.read("sound", this.getAttribute("sound") === "on");
    }

    #switchSound(item) {
      this.#memory.write("sound", !this.#sounds);
      this.#nameSound(item);
      if (this.#sounds) chime();
    }

    #nameSound(item) {
      item.textContent = this.#strings.menu[this.#sounds ? "sound_off" : "sound_on"];
    }

    #buildLauncher() {
      this.#badge = el("span", { class: "badge", hidden: true });
      const label = el("span", { class: "words" }, this.#strings.launcher);
      const attributes = { type: "button", class: "launcher", "aria-haspopup": "dialog", onclick: () => this.open() };
      return el("button", attributes, icon("chat"), label, this.#badge);
    }

    #listener() {
      return {
        message: (message) => this.#onMessage(message),
        outbox: () => this.#draw(),
        typing: (on) => this.#transcript.showTyping(on),
        waiting: (place) => this.#showWaiting(place),
        connection: (state) => this.#showConnection(state),
        reset: () => this.#onReset(),
      };
    }

    #actions() {
      return {
        start: (text) => this.#send(text),
        choose: ({ id, title }) => this.#send(title, id),
        retry: (id) => this.#transport.retry(id),
        discard: (id) => this.#transport.discard(id),
        say: (text) => this.#say(text),
        reachedEnd: () => this.#markSeen(),
      };
    }

    #onTray(spoken) {
      this.#composer?.refresh();
      if (spoken) this.#say(spoken);
    }

    #onDrag(event) {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      this.#panel.classList.add("dropping");
    }

    #onDrop(event) {
      if (!event.dataTransfer.files.length) return;
      event.preventDefault();
      this.#panel.classList.remove("dropping");
      this.#tray.add(event.dataTransfer.files);
    }

    /** Files go before the words about them. */
    #sendAll(text, files) {
      if (files.length) this.#transport.sendFiles(files);
      if (text) this.#send(text);
      else this.#transcript.toEnd();
    }

    #send(text, choice) {
      this.#transcript.toEnd();
      this.#transport.send(text, choice);
      if (this.shadowRoot.activeElement === this.#composer.input) return;
      // The chip that was pressed goes away: keep the focus here, without raising a phone's keyboard.
      (TOUCH.matches ? this.#transcript.scroller : this.#composer.input).focus({ preventScroll: true });
    }

    #onMessage(message) {
      if (this.#isKnown(message)) return;
      this.#messages.set(message.seq, message);
      const known = message.seq <= this.#announced;
      if (message.from !== "shopper") this.#onReply(message);
      if (!known) this.#tellOf(message);
      this.#draw();
    }

    #isKnown({ seq, client_id }) {
      if (this.#messages.has(seq)) return true;
      return Boolean(client_id) && [...this.#messages.values()].some((known) => known.client_id === client_id);
    }

    #tellOf({ from, text, custom = {} }) {
      this.#tell("message", { from, text });
      if (custom.complaint_number) this.#tell("filed", { number: custom.complaint_number });
    }

    #onReply(message) {
      this.#transcript.showTyping(false);
      if (message.seq <= this.#announced) return;
      this.#announced = message.seq;
      this.#missed += 1;
      if (this.#sounds && !this.#isWatched()) chime();
      this.#say(this.#spoken(message));
    }

    #onReset() {
      if (this.#messages.size || this.#seen) this.#tellExpired();
      this.#forgetShown();
    }

    #forgetShown() {
      this.#messages.clear();
      this.#memory.write("seen", null);
      this.#announced = 0;
      this.#missed = 0;
      this.#draw();
    }

    #spoken(message) {
      const { from, custom = {} } = message;
      const said = `${this.#strings.senders[from]}: ${withoutSummary(message)}`;
      return [said, ...linesOf(custom.summary), custom.complaint_number].filter(Boolean).join("\n");
    }

    #tellExpired() {
      this.#notice = this.#strings.expired;
      this.#say(this.#notice);
    }

    /** Speaks to screen readers alone; old lines go, so that the log does not grow for ever. */
    #say(text) {
      this.#log.append(el("p", { dir: "auto" }, text));
      while (this.#log.children.length > 5) this.#log.firstChild.remove();
    }

    /** Draws once for everything that arrived together. */
    #draw() {
      if (this.#drawing) return;
      this.#drawing = true;
      queueMicrotask(() => {
        this.#drawing = false;
        this.#drawNow();
      });
    }

    /** Says with whom the shopper talks: the newest notice of a change decides. */
    #showPartner() {
      const changes = [...this.#messages.values()].filter(({ custom }) => CHANGES.includes(custom?.notice));
      const newest = changes.sort((one, other) => one.seq - other.seq).pop()?.custom;
      const person = newest?.notice === "agent_joined" ? newest.agent : null;
      if (person === this.#person) return;
      this.#person = person;
      const { with_person, with_bot } = this.#strings;
      const said = fill(person ? with_person : with_bot, { person, shop: this.#shop });
      this.#partner.replaceChildren(el("span", { dir: "auto" }, ...nodesOf(said)));
      this.#mark.replaceChildren(icon(person ? "person" : "chat"));
      this.#panel.classList.toggle("with-person", Boolean(person));
    }

    /** The place among those who wait for a person, for as long as the shopper waits. */
    #showWaiting(place) {
      this.#waiting.hidden = !place;
      if (!place) return this.#waiting.replaceChildren();
      const { position, agents, nobody, hours, stop } = this.#strings.waiting;
      const give_up = () => this.#transport.stopWaiting().catch(() => {});
      const lines = [fill(position, { n: place.position }), place.agents ? plural(agents, place.agents) : nobody, fill(hours, place)];
      this.#waiting.replaceChildren(
        ...lines.map((line) => el("p", {}, ...nodesOf(inDigits(line, this.getAttribute("digits"))))),
        el("button", { type: "button", class: "quiet", onclick: give_up }, stop),
      );
    }

    #drawNow() {
      const entries = this.#entries();
      this.#showPartner();
      const returning = !entries.length && this.#seen > 0;
      const notice = returning ? this.#strings.loading : this.#notice;
      this.#transcript.render(entries, { empty: !entries.length && !returning, notice });
      this.#panel.classList.toggle("fresh", !entries.length);
      this.#composer.ask(this.#slotAsked(entries));
      if (this.#isWatched()) this.#markSeen();
      this.#showMissed();
    }

    #entries() {
      const stored = [...this.#messages.values()].sort((one, other) => one.seq - other.seq);
      const known = new Set(stored.map((message) => message.client_id));
      const waiting = this.#transport.outbox.filter((item) => !known.has(item.client_id));
      return [...stored, ...waiting.map((item) => ({ ...item, from: "shopper" }))];
    }

    #slotAsked(entries) {
      return entries.filter(isReply).pop()?.custom?.asks || "";
    }

    /** Somebody can see the newest message. */
    #isWatched() {
      return (this.#inline || this.#opened) && !document.hidden && this.#transcript.atEnd;
    }

    #markSeen() {
      const newest = Math.max(0, ...this.#messages.keys());
      if (newest > this.#seen) this.#memory.write("seen", newest);
      this.#missed = 0;
    }

    #showMissed() {
      const n = this.#missed;
      const { open, unread } = this.#strings;
      this.#transcript.countNew(n);
      this.#badge.hidden = !n;
      this.#badge.textContent = n > 9 ? "9+" : n;
      this.#launcher.setAttribute("aria-label", n ? `${open} (${plural(unread, n)})` : open);
      this.#showInTitle(n);
    }

    /** The page's own title with the number before it, and as it was once everything is read. */
    #showInTitle(n) {
      if (!n && this.#pageTitle === null) return;
      this.#pageTitle ??= document.title;
      document.title = n ? `(${n}) ${this.#pageTitle}` : this.#pageTitle;
      if (!n) this.#pageTitle = null;
      this.#tell("unread", { count: n });
    }

    #showConnection(state) {
      this.#banner.textContent = this.#strings.connection[state] || "";
      this.#banner.className = `banner ${state}`;
    }

    #showPanel() {
      if (!this.#panel) return;
      this.#panel.hidden = !this.#inline && !this.#opened;
      if (!this.#inline) this.#panel.setAttribute("aria-modal", FULL_SCREEN.matches);
      this.#launcher.hidden = this.#inline || this.#opened;
      this.#draw();
    }

    #onKey(event) {
      if (event.key === "Escape" && this.#menu.isOpen()) return event.stopPropagation(), this.#menu.close(), this.#menu.focus();
      if (this.#inline) return;
      if (event.key === "Escape") (event.stopPropagation(), this.close());
      if (event.key === "Tab" && FULL_SCREEN.matches) this.#keepFocusInside(event);
    }

    #keepFocusInside(event) {
      const focusable = [...this.#panel.querySelectorAll("a[href], button, textarea, [tabindex]")];
      const stops = focusable.filter((node) => !node.disabled && node.offsetParent);
      const [first, last] = [stops[0], stops[stops.length - 1]];
      if (this.shadowRoot.activeElement !== (event.shiftKey ? first : last)) return;
      event.preventDefault();
      (event.shiftKey ? last : first).focus();
    }

    /** A full-screen panel ends where a phone's keyboard begins; an inline one is scrolled to what is being written. */
    #watchKeyboard() {
      const view = window.visualViewport;
      if (!view) return;
      if (this.#inline) {
        const writing = () => this.shadowRoot.activeElement === this.#composer.input;
        const reveal = () => writing() && this.#panel.scrollIntoView({ block: "end" });
        return view.addEventListener("resize", reveal);
      }
      const fit = () => {
        if (view.scale !== 1) return; // Zoomed in with two fingers, not shortened by the keyboard.
        this.#panel.style.setProperty("--visible-height", `${view.height}px`);
        this.#panel.style.setProperty("--visible-top", `${view.offsetTop}px`);
      };
      view.addEventListener("resize", fit);
      view.addEventListener("scroll", fit);
    }
  }

  customElements.define("shakwa-chat", ShakwaChat);

  const onPage = () => document.querySelector("shakwa-chat") || document.body.appendChild(asSet(new ShakwaChat()));

  function asSet(chat) {
    for (const name of SETTINGS) if (SCRIPT.dataset[name] !== undefined) chat.setAttribute(name, SCRIPT.dataset[name]);
    return chat;
  }

  /** Calls `act(chat)` with the element once the page has one. */
  const withChat = (act) => {
    if (document.readyState !== "loading") act(onPage());
    else document.addEventListener("DOMContentLoaded", () => act(onPage()), { once: true });
  };

  const heard = new Map(); // The listeners that pages have set, by what they were set with.

  window.Shakwa = {
    open: () => withChat((chat) => chat.open()),
    close: () => withChat((chat) => chat.close()),
    toggle: () => withChat((chat) => chat.toggle()),
    prefill: (known) => withChat((chat) => chat.prefill(known)),
    identify: (token) => withChat((chat) => chat.identify(token)),
    /** `on("filed", ({ number }) => …)`: ready, open, close, message, filed, unread. */
    on(name, listener) {
      if (!heard.has(listener)) heard.set(listener, (event) => listener(event.detail));
      withChat((chat) => chat.addEventListener(`shakwa:${name}`, heard.get(listener)));
    },
    off(name, listener) {
      withChat((chat) => chat.removeEventListener(`shakwa:${name}`, heard.get(listener)));
    },
  };
  withChat(() => {});
})();
