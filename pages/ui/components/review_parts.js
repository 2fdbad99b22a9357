// The verdict panel: its elements and its sentences. It knows nothing of queues and servers.

const WORDS = {
  onItsWay: "The next trace is on its way: press again when you see it.",
  chooseFirst: () => (onTouch() ? "Choose Pass or Fail first." : "Choose Pass (1) or Fail (2) first."),
  failNeedsText: "Write what went wrong: one sentence is enough.",
  passNeedsText: () => `A pass also needs its reason. ${onTouch() ? "Save" : onMac() ? "\u2318+Enter" : "Ctrl+Enter"} again saves without.`,
  hint: "Would a new colleague understand it?",
  draftSaved: "Draft saved",
  terse: "A little short: would a new colleague understand it?",
  failFirst: "A first failure belongs to a fail: choose Fail (2) first.",
  pickFirst: "A failure category belongs to a fail: choose Fail (2) first.",
  messageFirst: "Choose a message with \u2191 \u2193 first.",
  draftWaits: "Saving the draft\u2026",
  nothingToUndo: "Nothing to undo in this window.",
  unchanged: "Nothing was changed, nothing was saved again.",
};
const SIGNS = { pass: "\u2713", fail: "\u2717", defer: "\u25cb" };
const SIGN_WORDS = { pass: "pass", fail: "fail", defer: "deferred" };
const KEYS = [
  ["1  2", "Pass, Fail"],
  ["Ctrl Enter", "Save and next"],
  ["Esc", "Leave the box, close this list"],
  ["D", "Defer, no label"],
  ["U", "Undo the last save"],
  ["\u2190  \u2192", "Previous, next trace without saving"],
  ["\u2191  \u2193", "Previous, next message"],
  ["F", "Mark the message as first failure"],
  ["K", "Failure categories of a fail: \u2190 \u2192, Space"],
  ["?", "This list"],
];

const onTouch = () => window.matchMedia("(hover: none)").matches;
const onMac = () => /mac|iphone|ipad/i.test(navigator.platform ?? "");
const saveKeys = () => (onMac() ? "\u2318 Enter" : "Ctrl Enter");

/** The second click of a double click counts for nothing: it would speak of the trace that the first one brought. */
const once = (act) => (event) => event.detail > 1 || act();

