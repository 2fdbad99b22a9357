// The review loop: one trace after the other from a prefetched window of the queue. The next trace is drawn
// at once; what was done waits in the outbox until the server has committed it.

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
  let said = null;
  let drafts = null;
  let seen = null;
  let acts = null;
  let keys = () => {};
  let view = null;
  // Exactly one holds: an item is on the screen, one is waited for ({id} or {place}), or the queue is at its end.
  let item = null;
  let wanted = null;
  const clock = createClock();
  const leaving = createLeaving(root, sendsNow);
  let held = false;

  /** What the parts of the loop know of it. */
  const loop = {
    queue,
    clock,
    hinted: false,
    passWithoutText: false,
    get item() { return item; },
    get wanted() { return wanted; },
    get view() { return view; },
    hint,
    go,
    ask,
    step,
    showEnd,
    drawEarlier,
  };

  // ---- drawing

  function drawEarlier() {
    panel.earlier(kept.earlier.slice(0, SHOWN_EARLIER).map((one) => ({ ...one, saving: outbox.waits(one.client_id) })));
  }

  function toTop() {
    if (root.getBoundingClientRect().top < 60) root.scrollIntoView({ block: "start" });
  }

  /** What to do first: it stands until the next thing is done, whatever is saved meanwhile. */
  function hint(words) {
    loop.hinted = true;
    panel.draft(words);
    panel.say(words);
  }

  function drawPanel(one) {
    const last = seen.lastWord(one);
    said.put(last.draft ?? last.label);
    panel.draft(sourceWords(last, seen.known(one).deferred));
    panel.history(Array.isArray(one.history) ? one.history : []);
    panel.context(one.trace);
    loop.hinted = false;
    loop.passWithoutText = false;
  }

  function show(one, { focus = true } = {}) {
    item = one;
    wanted = null;
    root.classList.remove("at-end");
    drafts.rest();
    kept.current = one.id;
    kept.place = one.place;
    const { label, draft } = seen.lastWord(one);
    const place = draft?.first_failure ?? label?.first_failure ?? null;
    view = drawTrace(pane, one.trace, { search: props.search ?? "", linked: false, withContext: false, marks: { place, onMark: acts.mark } });
    view.log.setAttribute("tabindex", "-1");
    drawPanel(one);
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
    clock.on(null);
    said.put(null);
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
    showNothing(loadingBones(), wanted?.place ? `Trace ${grouped(wanted.place)} of ${grouped(queue.total())}` : "");
  }

  function showEnd() {
    wanted = null;
    const end = endOfQueue(queue.total(), outbox.actions().some((action) => action.action !== "open"));
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

  // ---- moving along the queue

  /** Tell the server which trace is wanted or open, so that the window moves along. */
  function ask() {
    const place = wanted ? wanted.place : item?.place;
    outbox.add({ action: "open", trace_id: (wanted ? wanted.id : item?.id) ?? "", position: place ?? null });
  }

  function open(target) {
    drafts.send();
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

  function sendsNow() {
    drafts?.send();
    return Boolean(outbox?.actions().some((action) => action.action !== "open"));
  }

  // ---- waiting for the server

  function watch() {
    if (!outbox) return;
    if (held && !leaving.isLeaving()) outbox.flush();
    if (wanted && !outbox.actions().length) ask(); // the server drew other places: told once more, it draws the wanted one
    const late = outbox.actions().length > 0 && outbox.late();
    panel.notice(...serverWords(props.notice, outbox.actions(), late));
  }

  function onUnload(event) {
    drafts?.send();
    const waiting = outbox?.actions().some((action) => ["label", "defer", "undo"].includes(action.action));
    if (waiting && outbox.late()) event.preventDefault();
  }

  function onHidden() {
    if (document.visibilityState === "hidden") {
      clock.pause();
      drafts?.send();
    } else clock.resume();
  }

  function heard(dropped) {
    for (const action of dropped) {
      if (action.action === "label" || action.action === "defer") {
        panel.say(item ? `Saved. Trace ${item.place} of ${queue.total()}.` : "Saved.");
      } else if (action.action === "draft") {
        if (item?.id === action.trace_id && !drafts.isDirty() && !loop.hinted) panel.draft(isTerse(said.verdict(), panel.box.value) ? `${WORDS.draftSaved} \u00b7 ${WORDS.terse.toLowerCase()}` : WORDS.draftSaved);
      } else if (action.action === "undo" && item?.id === action.trace_id) {
        const again = seen.known(item).label ? "has its earlier label again" : "is unlabelled again";
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
    drafts = createDrafts(memory, outbox, () => item);
    seen = createKnown(kept, outbox);
    // The panel calls what is made of it: it asks for each act when it happens.
    const later = (name) => (...given) => acts[name](...given);
    const on = Object.fromEntries(["choose", "type", "pick", "save", "defer", "undo", "write"].map((name) => [name, later(name)]));
    panel = verdictPanel(props.question ?? "", props.longest_critique ?? 20000, { ...on, leave: drafts.send, help: () => panel.toggleHelp(), open: (id) => open({ id }) });
    said = createSaid(root, panel, (place) => view?.mark(place));
    const speaking = reviewSpeaking(loop, { root, panel, said, drafts });
    const saving = reviewSaving(loop, { panel, said, drafts, seen, memory, outbox, hasTrace: speaking.hasTrace });
    acts = { ...speaking, ...saving, step };
    keys = reviewKeys(root, panel, acts, () => view);
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
    const choices = [isNew ? queue.item(asked) : null, resumed && (!seen.isDone(resumed) || kept.drafts[resumed.id]) ? resumed : null, asked ? queue.item(asked) : null];
    const place = queue.nextOpen((queue.first()?.place ?? 1) - 1, seen.isDone);
    const first = choices.find(Boolean) ?? (place ? queue.at(place) : null);
    if (first) show(first, { focus: document.activeElement === document.body || document.activeElement === null });
    else if (place) open({ place });
    else showEnd();
  }

  const timer = setInterval(watch, 1000);
  window.addEventListener("beforeunload", onUnload);
  document.addEventListener("visibilitychange", onHidden);

  return {
    onKey: (event) => keys(event),
    update(data, setStateValue) {
      props = data;
      setState = setStateValue;
      const isFirst = !panel;
      if (isFirst) start();
      const dropped = outbox.acknowledge(props.acknowledged ?? []);
      queue.merge(props, item?.place ?? wanted?.place);
      seen.settle(props.items ?? []);
      panel.question(cleanText(props.question ?? ""));
      panel.rubric(props.rubric);
      panel.picks.offer(props.categories ?? []);
      panel.picks.show(said.verdict() === "fail");
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
      drafts?.send();
      clearInterval(timer);
      window.removeEventListener("beforeunload", onUnload);
      document.removeEventListener("visibilitychange", onHidden);
    },
  };
}
