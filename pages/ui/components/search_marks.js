// Search hits: found in the text as drawn, marked with <mark>, stepped through with n and N.

const MOST_MARKS = 500;
// Text outside these (role names, numbers, the one-line previews of folds) is ours or a repetition.
const BLOCKS = "p,li,td,th,pre,.json-name,.json-leaf,.plain,.tool-name";

/** A pattern for the words as typed, or any of several passages, without regard to case; null when there is nothing to
 *  look for. */
function searchPattern(words) {
  const wanted = [words].flat().map((one) => cleanText(one ?? "").trim()).filter(Boolean);
  if (!wanted.length) return null;
  const escaped = wanted.map((one) => one.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&").replace(/\s+/g, "\\s+"));
  return new RegExp(escaped.join("|"), "giu");
}

function containsHit(text, pattern) {
  if (!pattern || typeof text !== "string") return false;
  pattern.lastIndex = 0;
  return pattern.test(cleanText(text));
}

/** Mark hits below `root`; a hit may cross bold or code. Returns a list of hits, each a list of <mark>. */
function markHits(root, pattern, limit = MOST_MARKS) {
  if (!pattern || limit <= 0) return [];
  const runs = new Map();
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const block = node.parentElement.closest(BLOCKS);
    if (!block || !root.contains(block)) continue;
    if (!runs.has(block)) runs.set(block, []);
    runs.get(block).push(node);
  }
  const hits = [];
  for (const nodes of runs.values()) {
    const text = nodes.map((node) => node.data).join("");
    const found = [];
    pattern.lastIndex = 0;
    for (const match of text.matchAll(pattern)) {
      if (hits.length + found.length >= limit) break;
      found.push({ from: match.index, to: match.index + match[0].length, marks: [] });
    }
    if (!found.length) continue;
    hits.push(...found.map((hit) => hit.marks));
    let start = 0;
    for (const node of nodes) {
      const end = start + node.data.length;
      const inside = found.filter((hit) => hit.from < end && hit.to > start);
      const pieces = [];
      let at = start;
      for (const hit of inside) {
        const from = Math.max(hit.from, start);
        const to = Math.min(hit.to, end);
        if (from > at) pieces.push(document.createTextNode(text.slice(at, from)));
        const mark = el("mark", {}, text.slice(from, to));
        hit.marks.push(mark);
        pieces.push(mark);
        at = to;
      }
      if (pieces.length) {
        if (at < end) pieces.push(document.createTextNode(text.slice(at, end)));
        node.replaceWith(...pieces);
      }
      start = end;
    }
  }
  return hits;
}
