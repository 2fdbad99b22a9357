// How long each trace was before the reader's eyes: time in which the tab was hidden is not counted.

function createClock() {
  const spent = new Map();
  let id = null;
  let since = null;

  const pause = () => {
    if (id !== null && since !== null) spent.set(id, (spent.get(id) ?? 0) + performance.now() - since);
    since = null;
  };
  const resume = () => {
    if (id !== null && since === null && document.visibilityState === "visible") since = performance.now();
  };
  return {
    pause,
    resume,
    /** From now on this trace is on the screen; null for none. */
    on(next) {
      pause();
      id = next;
      resume();
    },
    /** Milliseconds this trace was seen, which begin anew. */
    take(one) {
      pause();
      const seen = Math.round(spent.get(one) ?? 0);
      spent.delete(one);
      resume();
      return seen;
    },
  };
}
