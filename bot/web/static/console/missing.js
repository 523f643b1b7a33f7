/* What stands where an address names no page. */

import { config } from "./api.js";
import { el } from "./dom.js";

export function missingPage(main) {
  main.append(el("h1", {}, config.strings.missing), el("p", {}, config.strings.missing_why));
}
