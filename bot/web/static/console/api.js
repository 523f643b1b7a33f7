/* The console's way to the gateway: JSON there and back, the signed-in user, and the stream of what is new. */

const BASE = "/console/api";

/** An answer of the gateway that is not a success; its message is for people. */
export class Refused extends Error {
  constructor(status, { code, message, held_by } = {}) {
    super(message || code || String(status));
    Object.assign(this, { status, code, heldBy: held_by });
  }
}

export const me = { user: null, permissions: [], csrf: "sign-in" };
export const may = (permission) => me.permissions.includes(permission);

/** What `/config` says: `strings`, `names` of kinds and statuses, `slots`, `roles`, `shop`. */
export const config = {};

let onSignedOut = () => {};
export const whenSignedOut = (act) => (onSignedOut = act);

const call = (method, path, body) =>
  body === undefined ? fetched(method, path) : fetched(method, path, JSON.stringify(body), "application/json");

async function fetched(method, path, body, type) {
  const headers = { "X-Shakwa-CSRF": me.csrf, ...(type && { "Content-Type": type }) };
  const response = await fetch(BASE + path, { method, headers, body });
  if (response.ok) return response.status === 204 ? null : response.json();
  const { error } = await response.json().catch(() => ({}));
  if (response.status === 401) onSignedOut();
  throw new Refused(response.status, error);
}

const withQuery = (path, params) => {
  const query = new URLSearchParams(Object.entries(params).filter(([, value]) => value !== "" && value != null));
  return query.size ? `${path}?${query}` : path;
};

export const get = (path, params = {}) => call("GET", withQuery(path, params));
/** Sends a file as the body; what is asked of it goes into the address. */
export const postFile = (path, params, file) => fetched("POST", withQuery(path, params), file, "application/octet-stream");
export const post = (path, body = {}) => call("POST", path, body);
export const put = (path, body) => call("PUT", path, body);
export const remove = (path) => call("DELETE", path);

export async function load() {
  const told = await get("/config");
  Object.assign(config, told);
  if (told.me) Object.assign(me, told.me);
}

export async function signIn(login, password) {
  me.csrf = "sign-in";
  Object.assign(me, await post("/sign-in", { login, password }));
}

export async function choosePassword(old, fresh) {
  Object.assign(me, await post("/password", { old, new: fresh }));
}

export async function signOut() {
  await post("/sign-out").catch(() => {});
  Object.assign(me, { user: null, permissions: [], csrf: "sign-in" });
}

/**
 * Opens the stream; `heard` maps an event's name to what is done with its data. A broken line is taken up again by the
 * browser, from the number of the last message. Returns what closes it.
 */
export function listen(conversation, after, heard) {
  const query = new URLSearchParams({ conversation, after });
  const source = new EventSource(`${BASE}/stream?${query}`);
  for (const [name, act] of Object.entries(heard)) source.addEventListener(name, ({ data }) => act(JSON.parse(data)));
  source.addEventListener("signed-out", () => (source.close(), onSignedOut()));
  source.addEventListener("error", () => heard.line?.(false));
  source.addEventListener("open", () => heard.line?.(true));
  return () => source.close();
}

/** Says that somebody is here, at most once a minute, as long as they do something: the session lives on. */
export function keepAlive() {
  let at = Date.now();
  const act = () => {
    if (!me.user || Date.now() - at < 60_000) return;
    at = Date.now();
    post("/here").catch(() => {});
  };
  for (const event of ["pointerdown", "keydown"]) addEventListener(event, act, { passive: true });
}

let cannedReplies = null;
export const canned = async (again = false) => (cannedReplies = !again && cannedReplies ? cannedReplies : (await get("/canned")).replies);
