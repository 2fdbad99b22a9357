// What stands folded under the verdict: the answer the expert would rather have seen, and the rubric.

/** The box for a better answer, folded until it is wanted or holds something. */
function betterAnswer(longest, on) {
  const box = el("textarea", { id: "passfail-answer", rows: "5", dir: "auto", maxlength: String(longest), "aria-label": "Better answer", placeholder: "What it should have said", oninput: () => on.type(), onblur: () => on.leave() });
  const node = el("details", { class: "fold better-answer", ontoggle: () => node.open && node.append(box) }, el("summary", {}, "Better answer (optional)"));
  return {
    node,
    box,
    /** Put a text into the box; the fold is open where there is one. */
    put(text) {
      box.value = text ?? "";
      node.open = box.value !== "";
      if (node.open) node.append(box);
      else box.remove();
    },
  };
}

/** The rubric in force, as plain text; nothing where there is none. */
function rubricFold(rubric) {
  if (!rubric) return null;
  const part = (title, text) => (textOf(text).trim() ? [el("h3", {}, title), el("p", { dir: "auto" }, textOf(text))] : []);
  const body = () => el("div", { class: "rubric-text" }, part("Pass means", rubric.pass_means), part("Fail means", rubric.fail_means), part("Examples", rubric.examples));
  return fold([`Rubric v${rubric.version}`], body, { className: "rubric" });
}

/** Whether a critique says too little for somebody who was not there. */
function isTerse(verdict, text) {
  const words = countWords(text);
  return words > 0 && ((verdict === "fail" && words < 5) || (verdict === "pass" && words < 3));
}
