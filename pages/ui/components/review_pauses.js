// What stands in the place of a trace: one that is on its way, or the end of the queue; and what waits for the server.

function loadingBones() {
  const bars = [40, 92, 66, 84, 58].map((width) => el("div", { class: "bone", style: `width:${width}%` }));
  return el("div", { class: "loading", role: "status", "aria-label": "Loading the trace" }, bars);
}

function endOfQueue(total, waiting) {
  const text = total ? `${grouped(total)} of ${grouped(total)} done.` : "There is nothing to review here.";
  return el("div", { class: "end", tabindex: "-1" }, el("strong", {}, text), el("p", {}, waiting ? "Saving the last ones\u2026" : total ? "Everything is saved." : ""));
}

/** What waits in this window, and when it is sent: «when it is back», «again by itself». */
function waitingWords(actions, when) {
  const verdicts = actions.filter((action) => ["label", "defer", "undo"].includes(action.action)).length;
  const what = verdicts ? `${verdicts === 1 ? "1 verdict is" : `${grouped(verdicts)} verdicts are`} waiting` : "Your text is kept";
  return `${what} in this window and will be sent ${when}. Keep the window open.`;
}

/** What the panel says of the server: the first sentence and the rest, both empty where all is well. */
function serverWords(notice, actions, late) {
  const waiting = actions.filter((action) => action.action !== "open");
  if (notice) return [notice, waiting.length ? waitingWords(waiting, "again every few seconds") : ""];
  if (late && waiting.length) return ["No connection to the server.", waitingWords(waiting, "when it is back")];
  return ["", ""];
}
