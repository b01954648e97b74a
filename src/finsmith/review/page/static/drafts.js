// What was begun in this tab and is not decided yet: it outlives a reload and a server that does not answer.

const EMPTY = { edit: {}, reason: "", answers: [null, null, null], seconds: 0 };
const MOST_UNDOS = 200;

const read = (name, otherwise) => JSON.parse(sessionStorage.getItem(name) ?? "null") ?? otherwise;
const write = (name, value) => sessionStorage.setItem(name, JSON.stringify(value));
const nameOf = (key) => `draft ${key.kind} ${key.id}`;

export const draftOf = (key) => ({ ...structuredClone(EMPTY), ...read(nameOf(key), {}) });
export const keepDraft = (key, draft) => write(nameOf(key), draft);
export const dropDraft = (key) => sessionStorage.removeItem(nameOf(key));

// A decision under way: sent again until the server has answered, after a reload too.
export const underWay = () => read("under way", null);
export const keepUnderWay = (said) => (said ? write("under way", said) : sessionStorage.removeItem("under way"));

// Where one is, so that a reload shows the same row.
export const place = () => read("place", { after: 0, kind: "", key: null });
export const keepPlace = (where) => write("place", where);

// Decisions of this tab that can be undone, the last one at the end.
export const done = () => read("done", []);
export const keepDone = (decisions) => write("done", decisions.slice(-MOST_UNDOS));
