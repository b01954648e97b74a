// Calls to the server with the reviewer's token, which the link brought and this tab alone keeps.

const TOKEN = "token";
const PATIENCE = 20_000;
const MOST_PICTURES = 24;

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export class Unreached extends Error {}

export function takeToken() {
  if (location.hash.length > 1) {
    sessionStorage.setItem(TOKEN, location.hash.slice(1));
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(TOKEN);
}

export const nextCard = (after, kind) => json(`/api/next?after=${after}&kind=${kind}`);
export const cardOf = (kind, id) => json(`/api/cards/${kind}/${encodeURIComponent(id)}`);
export const me = () => json("/api/me");
export const search = (words) => json(`/api/search?words=${encodeURIComponent(words)}`);
export const decide = (said) => json("/api/decisions", { method: "POST", body: JSON.stringify(said) });

const pictures = new Map();

// Address and place of a page's picture; each is fetched once as long as it is remembered.
export function pictureOf(passage, page) {
  const path = `/api/pictures/${encodeURIComponent(passage)}/${page}`;
  const known = pictures.get(path) ?? fetchPicture(path);
  pictures.delete(path);
  pictures.set(path, known);
  known.catch(() => pictures.delete(path));
  if (pictures.size > MOST_PICTURES) {
    const [oldest, gone] = pictures.entries().next().value;
    pictures.delete(oldest);
    gone.then((one) => URL.revokeObjectURL(one.address), () => {});
  }
  return known;
}

async function fetchPicture(path) {
  const answer = await call(path);
  return { address: URL.createObjectURL(await answer.blob()), top: Number(answer.headers.get("passage-top") ?? 0) };
}

async function json(path, given) {
  const answer = await call(path, given);
  try {
    return await answer.json();
  } catch {
    throw new Unreached();
  }
}

async function call(path, given = {}) {
  const headers = { Authorization: `Bearer ${sessionStorage.getItem(TOKEN) ?? ""}` };
  let answer;
  try {
    answer = await fetch(path, { ...given, headers, signal: AbortSignal.timeout(PATIENCE), cache: "no-store" });
  } catch {
    throw new Unreached();
  }
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({}));
  throw new Refused(answer.status, told.error ?? `HTTP ${answer.status}`);
}
