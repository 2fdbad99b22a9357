// Save, defer and undo: the next trace is drawn at once, and what was done waits in the outbox.

/** `hasTrace` says whether there is a trace to save; the rest is as in the review loop. */
function reviewSaving(loop, { panel, said, drafts, seen, memory, outbox, hasTrace }) {
  const { kept } = memory;

  /** Record what happened to the trace on the screen and draw the next open one. */
  function finish(kind, over, fields) {
    const done = loop.item;
    const before = seen.known(done);
    drafts.rest();
    const duration_ms = loop.clock.take(done.id);
    kept.overlay[done.id] = over;
    const place = loop.queue.nextOpen(done.place, seen.isDone);
    const here = place !== null && loop.go({ place });
    if (place !== null && !here) kept.place = place;
    const action = outbox.add({ ...fields, trace_id: done.id, position: done.place, duration_ms });
    over.client_id = action.client_id;
    kept.earlier.unshift({ trace_id: done.id, place: done.place, kind, ...wordsOf(fields), client_id: action.client_id, before });
    memory.save();
    if (place === null) loop.showEnd();
    else {
      loop.drawEarlier();
      if (!here) loop.ask();
    }
  }

  /** Whether something has to be said first, which is then asked for. */
  function lacks({ verdict, critique }) {
    if (!verdict) panel.rule(WORDS.chooseFirst());
    else if (!critique && verdict === "fail") {
      panel.rule(WORDS.failNeedsText, true);
      panel.box.focus();
    } else if (!critique && !loop.passWithoutText) {
      loop.passWithoutText = true;
      panel.rule(WORDS.passNeedsText());
    } else return false;
    return true;
  }

  return {
    save() {
      if (!hasTrace()) return;
      const words = said.final();
      const { label } = seen.known(loop.item);
      if (lacks(words)) return;
      delete kept.drafts[loop.item.id];
      if (label && sameWords(label, words)) {
        panel.say(WORDS.unchanged);
        drafts.rest();
        loop.step(1);
        return;
      }
      const changed = label && label.verdict !== words.verdict ? `Changed from ${label.verdict} to ${words.verdict}.` : "";
      finish(words.verdict, { label: { ...words, at: new Date().toISOString() }, deferred: false }, { action: "label", ...words });
      if (changed) panel.say(changed);
    },
    defer() {
      if (!hasTrace()) return;
      drafts.send();
      finish("defer", { label: seen.known(loop.item).label, deferred: true }, { action: "defer" });
    },
    undo() {
      const at = kept.earlier.findIndex((one) => one.client_id);
      if (at < 0) {
        loop.hint(WORDS.nothingToUndo);
        return;
      }
      drafts.send();
      const [last] = kept.earlier.splice(at, 1);
      const over = { ...(last.before ?? { label: null, deferred: false }) };
      kept.overlay[last.trace_id] = over;
      const typed = kept.drafts[last.trace_id];
      if ((last.verdict || last.critique) && (!typed || typed.undone)) {
        kept.drafts[last.trace_id] = { ...wordsOf(last), undone: true, at: new Date().toISOString() };
      }
      const here = loop.go({ id: last.trace_id });
      const action = outbox.add({ action: "undo", trace_id: last.trace_id, position: last.place ?? null, verdict: last.verdict, critique: last.critique, undoes: last.client_id });
      over.client_id = action.client_id;
      memory.save();
      if (here) panel.draft("Undoing\u2026");
      else loop.ask();
    },
  };
}
