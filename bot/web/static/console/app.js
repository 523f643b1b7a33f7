/* The console: signs in, shows the frame, and leads from the address to a page. Read api.js and dom.js first. */

import { config, choosePassword, keepAlive, load, may, me, post, signIn, signOut, whenSignedOut } from "./api.js";
import { button, el, field, toast } from "./dom.js";
import { complaintPage } from "./complaint.js";
import { complaintsPage } from "./complaints.js";
import { conversationPage } from "./conversation.js";
import { dashboardPage } from "./dashboard.js";
import { missingPage } from "./missing.js";
import { nluPage } from "./nlu_tabs.js";
import { queuePage } from "./queue.js";
import { go, whenGone } from "./router.js";
import { settingsPage } from "./settings.js";

/** Address → page, what it needs, and its name in the strings. A page is a function (main, rest of the address) → what ends it. */
const PAGES = [
  { path: "", name: "queue", needs: "see_queue", page: queuePage, icon: "queue" },
  { path: "conversations", needs: "read_conversations", page: conversationPage },
  { path: "complaints", name: "complaints", needs: "see_complaints", page: complaints, icon: "complaints" },
  { path: "dashboard", name: "dashboard", needs: "see_dashboard", page: dashboardPage, icon: "dashboard" },
  { path: "nlu", name: "nlu", needs: "see_nlu", page: nluPage, icon: "nlu" },
  { path: "settings", name: "settings", page: settingsPage, icon: "settings" },
];

function complaints(main, [number]) {
  return number ? complaintPage(main, number) : complaintsPage(main);
}

let leave = () => {};

function show() {
  leave();
  leave = () => {};
  if (!me.user) return showDoor();
  if (me.user.one_time) return showPassword();
  const [, first = "", ...rest] = location.pathname.split("/").slice(1).map(decodeURIComponent);
  const found = PAGES.find((one) => one.path === first);
  const allowed = found && (!found.needs || may(found.needs));
  const home = PAGES.find((one) => one.name && (!one.needs || may(one.needs)));
  if (!allowed) return first === "" ? go(`/console/${home.path}`, { replace: true }) : missingPage(frame(null));
  const main = frame(found);
  leave = found.page(main, rest) || (() => {});
  document.title = `${config.strings.pages[found.name] || config.strings.pages.conversation} – ${config.shop}`;
}

// --- The frame ---------------------------------------------------------------------------------------------------------

const ICONS = {
  queue: "M4 6h16M4 12h16M4 18h10",
  complaints: "M6 3.5h9l3.5 3.5v13.5h-12.5zM9 10h6M9 14h6",
  dashboard: "M5 19v-7M12 19V5M19 19v-10",
  nlu: "M4 5h16v10H9l-5 4zM8 9h8M8 12h5",
  settings: "M4 7h10M18 7h2M4 17h2M10 17h10M16 5v4M8 15v4",
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

/** Draws the frame around a page and returns where the page goes. */
function frame(current) {
  const { strings } = config;
  const links = PAGES.filter((one) => one.name && (!one.needs || may(one.needs))).map((one) =>
    el("a", { href: `/console/${one.path}`, "aria-current": one === current && "page" }, icon(one.icon), el("span", {}, strings.pages[one.name])),
  );
  const main = el("main", { id: "main", tabindex: "-1" });
  document.body.replaceChildren(
    el("a", { class: "skip", href: "#main" }, strings.skip),
    el("nav", { "aria-label": strings.navigation }, el("p", { class: "brand" }, config.shop), ...links, whoami()),
    main,
    el("div", { class: "toasts", role: "status" }),
  );
  return main;
}

function whoami() {
  const { strings } = config;
  const available = el("input", { type: "checkbox", role: "switch", checked: me.user.available, onchange: setAvailable });
  return el("div", { class: "whoami" },
    may("answer") && el("label", { class: "available" }, available, strings.available),
    el("p", {}, me.user.name, el("small", {}, strings.roles[me.user.role])),
    button(strings.sign_out, async () => (await signOut(), show())),
  );
}

async function setAvailable({ target }) {
  me.user = await post("/available", { on: target.checked });
}

// --- The door ----------------------------------------------------------------------------------------------------------

function door(title, hint, fields, label, act) {
  const wrong = el("p", { class: "wrong", role: "alert" });
  const submit = el("button", { class: "primary" }, label);
  const form = el("form", { class: "card", onsubmit: attempt }, el("h1", {}, title), hint && el("p", {}, hint), ...fields, wrong, submit);
  async function attempt(event) {
    event.preventDefault();
    submit.disabled = true;
    try {
      await act();
      show();
    } catch (error) {
      wrong.textContent = error.message;
    } finally {
      submit.disabled = false;
    }
  }
  document.title = `${title} – ${config.shop}`;
  document.body.replaceChildren(el("main", { class: "door" }, el("p", { class: "brand" }, config.shop), form));
  form.querySelector("input:not([hidden])").focus();
}

function showDoor() {
  const { strings } = config;
  const login = el("input", { name: "login", autocomplete: "username", dir: "ltr", required: true, autocapitalize: "none", spellcheck: "false" });
  const password = el("input", { name: "password", type: "password", autocomplete: "current-password", dir: "ltr", required: true });
  const fields = [field(strings.login, login), field(strings.password, password)];
  door(strings.sign_in, strings.sign_in_hint, fields, strings.sign_in, () => signIn(login.value, password.value));
}

function showPassword() {
  const { strings } = config;
  const entry = (autocomplete) => el("input", { type: "password", autocomplete, dir: "ltr", required: true });
  const [old, fresh] = [entry("current-password"), entry("new-password")];
  const login = el("input", { type: "text", autocomplete: "username", value: me.user.login, hidden: true });
  const fields = [login, field(strings.one_time_password, old), field(strings.new_password, fresh, strings.password_hint)];
  door(strings.choose_password, strings.choose_password_hint, fields, strings.save, () => choosePassword(old.value, fresh.value));
}

// --- Start -------------------------------------------------------------------------------------------------------------

/** Links within the console change the page without loading it anew. */
addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href^='/console']");
  if (!link || link.target || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  event.preventDefault();
  go(link.getAttribute("href"));
});
addEventListener("popstate", show);
addEventListener("unhandledrejection", ({ reason }) => {
  if (reason?.status) toast(reason.message, "bad");
});

whenSignedOut(() => {
  if (!me.user) return;
  me.user = null;
  show();
  toast(config.strings.session_over, "bad");
});

whenGone(show);
await load();
keepAlive();
show();
