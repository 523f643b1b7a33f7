/* Who saw which conversation, and who took data out or away: for the admin, a page of lines at a time. */

import { config, get } from "./api.js";
import { bdi, button, el, field, ltr, plural, scrolled, when } from "./dom.js";
import { table } from "./table.js";

export function auditSection() {
  const { strings } = config;
  const [list, more] = [scrolled(strings.audit), el("p", {})];
  const by = el("input", { name: "by", dir: "ltr" });
  const subject = el("input", { name: "subject", dir: "ltr" });
  let lines = [];

  async function show(before) {
    const page = await get("/audit", { by: by.value.trim(), subject: subject.value.trim(), before });
    lines = before ? [...lines, ...page.lines] : page.lines;
    list.replaceChildren(lines.length ? table([strings.when, strings.who, strings.audit_what, strings.about], lines.map(row)) : el("p", { class: "empty" }, strings.audit_empty));
    more.replaceChildren(...(page.before ? [button(strings.more, () => show(page.before))] : []));
  }

  const search = (event) => (event.preventDefault(), show());
  const form = el("form", { class: "row", onsubmit: search }, field(strings.login, by), field(strings.conversation_number, subject), el("button", {}, strings.search));
  show();
  return el("section", { class: "card" }, el("h2", {}, strings.audit), el("p", { class: "hint" }, strings.audit_hint), form, list, more);
}

const ABOUT_USERS = ["user_added", "user_disabled", "user_enabled", "password_reset"];

/** A conversation is a link, a login is not; counts are said in words. */
function row({ at, by, action, subject, details }) {
  const { strings } = config;
  const linked = subject && !ABOUT_USERS.includes(action);
  const about = linked ? el("a", { href: `/console/conversations/${subject}` }, ltr(subject)) : ltr(subject);
  const much = details.conversations ? ` ${plural(strings.conversation_count, details.conversations)}` : "";
  return [when(at), strings.actors[by] || bdi(by), strings.audit_actions[action] + much, about];
}
