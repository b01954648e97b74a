// Seconds that a person was at a row: time without any input is cut after a minute, a hidden tab counts nothing.

const IDLE = 60_000;
const SIGNS = ["keydown", "input", "pointermove", "pointerdown", "wheel", "scroll", "touchmove"];

export class Clock {
  #spent = 0;
  #since = performance.now();

  constructor() {
    for (const sign of SIGNS) addEventListener(sign, () => this.#settle(), { capture: true, passive: true });
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.#settle(true);
      else this.#since = performance.now();
    });
  }

  start(seconds = 0) {
    this.#spent = seconds * 1000;
    this.#since = performance.now();
  }

  get seconds() {
    const late = document.hidden ? 0 : Math.min(performance.now() - this.#since, IDLE);
    return Math.round((this.#spent + late) / 100) / 10;
  }

  #settle(hides = false) {
    const now = performance.now();
    if (!document.hidden || hides) this.#spent += Math.min(now - this.#since, IDLE);
    this.#since = now;
  }
}
