// Where it first went wrong: one mark per trace, at a message; the one before it is the last good step.

const MARK_WORDS = { free: "Mark as first failure", marked: "First failure", good: "last good step" };

/** The place of a block among the messages of the trace: calls of one message are told apart by their results. */
function placesOf(blocks) {
  const taken = new Set();
  const places = new Map();
  for (const block of blocks) {
    const place = taken.has(block.index) ? (block.resultPlaces?.find((own) => !taken.has(own)) ?? null) : block.index;
    if (place !== null) taken.add(place);
    places.set(block, place);
  }
  return places;
}

/** The marks of one drawn trace. With `onMark` each message can be marked; without it the mark is only shown. */
function failureMarks(blocks, { place = null, onMark = null } = {}) {
  const places = placesOf(blocks);
  const slots = new Map();
  let marked = place;

  const at = (block) => marked !== null && places.get(block) === marked;
  const before = () => blocks[blocks.findIndex(at) - 1] ?? null;

  function drawSlot(block) {
    const slot = slots.get(block);
    if (!slot) return;
    const own = places.get(block);
    const here = at(block);
    slot.closest("article")?.classList.toggle("first-failure", here);
    const flag = () => el("span", { "aria-hidden": "true" }, "\u2691");
    const parts = [];
    if (onMark && own !== null) {
      const button = el("button", { type: "button", class: "mark-failure", "aria-pressed": String(here), onclick: () => onMark(own) }, flag(), here ? MARK_WORDS.marked : MARK_WORDS.free);
      parts.push(button);
    } else if (here) parts.push(el("span", { class: "mark-failure shown" }, flag(), MARK_WORDS.marked));
    if (before() === block) parts.push(el("span", { class: "last-good" }, MARK_WORDS.good));
    slot.replaceChildren(...parts);
  }

  return {
    /** Give a freshly drawn message its place for the mark. */
    dress(article, block) {
      const head = article.querySelector(".message-head");
      if (!head) return article;
      const slot = el("span", { class: "mark-slot" });
      head.querySelector(".number")?.before(slot);
      slots.set(block, slot);
      drawSlot(block);
      if (places.get(block) !== null) article.dataset.place = String(places.get(block));
      return article;
    },
    isMarked: at,
    set(next) {
      const focused = [...slots].find(([, slot]) => slot.contains(slot.getRootNode().activeElement));
      marked = next;
      slots.forEach((_, block) => drawSlot(block));
      focused?.[1].querySelector("button")?.focus({ preventScroll: true });
    },
  };
}
