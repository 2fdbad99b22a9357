// What was typed and not saved: in the tab at once, with the server within two seconds.

const DRAFT_AFTER = 800;
const DRAFT_AT_LATEST = 1500; // somebody who never pauses loses no more than this

/** The draft of the trace on the screen; `item()` is that trace, or null. */
function createDrafts(memory, outbox, item) {
  const { kept } = memory;
  let dirty = false;
  let since = 0;
  let timer = 0;

  function send() {
    clearTimeout(timer);
    const one = item();
    if (!dirty || !one) return;
    dirty = false;
    const action = outbox.add({ action: "draft", trace_id: one.id, position: one.place, ...wordsOf(kept.drafts[one.id]) });
    kept.drafts[one.id].client_id = action.client_id;
    memory.save();
  }
  return {
    send,
    isDirty: () => dirty,
    /** Keep what is typed now, and send it when its author pauses. */
    note(words) {
      kept.drafts[item().id] = { ...words, at: new Date().toISOString() };
      memory.save();
      if (!dirty) since = Date.now();
      dirty = true;
      clearTimeout(timer);
      timer = setTimeout(send, Math.min(DRAFT_AFTER, since + DRAFT_AT_LATEST - Date.now()));
    },
    /** Nothing is to be sent any more: it was saved, or another trace is on the screen. */
    rest() {
      clearTimeout(timer);
      dirty = false;
    },
  };
}
