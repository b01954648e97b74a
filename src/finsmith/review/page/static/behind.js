// What stands behind a row: its pages with the passage marked, its text with what the answer says, glossary entries.

import { pictureOf } from "./api.js";
import { el, squeezed } from "./dom.js";
import { words } from "./words.js";

const SHORT = 12; // characters of a sentence that may be looked for in a source
const FIGURE = /\d[\d,.]*\d|\d/g;

export function showBehind(root, card, active, pick) {
  const sources = card.sources;
  if (!sources.length) {
    root.replaceChildren(el("p", { class: "quiet" }, card.recipe === "general" ? words.general : words.no_source));
    return;
  }
  const one = sources[active] ?? sources[0];
  const tabs = sources.length > 1 && el("div", { class: "tabs", role: "tablist" }, sources.map((of, at) =>
    el("button", { type: "button", role: "tab", "aria-selected": String(of === one), onclick: () => pick(at) }, titleOf(card, of))));
  root.replaceChildren(...[tabs, one.kind === "term" ? term(card, one) : passage(card, one)].filter(Boolean));
}

// The source that the answer rests on, as far as its clue tells.
export function firstSource(card) {
  const named = card.clues.filter((clue) => clue.named);
  const at = card.sources.findIndex((one) => named.some((clue) => holds(one, clue)));
  return Math.max(0, at);
}

export function fetchPictures(card) {
  const one = card.sources[firstSource(card)];
  for (const page of one?.pictured ?? []) pictureOf(one.id, page).catch(() => {});
}

function titleOf(card, one) {
  if (one.kind === "term") return one.term;
  const clue = card.clues.find((clue) => holds(one, clue));
  return [clue && `${words.clue(clue.number)}${clue.named ? " ✓" : ""} ·`, short(one.document), one.pages.map(words.page).join(", ")]
    .filter(Boolean).join(" ");
}

const short = (name) => (name.length > 28 ? `${name.slice(0, 25)}…` : name);

function holds(one, clue) {
  if (one.kind === "term") return false;
  const text = squeezed(one.text), wanted = squeezed(clue.text);
  return text.includes(wanted) || sentences(clue.text).some((sentence) => text.includes(squeezed(sentence)));
}

const sentences = (text) => text.split(/\n|(?<=[.!?])\s+/).map((one) => one.replace(/^\S{2,3}:\s/, "").trim()).filter((one) => one.length >= SHORT);

function term(card, one) {
  const names = [one.full_name, one.english].filter(Boolean);
  return el("article", {}, el("h2", {}, one.term), ...names.map((text) => el("p", { class: "text" }, text)),
    el("p", { class: "text" }, ...marked(one.definition, card)),
    el("p", { class: "quiet" }, `${words.glossary}: ${one.source}, ${one.row}`));
}

function passage(card, one) {
  const place = [one.document, one.pages.map(words.page).join(", ")].filter(Boolean).join(" · ");
  return el("article", {},
    el("h2", {}, place), one.headings.length > 0 && el("p", { class: "quiet" }, one.headings.join(" › ")),
    one.ocr_confidence !== null && el("p", { class: "tag warn" }, words.ocr(one.ocr_confidence.toFixed(2))),
    el("details", { class: "passage", open: true }, el("summary", {}, words.text), el("div", { class: "text" }, ...marked(one.text, card))),
    ...one.pictured.map((page) => picture(one, page)));
}

function picture(one, page) {
  const frame = el("div", { class: "page", tabindex: "0", "aria-label": words.page(page) }, el("p", { class: "quiet" }, words.drawing));
  pictureOf(one.id, page).then(({ address, top }) => {
    const image = el("img", { src: address, alt: words.picture(one.document, page) });
    frame.replaceChildren(image);
    image.decode().then(() => { frame.scrollTop = Math.max(0, top * image.clientHeight - 48); }, () => {});
  }, (error) => frame.replaceChildren(el("p", { class: "quiet" }, error.message)));
  return frame;
}

// The text with what the row quotes marked, and the figures of its answer.
function marked(text, card) {
  const answer = card.fields.output ?? [card.fields.choices?.[card.fields.answer], card.fields.explanation].join("\n");
  const quotes = [card.fields.evidence, ...sentences(answer)].filter(Boolean).map(loose);
  const figures = [...new Set(answer.match(FIGURE) ?? [])].filter((one) => one.length > 1).map((one) => `(?<![\\d,.])${escaped(one)}(?!\\d)`);
  return split(text, quotes, (piece) => el("mark", {}, ...split(piece, figures, figure)), (rest) => split(rest, figures, figure));
}

const figure = (piece) => el("b", { class: "figure" }, piece);
const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const loose = (text) => [...text.replace(/\s+/g, "")].map(escaped).join("\\s*");

function split(text, patterns, as, rest = (piece) => [piece]) {
  if (!patterns.length) return rest(text);
  const found = [];
  let at = 0;
  for (const match of text.matchAll(new RegExp(patterns.join("|"), "g"))) {
    if (!match[0]) continue;
    found.push(...rest(text.slice(at, match.index)), as(match[0]));
    at = match.index + match[0].length;
  }
  return [...found, ...rest(text.slice(at))];
}
