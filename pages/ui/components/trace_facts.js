// What stands beside the messages of a trace: its outcome above them, its context folded, links into other systems.

/** An http or https address, or null. */
function webAddress(href) {
  if (typeof href !== "string") return null;
  try {
    const url = new URL(href);
    return ["http:", "https:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

function factNode(fact) {
  const label = textOf(fact?.label);
  const address = webAddress(fact?.address);
  if (address) {
    return el("a", { class: "fact-link", href: address, target: "_blank", rel: "noopener noreferrer", title: cleanText(`Opens ${address} in a new tab`) }, el("bdi", {}, label), el("span", { "aria-hidden": "true" }, " \u2197"));
  }
  return el("span", { class: "fact" }, el("span", { class: "fact-label" }, `${label}: `), el("bdi", { class: "fact-value" }, textOf(fact?.value)));
}

const factsOf = (facts) => (Array.isArray(facts) ? facts : []);

/** The outcome as a box above the messages, and how many lines wait for the verdict; nothing where there is neither. */
function outcomeBox(trace) {
  const facts = factsOf(trace.outcome);
  const hidden = Number.isInteger(trace.facts_hidden) ? trace.facts_hidden : 0;
  const note = hidden ? el("p", { class: "quiet-note" }, `${plural(hidden, "line")} of outcome and context ${hidden === 1 ? "is" : "are"} hidden here: ${hidden === 1 ? "it" : "they"} may tell a verdict.`) : null;
  if (!facts.length) return note;
  return el("section", { class: "outcome", "aria-label": "Outcome" }, el("strong", { class: "outcome-title" }, "Outcome"), el("ul", {}, facts.map((fact) => el("li", {}, factNode(fact)))), note);
}

/** The context, folded or `open`. */
function contextFold(trace, { open = false } = {}) {
  const facts = factsOf(trace.context);
  if (!facts.length) return null;
  return fold([`Context (${grouped(facts.length)})`], () => el("ul", { class: "context-facts" }, facts.map((fact) => el("li", {}, factNode(fact)))), { open, className: "context" });
}
