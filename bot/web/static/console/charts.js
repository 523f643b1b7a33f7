/* Small charts: bars with their numbers beside them, and a bar for each day with the same as a table. */

import { config } from "./api.js";
import { bdi, el } from "./dom.js";
import { table } from "./table.js";

export const card = (title, content, kind = "") => el("section", { class: `card ${kind}` }, el("h2", {}, title), content);

export const percent = (share) => (share === null ? "–" : `${Math.round(share * 1000) / 10}٪`);

export function bars(rows) {
  const { strings } = config;
  const most = Math.max(1, ...rows.map(([, count]) => count));
  if (!rows.some(([, count]) => count)) return el("p", { class: "empty" }, strings.nothing_yet);
  return el("table", { class: "bars" }, el("tbody", {}, ...rows.map(([label, count]) =>
    el("tr", {}, el("th", { scope: "row" }, bdi(label)), el("td", {}, el("meter", { min: 0, max: most, value: count, "aria-label": `${label}: ${count}` })), el("td", { class: "number" }, String(count))))));
}

const SVG = "http://www.w3.org/2000/svg";

/** A bar for each of (day, number), the newest at the left end as Arabic reads; it is for the eye alone. */
export function dayBars(rows, kind = "days", shown = String) {
  const most = Math.max(Number.MIN_VALUE, ...rows.map(([, count]) => count));
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", kind);
  svg.setAttribute("viewBox", `0 0 ${rows.length * 10} 100`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  rows.forEach(([day, count], at) => {
    const bar = document.createElementNS(SVG, "rect");
    const height = ((count ?? 0) / most) * 96;
    for (const [name, value] of Object.entries({ x: (rows.length - 1 - at) * 10 + 1.5, y: 100 - height, width: 7, height })) bar.setAttribute(name, value);
    const title = document.createElementNS(SVG, "title");
    title.textContent = `${day}: ${shown(count)}`;
    bar.append(title);
    svg.append(bar);
  });
  return svg;
}

/** The bars of the days and, for whoever cannot see them, a table with `heads` and what `cells` makes of each day's row. */
export function days(rows, label, { heads = [config.strings.count], shown = String, cells = ([, count]) => [shown(count)] } = {}) {
  const busy = rows.filter(([, count]) => count).reverse();
  const listed = table([config.strings.day, ...heads], busy.map((row) => [el("time", { datetime: row[0] }, row[0]), ...cells(row)]));
  return el("div", {}, dayBars(rows, "days", shown), el("details", {}, el("summary", {}, label), listed));
}
