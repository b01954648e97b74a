// What the page shows now, and the time spent on it.

import { Clock } from "./clock.js";

export const clock = new Clock();
export const now = { card: null, draft: null, editing: false, source: 0, busy: false, after: 0, kind: "", ahead: null, visits: false,
  progress: null, stopped: "" };
