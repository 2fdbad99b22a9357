// The failure categories that a fail may be put into. Only their names are here: who put which trace into which is not.

/** Buttons that stay pressed. Tab reaches them as one, arrows move among them, Space or a click presses. */
function categoryPicks(on) {
  const list = el("div", { class: "pick-list", role: "toolbar", "aria-label": "Failure categories" });
  const first = el("p", { class: "pick-first" });
  const node = el("div", { class: "picks", hidden: true }, el("p", { class: "pick-title" }, "Failure category (optional)", el("kbd", {}, "K")), list, first);
  let offered = "";
  let picked = [];

  const buttons = () => [...list.children];
  const reach = (button) => buttons().forEach((one) => one.setAttribute("tabindex", one === button ? "0" : "-1"));
  const draw = () => {
    for (const button of buttons()) button.setAttribute("aria-pressed", String(picked.includes(Number(button.dataset.id))));
    const name = picked.length > 1 ? list.querySelector(`[data-id="${picked[0]}"]`)?.textContent : "";
    first.textContent = name ? `Picked first: ${name}` : "";
  };
  const toggle = (id) => {
    picked = picked.includes(id) ? picked.filter((other) => other !== id) : [...picked, id];
    draw();
    on.pick(picked);
  };
  const button = ({ id, name, definition }, place) =>
    el("button", { type: "button", class: "pick", "data-id": id, "aria-pressed": "false", tabindex: place ? "-1" : "0", title: cleanText(textOf(definition)) || null, onclick: () => toggle(id), onfocus: (event) => reach(event.currentTarget) }, textOf(name));
  return {
    node,
    /** Draw the buttons anew where others are offered than before. */
    offer(categories) {
      const text = JSON.stringify(categories);
      if (text === offered) return;
      offered = text;
      list.replaceChildren(...categories.map(button));
      draw();
    },
    show(failing) {
      node.hidden = !failing || !list.children.length;
    },
    put(numbers) {
      picked = [...numbers];
      draw();
    },
    names: (numbers) => numbers.map((id) => list.querySelector(`[data-id="${Number(id)}"]`)?.textContent).filter(Boolean),
    enable: (enabled) => buttons().forEach((one) => (one.disabled = !enabled)),
    offers: () => list.children.length > 0,
    has: (target) => list.contains(target),
    /** Go to the buttons, or `step` of them on; whether there are any. */
    focus(step = 0) {
      if (node.hidden) return false;
      const all = buttons();
      const at = Math.max(0, all.findIndex((one) => one.getAttribute("tabindex") === "0"));
      const wanted = all[Math.min(all.length - 1, Math.max(0, at + step))];
      wanted.focus({ preventScroll: true });
      wanted.scrollIntoView({ block: "nearest" });
      return true;
    },
  };
}
