// The page: one row after the other, by keyboard or touch. A decision is shown as done when the server has confirmed it.

import * as api from "./api.js";
import { firstSource, fetchPictures, showBehind } from "./behind.js";
import { changed, isChanged, isQuestion, showDiff, showRow, value } from "./card.js";
import { Clock } from "./clock.js";
import { byId, el } from "./dom.js";
import * as drafts from "./drafts.js";
import { language, letter, speak, words } from "./words.js";

const AGAIN = 1_500; // milliseconds until what the server did not answer is sent again
const KEEP = 2_000; // milliseconds between two notes of the seconds spent

const clock = new Clock();
const now = { card: null, draft: null, editing: false, source: 0, busy: false, after: 0, kind: "", ahead: null, visits: false,
  progress: null, stopped: "" };

async function start() {
  speak(language);
  Object.assign(now, { after: drafts.place().after, kind: drafts.place().kind });
  chrome();
  if (!api.takeToken()) return stop(words.no_token);
  const { key } = drafts.place();
  await surely(async () => {
    if (drafts.underWay()) await confirm(drafts.underWay());
    const found = key ? await api.cardOf(key.kind, key.id).catch(missing) : null;
    if (found?.card && !found.card.own) show(found.card, found.progress);
    else await next();
  });
}

const missing = (error) => {
  if (error instanceof api.Refused && error.status === 404) return null;
  throw error;
};

// rows

function show(card, progress) {
  const draft = drafts.draftOf(card);
  Object.assign(now, { card, draft, editing: false, source: firstSource(card), progress: progress ?? now.progress });
  clock.start(draft.seconds);
  drafts.keepPlace({ after: now.after, kind: now.kind, key: { kind: card.kind, id: card.id } });
  render();
  byId("row").scrollTop = 0;
  byId("behind").scrollTop = 0;
  scrollTo(0, 0);
  byId("row").focus({ preventScroll: true });
  tell(isChanged(draft) ? words.draft : "");
  lookAhead();
}

// Where one goes on behind the row: a row that was searched for is a visit, and changes nothing of it.
const behindOf = (card) => (now.visits ? now.after : card.rank);

function lookAhead() {
  const { card, kind } = now, from = behindOf(card);
  const found = api.nextCard(from, kind).then((answer) => {
    if (answer.card && !same(answer.card, card)) fetchPictures(answer.card);
    return answer;
  });
  found.catch(() => {});
  now.ahead = { from, kind, found };
}

const same = (one, other) => one.kind === other.kind && one.id === other.id;

async function next(leave = now.card) {
  const ahead = now.ahead;
  let answer = null;
  Object.assign(now, { ahead: null, visits: false });
  if (leave && ahead && ahead.from === now.after && ahead.kind === now.kind) answer = await ahead.found.catch(() => null);
  if (!answer?.card || same(answer.card, leave)) {
    answer = await api.nextCard(now.after, now.kind);
    now.progress = answer.progress;
  }
  if (answer.card) return show(answer.card);
  Object.assign(now, { card: null, draft: null });
  drafts.keepPlace({ after: 0, kind: now.kind, key: null });
  render();
}

// decisions

async function send(verdict, more = {}) {
  const { card } = now;
  if (!card || now.busy) return;
  const said = { kind: card.kind, row_id: card.id, verdict, seen: card.seen, seconds: clock.seconds, ...more };
  await surely(async () => {
    tell(words.saving);
    const { decision } = await confirm(said);
    drafts.dropDraft(card);
    now.after = behindOf(card);
    await next(card);
    tell(`${words.done[decision.edit ? "edit" : verdict]}${verdict === "undo" ? "" : ` · ${words.undo_hint}`}`);
  });
}

// Sends until there is an answer: the server takes the same decision once, however often it comes.
async function confirm(said) {
  drafts.keepUnderWay(said);
  for (;;) {
    try {
      const answer = await api.decide(said);
      drafts.keepUnderWay(null);
      now.progress = answer.progress;
      unsay();
      const { id, kind, row_id } = answer.decision;
      if (said.verdict === "undo") drafts.keepDone(drafts.done().filter((one) => one.decision !== said.undoes));
      else drafts.keepDone([...drafts.done().filter((one) => one.decision !== id), { kind, id: row_id, decision: id }]);
      return answer;
    } catch (error) {
      if (!(error instanceof api.Unreached) && !(error.status >= 503)) {
        drafts.keepUnderWay(null);
        throw error;
      }
      say(error.message || words.unreached);
      await again();
    }
  }
}

