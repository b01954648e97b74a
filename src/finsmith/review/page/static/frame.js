// The frame around a row: how far one is, what was just done, a banner where the server does not answer.

import { byId, el } from "./dom.js";
import { now } from "./state.js";
import { language, words } from "./words.js";

export function counts() {
  const p = now.progress;
  if (!p) return;
  const of = now.kind ? p.kinds[now.kind] ?? { open: 0, skipped: 0, decided: 0 } : p;
  byId("counts").textContent = words.counts(of, p.rows_per_hour) + words.yield(p.doubtful, p.others);
  Object.assign(byId("bar"), { max: Math.max(1, of.decided + of.open + of.skipped), value: of.decided });
}

export function chrome() {
  byId("language").textContent = language === "ko" ? "English" : "한국어";
  byId("kind").replaceChildren(...Object.entries(words.kinds).map(([kind, text]) => el("option", { value: kind }, text)));
  byId("kind").value = now.kind;
  byId("keys").replaceChildren(...words.keys.flatMap(([key, text]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, text)]));
  byId("bar").setAttribute("aria-labelledby", "counts");
}

export function tell(text, refused = false) {
  byId("told").textContent = text;
  byId("told").classList.toggle("refused", refused);
}

export function say(text) {
  if (byId("banner").hidden || byId("banner").dataset.text !== text) {
    byId("banner").dataset.text = text;
    byId("banner").replaceChildren(el("span", {}, text), " ", el("button", { type: "button", id: "retry" }, words.retry));
  }
  byId("banner").hidden = false;
  byId("row").inert = true; // what is under way is what one sees
}

export function unsay(back = true) {
  if (byId("banner").hidden) return;
  byId("banner").hidden = true;
  byId("row").inert = false;
  if (back) tell(words.back);
}
