// Rows found by id or words. What follows when one is opened is passed in.

import * as api from "./api.js";
import { act, byId, composes, el } from "./dom.js";
import { words } from "./words.js";

let searches = 0, open = () => {};

async function find() {
  const text = byId("words").value.trim(), turn = ++searches;
  if (!text) return byId("found").replaceChildren();
  let found;
  try {
    ({ found } = await api.search(text));
  } catch (error) {
    byId("searched").textContent = error.message || words.unreached;
    return;
  }
  if (turn !== searches) return;
  byId("searched").textContent = found.length ? words.found(found.length) : words.nothing_found;
  byId("found").replaceChildren(...found.map((one) => el("li", {}, el("button", { type: "button", onclick: () => {
    byId("searching").close();
    open(one);
  } },
    el("span", { class: "meta" }, el("span", { class: "tag" }, words.kinds[one.kind]), el("span", {}, one.recipe),
      one.own && el("span", { class: "tag" }, words.says[one.own]), el("span", { class: "id" }, one.id)),
    el("span", { class: "text" }, around(one.text, text))))));
}

function around(text, wanted) {
  const at = Math.max(0, text.toLowerCase().indexOf(wanted.toLowerCase()) - 40);
  return `${at ? "…" : ""}${text.slice(at, at + 160).replace(/\s+/g, " ")}`;
}

export function openSearch() {
  byId("searching").showModal();
  byId("words").select();
}

export function setUpSearch(opens) {
  open = opens;
  let typing;
  byId("words").addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(find, 150);
  });
  byId("searching").addEventListener("keydown", (event) => {
    if (composes(event)) return;
    const found = [...byId("found").querySelectorAll("button")], at = found.indexOf(document.activeElement);
    if (event.key === "ArrowDown") act(event, () => found[Math.min(at + 1, found.length - 1)]?.focus());
    else if (event.key === "ArrowUp") act(event, () => (at > 0 ? found[at - 1] : byId("words")).focus());
    else if (event.key === "Enter" && at < 0) act(event, () => found[0]?.click());
  });
  byId("open-search").onclick = openSearch;
}