const again = () => new Promise((done) => {
  const timer = setTimeout(done, AGAIN);
  byId("retry").onclick = () => { clearTimeout(timer); done(); };
});

let line = Promise.resolve();

// Runs one thing after the other; what was refused is told, and a row decided elsewhere is shown anew.
function surely(work) {
  line = line.then(() => run(work));
  return line;
}

async function run(work) {
  if (now.stopped) return;
  setBusy(true);
  try {
    for (;;) {
      try {
        await work();
        unsay();
        return;
      } catch (error) {
        if (error instanceof api.Unreached || error.status >= 503) {
          say(error.message || words.unreached);
          await again();
        } else if (error.status === 401) {
          return stop(error.message);
        } else if (error.status === 409) {
          const found = await api.cardOf(now.card.kind, now.card.id);
          show(found.card, found.progress);
          return tell(words.outdated, true);
        } else if (error instanceof api.Refused) {
          return tell(error.message, true);
        } else throw error;
      }
    }
  } finally {
    unsay(false);
    setBusy(false);
  }
}

function setBusy(busy) {
  now.busy = busy;
  byId("actions").setAttribute("aria-busy", String(busy));
}

function accept() {
  if (now.card.kind === "sample") return answerAll();
  const edit = changed(now.card, now.draft.edit);
  return send("accept", Object.keys(edit).length ? { edit } : {});
}

function answerAll() {
  const answers = now.draft.answers.map((one) => one ?? true);
  return send(answers.every(Boolean) ? "accept" : "reject", { answers, reason: now.draft.reason.trim() });
}

