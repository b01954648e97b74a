// A row as one reads and edits it. Nothing here talks to the server or keeps anything.

import { diff } from "./diff.js";
import { byId, el, squeezed } from "./dom.js";
import { letter, words } from "./words.js";

const ORDER = ["instruction", "input", "output", "stem", "choices", "explanation", "evidence"];

export const isQuestion = (card) => card.kind === "question";
export const value = (card, draft, field) => draft.edit[field] ?? card.fields[field];
export const isChanged = (draft) => Object.keys(draft.edit).length > 0;

// Keeps of an edit what differs from the row; choices name the answer with them.
export function changed(card, edit) {
  const differs = (name) => edit[name] !== undefined && JSON.stringify(edit[name]) !== JSON.stringify(card.fields[name]);
  const kept = Object.fromEntries(Object.entries(edit).filter(([name]) => differs(name)));
  if (kept.choices) kept.answer = edit.answer ?? card.fields.answer;
  return kept;
}

export function showRow(root, { card, draft, editing }, on) {
  const fields = ORDER.filter((name) => name in card.fields && (editing || card.fields[name] !== "" || name in draft.edit));
  root.replaceChildren(
    el("p", { class: "meta" }, el("span", { class: "tag" }, words.kinds[card.kind]), card.recipe && el("span", {}, card.recipe),
      el("span", { class: "id" }, card.id)),
    card.own ? el("p", { class: "own" }, words.own(words.says[card.own.edit ? "edit" : card.own.verdict]),
      card.own.reason && ` – ${card.own.reason}`) : "",
    sides(card, on),
    checks(card), // above the texts: a long one would push what is doubtful off the screen
    ...fields.map((name) => (name === "choices" ? choices(card, draft, editing, on) : textField(card, draft, name, editing, on))),
    card.kind === "sample" ? audit(draft, on) : "",
    near(card),
  );
  for (const one of root.querySelectorAll("textarea")) grow(one);
}

export function showDiff(card, draft, name) {
  const place = byId(`diff-${name}`);
  if (!place) return;
  const now = draft.edit[name];
  place.hidden = now === undefined;
  if (now !== undefined) place.replaceChildren(...pieces(card.fields[name], now));
}

const pieces = (before, after) =>
  diff(before, after).map(([how, text]) => el({ same: "span", gone: "del", come: "ins" }[how], {}, text));

function textField(card, draft, name, editing, on) {
  const label = words.fields[name];
  if (editing) {
    const area = el("textarea", { id: `field-${name}`, rows: "2", oninput: (event) => {
      grow(event.target);
      on.change(name, event.target.value);
    } });
    area.value = value(card, draft, name);
    const place = el("div", { id: `diff-${name}`, class: "text diff", "aria-label": words.changed });
    place.hidden = draft.edit[name] === undefined;
    if (!place.hidden) place.append(...pieces(card.fields[name], draft.edit[name]));
    return el("div", { class: `field ${name}` }, el("label", { for: area.id }, label), area, place);
  }
  const clues = name === "input" && card.clues.length && draft.edit.input === undefined;
  const body = draft.edit[name] !== undefined ? el("div", { class: "text diff" }, ...pieces(card.fields[name], draft.edit[name]))
    : clues ? el("div", {}, ...card.clues.map(clue)) : el("div", { class: "text" }, card.fields[name]);
  if (name === "input" && isSource(card, card.fields.input) && draft.edit.input === undefined) {
    return el("details", { class: "field input" }, el("summary", {}, `${label} – ${words.as_source}`), body);
  }
  return el("div", { class: `field ${name}` }, el("h2", {}, label), body);
}

// Whether a source shows all of it already: it need not push the answer off the screen.
const isSource = (card, text) => card.sources.some((one) => one.kind === "passage" && squeezed(one.text) === squeezed(text));

const clue = (one) => el("div", { class: one.named ? "clue named" : "clue" },
  el("h3", {}, words.clue(one.number), one.named && el("span", { class: "tag" }, words.named)), el("div", { class: "text" }, one.text));

