// The review loop: one trace after the other from a prefetched window of the queue. The next trace is drawn
// at once; what was done waits in the outbox until the server has committed it.

const DRAFT_AFTER = 800;
const DRAFT_AT_LATEST = 1500; // somebody who never pauses loses no more than this
const SHOWN_EARLIER = 5;

function labelMode(root) {
  const pane = el("section", { class: "trace-pane", "aria-label": "Trace" });
  const queue = createWindow();
  let props = {};
  let setState = () => {};
  let memory = null;
  let kept = null;
  let outbox = null;
  let panel = null;
  let view = null;
  // Exactly one holds: an item is on the screen, one is waited for ({id} or {place}), or the queue is at its end.
  let item = null;
  let wanted = null;
  let verdict = null;
  let failure = null;
  let picked = [];
  const clock = createClock();
  const leaving = createLeaving(root, sendsNow);
  let held = false;
  let dirty = false;
  let dirtySince = 0;
  let hinted = false;
  let passWithoutText = false;
  let draftTimer = 0;

  // ---- what is known of a trace: the server's word, and over it what this tab did since

  const known = (one) => kept.overlay[one.id] ?? { label: one.label ?? null, deferred: one.deferred === true };
  const isDone = (one) => Boolean(known(one).label) || known(one).deferred;

  function settleOverlays() {
    for (const [id, over] of Object.entries(kept.overlay)) {
      const fresh = (props.items ?? []).find((one) => one.trace?.id === id);
      if (!fresh || outbox.waits(over.client_id)) continue;
      if (over.deferred && fresh.deferred === undefined) continue;
      delete kept.overlay[id];
    }
  }

  // ---- drawing

  function drawEarlier() {
    panel.earlier(kept.earlier.slice(0, SHOWN_EARLIER).map((one) => ({ ...one, saving: outbox.waits(one.client_id) })));
  }

  function toTop() {
    if (root.getBoundingClientRect().top < 60) root.scrollIntoView({ block: "start" });
  }

  /** What was last said or typed of a trace: the draft of this tab, else one the server kept, else the label. */
  function lastWord(one) {
    const { label } = known(one);
    const own = kept.drafts[one.id];
    const stored = one.draft && (!label?.at || !one.draft.at || utcDate(one.draft.at) >= utcDate(label.at)) ? one.draft : null;
    return { label, draft: own ?? stored };
  }

  /** What to do first: it stands until the next thing is done, whatever is saved meanwhile. */
  function hint(words) {
    hinted = true;
    panel.draft(words);
    panel.say(words);
  }

  function press(word) {
    verdict = word;
    panel.pressed(word);
    root.classList.toggle("failing", word === "fail");
    panel.picks.show(word === "fail");
    view?.mark(word === "fail" ? failure : null);
  }

  function putPicks(numbers) {
    picked = [...(numbers ?? [])];
    panel.picks.put(picked);
  }

  function drawPanel(one) {
    const { label, draft } = lastWord(one);
    const source = draft ?? label;
    failure = source?.first_failure ?? null;
    putPicks(source?.picked);
    panel.box.value = source?.critique ?? "";
    panel.answer.put(source?.revised_response);
    press(source?.verdict ?? null);
    panel.rule("");
    const at = utcDate(source?.at);
    if (draft?.verdict || draft?.critique || draft?.revised_response) panel.draft(at ? `Draft from ${localTime(at)} restored` : "Draft restored");
    else if (label) panel.draft(`Labelled ${SIGN_WORDS[label.verdict] ?? ""}${at ? ` ${localTime(at)}` : ""}. Saving again adds a version.`);
    else if (known(one).deferred) panel.draft("Deferred. A verdict can still be given.");
    else panel.draft(WORDS.hint);
    panel.history(Array.isArray(one.history) ? one.history : []);
    hinted = false;
    passWithoutText = false;
  }

  function show(one, { focus = true } = {}) {
    item = one;
    wanted = null;
    root.classList.remove("at-end");
    dirty = false;
    kept.current = one.id;
    kept.place = one.place;
    view = drawTrace(pane, one.trace, { search: props.search ?? "", linked: false, withContext: false, marks: { place: lastWord(one).draft?.first_failure ?? known(one).label?.first_failure ?? null, onMark: mark } });
    view.log.setAttribute("tabindex", "-1");
    drawPanel(one);
    panel.context(one.trace);
    panel.enable(true);
    clock.on(one.id);
    panel.place(`Trace ${grouped(one.place)} of ${grouped(queue.total())}`);
    drawEarlier();
    memory.save();
    if (focus) {
      view.log.focus({ preventScroll: true });
      toTop();
    }
  }

  function showNothing(text, place) {
    item = null;
    view = null;
    root.classList.toggle("at-end", wanted === null);
    failure = null;
    putPicks([]);
    clock.on(null);
    panel.box.value = "";
    panel.answer.put("");
    press(null);
    panel.rule("");
    panel.draft("");
    panel.history([]);
    panel.context({});
    panel.enable(false);
    panel.place(place);
    drawEarlier();
    pane.replaceChildren(text);
    memory.save();
  }

  function showLoading() {
    const bars = [40, 92, 66, 84, 58].map((width) => el("div", { class: "bone", style: `width:${width}%` }));
    showNothing(
      el("div", { class: "loading", role: "status", "aria-label": "Loading the trace" }, bars),
      wanted?.place ? `Trace ${grouped(wanted.place)} of ${grouped(queue.total())}` : "",
    );
  }

  function showEnd() {
    wanted = null;
    const waiting = outbox.actions().some((action) => action.action !== "open");
    const total = queue.total();
    const text = total ? `${grouped(total)} of ${grouped(total)} done.` : "There is nothing to review here.";
    const end = el("div", { class: "end", tabindex: "-1" }, el("strong", {}, text), el("p", {}, waiting ? "Saving the last ones\u2026" : total ? "Everything is saved." : ""));
    showNothing(end, "");
    end.focus({ preventScroll: true });
    toTop();
  }

  /** Show a trace by {id} or {place}; ask the server for it when it is not in the window. */
  function go(target) {
    const found = target.id ? queue.item(target.id) : queue.at(target.place);
    if (found) {
      show(found);
      return true;
    }
    wanted = target;
    showLoading();
    return false;
  }

  // ---- what the expert does

  function sendDraft() {
    clearTimeout(draftTimer);
    if (!dirty || !item) return;
    dirty = false;
    const { critique, revised_response, first_failure, picked: chosen } = kept.drafts[item.id];
    const action = outbox.add({ action: "draft", trace_id: item.id, position: item.place, verdict, critique, revised_response, first_failure, picked: chosen ?? [] });
    kept.drafts[item.id].client_id = action.client_id;
    memory.save();
  }

  function noteDraft() {
    kept.drafts[item.id] = { verdict, critique: panel.box.value, revised_response: panel.answer.box.value, first_failure: failure, picked, at: new Date().toISOString() };
    memory.save();
    if (!dirty) dirtySince = Date.now();
    dirty = true;
    hinted = false;
    panel.draft(WORDS.draftWaits);
    clearTimeout(draftTimer);
    draftTimer = setTimeout(sendDraft, Math.min(DRAFT_AFTER, dirtySince + DRAFT_AT_LATEST - Date.now()));
  }

  function sendsNow() {
    sendDraft();
    return Boolean(outbox?.actions().some((action) => action.action !== "open"));
  }

  function type() {
    if (!item) return;
    panel.rule("");
    passWithoutText = false;
    noteDraft();
  }

  /** Whether there is a trace to speak of; who presses while one is on its way is told that it counted for none. */
  function hasTrace() {
    if (!item && wanted) hint(WORDS.onItsWay);
    return Boolean(item);
  }

  function choose(word) {
    if (!hasTrace()) return;
    if (verdict !== word) {
      press(word);
      passWithoutText = false;
      noteDraft();
    }
    panel.rule("");
    if (onTouch()) return;
    panel.box.focus({ preventScroll: true });
    panel.box.setSelectionRange(panel.box.value.length, panel.box.value.length);
  }

  /** Mark a message as the first failure of the trace on the screen; the marked one again takes the mark away. */
  function mark(place) {
    if (!item) return;
    if (verdict !== "fail") {
      hint(WORDS.failFirst);
      return;
    }
    failure = failure === place ? null : place;
    view.mark(failure);
    panel.say(failure === null ? "No first failure." : "First failure marked.");
    noteDraft();
  }

  function pick(numbers) {
    if (!item) return;
    picked = numbers;
    panel.say(picked.length ? `Failure category: ${panel.picks.names(picked).join(", ")}.` : "No failure category.");
    noteDraft();
  }

  function toPicks() {
    if (!panel.picks.focus() && item && props.categories?.length) hint(WORDS.pickFirst);
  }

  function markFocused() {
    const place = view?.focusedPlace() ?? null;
    if (place !== null) mark(place);
    else if (item) hint(verdict === "fail" ? WORDS.messageFirst : WORDS.failFirst);
  }

  /** Record what happened to the trace on the screen and draw the next open one. */
  function finish(kind, over, fields) {
    const done = item;
    const before = known(done);
    clearTimeout(draftTimer);
    dirty = false;
    const duration_ms = clock.take(done.id);
    kept.overlay[done.id] = over;
    const place = queue.nextOpen(done.place, isDone);
    const here = place !== null && go({ place });
    if (place !== null && !here) kept.place = place;
    const action = outbox.add({ ...fields, trace_id: done.id, position: done.place, duration_ms });
    over.client_id = action.client_id;
    kept.earlier.unshift({ trace_id: done.id, place: done.place, kind, verdict: fields.verdict ?? null, critique: fields.critique ?? "", revised_response: fields.revised_response ?? "", first_failure: fields.first_failure ?? null, picked: fields.picked ?? [], client_id: action.client_id, before });
    memory.save();
    if (place === null) showEnd();
    else {
      drawEarlier();
      if (!here) ask();
    }
  }

  function save() {
    if (!hasTrace()) return;
    const critique = panel.box.value.trim();
    const revised_response = panel.answer.box.value.trim();
    const first_failure = verdict === "fail" ? failure : null;
    const chosen = verdict === "fail" ? picked : [];
    const { label } = known(item);
    if (!verdict) {
      panel.rule(WORDS.chooseFirst());
      return;
    }
    if (!critique && verdict === "fail") {
      panel.rule(WORDS.failNeedsText, true);
      panel.box.focus();
      return;
    }
    if (!critique && !passWithoutText) {
      passWithoutText = true;
      panel.rule(WORDS.passNeedsText());
      return;
    }
    const same = label && label.verdict === verdict && (label.critique ?? "").trim() === critique;
    const samePicks = label && (label.picked ?? []).join() === chosen.join();
    if (same && samePicks && (label.revised_response ?? "") === revised_response && (label.first_failure ?? null) === first_failure) {
      panel.say(WORDS.unchanged);
      dirty = false;
      delete kept.drafts[item.id];
      step(1);
      return;
    }
    delete kept.drafts[item.id];
    const changed = label && label.verdict !== verdict ? `Changed from ${label.verdict} to ${verdict}.` : "";
    const said = { verdict, critique, revised_response, first_failure, picked: chosen };
    finish(verdict, { label: { ...said, at: new Date().toISOString() }, deferred: false }, { action: "label", ...said });
    if (changed) panel.say(changed);
  }

  function defer() {
    if (!hasTrace()) return;
    sendDraft();
    finish("defer", { label: known(item).label, deferred: true }, { action: "defer" });
  }

  function undo() {
    const at = kept.earlier.findIndex((one) => one.client_id);
    if (at < 0) {
      hint(WORDS.nothingToUndo);
      return;
    }
    sendDraft();
    const [last] = kept.earlier.splice(at, 1);
    const over = { ...(last.before ?? { label: null, deferred: false }) };
    kept.overlay[last.trace_id] = over;
    const typed = kept.drafts[last.trace_id];
    if ((last.verdict || last.critique) && (!typed || typed.undone)) {
      const { revised_response, first_failure, picked: chosen } = last;
      kept.drafts[last.trace_id] = { verdict: last.verdict, critique: last.critique, revised_response, first_failure, picked: chosen ?? [], undone: true, at: new Date().toISOString() };
    }
    const here = go({ id: last.trace_id });
    const action = outbox.add({ action: "undo", trace_id: last.trace_id, position: last.place ?? null, verdict: last.verdict, critique: last.critique, undoes: last.client_id });
    over.client_id = action.client_id;
    memory.save();
    if (here) panel.draft("Undoing\u2026");
    else ask();
  }

  /** Tell the server which trace is wanted or open, so that the window moves along. */
  function ask() {
    const place = wanted ? wanted.place : item?.place;
    outbox.add({ action: "open", trace_id: (wanted ? wanted.id : item?.id) ?? "", position: place ?? null });
  }

  function open(target) {
    sendDraft();
    go(target);
    ask();
    if (item) panel.say(`Trace ${item.place} of ${queue.total()}.`);
  }

  function step(by) {
    const place = (item?.place ?? wanted?.place ?? (by < 0 ? queue.total() + 1 : queue.total())) + by;
    if (place < 1 || place > queue.total()) {
      panel.say(by < 0 ? "This is the first trace." : "This is the last trace.");
      return;
    }
    open({ place });
  }

  function write() {
    panel.box.scrollIntoView({ block: "center" });
    panel.box.focus({ preventScroll: true });
  }

  function leaveBox() {
    (view?.log ?? root).focus({ preventScroll: true });
  }

  // ---- keys

  const KEY_ACTIONS = {
    1: () => choose("pass"),
    2: () => choose("fail"),
    d: defer,
    u: undo,
    f: markFocused,
    k: toPicks,
    ArrowLeft: () => step(-1),
    ArrowRight: () => step(1),
    ArrowUp: () => view?.moveMessage(-1),
    ArrowDown: () => view?.moveMessage(1),
    n: () => view?.moveHit(1),
    N: () => view?.moveHit(-1),
    "?": () => panel.toggleHelp(),
  };

  function onKey(event) {
    if (!panel || event.isComposing) return;
    const inBox = [panel.box, panel.answer.box].includes(event.composedPath()[0]);
    const place = inBox ? "box" : keyPlace(event, root);
    if (place === "typing") return;
    const inPicks = panel.picks.has(event.composedPath()[0]);
    const along = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    const saves = event.key === "Enter" && (event.ctrlKey || event.metaKey);
    const act = saves
      ? save
      : event.key === "Escape"
        ? () => (panel.helpIsOpen() ? panel.toggleHelp(false) : (inBox || inPicks) && leaveBox())
        : inPicks && along
          ? () => panel.picks.focus(along)
          : inBox || event.ctrlKey || event.metaKey || event.altKey
            ? null
            : (KEY_ACTIONS[event.key] ?? KEY_ACTIONS[event.key.toLowerCase()]);
    if (!act) return;
    event.preventDefault();
    if (!event.repeat) act();
  }

  // ---- waiting for the server

  function watch() {
    if (!outbox) return;
    if (held && !leaving.isLeaving()) outbox.flush();
    if (wanted && !outbox.actions().length) ask(); // the server drew other places: told once more, it draws the wanted one
    const late = outbox.actions().length > 0 && outbox.late();
    const waiting = outbox.actions().filter((action) => action.action !== "open");
    if (props.notice) panel.notice(props.notice, waiting.length ? waitingWords(waiting, "again every few seconds") : "");
    else if (late && waiting.length) panel.notice("No connection to the server.", waitingWords(waiting, "when it is back"));
    else panel.notice("");
  }

  function onUnload(event) {
    sendDraft();
    const waiting = outbox?.actions().some((action) => ["label", "defer", "undo"].includes(action.action));
    if (waiting && outbox.late()) event.preventDefault();
  }

  function onHidden() {
    if (document.visibilityState === "hidden") {
      clock.pause();
      sendDraft();
    } else clock.resume();
  }

  function heard(dropped) {
    for (const action of dropped) {
      if (action.action === "label" || action.action === "defer") {
        panel.say(item ? `Saved. Trace ${item.place} of ${queue.total()}.` : "Saved.");
      } else if (action.action === "draft") {
        if (item?.id === action.trace_id && !dirty && !hinted) panel.draft(isTerse(verdict, panel.box.value) ? `${WORDS.draftSaved} \u00b7 ${WORDS.terse.toLowerCase()}` : WORDS.draftSaved);
      } else if (action.action === "undo" && item?.id === action.trace_id) {
        const again = known(item).label ? "has its earlier label again" : "is unlabelled again";
        const text = `Undone: ${shortened(action.trace_id, 20)} ${again}.`;
        panel.draft(text);
        panel.say(text);
      }
    }
  }

  function start() {
    memory = tabMemory(props.key);
    kept = memory.kept;
    outbox = createOutbox(memory, (actions) => {
      held = leaving.isLeaving();
      if (held) return;
      const current = item?.id ?? wanted?.id ?? null;
      if (current !== null && current !== kept.told.at(-1)) kept.told.push(current);
      memory.save();
      setState("loop", { actions, current, position: item?.place ?? wanted?.place ?? kept.place });
    });
    panel = verdictPanel(props.question ?? "", props.longest_critique ?? 20000, {
      choose,
      type,
      pick,
      save,
      defer,
      undo,
      write,
      leave: sendDraft,
      help: () => panel.toggleHelp(),
      open: (id) => open({ id }),
    });
    root.append(el("div", { class: "loop" }, pane, panel.node), panel.bar);
    if (!kept.earlier.length) {
      kept.earlier = (props.earlier ?? []).map((one) => ({ trace_id: String(one.trace_id), kind: one.verdict ?? "defer", verdict: one.verdict ?? null, critique: "", client_id: null }));
    }
  }

  /** The trace that was on its way may have come; the one on the screen may have changed. */
  function goOn() {
    noteAddress();
    if (wanted) {
      const found = wanted.id ? queue.item(wanted.id) : queue.at(wanted.place);
      if (found) show(found);
    } else if (!item) showEnd();
    else {
      item = queue.item(item.id) ?? item;
      panel.place(`Trace ${grouped(item.place)} of ${grouped(queue.total())}`);
    }
  }

  /** The address follows what this tab tells the server, a moment later: that is no wish of whoever opened it. */
  function noteAddress() {
    kept.asked = props.current ?? null;
    kept.told = kept.told.slice(kept.told.indexOf(kept.asked) + 1);
    memory.save();
  }

  function firstTrace() {
    const asked = props.current ?? null;
    const isNew = asked !== null && asked !== kept.asked && !kept.told.includes(asked);
    kept.asked = asked;
    const resumed = kept.current ? queue.item(kept.current) : null;
    const choices = [isNew ? queue.item(asked) : null, resumed && (!isDone(resumed) || kept.drafts[resumed.id]) ? resumed : null, asked ? queue.item(asked) : null];
    const place = queue.nextOpen((queue.first()?.place ?? 1) - 1, isDone);
    const first = choices.find(Boolean) ?? (place ? queue.at(place) : null);
    if (first) show(first, { focus: document.activeElement === document.body || document.activeElement === null });
    else if (place) open({ place });
    else showEnd();
  }

  const timer = setInterval(watch, 1000);
  window.addEventListener("beforeunload", onUnload);
  document.addEventListener("visibilitychange", onHidden);

  return {
    onKey,
    update(data, setStateValue) {
      props = data;
      setState = setStateValue;
      const isFirst = !panel;
      if (isFirst) start();
      const dropped = outbox.acknowledge(props.acknowledged ?? []);
      queue.merge(props, item?.place ?? wanted?.place);
      settleOverlays();
      panel.question(cleanText(props.question ?? ""));
      panel.rubric(props.rubric);
      panel.picks.offer(props.categories ?? []);
      panel.picks.show(verdict === "fail");
      if (isFirst) {
        firstTrace();
        if (outbox.actions().length) outbox.flush();
      } else goOn();
      heard(dropped);
      drawEarlier();
      watch();
    },
    destroy() {
      leaving.gone();
      sendDraft();
      clearInterval(timer);
      clearTimeout(draftTimer);
      window.removeEventListener("beforeunload", onUnload);
      document.removeEventListener("visibilitychange", onHidden);
    },
  };
}