function askWhy() {
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

async function undo() {
  if (now.busy) return;
  const mine = now.card?.own ? { kind: now.card.kind, id: now.card.id } : drafts.done().at(-1);
  if (!mine) return tell(words.nothing_to_undo);
  await surely(async () => {
    const found = await api.cardOf(mine.kind, mine.id).catch(missing);
    const own = found?.card.own;
    if (!own) {
      drafts.keepDone(drafts.done().filter((one) => !same(one, mine)));
      return tell(words.nothing_to_undo);
    }
    const seconds = now.card && same(now.card, mine) ? clock.seconds : 0;
    await confirm({ kind: mine.kind, row_id: mine.id, verdict: "undo", undoes: own.id, seen: found.card.seen, seconds });
    const after = await api.cardOf(mine.kind, mine.id);
    if (own.edit) drafts.keepDraft(mine, { ...drafts.draftOf(mine), edit: own.edit });
    show(after.card, after.progress);
    tell(words.done.undo);
  });
}

// edits

const on = {
  change(name, text) {
    now.draft.edit = changed(now.card, { ...now.draft.edit, [name]: text });
    keep();
    showDiff(now.card, now.draft, name);
    actions();
  },
  choice(at, text) {
    const choices = value(now.card, now.draft, "choices").with(at, text);
    now.draft.edit = changed(now.card, { ...now.draft.edit, choices, answer: value(now.card, now.draft, "answer") });
    keep();
    actions();
  },
  pick(at) {
    if (now.busy || at >= value(now.card, now.draft, "choices").length) return;
    now.draft.edit = changed(now.card, { ...now.draft.edit, answer: at });
    keep();
    render();
    tell(words.answer_moved(letter(now.card.fields.answer), letter(at)));
  },
  move(at, by, focus = true) {
    const choices = [...value(now.card, now.draft, "choices")], answer = value(now.card, now.draft, "answer"), to = at + by;
    if (now.busy || to < 0 || to >= choices.length) return;
    [choices[at], choices[to]] = [choices[to], choices[at]];
    const moved = answer === at ? to : answer === to ? at : answer;
    now.draft.edit = changed(now.card, { ...now.draft.edit, choices, answer: moved });
    keep();
    render();
    if (focus) byId(`choice-${to}`)?.focus();
    tell(`${letter(at)} → ${letter(to)}`);
  },
  comment(text) {
    now.draft.reason = text;
    keep();
  },
  take(at) {
    const side = now.card.sides[at];
    if (side?.says === "reject") send("reject", { reason: side.reason });
    else if (side) send("accept", side.edit ? { edit: side.edit } : {});
  },
  answer(at) {
    now.draft.answers = now.draft.answers.with(at, now.draft.answers[at] === false);
    keep();
    render();
  },
};

function setEditing(editing) {
  if (!now.card || now.card.kind === "sample") return;
  now.editing = editing;
  render();
  const first = editing && (byId("field-output") ?? byId("field-stem"));
  (first || byId("row")).focus();
}

function reset() {
  now.draft = { ...now.draft, edit: {}, answers: [null, null, null] };
  keep();
  render();
  tell("");
}

function keep() {
  now.draft.seconds = clock.seconds;
  drafts.keepDraft(now.card, now.draft);
}

// what is shown

function render() {
  if (now.card) {
    showRow(byId("row"), now, on);
    behind();
  } else if (now.stopped) {
    return;
  } else {
    byId("row").replaceChildren(el("p", { class: "done" }, words.all_done), el("p", { class: "quiet" }, words.all_done_hint));
    byId("behind").replaceChildren();
  }
  actions();
  counts();
}

function behind() {
  showBehind(byId("behind"), now.card, now.source, (at) => {
    now.source = at;
    behind();
  });
}

function actions() {
  const { card, draft, editing } = now;
  const can = [];
  const add = (word, key, act, kind = "") => can.push(el("button", { type: "button", class: kind, onclick: act }, words[word], " ", el("kbd", {}, key)));
  if (card && editing) {
    add("save", "Ctrl+⏎", accept, "accept");
    add("leave", "Esc", () => setEditing(false));
  } else if (card) {
    const edits = isChanged(draft);
    add(card.kind === "sample" ? "send" : edits ? "accept_edited" : "accept", "a", accept, "accept");
    if (card.kind !== "sample") add("reject", "r", askWhy, "reject");
    if (card.kind !== "sample") add("edit", "e", () => setEditing(true));
    if (edits) add("reset", "Esc", reset);
    add("skip", "s", () => send("skip"));
  }
  if (!editing) add("undo", "u", undo);
  byId("actions").replaceChildren(...can);
}

function counts() {
  const p = now.progress;
  if (!p) return;
  const of = now.kind ? p.kinds[now.kind] ?? { open: 0, skipped: 0, decided: 0 } : p;
  byId("counts").textContent = words.counts(of, p.rows_per_hour) + words.yield(p.doubtful, p.others);
  Object.assign(byId("bar"), { max: Math.max(1, of.decided + of.open + of.skipped), value: of.decided });
}

function chrome() {
  byId("language").textContent = language === "ko" ? "English" : "한국어";
  byId("kind").replaceChildren(...Object.entries(words.kinds).map(([kind, text]) => el("option", { value: kind }, text)));
  byId("kind").value = now.kind;
  byId("keys").replaceChildren(...words.keys.flatMap(([key, text]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, text)]));
  byId("bar").setAttribute("aria-labelledby", "counts");
}

function tell(text, refused = false) {
  byId("told").textContent = text;
  byId("told").classList.toggle("refused", refused);
}

function say(text) {
  if (byId("banner").hidden || byId("banner").dataset.text !== text) {
    byId("banner").dataset.text = text;
    byId("banner").replaceChildren(el("span", {}, text), " ", el("button", { type: "button", id: "retry" }, words.retry));
  }
  byId("banner").hidden = false;
  byId("row").inert = true; // what is under way is what one sees
}

function unsay(back = true) {
  if (byId("banner").hidden) return;
  byId("banner").hidden = true;
  byId("row").inert = false;
  if (back) tell(words.back);
}

function stop(text) {
  Object.assign(now, { card: null, draft: null, stopped: text });
  byId("row").replaceChildren(el("p", { class: "done", role: "alert" }, text), el("p", { class: "quiet" }, words.no_token));
  byId("behind").replaceChildren();
  byId("actions").replaceChildren();
}

// search

let searches = 0;

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
  byId("found").replaceChildren(...found.map((one) => el("li", {}, el("button", { type: "button", onclick: () => open(one) },
    el("span", { class: "meta" }, el("span", { class: "tag" }, words.kinds[one.kind]), el("span", {}, one.recipe),
      one.own && el("span", { class: "tag" }, words.says[one.own]), el("span", { class: "id" }, one.id)),
    el("span", { class: "text" }, around(one.text, text))))));
}

function around(text, wanted) {
  const at = Math.max(0, text.toLowerCase().indexOf(wanted.toLowerCase()) - 40);
  return `${at ? "…" : ""}${text.slice(at, at + 160).replace(/\s+/g, " ")}`;
}

