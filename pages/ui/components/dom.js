// Building blocks: elements, clean text, dates and sizes in words.
// Text from a trace only ever becomes a text node. Nothing in these files parses HTML.

const INVISIBLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202d\u202e]/g;

/** Text as it may be shown: one kind of line end, control characters and direction overrides made visible. */
function cleanText(value) {
  return String(value ?? "")
    .replace(/\r\n?/g, "\n")
    .replace(INVISIBLE, (c) => `[U+${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}]`);
}

/** An element with attributes, listeners ("onclick": function) and children (nodes or text). */
function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(cleanText(child)));
  }
  return node;
}

/** A fold that draws its content when it is first opened. */
function fold(summary, drawContent, { open = false, className = "" } = {}) {
  const details = el("details", { class: `fold ${className}`.trim() }, el("summary", {}, summary));
  let drawn = false;
  const draw = () => {
    if (drawn) return;
    drawn = true;
    details.append(...[drawContent()].flat());
  };
  details.addEventListener("toggle", () => details.open && draw());
  if (open) {
    draw();
    details.open = true;
  }
  return details;
}

const numberFormat = new Intl.NumberFormat("en-GB");
const grouped = (n) => numberFormat.format(n);
const plural = (n, one, many = `${one}s`) => `${grouped(n)} ${n === 1 ? one : many}`;
const countWords = (text) => (text.match(/\S+/g) ?? []).length;

function bytesInWords(bytes) {
  if (!Number.isFinite(bytes)) return "";
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(bytes < 1e4 ? 1 : 0)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function durationInWords(ms) {
  if (typeof ms !== "number" || !Number.isFinite(ms) || ms < 0) return "";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}

/** A stored UTC time, with or without its zone, as a Date; null when it cannot be read. */
function utcDate(value) {
  if (typeof value !== "string" || !value) return null;
  const zoned = /(z|[+-]\d\d:?\d\d)$/i.test(value) ? value : `${value.replace(" ", "T")}Z`;
  const date = new Date(zoned);
  return Number.isNaN(date.getTime()) ? null : date;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const two = (n) => String(n).padStart(2, "0");

/** "22 Nov 2026 14:05" in the reader's own time zone. */
const localDateTime = (date) =>
  `${date.getDate()} ${MONTHS[date.getMonth()]} ${date.getFullYear()} ${two(date.getHours())}:${two(date.getMinutes())}`;
/** "14:05" today, the full date on other days. */
const localTime = (date) =>
  date.toDateString() === new Date().toDateString()
    ? `${two(date.getHours())}:${two(date.getMinutes())}`
    : localDateTime(date);
const utcDateTime = (date) => `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;

/** A long name with its middle left out: both ends of an id tell traces apart. */
function shortened(text, size) {
  const points = Array.from(cleanText(text));
  if (points.length <= size) return points.join("");
  const tail = Math.floor((size - 1) / 2);
  return `${points.slice(0, size - 1 - tail).join("")}\u2026${points.slice(-tail).join("")}`;
}

/** The first `size` characters, never half a surrogate pair. */
function beginning(text, size) {
  const end = /[\ud800-\udbff]/.test(text[size - 1] ?? "") ? size - 1 : size;
  return text.slice(0, end);
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without https the clipboard is closed to scripts; the old command may still work.
    const box = el("textarea", { style: "position:fixed;opacity:0", "aria-hidden": "true" });
    box.value = text;
    document.body.append(box);
    box.select();
    let copied = false;
    try {
      copied = document.execCommand("copy");
    } catch {
      copied = false;
    }
    box.remove();
    return copied;
  }
}

/** An address of this app, or null: other hosts and other schemes are not links. */
function ownAddress(href) {
  if (typeof href !== "string" || !/^[?/]/.test(href)) return null;
  try {
    const url = new URL(href, window.location.href);
    return url.origin === window.location.origin ? url.href : null;
  } catch {
    return null;
  }
}
