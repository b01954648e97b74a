// Keys and what they do; they do nothing while a field has the focus or an input method composes a syllable.
// What is done is passed in.

import { isChanged, isQuestion, value } from "./card.js";
import { act, byId, composes } from "./dom.js";
import { now } from "./state.js";

const CODES = { KeyA: "a", KeyR: "r", KeyE: "e", KeyS: "s", KeyU: "u", Slash: "/", BracketLeft: "[", BracketRight: "]" };
const keys = (does) => ({
  a: does.accept, r: does.askWhy, e: () => does.setEditing(true), s: does.skip,
  Escape: () => isChanged(now.draft) && does.reset(), "[": () => does.turn(-1), "]": () => does.turn(1),
});

const isField = (target) => target.matches("textarea, select, input");

// A Hangul keyboard gives ㅁ for a; where no text is written the key's place counts.
const keyOf = (event) => (/^[ -~]$/.test(event.key) ? event.key.toLowerCase() : event.key.length > 1 ? event.key : CODES[event.code] ?? event.key);

export function setUpKeys(does) {
  addEventListener("keydown", (event) => pressed(event, does));
}

function pressed(event, does) {
  if (composes(event) || document.querySelector("dialog[open]")) return;
  if (event.ctrlKey || event.metaKey) {
    if ((now.editing || event.target.id === "comment") && event.key === "Enter") act(event, does.accept);
    return;
  }
  if (isField(event.target)) return inField(event, does);
  const key = keyOf(event);
  if (key === "?") return act(event, () => byId("helping").showModal());
  if (key === "/") return act(event, does.openSearch);
  if (key === "u") return act(event, does.undo);
  if (!now.card || now.busy || event.repeat) return;
  if (event.altKey && /^Digit[1-9]$/.test(event.code)) return act(event, () => does.on.take(Number(event.code.at(-1)) - 1));
  if (event.altKey) return isQuestion(now.card) && arrows(event, (by) => does.on.move(value(now.card, now.draft, "answer"), by, false));
  if (now.editing) return key === "Escape" && act(event, () => does.setEditing(false));
  if (isQuestion(now.card) && /^[1-5]$/.test(key)) return act(event, () => does.on.pick(Number(key) - 1));
  if (now.card.kind === "sample" && /^[1-3]$/.test(key)) return act(event, () => does.on.answer(Number(key) - 1));
  if (isQuestion(now.card) && /^Arrow(Up|Down)$/.test(key)) {
    const count = value(now.card, now.draft, "choices").length;
    return arrows(event, (by) => does.on.pick((value(now.card, now.draft, "answer") + by + count) % count));
  }
  const work = keys(does)[key];
  if (work) act(event, work);
}

function inField(event, does) {
  if (event.key === "Escape" && now.editing) return act(event, () => does.setEditing(false));
  if (event.key === "Escape" && event.target.id === "comment") return act(event, () => byId("row").focus());
  const at = event.target.dataset?.choice;
  if (event.altKey && at !== undefined) arrows(event, (by) => does.on.move(Number(at), by));
}

function arrows(event, move) {
  if (event.key === "ArrowUp" || event.key === "ArrowDown") act(event, () => move(event.key === "ArrowUp" ? -1 : 1));
}
