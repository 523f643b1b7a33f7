/* Addresses: what leads from one page of the console to another. */

let show = () => {};

/** Says what draws the page of the present address. */
export const whenGone = (act) => (show = act);

export function go(address, { replace = false } = {}) {
  history[replace ? "replaceState" : "pushState"](null, "", address);
  show();
}
