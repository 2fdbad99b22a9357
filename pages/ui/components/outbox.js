// What the expert did and the server has not acknowledged yet. Kept in the tab (sessionStorage), sent as a
// whole with each new action, dropped by client id: nothing is lost by a reload, nothing is counted twice.

const RESEND_AFTER = 5000;
const MOST_EARLIER = 50;

/** A random id; randomUUID exists only on https and localhost. */
function newClientId() {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** What one tab remembers of one queue. Storage that is full or forbidden only costs the memory across a reload. */
function tabMemory(key) {
  const name = `passfail.review.${key}`;
  const empty = { n: 0, actions: [], drafts: {}, overlay: {}, earlier: [], told: [], current: null, place: null };
  let kept = empty;
  try {
    const stored = JSON.parse(window.sessionStorage.getItem(name) ?? "null");
    if (stored && typeof stored === "object" && Array.isArray(stored.actions) && Array.isArray(stored.earlier)) {
      kept = { ...empty, ...stored };
    }
  } catch {
    kept = empty;
  }
  const save = () => {
    kept.earlier = kept.earlier.slice(0, MOST_EARLIER);
    try {
      window.sessionStorage.setItem(name, JSON.stringify(kept));
    } catch {
      // Full or switched off: the queue stays in this window.
    }
  };
  return { kept, save };
}

/** The queue of actions. `send(actions)` hands all of them to the server. */
function createOutbox(memory, send) {
  const { kept } = memory;
  const times = new Map();
  let lastSent = 0;

  const flush = () => {
    lastSent = Date.now();
    send(kept.actions);
  };
  return {
    /** Add an action and send the queue. A newer draft or opening replaces the one still waiting. */
    add(fields) {
      kept.n += 1;
      const action = { n: kept.n, client_id: newClientId(), verdict: null, critique: "", undoes: null, position: null, ...fields };
      const replaced = (old) =>
        (fields.action === "open" && old.action === "open") ||
        (["draft", "label"].includes(fields.action) && old.action === "draft" && old.trace_id === fields.trace_id);
      kept.actions = [...kept.actions.filter((old) => !replaced(old)), action];
      times.set(action.client_id, Date.now());
      memory.save();
      flush();
      return action;
    },
    /** Drop what the server has; returns the dropped actions. */
    acknowledge(ids) {
      const done = new Set(ids);
      const dropped = kept.actions.filter((action) => done.has(action.client_id));
      if (!dropped.length) return dropped;
      kept.actions = kept.actions.filter((action) => !done.has(action.client_id));
      dropped.forEach((action) => times.delete(action.client_id));
      memory.save();
      return dropped;
    },
    flush,
    waits: (clientId) => kept.actions.some((action) => action.client_id === clientId),
    actions: () => kept.actions,
    /** Send again what has waited too long; true while something has. */
    late() {
      const now = Date.now();
      kept.actions.forEach((action) => times.has(action.client_id) || times.set(action.client_id, now));
      const late = kept.actions.some((action) => now - times.get(action.client_id) >= RESEND_AFTER);
      if (late && now - lastSent >= RESEND_AFTER) flush();
      return late;
    },
  };
}