function open(one) {
  byId("searching").close();
  surely(async () => {
    const found = await api.cardOf(one.kind, one.id).catch(missing);
    if (!found) return;
    now.visits = true;
    show(found.card, found.progress);
  });
}

// keys

const CODES = { KeyA: "a", KeyR: "r", KeyE: "e", KeyS: "s", KeyU: "u", Slash: "/", BracketLeft: "[", BracketRight: "]" };
const KEYS = {
  a: accept, r: askWhy, e: () => setEditing(true), s: () => send("skip"), u: undo, Escape: () => isChanged(now.draft) && reset(),
  "[": () => turn(-1), "]": () => turn(1),
};

function turn(by) {
  now.source = (now.source + by + now.card.sources.length) % Math.max(1, now.card.sources.length);
  behind();
}

const isField = (target) => target.matches("textarea, select, input");

// A Hangul keyboard gives ㅁ for a; where no text is written the key's place counts.
const keyOf = (event) => (/^[ -~]$/.test(event.key) ? event.key.toLowerCase() : event.key.length > 1 ? event.key : CODES[event.code] ?? event.key);

addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229 || document.querySelector("dialog[open]")) return;
  if (event.ctrlKey || event.metaKey) {
    if ((now.editing || event.target.id === "comment") && event.key === "Enter") act(event, accept);
    return;
  }
  if (isField(event.target)) return inField(event);
  const key = keyOf(event);
  if (key === "?") return act(event, () => byId("helping").showModal());
  if (key === "/") return act(event, openSearch);
  if (key === "u") return act(event, undo);
  if (!now.card || now.busy || event.repeat) return;
  if (event.altKey && /^Digit[1-9]$/.test(event.code)) return act(event, () => on.take(Number(event.code.at(-1)) - 1));
  if (event.altKey) return isQuestion(now.card) && arrows(event, (by) => on.move(value(now.card, now.draft, "answer"), by, false));
  if (now.editing) return key === "Escape" && act(event, () => setEditing(false));
  if (isQuestion(now.card) && /^[1-5]$/.test(key)) return act(event, () => on.pick(Number(key) - 1));
  if (now.card.kind === "sample" && /^[1-3]$/.test(key)) return act(event, () => on.answer(Number(key) - 1));
  if (isQuestion(now.card) && /^Arrow(Up|Down)$/.test(key)) {
    const count = value(now.card, now.draft, "choices").length;
    return arrows(event, (by) => on.pick((value(now.card, now.draft, "answer") + by + count) % count));
  }
  if (KEYS[key]) act(event, KEYS[key]);
});

function inField(event) {
  if (event.key === "Escape" && now.editing) return act(event, () => setEditing(false));
  if (event.key === "Escape" && event.target.id === "comment") return act(event, () => byId("row").focus());
  const at = event.target.dataset?.choice;
  if (event.altKey && at !== undefined) arrows(event, (by) => on.move(Number(at), by));
}

function arrows(event, move) {
  if (event.key === "ArrowUp" || event.key === "ArrowDown") act(event, () => move(event.key === "ArrowUp" ? -1 : 1));
}

function act(event, work) {
  event.preventDefault();
  work();
}

function openSearch() {
  byId("searching").showModal();
  byId("words").select();
}

byId("rejecting").addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return;
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
let typing;
byId("words").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(find, 150);
});
byId("searching").addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return;
  const found = [...byId("found").querySelectorAll("button")], at = found.indexOf(document.activeElement);
  if (event.key === "ArrowDown") act(event, () => found[Math.min(at + 1, found.length - 1)]?.focus());
  else if (event.key === "ArrowUp") act(event, () => (at > 0 ? found[at - 1] : byId("words")).focus());
  else if (event.key === "Enter" && at < 0) act(event, () => found[0]?.click());
});
byId("open-search").onclick = openSearch;
byId("open-help").onclick = () => byId("helping").showModal();
byId("language").onclick = () => {
  speak(language === "ko" ? "en" : "ko");
  chrome();
  render();
};
byId("kind").onchange = (event) => {
  Object.assign(now, { kind: event.target.value, after: 0, ahead: null });
  event.target.blur();
  surely(() => next(null));
};
setInterval(() => now.card && !now.busy && keep(), KEEP);
addEventListener("pagehide", () => now.card && !now.busy && keep());

start();
