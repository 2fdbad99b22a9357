// One whole trace: head, blocks with the long middle folded, search hits, raw record.

const MOST_MESSAGES = 40;
const ENDS = 5;

/** The parts of a long trace that are shown at once: both ends and the hits. */
function shownAtOnce(blocks, pattern) {
  if (blocks.length <= MOST_MESSAGES) return () => true;
  return (block, place) =>
    place < ENDS ||
    place >= blocks.length - ENDS ||
    (pattern && [block.message?.text, block.call?.name, block.call?.arguments, ...(block.results ?? []).map((r) => r.text)].some((text) => containsHit(textOf(text), pattern)));
}

/** Draw a trace into `pane`, its first failure as `marks` says. Returns moveMessage(step), moveHit(step) for the keys. */
function drawTrace(pane, trace, { search = "", showHead = true, linked = true, withContext = true, marks: marking = {} } = {}) {
  const pattern = searchPattern(search);
  const all = traceBlocks(Array.isArray(trace.messages) ? trace.messages : []);
  const numbered = all.filter((block) => block.kind !== "system");
  const total = numbered.length;
  const marks = failureMarks(numbered, marking);
  const log = el("div", { class: "log", role: "log", "aria-live": "off", "aria-label": cleanText(`Trace ${textOf(trace.id)}`) });
  let hits = [];
  let currentHit = -1;

  const drawOne = (block, number) => {
    try {
      if (block.kind === "broken") throw new TypeError("not an object");
      return marks.dress(drawBlock(block, number, total, pattern), block);
    } catch {
      return el("article", { class: "message broken", tabindex: "-1", "data-index": block.index }, el("p", { class: "quiet-note" }, `Message ${number} could not be shown; see the raw record.`));
    }
  };

  const visible = shownAtOnce(numbered, pattern);
  let firstSystem = true;
  let hidden = [];
  const endGap = () => {
    const gap = hidden;
    hidden = [];
    if (!gap.length) return;
    if (gap.length === 1) {
      log.append(drawOne(...gap[0]));
      return;
    }
    const button = el(
      "button",
      {
        type: "button",
        class: "gap quiet",
        onclick: () => {
          const nodes = gap.map(([block, number]) => drawOne(block, number));
          button.replaceWith(...nodes);
          nodes[0].focus({ preventScroll: true });
        },
      },
      `Show ${grouped(gap.length)} more messages`,
    );
    log.append(button);
  };
  let number = 0;
  for (const block of all) {
    if (block.kind === "system") {
      endGap();
      log.append(systemFold(block, trace, pattern, firstSystem));
      firstSystem = false;
      continue;
    }
    number += 1;
    if (visible(block, number - 1) || marks.isMarked(block)) {
      endGap();
      log.append(drawOne(block, number));
    } else hidden.push([block, number]);
  }
  endGap();

  if (!all.length) {
    const parts = [["Input", trace.input, "user"], ["Output", trace.output, "assistant"]].filter(([, text]) => textOf(text));
    log.append(
      el("p", { class: "quiet-note" }, parts.length ? "This trace has no messages, only input and output." : "This trace has no messages, no input and no output; see the raw record."),
      ...parts.map(([name, text, kind]) =>
        el("article", { class: `message ${kind}`, tabindex: "-1", "aria-label": name }, el("div", { class: "message-head" }, el("strong", { class: "role" }, name)), textBody(textOf(text), pattern)),
      ),
    );
  }
  if (textOf(trace.error)) {
    log.append(el("div", { class: "message error trace-error", role: "group", "aria-label": "Error" }, el("div", { class: "message-head" }, el("strong", { class: "error-word" }, "Error")), el("div", { class: "plain", dir: "auto" }, textOf(trace.error))));
  }

  hits = markHits(log, pattern);
  const head = showHead ? traceHead(trace, total, linked) : null;
  const hitStatus = el("span", { class: "hit-count", "aria-live": "polite" });
  const sayHits = () => {
    const count = hits.length >= MOST_MARKS ? `${MOST_MARKS} hits or more` : plural(hits.length, "hit");
    hitStatus.textContent = currentHit >= 0 ? `${currentHit + 1} of ${count}` : count;
  };

  const moveHit = (step) => {
    if (!hits.length) return;
    hits[currentHit]?.forEach((mark) => mark.classList.remove("current"));
    currentHit = currentHit < 0 ? (step > 0 ? 0 : hits.length - 1) : (currentHit + step + hits.length) % hits.length;
    const marks = hits[currentHit];
    marks.forEach((mark) => mark.classList.add("current"));
    for (let node = marks[0].parentElement; node && node !== pane; node = node.parentElement) {
      if (node instanceof HTMLDetailsElement) node.open = true;
    }
    marks[0].scrollIntoView({ block: "center" });
    sayHits();
  };

  const moveMessage = (step) => {
    const messages = [...log.querySelectorAll("article")];
    if (!messages.length) return;
    const focused = messages.indexOf(log.getRootNode().activeElement?.closest?.("article"));
    const next = focused < 0 ? (step > 0 ? 0 : messages.length - 1) : Math.min(messages.length - 1, Math.max(0, focused + step));
    messages[next].focus({ preventScroll: true });
    const fits = messages[next].getBoundingClientRect().height < window.innerHeight * 0.7;
    messages[next].scrollIntoView({ block: fits ? "nearest" : "start" });
  };

  const hitBar = pattern
    ? el(
        "div",
        { class: "hits", role: "group", "aria-label": "Search hits" },
        hitStatus,
        hits.length ? el("button", { type: "button", class: "quiet", onclick: () => moveHit(-1) }, "Previous", el("kbd", {}, "N")) : null,
        hits.length ? el("button", { type: "button", class: "quiet", onclick: () => moveHit(1) }, "Next", el("kbd", {}, "n")) : null,
      )
    : null;
  sayHits();
  const context = withContext ? contextFold(trace) : null;
  pane.replaceChildren(...[head, outcomeBox(trace), context, hitBar, log, rawRecord(trace)].filter(Boolean));
  const focusedPlace = () => {
    const own = log.getRootNode().activeElement?.closest?.("article")?.dataset.place;
    return own === undefined ? null : Number(own);
  };

  return { moveMessage, moveHit, log, mark: marks.set, focusedPlace };
}
