// The keys of the review loop: what each does, and where it does nothing because somebody types.

const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

/** What listens to keys. `acts` is what the expert can do, `view()` the trace on the screen, null for none. */
function reviewKeys(root, panel, acts, view) {
  const actions = {
    1: () => acts.choose("pass"),
    2: () => acts.choose("fail"),
    d: acts.defer,
    u: acts.undo,
    f: acts.markFocused,
    k: acts.toPicks,
    ArrowLeft: () => acts.step(-1),
    ArrowRight: () => acts.step(1),
    ArrowUp: () => view()?.moveMessage(-1),
    ArrowDown: () => view()?.moveMessage(1),
    n: () => view()?.moveHit(1),
    N: () => view()?.moveHit(-1),
    "?": () => panel.toggleHelp(),
  };

  function actOf(event, inBox, inPicks) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return acts.save;
    if (event.key === "Escape") return () => (panel.helpIsOpen() ? panel.toggleHelp(false) : (inBox || inPicks) && acts.leaveBox());
    if (inPicks && STEPS[event.key]) return () => panel.picks.focus(STEPS[event.key]);
    if (inBox || event.ctrlKey || event.metaKey || event.altKey) return null;
    return actions[event.key] ?? actions[event.key.toLowerCase()];
  }
  return (event) => {
    if (event.isComposing) return;
    const target = event.composedPath()[0];
    const inBox = [panel.box, panel.answer.box].includes(target);
    if (!inBox && keyPlace(event, root) === "typing") return;
    const act = actOf(event, inBox, panel.picks.has(target));
    if (!act) return;
    event.preventDefault();
    if (!event.repeat) act();
  };
}