function choices(card, draft, editing, on) {
  const now = value(card, draft, "choices"), answer = value(card, draft, "answer");
  const lines = now.map((text, at) => {
    const id = `choice-${at}`, is = at === answer, label = words.choice(letter(at));
    const pick = el("button", { type: "button", class: "pick", role: "radio", "aria-checked": String(is), "aria-label": `${label}: ${text}`,
      onclick: () => on.pick(at) }, letter(at));
    const shown = editing
      ? el("textarea", { id, rows: "1", "aria-label": label, "data-choice": String(at),
        oninput: (event) => { grow(event.target); on.choice(at, event.target.value); } })
      : card.fields.choices.includes(text) ? el("span", { class: "text" }, text)
        : el("span", { class: "text diff" }, ...pieces(card.fields.choices[at] ?? "", text));
    if (editing) shown.value = text;
    const move = (by, word, sign) => el("button", { type: "button", class: "move", tabindex: "-1", "aria-label": `${label}: ${word}`,
      disabled: at + by < 0 || at + by >= now.length, onclick: () => on.move(at, by) }, sign);
    return el("li", { class: is ? "answer" : "" }, pick, shown,
      is && !editing && el("span", { class: "tag" }, words.is_answer), editing && [move(-1, words.up, "▲"), move(1, words.down, "▼")]);
  });
  const right = card.fields.choices[card.fields.answer];
  const moved = now[answer] !== right && draft.edit.answer !== undefined;
  return el("div", { class: "field choices" }, el("h2", { id: "choices-title" }, words.fields.choices),
    el("ol", { role: "radiogroup", "aria-labelledby": "choices-title" }, lines),
    moved && el("p", { class: "text diff" }, el("del", {}, right), " → ", el("ins", {}, now[answer])));
}

function audit(draft, on) {
  const lines = words.audit.map((text, at) => {
    const said = draft.answers[at], how = said === null ? "open" : said ? "yes" : "no";
    return el("li", {}, el("button", { type: "button", class: `audit ${how}`, onclick: () => on.answer(at) },
      el("kbd", {}, String(at + 1)), el("span", {}, text), el("strong", {}, words[how])));
  });
  const comment = el("textarea", { id: "comment", rows: "1", maxlength: "4000", oninput: (event) => { grow(event.target); on.comment(event.target.value); } });
  comment.value = draft.reason;
  return el("div", {}, el("ol", { class: "audits" }, lines), el("label", { for: "comment" }, words.comment), comment);
}

function sides(card, on) {
  if (!card.sides.length) return "";
  return el("div", { class: "field sides" }, el("h2", {}, words.sides), ...card.sides.map((one, at) =>
    el("div", { class: "side" }, el("h3", {}, words.side(at + 1), el("span", { class: `tag ${one.says}` }, words.says[one.says]),
      el("button", { type: "button", class: "take", onclick: () => on.take(at) }, words.take, " ", el("kbd", {}, `Alt+${at + 1}`))),
      one.reason && el("p", { class: "text" }, one.reason),
      ...Object.entries(one.edit ?? {}).map(([name, now]) => el("div", {}, el("h3", {}, words.fields[name]), sideEdit(card, name, now))))));
}

function sideEdit(card, name, now) {
  if (name === "answer") return el("div", { class: "text" }, words.answer_moved(letter(card.fields.answer), letter(now)));
  const line = (one) => (Array.isArray(one) ? one.map((text, at) => `${letter(at)}. ${text}`).join("\n") : one);
  return el("div", { class: "text diff" }, ...pieces(line(card.fields[name]), line(now)));
}

// Whether the teacher's votes, which stand below it, say what the filter says.
const VOTED = { disputed_answer: "solved", solved_without_passage: "solved_blind" };
const voted = (card, mark) => card.marks.some((one) => one.kind && one.kind === VOTED[mark.filter]);

function checks(card) {
  const lines = card.marks.map((mark) => el("li", {}, "filter" in mark
    ? [el("span", { class: "tag warn", title: mark.filter }, words.gates[mark.filter] ?? mark.filter),
      !voted(card, mark) && [` ${mark.reason}`, mark.against && ` – ${mark.against}`]].flat()
    : [el("span", { class: mark.right < mark.votes ? "tag warn" : "tag" }, `${mark.right}/${mark.votes}`), ` ${words.judge(mark)}`,
      mark.said.length > 0 && `: ${[...new Set(mark.said)].join(" / ")}`]));
  if (!lines.length) return card.kind === "row" ? el("p", { class: "quiet" }, words.no_checks) : "";
  return el("div", { class: "field checks" }, el("h2", {}, words.checks), el("ul", {}, lines));
}

function near(card) {
  if (!card.near.length) return "";
  return el("details", { class: "field near" }, el("summary", {}, `${words.near} (${card.near.length})`), ...card.near.map((one) =>
    el("div", { class: "side" }, el("h3", {}, el("span", { class: "tag" }, one.filter), one.score !== null && ` ${one.score.toFixed(2)}`),
      el("p", { class: "text quiet" }, one.reason), el("div", { class: "text" }, `${one.instruction}\n${one.output}`))));
}

function grow(area) {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
}
