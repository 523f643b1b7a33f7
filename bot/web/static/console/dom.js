/* Elements, texts and times as every page of the console makes them. Nothing is written with innerHTML. */

const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A text without the controls that turn text around: an end of an isolate (U+2069) in it would end the element's own. */
const straight = (child) => (typeof child === "string" ? child.replace(TURNING, "") : child);

/** Makes an element; `on…` attributes are listeners, null and false ones are left out, strings become text nodes. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (value != null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child != null && child !== "" && child !== false).map(straight));
  return node;
}

/** What somebody typed: isolated, so that no letter of it moves its neighbours. */
export const bdi = (text) => el("bdi", {}, text ?? "");

/** A number, a login, an address: always from left to right. */
export const ltr = (text) => el("bdi", { dir: "ltr", class: "ltr" }, text ?? "");

const RUN = /([#+@]?[\p{Script=Latin}\p{Nd}](?:[\p{Script=Latin}\p{Nd}\p{M}.,:/@#+&'%=?_~*\- ]*[\p{Script=Latin}\p{Nd}%+*])?)/u;

/** A text with its runs of digits and Latin words isolated, so that 405-1234567-1234567 never turns around. */
export const isolated = (text) => straight(String(text ?? "")).split(RUN).map((piece, at) => (at % 2 ? ltr(piece) : piece));

export const button = (label, onclick, attributes = {}) =>
  el("button", { type: "button", onclick, ...attributes }, label);

/** A field with its label; `input` is any form control. */
export function field(label, input, hint) {
  input.id ||= `field-${(field.count = (field.count || 0) + 1)}`;
  return el("div", { class: "field" }, el("label", { for: input.id }, label), input, hint && el("p", { class: "hint" }, hint));
}

export const option = (value, label, chosen) => el("option", { value, selected: value === chosen }, label);

export const fill = (template, values) => template.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/** A template with its values isolated, as children of an element: nothing that somebody typed moves the words beside it. */
export const filled = (template, values) => template.split(/\{(\w+)\}/).map((piece, at) => (at % 2 ? bdi(values[piece] ?? `{${piece}}`) : piece));

/** A canned reply with its variables filled in; one that is empty leaves no blank before the mark behind it. */
export const filledIn = (reply, values) => fill(reply.text, values).replace(/ +([،.])/g, "$1");

const PLURAL = new Intl.PluralRules("ar");

/** The form of `forms` that Arabic uses after the number n, with {n} filled in. */
export const plural = (forms, n) => fill(forms[PLURAL.select(n)] || forms.other, { n });

const LOCALE = "ar-u-ca-gregory-nu-latn";
const TIME = new Intl.DateTimeFormat(LOCALE, { hour: "numeric", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(LOCALE, { weekday: "short", day: "numeric", month: "short" });
const FULL = new Intl.DateTimeFormat(LOCALE, { dateStyle: "full", timeStyle: "short" });

/** A moment in words, with the whole of it to read on hover. */
export function when(iso) {
  if (!iso) return el("span", {}, "–");
  const date = new Date(iso);
  const today = date.toDateString() === new Date().toDateString();
  const time = TIME.format(date).replace(" ", "\u00a0"); // morning or afternoon stays on the line of its hour
  return el("time", { datetime: iso, title: FULL.format(date) }, today ? time : `${DAY.format(date)} ${time}`);
}

/** How long ago or ahead, in the largest fitting unit, without "ago": the label beside it says which. */
export function span(milliseconds, forms) {
  const minutes = Math.round(Math.abs(milliseconds) / 60_000);
  if (minutes < 1) return forms.now;
  if (minutes < 60) return plural(forms.minutes, minutes);
  const hours = Math.round(minutes / 60);
  return hours < 48 ? plural(forms.hours, hours) : plural(forms.days, Math.round(hours / 24));
}

/** A place for a table that may be wider than the page: it can be reached and scrolled by keyboard. */
export const scrolled = (label, ...children) => el("div", { class: "table-wrap", role: "region", tabindex: "0", "aria-label": label }, ...children);

/** `text` is a string, or what `filled` returns. */
export function toast(text, kind = "") {
  const place = document.querySelector(".toasts") || document.body.appendChild(el("div", { class: "toasts", role: "status" }));
  const note = el("p", { class: `toast ${kind}` }, text);
  place.append(note);
  setTimeout(() => note.remove(), 6000);
}

/** Asks in a dialog of the page's own; resolves to the form's data, or null where it was called off. */
export function ask(title, fields, go, cancel) {
  return new Promise((resolve) => {
    const heading = el("h2", {}, title);
    const form = el("form", { method: "dialog" }, heading, ...fields,
      el("div", { class: "row" }, el("button", { class: "primary", value: "go" }, go), el("button", { value: "", formnovalidate: true }, cancel)));
    const dialog = el("dialog", { "aria-label": heading.textContent }, form);
    document.body.append(dialog);
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "go" ? Object.fromEntries(new FormData(form)) : null);
      dialog.remove();
    });
    dialog.showModal();
  });
}
