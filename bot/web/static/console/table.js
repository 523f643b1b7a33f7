/* Tables as the pages of settings show them. */

import { el } from "./dom.js";

/** A table with a head; cells are texts or elements. */
export function table(heads, rows) {
  return el("table", {}, el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, ...rows.map((cells) => el("tr", {}, ...cells.map((cell) => el("td", {}, cell))))));
}
