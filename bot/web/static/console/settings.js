/* Settings: one's password, canned replies, and, for whoever may, the people who work here and the webhooks. */

import { canned, choosePassword, config, get, may, me, post, put, remove } from "./api.js";
import { auditSection } from "./audit.js";
import { ask, bdi, button, el, field, filled, ltr, option, scrolled, toast, when } from "./dom.js";
import { table } from "./table.js";

export function settingsPage(main) {
  const { strings } = config;
  main.append(el("header", { class: "head" }, el("h1", {}, strings.pages.settings)));
  if (may("answer")) main.append(cannedSection());
  if (may("manage_users")) main.append(usersSection());
  if (may("manage_webhooks")) main.append(webhooksSection());
  if (may("see_audit")) main.append(auditSection());
  main.append(passwordSection());
}

// --- Canned replies ----------------------------------------------------------------------------------------------------

function cannedSection() {
  const { strings } = config;
  const list = scrolled(strings.canned);
  const section = el("section", { class: "card" }, el("h2", {}, strings.canned), el("p", { class: "hint" }, strings.canned_hint),
    button(strings.add, () => edit(null), { class: "primary" }), list);
  const editable = (one) => !one.shared || may("share_canned");

  async function edit(one) {
    const fields = [
      field(strings.shortcut, el("input", { name: "shortcut", required: true, value: one?.shortcut ?? "" })),
      field(strings.title, el("input", { name: "title", required: true, value: one?.title ?? "" })),
      field(strings.text, el("textarea", { name: "text", required: true, rows: 5, dir: "auto" }, one?.text ?? ""), strings.variables),
      !one && may("share_canned") && el("label", { class: "available" }, el("input", { type: "checkbox", name: "shared", value: "yes" }), strings.for_everybody),
    ];
    const given = await ask(strings.canned, fields, strings.save, strings.cancel);
    if (!given) return;
    const body = { shortcut: given.shortcut, title: given.title, text: given.text };
    if (one) await put(`/canned/${one.id}`, body);
    else await post("/canned", { ...body, shared: given.shared === "yes" });
    await show();
  }

  async function drop(one) {
    if (!(await ask(filled(strings.really_delete, { what: one.title }), [], strings.delete, strings.cancel))) return;
    await remove(`/canned/${one.id}`);
    await show();
  }

  async function show() {
    const replies = await canned(true);
    list.replaceChildren(table([strings.shortcut, strings.title, strings.text, strings.actions], replies.map((one) => [
      el("bdi", { class: "name" }, `/${one.shortcut}`), bdi(one.title), el("span", { dir: "auto" }, one.text),
      editable(one) && el("span", { class: "row" }, button(strings.edit, () => edit(one), { class: "small" }), button(strings.delete, () => drop(one), { class: "small" })),
    ])));
  }
  show();
  return section;
}

// --- Users -------------------------------------------------------------------------------------------------------------

function usersSection() {
  const { strings } = config;
  const list = scrolled(strings.users);
  const section = el("section", { class: "card" }, el("h2", {}, strings.users), button(strings.add, add, { class: "primary" }), list);

  async function add() {
    const roles = config.roles.map((role) => option(role, strings.roles[role], "agent"));
    const fields = [
      field(strings.login, el("input", { name: "login", required: true, dir: "ltr", pattern: "[a-z0-9][a-z0-9._\\-]{1,31}" }), strings.login_hint),
      field(strings.name, el("input", { name: "name", required: true })),
      field(strings.role, el("select", { name: "role" }, ...roles)),
    ];
    const given = await ask(strings.users, fields, strings.add, strings.cancel);
    if (!given) return;
    const { user, password } = await post("/users", given);
    await tell(user.login, password);
    await show();
  }

  const tell = (login, password) =>
    ask(strings.one_time_password, [el("p", {}, filled(strings.tell_password, { login })), el("p", { class: "secret" }, ltr(password))], strings.done, strings.cancel);

  async function reset(user) {
    if (!(await ask(filled(strings.really_reset, { name: user.name }), [], strings.new_password, strings.cancel))) return;
    await tell(user.login, (await post(`/users/${user.login}/password`)).password);
    await show();
  }

  async function turn(user) {
    await post(`/users/${user.login}/${user.disabled ? "enable" : "disable"}`);
    await show();
  }

  async function show() {
    const { users } = await get("/users");
    const state = (one) => (one.disabled ? strings.disabled : one.one_time ? strings.not_in_yet : strings.active);
    list.replaceChildren(table([strings.name, strings.login, strings.role, strings.state, strings.last_seen, strings.actions], users.map((one) => [
      bdi(one.name), ltr(one.login), strings.roles[one.role], state(one), when(one.signed_in_at),
      one.id !== me.user.id && el("span", { class: "row" }, button(strings.new_password, () => reset(one), { class: "small" }),
        button(one.disabled ? strings.enable : strings.disable, () => turn(one), { class: "small" })),
    ])));
  }
  show();
  return section;
}

