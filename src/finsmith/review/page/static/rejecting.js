// Why a row is rejected: by a number or in one's own words. What is sent and kept is passed in.

import { act, byId, composes, el } from "./dom.js";
import { now } from "./state.js";
import { words } from "./words.js";

let send = () => {};

export function askWhy() {
  if (now.card.kind === "sample") return;
  byId("reasons").replaceChildren(...words.reasons[now.card.kind].map((text, at) =>
    el("button", { type: "button", onclick: () => rejectFor(text) }, el("kbd", {}, String(at + 1)), ` ${text}`)));
  byId("reason").value = now.draft.reason;
  byId("rejecting").showModal();
  (now.draft.reason ? byId("reason") : byId("reasons").firstChild).focus();
}

function rejectFor(reason) {
  if (!reason.trim()) return byId("reason").focus();
  byId("rejecting").close("");
  send("reject", { reason: reason.trim() });
}

export function setUpRejecting(sends, keep) {
  send = sends;
  byId("rejecting").addEventListener("keydown", (event) => {
    if (composes(event)) return;
    if (event.target.id === "reason") {
      if (event.key === "Enter" && !event.shiftKey) act(event, () => rejectFor(byId("reason").value));
      return;
    }
    const preset = words.reasons[now.card.kind]?.[Number(event.key) - 1];
    if (preset) act(event, () => rejectFor(preset));
    else if (event.key === "0") act(event, () => byId("reason").focus());
  });
  byId("rejecting").querySelector("form").addEventListener("submit", (event) => {
    if (event.submitter?.value === "send") act(event, () => rejectFor(byId("reason").value));
  });
  byId("reason").addEventListener("input", () => {
    now.draft.reason = byId("reason").value;
    keep();
  });
}