/** The panel, with `on.*` called for what the expert does. */
function verdictPanel(question, longest, on) {
  const id = (name) => `passfail-${name}`;
  const verdictButton = (verdict, word, key) =>
    el(
      "button",
      { type: "button", class: `verdict ${verdict}`, "aria-pressed": "false", onclick: () => on.choose(verdict) },
      el("span", { class: "sign", "aria-hidden": "true" }, SIGNS[verdict]),
      el("span", {}, word),
      el("kbd", {}, key),
    );
  const verdicts = () => [verdictButton("pass", "Pass", "1"), verdictButton("fail", "Fail", "2")];
  const [pass, fail] = verdicts();
  const [barPass, barFail] = verdicts();
  const place = el("span", { class: "place" });
  const help = el(
    "dl",
    { class: "keys", id: id("keys"), hidden: true, "aria-label": "Keys" },
    KEYS.map(([keys, what]) => el("div", {}, el("dt", {}, keys.split("  ").map((key) => el("kbd", {}, key === "Ctrl Enter" ? saveKeys() : key))), el("dd", {}, what))),
  );
  const helpButton = el("button", { type: "button", class: "help-button", "aria-expanded": "false", "aria-controls": id("keys"), onclick: () => on.help() }, "Keys", el("kbd", {}, "?"));
  const box = el("textarea", { id: id("critique"), rows: "6", dir: "auto", maxlength: String(longest), "aria-describedby": `${id("rule")} ${id("draft")}`, oninput: () => on.type(box.value), onblur: () => on.leave() });
  const draft = el("p", { class: "draft-line", id: id("draft") }, WORDS.hint);
  const rule = el("p", { class: "rule", id: id("rule"), role: "alert" });
  const picks = categoryPicks(on);
  const answer = betterAnswer(longest, on);
  const rubric = el("div", { class: "rubric-slot" });
  const context = el("div", { class: "context-slot" });
  let contextOpen = false; // whoever opens it has it open on the next traces too
  const save = el("button", { type: "button", class: "save", onclick: once(on.save) }, el("span", {}, "Save and next"), el("kbd", {}, saveKeys()));
  const defer = el("button", { type: "button", class: "second", onclick: once(on.defer) }, "Defer", el("kbd", {}, "D"));
  const undo = el("button", { type: "button", class: "second", onclick: once(on.undo) }, "Undo", el("kbd", {}, "U"));
  const notice = el("div", { class: "panel-notice", role: "status" });
  const before = el("div", { class: "label-history" });
  const earlier = el("div", { class: "earlier" });
  const live = el("div", { class: "only-heard", "aria-live": "polite" });
  const write = el("button", { type: "button", class: "write", onclick: () => on.write() }, "Write why");

  const node = el(
    "section",
    { class: "panel", "aria-label": "Your verdict" },
    el("div", { class: "panel-top" }, place, helpButton),
    help,
    el("h2", { id: id("question"), class: "question" }, question),
    el("div", { class: "verdicts", role: "group", "aria-labelledby": id("question") }, pass, fail),
    el("label", { for: id("critique") }, "What went wrong, or what made it good?"),
    box,
    rule,
    draft,
    picks.node,
    save,
    el("div", { class: "seconds" }, defer, undo),
    answer.node,
    rubric,
    context,
    notice,
    before,
    earlier,
    live,
  );
  const bar = el("div", { class: "bottom-bar", role: "group", "aria-label": "Verdict" }, barPass, barFail, write);

  const pressed = (verdict) => {
    for (const [buttons, word] of [[[pass, barPass], "pass"], [[fail, barFail], "fail"]]) {
      buttons.forEach((button) => button.setAttribute("aria-pressed", String(verdict === word)));
    }
  };
  return {
    node,
    bar,
    box,
    picks,
    answer,
    pressed,
    rubric(version) {
      const text = JSON.stringify(version ?? null);
      if (rubric.dataset.text === text) return;
      rubric.dataset.text = text;
      rubric.replaceChildren(...[rubricFold(version)].filter(Boolean));
    },
    context(trace) {
      // Asked of what stands there: its «toggle» comes later, perhaps after the next trace.
      contextOpen = context.querySelector("details")?.open ?? contextOpen;
      context.replaceChildren(...[contextFold(trace, { open: contextOpen })].filter(Boolean));
    },
    place: (text) => (place.textContent = text),
    draft: (text) => (draft.textContent = text),
    say: (text) => (live.textContent = text),
    question: (text) => (node.querySelector(".question").textContent = text),
    rule(text, invalid = false) {
      rule.textContent = text;
      if (invalid) box.setAttribute("aria-invalid", "true");
      else box.removeAttribute("aria-invalid");
    },
    enable(enabled) {
      [pass, fail, barPass, barFail, save, defer, write, box, answer.box].forEach((control) => (control.disabled = !enabled));
      picks.enable(enabled);
    },
    toggleHelp(open = help.hidden) {
      help.hidden = !open;
      helpButton.setAttribute("aria-expanded", String(open));
    },
    helpIsOpen: () => !help.hidden,
    notice(first, rest = "") {
      const text = `${first} ${rest}`;
      if (notice.dataset.text === text) return;
      notice.dataset.text = text;
      notice.replaceChildren(...(first ? [el("p", {}, el("strong", {}, first), rest ? ` ${rest}` : "")] : []));
    },
    /** Versions of the label of this trace, newest first, folded. */
    history(versions) {
      const line = (version) => {
        const at = utcDate(version.at);
        const categories = picks.names(version.picked ?? []);
        const verdict = version.verdict === "pass" || version.verdict === "fail" ? version.verdict : "defer";
        return el("li", {}, el("span", { class: `signed ${verdict}` }, `${SIGNS[verdict]} ${SIGN_WORDS[verdict]}`), at ? el("span", { class: "when" }, ` ${localDateTime(at)}`) : null, version.critique ? el("p", { dir: "auto" }, version.critique) : null,
          version.revised_response ? el("p", { dir: "auto" }, el("strong", {}, "Better answer: "), version.revised_response) : null,
          categories.length ? el("p", {}, el("strong", {}, "Category: "), categories.join(", ")) : null);
      };
      before.replaceChildren(...(versions.length ? [fold([`Earlier versions of this label (${versions.length})`], () => el("ul", {}, versions.map(line)))] : []));
    },
    earlier(entries) {
      if (!entries.length) {
        earlier.replaceChildren();
        return;
      }
      const entry = (one) =>
        el(
          "button",
          { type: "button", class: "earlier-item", title: cleanText(`Open trace ${one.trace_id}`), onclick: () => on.open(one.trace_id) },
          one.saving
            ? el("span", { class: "saving" }, "saving\u2026")
            : el("span", { class: `signed ${one.kind}` }, SIGNS[one.kind], el("span", { class: "only-heard" }, ` ${SIGN_WORDS[one.kind]} `)),
          el("bdi", {}, shortened(one.trace_id, 12)),
        );
      earlier.replaceChildren(el("span", { class: "earlier-label" }, "Earlier:"), ...entries.map(entry));
    },
  };
}
