// The part of the queue this tab knows: items by trace id and by place. Places count from 1.

const MOST_ITEMS = 120;
const KEEP_AROUND = 50;

function createWindow() {
  const items = new Map();
  const places = new Map();
  let total = 0;
  return {
    /** Take in what the server sent; newer items replace older ones. */
    merge(data, aroundPlace) {
      total = data.total ?? 0;
      (data.items ?? []).forEach((item, i) => {
        const id = String(item.trace?.id ?? "");
        const place = (data.position ?? 1) + i;
        if (!id) return;
        items.set(id, { ...item, id, place });
        places.set(place, id);
      });
      if (items.size <= MOST_ITEMS) return;
      for (const [id, item] of items) {
        if (Math.abs(item.place - (aroundPlace ?? item.place)) <= KEEP_AROUND) continue;
        items.delete(id);
        if (places.get(item.place) === id) places.delete(item.place);
      }
    },
    item: (id) => items.get(id) ?? null,
    at: (place) => items.get(places.get(place)) ?? null,
    first: () => [...items.values()].sort((a, b) => a.place - b.place)[0] ?? null,
    total: () => total,
    /** The place of the next trace that is not done: after `place` first, then before it; null at the end. */
    nextOpen(place, isDone) {
      for (let p = place + 1; p <= total; p += 1) {
        const item = items.get(places.get(p));
        if (!item || !isDone(item)) return p;
      }
      for (let p = 1; p < place; p += 1) {
        const item = items.get(places.get(p));
        if (item && !isDone(item)) return p;
      }
      return null;
    },
  };
}
