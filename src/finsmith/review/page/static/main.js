// The page: one row after the other, by keyboard or touch. A decision is shown as done when the server has confirmed it.

import * as api from "./api.js";
import { firstSource, fetchPictures, showBehind } from "./behind.js";
import { changed, isChanged, showDiff, showRow, value } from "./card.js";
import { byId, el } from "./dom.js";
import * as drafts from "./drafts.js";
import { chrome, counts, say, tell, unsay } from "./frame.js";
import { setUpKeys } from "./keys.js";
import { askWhy, setUpRejecting } from "./rejecting.js";
import { openSearch, setUpSearch } from "./search.js";
import { clock, now } from "./state.js";
import { language, letter, speak, words } from "./words.js";

const AGAIN = 1_500; // milliseconds until what the server did not answer is sent again
const KEEP = 2_000; // milliseconds between two notes of the seconds spent

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

function stop(text) {
  Object.assign(now, { card: null, draft: null, stopped: text });
  byId("row").replaceChildren(el("p", { class: "done", role: "alert" }, text), el("p", { class: "quiet" }, words.no_token));
  byId("behind").replaceChildren();
  byId("actions").replaceChildren();
}

function turn(by) {
  now.source = (now.source + by + now.card.sources.length) % Math.max(1, now.card.sources.length);
  behind();
}

function visit(one) {
  surely(async () => {
    const found = await api.cardOf(one.kind, one.id).catch(missing);
    if (!found) return;
    now.visits = true;
    show(found.card, found.progress);
  });
}

setUpKeys({ accept, askWhy, on, openSearch, reset, setEditing, skip: () => send("skip"), turn, undo });
setUpRejecting(send, keep);
setUpSearch(visit);
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
