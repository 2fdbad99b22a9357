// What the expert says of the trace on the screen before saving it: the verdict, the text, the marks. Each is a draft at once.

/** `loop` is the review loop: its trace (`item`), the one that is `wanted`, what is drawn (`view`), and hints. */
function reviewSpeaking(loop, { root, panel, said, drafts }) {
  function noteDraft() {
    drafts.note(said.typed());
    loop.hinted = false;
    panel.draft(WORDS.draftWaits);
  }

  /** Whether there is a trace to speak of; who presses while one is on its way is told that it counted for none. */
  function hasTrace() {
    if (!loop.item && loop.wanted) loop.hint(WORDS.onItsWay);
    return Boolean(loop.item);
  }

  /** Mark a message as the first failure of the trace on the screen; the marked one again takes the mark away. */
  function mark(place) {
    if (!loop.item) return;
    if (said.verdict() !== "fail") {
      loop.hint(WORDS.failFirst);
      return;
    }
    panel.say(said.mark(place) === null ? "No first failure." : "First failure marked.");
    noteDraft();
  }

  return {
    hasTrace,
    mark,
    choose(word) {
      if (!hasTrace()) return;
      if (said.verdict() !== word) {
        said.press(word);
        loop.passWithoutText = false;
        noteDraft();
      }
      panel.rule("");
      if (onTouch()) return;
      panel.box.focus({ preventScroll: true });
      panel.box.setSelectionRange(panel.box.value.length, panel.box.value.length);
    },
    type() {
      if (!loop.item) return;
      panel.rule("");
      loop.passWithoutText = false;
      noteDraft();
    },
    markFocused() {
      const place = loop.view?.focusedPlace() ?? null;
      if (place !== null) mark(place);
      else if (loop.item) loop.hint(said.verdict() === "fail" ? WORDS.messageFirst : WORDS.failFirst);
    },
    pick(numbers) {
      if (!loop.item) return;
      said.pick(numbers);
      panel.say(numbers.length ? `Failure category: ${panel.picks.names(numbers).join(", ")}.` : "No failure category.");
      noteDraft();
    },
    toPicks() {
      if (!panel.picks.focus() && loop.item && panel.picks.offers()) loop.hint(WORDS.pickFirst);
    },
    write() {
      panel.box.scrollIntoView({ block: "center" });
      panel.box.focus({ preventScroll: true });
    },
    leaveBox() {
      (loop.view?.log ?? root).focus({ preventScroll: true });
    },
  };
}
