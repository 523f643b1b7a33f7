/* The analysts' pages: the tabs above them, and which of them an address names. */

import { config, may } from "./api.js";
import { el } from "./dom.js";
import { driftPage } from "./drift.js";
import { healthPage } from "./health.js";
import { missingPage } from "./missing.js";
import { modelsPage } from "./models.js";
import { inboxPage } from "./nlu.js";

/** Rest of the address → page, and what it needs; its name is in the strings, `nlu_tabs`. A page is a function main → what ends it. */
const TABS = [
  { path: "", name: "inbox", needs: "label", page: inboxPage },
  { path: "health", name: "health", needs: "label", page: healthPage },
  { path: "models", name: "models", needs: "see_nlu", page: modelsPage },
  { path: "drift", name: "drift", needs: "see_nlu", page: driftPage },
];

export function nluPage(main, [path = ""]) {
  const allowed = TABS.filter((tab) => may(tab.needs));
  const current = allowed.find((tab) => tab.path === path) ?? (path === "" ? allowed[0] : undefined);
  main.append(tabs(allowed, current));
  return (current?.page ?? missingPage)(main);
}

const tabs = (allowed, current) =>
  el("nav", { class: "tabs", "aria-label": config.strings.pages.nlu },
    ...allowed.map((tab) => el("a", { href: tab.path ? `/console/nlu/${tab.path}` : "/console/nlu", "aria-current": tab === current && "page" }, config.strings.nlu_tabs[tab.name])));