// --- Webhooks ----------------------------------------------------------------------------------------------------------

function webhooksSection() {
  const { strings } = config;
  const [list, deliveries] = [scrolled(strings.webhooks), scrolled(strings.deliveries)];
  const section = el("section", { class: "card" }, el("h2", {}, strings.webhooks), el("p", { class: "hint" }, strings.webhooks_hint),
    button(strings.add, add, { class: "primary" }), list, el("h3", {}, strings.deliveries), deliveries);

  async function add() {
    const topics = config.topics.map((topic) => el("label", { class: "available" }, el("input", { type: "checkbox", name: topic, value: "on" }), strings.topics[topic]));
    const fields = [
      field(strings.address, el("input", { name: "url", type: "url", required: true, dir: "ltr" })),
      field(strings.what_for, el("input", { name: "description" })),
      el("fieldset", {}, el("legend", {}, strings.tell_of), ...topics),
    ];
    const given = await ask(strings.webhooks, fields, strings.add, strings.cancel);
    if (!given) return;
    const chosen = config.topics.filter((topic) => given[topic]);
    const { secret } = await post("/webhooks", { url: given.url, description: given.description, topics: chosen });
    await tellSecret(secret);
    await show();
  }

  const tellSecret = (secret) =>
    ask(strings.signing_secret, [el("p", {}, strings.tell_secret), el("p", { class: "secret" }, ltr(secret))], strings.done, strings.cancel);

  async function renew(one) {
    if (await ask(strings.really_renew, [], strings.renew_secret, strings.cancel)) await tellSecret((await post(`/webhook-secrets/${one.id}`)).secret);
  }

  async function drop(one) {
    if (!(await ask(filled(strings.really_delete, { what: one.url }), [], strings.delete, strings.cancel))) return;
    await remove(`/webhooks/${one.id}`);
    await show();
  }

  const act = (path) => async () => {
    await post(path);
    toast(strings.done);
    await show();
  };

  async function show() {
    const [{ webhooks }, { deliveries: sent }] = [await get("/webhooks"), await get("/deliveries")];
    const small = { class: "small" };
    list.replaceChildren(table([strings.address, strings.tell_of, strings.state, strings.actions], webhooks.map((one) => [
      el("span", {}, ltr(one.url), el("small", { class: "block" }, bdi(one.description))), one.topics.map((topic) => strings.topics[topic]).join("، "),
      one.active ? strings.on : strings.off,
      el("span", { class: "row" }, button(strings.try_it, act(`/webhook-tests/${one.id}`), small),
        button(one.active ? strings.turn_off : strings.turn_on, act(`/webhooks/${one.id}/${one.active ? "off" : "on"}`), small),
        button(strings.renew_secret, () => renew(one), small), button(strings.delete, () => drop(one), small)),
    ])));
    deliveries.replaceChildren(sent.length ? table([strings.topic, strings.state, strings.tries, strings.last_answer, strings.when, strings.actions], sent.map((one) => [
      strings.topics[one.topic] || one.topic, strings.delivery_states[one.state], String(one.tries), one.error || one.status ? ltr(one.error || String(one.status)) : "–",
      when(one.created_at), button(strings.send_again, act(`/deliveries/${one.id}/resend`), small),
    ])) : el("p", { class: "empty" }, strings.nothing_sent));
  }
  show();
  return section;
}

function passwordSection() {
  const { strings } = config;
  const entry = (autocomplete) => el("input", { type: "password", autocomplete, dir: "ltr", required: true });
  const [old, fresh] = [entry("current-password"), entry("new-password")];
  const wrong = el("p", { class: "wrong", role: "alert" });
  const save = async (event) => {
    event.preventDefault();
    wrong.textContent = "";
    try {
      await choosePassword(old.value, fresh.value);
      old.value = fresh.value = "";
      toast(strings.done);
    } catch (error) {
      wrong.textContent = error.message;
    }
  };
  const login = el("input", { type: "text", autocomplete: "username", value: me.user.login, hidden: true });
  return el("form", { class: "card narrow-card", onsubmit: save }, el("h2", {}, strings.choose_password), login,
    field(strings.old_password, old), field(strings.new_password, fresh, strings.password_hint), wrong, el("button", {}, strings.save));
}
