// JSON in a readable form: a one-line preview, and a tree that is open to depth 2.

// Longer text is shown as it came: a tree of it would help no one and cost seconds.
const LONGEST_JSON = 300000;
const MOST_ENTRIES = 100;

/** A number whose digits JavaScript would change; it is shown as written. */
class WrittenNumber {
  constructor(source) {
    this.source = source;
  }
}

/** The object or array in a text, or undefined when the text is something else. */
function parsedJson(text) {
  if (typeof text !== "string" || text.length > LONGEST_JSON || !/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text, (_, value, context) =>
      typeof value === "number" && context?.source && String(value) !== context.source
        ? new WrittenNumber(context.source)
        : value,
    );
  } catch {
    return undefined;
  }
}

const isBranch = (value) => typeof value === "object" && value !== null && !(value instanceof WrittenNumber);
const leafText = (value) => (value instanceof WrittenNumber ? value.source : JSON.stringify(value));
const sizeInWords = (value) =>
  Array.isArray(value) ? plural(value.length, "item") : plural(Object.keys(value).length, "field");

/** One line such as {from: "2026-11-23", after: "13:00"}, cut at `budget` characters. */
function jsonPreview(value, budget = 110, depth = 0) {
  if (!isBranch(value)) {
    const text = leafText(value);
    return text.length > budget ? `${beginning(text, Math.max(1, budget - 1))}\u2026` : text;
  }
  const list = Array.isArray(value);
  const [open, close] = list ? "[]" : "{}";
  if (depth > 2) return `${open}\u2026${close}`;
  const parts = [];
  let used = 2;
  for (const [name, inner] of list ? value.slice(0, 50).map((v) => ["", v]) : Object.entries(value).slice(0, 50)) {
    if (used >= budget) break;
    const part = (list ? "" : `${name}: `) + jsonPreview(inner, Math.max(12, budget - used), depth + 1);
    parts.push(part);
    used += part.length + 2;
  }
  const total = list ? value.length : Object.keys(value).length;
  return `${open}${parts.join(", ")}${parts.length < total ? ", \u2026" : ""}${close}`;
}

/** True when the preview says everything. */
const fitsOneLine = (value, budget = 110) => {
  const preview = jsonPreview(value, budget);
  return preview.length <= budget && !preview.includes("\u2026");
};

function jsonLeaf(name, value) {
  const kind = typeof value === "string" ? "string" : "other";
  const shown = typeof value === "string" && value.includes("\n") ? `"${value}"` : leafText(value);
  return el(
    "div",
    { class: "json-leaf" },
    name === null ? null : el("span", { class: "json-name" }, `${name}: `),
    el("span", { class: `json-${kind}`, dir: "auto" }, shown),
  );
}

function jsonNode(name, value, depth, openAll) {
  if (!isBranch(value)) return jsonLeaf(name, value);
  const entries = Array.isArray(value) ? value.map((inner, i) => [String(i), inner]) : Object.entries(value);
  const children = () => {
    const box = el("div", { class: "json-children" });
    const draw = (from) => {
      entries.slice(from, from + MOST_ENTRIES).forEach(([key, inner]) => box.append(jsonNode(key, inner, depth + 1, openAll)));
      const left = entries.length - from - MOST_ENTRIES;
      if (left <= 0) return;
      const more = el("button", { type: "button", class: "quiet", onclick: () => (more.remove(), draw(from + MOST_ENTRIES)) }, `Show ${plural(Math.min(left, MOST_ENTRIES), "more entry", "more entries")} of ${grouped(left)}`);
      box.append(more);
    };
    draw(0);
    return box;
  };
  if (!entries.length) return jsonLeaf(name, Array.isArray(value) ? [] : {});
  return fold(
    [
      name === null ? null : el("span", { class: "json-name" }, `${name}: `),
      el("span", { class: "json-size" }, `${Array.isArray(value) ? "list" : "object"}, ${sizeInWords(value)}`),
    ].filter(Boolean),
    children,
    { open: (depth < 2 || openAll) && depth < 40, className: "json-branch" },
  );
}

/** The tree of an object or array. `openAll` opens every level, for search hits deep inside. */
function jsonTree(value, openAll = false) {
  const entries = Array.isArray(value) ? value.map((inner, i) => [String(i), inner]) : Object.entries(value);
  const tree = el("div", { class: "json", dir: "ltr" });
  if (!entries.length) tree.append(jsonLeaf(null, value));
  const draw = (from) => {
    entries.slice(from, from + MOST_ENTRIES).forEach(([key, inner]) => tree.append(jsonNode(key, inner, 1, openAll)));
    const left = entries.length - from - MOST_ENTRIES;
    if (left <= 0) return;
    const more = el("button", { type: "button", class: "quiet", onclick: () => (more.remove(), draw(from + MOST_ENTRIES)) }, `Show ${plural(left, "more entry", "more entries")}`);
    tree.append(more);
  };
  draw(0);
  return tree;
}
