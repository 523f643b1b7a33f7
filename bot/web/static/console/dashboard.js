/* The dashboard: figures of a stretch of days as tiles, bars and tables; every bar has its number beside it. */

import { config, get } from "./api.js";
import { bars, card, days, percent } from "./charts.js";
import { bdi, button, el, fill, plural } from "./dom.js";
import { go } from "./router.js";
import { table } from "./table.js";

export function dashboardPage(main) {
  const { strings } = config;
  const query = Object.fromEntries(new URLSearchParams(location.search));
  const place = el("div");
  main.append(el("header", { class: "head" }, el("h1", {}, strings.pages.dashboard), range(query)), place);
  get("/dashboard", { first: query.first, last: query.last }).then(
    (figures) => place.replaceChildren(...draw(figures)),
    (error) => place.replaceChildren(el("p", { role: "alert", class: "wrong" }, error.message)),
  );
}

function range(query) {
  const { strings } = config;
  const day = (name) => el("input", { type: "date", name, value: query[name], "aria-label": strings.filters[name === "first" ? "since" : "until"] });
  const submit = (event) => {
    event.preventDefault();
    const fits = new URLSearchParams([...new FormData(event.target)].filter(([, value]) => value));
    go(`/console/dashboard?${fits}`);
  };
  return el("form", { class: "row", onsubmit: submit, "aria-label": strings.range }, day("first"), day("last"), el("button", {}, strings.show), button(strings.print, () => print()));
}

function draw(figures) {
  const { strings, names } = config;
  return [
    tiles(figures),
    el("div", { class: "charts" },
      card(strings.by_day, days(figures.days, strings.by_day), "wide"),
      card(strings.by_kind, bars(figures.kinds.map(([kind, count]) => [names.kinds[kind], count]))),
      card(strings.by_channel, bars(figures.channels.map(([channel, count]) => [strings.channels[channel] || channel, count]))),
      card(strings.by_stars, bars(figures.stars.map(([star, count]) => [plural(strings.stars_n, star), count]).reverse())),
      card(strings.agents_load, agents(figures.agents), "wide")),
  ];
}

/** Hours in words: minutes below two hours. */
function time(hours) {
  if (hours === null) return "–";
  const { hours_n, minutes_n } = config.strings;
  return hours < 2 ? plural(minutes_n, Math.round(hours * 60)) : plural(hours_n, Math.round(hours));
}

function tiles(figures) {
  const { strings } = config;
  const slow = ({ p90 }) => p90 !== null && fill(strings.p90, { n: time(p90) });
  const shown = [
    ["complaints", figures.complaints],
    ["conversations", figures.conversations],
    ["bot_solved", percent(figures.bot_solved)],
    ["first_answer", time(figures.first_answer.median), slow(figures.first_answer)],
    ["resolution", time(figures.resolution.median), slow(figures.resolution)],
    ["breached", percent(figures.breached)],
    ["satisfaction", figures.satisfaction ?? "–"],
  ];
  return el("div", { class: "tiles" }, ...shown.map(([name, value, more]) =>
    el("div", { class: "card tile" }, el("b", {}, String(value)), strings.figures[name], more && el("small", { class: "block" }, more))));
}

function agents(rows) {
  const { strings } = config;
  if (!rows.length) return el("p", { class: "empty" }, strings.nothing_yet);
  return table([strings.colleague, strings.taken, strings.messages_sent, strings.answered_complaints, strings.first_word],
    rows.map((one) => [bdi(one.name), String(one.taken), String(one.messages), String(one.answers), one.seconds === null ? "–" : time(one.seconds / 3600)]));
}
