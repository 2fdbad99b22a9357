// A small, safe part of markdown, drawn with DOM calls: paragraphs, bold, italics, lists, tables, quotes,
// inline code and code blocks. Headings become bold text, links text with the address behind it, images
// a note that they were not loaded. HTML is shown as typed.

// A line longer than this is shown as typed: no one writes it by hand, and it keeps drawing fast.
const LONGEST_PARSED_LINE = 20000;

const INLINE = new RegExp(
  [
    "(?<escape>\\\\[\\\\`*_{}\\[\\]()#+\\-.!|~>])",
    "(?<code>``[^\\n]{1,2000}?``|`[^`\\n]{1,2000}`)",
    "!\\[(?<alt>[^\\[\\]\\n]{0,500})\\]\\((?<source>[^()\\n]{0,4000}(?:\\([^()\\n]{0,500}\\))?[^()\\n]{0,500})\\)",
    "\\[(?<label>[^\\[\\]\\n]{1,500})\\]\\((?<address>[^()\\s]{0,4000}(?:\\([^()\\s]{0,500}\\))?[^()\\s]{0,500})(?:\\s+\"[^\"\\n]{0,500}\")?\\)",
    "\\*\\*(?<bold>(?=\\S)[^*\\n]{1,4000}(?:\\*[^*\\n]{1,500}\\*[^*\\n]{0,2000})?)\\*\\*",
    "(?<![\\w_])__(?<boldLine>(?=\\S)[^_\\n]{1,4000})__(?![\\w_])",
    "\\*(?<italic>(?=\\S)[^*\\n]{0,2000}[^*\\s])\\*(?!\\*)",
    "(?<![\\w_])_(?<italicLine>(?=\\S)[^_\\n]{0,2000}[^_\\s])_(?![\\w_])",
    "~~(?<struck>(?=\\S)[^~\\n]{1,2000})~~",
  ].join("|"),
  "gu",
);

/** Inline text as nodes. */
function inlineNodes(text, depth = 0) {
  if (text.length > LONGEST_PARSED_LINE || depth > 4) return [document.createTextNode(text)];
  const nodes = [];
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > at) nodes.push(document.createTextNode(text.slice(at, match.index)));
    at = match.index + match[0].length;
    const found = match.groups;
    if (found.escape) nodes.push(document.createTextNode(found.escape.slice(1)));
    else if (found.code) nodes.push(el("code", {}, found.code.replace(/^`+ ?| ?`+$/g, "") || found.code));
    else if (found.source !== undefined) {
      nodes.push(el("span", { class: "not-loaded" }, `[image: ${found.alt || "no description"}, not loaded]`));
    } else if (found.label !== undefined) {
      nodes.push(
        el("span", { class: "link-text" }, inlineNodes(found.label, depth + 1)),
        el("span", { class: "address" }, ` (${found.address})`),
      );
    } else if (found.bold ?? found.boldLine) nodes.push(el("strong", {}, inlineNodes(found.bold ?? found.boldLine, depth + 1)));
    else if (found.italic ?? found.italicLine) nodes.push(el("em", {}, inlineNodes(found.italic ?? found.italicLine, depth + 1)));
    else nodes.push(el("s", {}, inlineNodes(found.struck, depth + 1)));
  }
  if (at < text.length) nodes.push(document.createTextNode(text.slice(at)));
  return nodes;
}

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([^`]*)$/;
const HEADING = /^ {0,3}#{1,6}\s+(.*?)\s*#*\s*$/;
const RULE = /^ {0,3}(?:-[ \t]*){3,}$|^ {0,3}(?:\*[ \t]*){3,}$|^ {0,3}(?:_[ \t]*){3,}$/;
const ITEM = /^(\s{0,12})(?:([-*+•])|(\d{1,9})[.)])\s+(.*)$/;
const QUOTE = /^ {0,3}>\s?(.*)$/;
const TABLE_RULE = /^ {0,3}\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;

function tableCells(line) {
  const trimmed = line.trim().replace(/^\|/, "").replace(/(?<!\\)\|$/, "");
  return trimmed.split(/(?<!\\)\|/).map((cell) => cell.trim().replace(/\\\|/g, "|"));
}

function tableBlock(lines) {
  const header = tableCells(lines[0]);
  const cells = (line, tag) =>
    header.map((_, column) => el(tag, { dir: "auto" }, inlineNodes(tableCells(line)[column] ?? "")));
  return el(
    "div",
    { class: "table-scroll", tabindex: "0", role: "group", "aria-label": "Table" },
    el(
      "table",
      {},
      el("thead", {}, el("tr", {}, cells(lines[0], "th"))),
      el("tbody", {}, lines.slice(2).map((line) => el("tr", {}, cells(line, "td")))),
    ),
  );
}

/** List lines to nested lists; `items` are {indent, number, lines}. */
function listBlock(items) {
  const first = items[0];
  const list = first.number === null ? el("ul") : el("ol", first.number === 1 ? {} : { start: first.number });
  let at = 0;
  while (at < items.length) {
    const item = items[at++];
    const inner = [];
    while (at < items.length && items[at].indent > first.indent + 1) inner.push(items[at++]);
    const entry = el("li", { dir: "auto" }, inlineNodes(item.lines.join("\n")));
    if (inner.length) entry.append(listBlock(inner));
    list.append(entry);
  }
  return list;
}

/** Markdown text as an array of block nodes. */
function markdownBlocks(source, depth = 0) {
  const lines = cleanText(source).split("\n");
  const blocks = [];
  let paragraph = [];
  const endParagraph = () => {
    if (paragraph.length) blocks.push(el("p", { dir: "auto" }, inlineNodes(paragraph.join("\n"))));
    paragraph = [];
  };
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    if (line.length > LONGEST_PARSED_LINE) {
      endParagraph();
      blocks.push(el("p", { dir: "auto" }, line));
      at += 1;
      continue;
    }
    const fence = FENCE.exec(line);
    if (fence) {
      endParagraph();
      const code = [];
      at += 1;
      while (at < lines.length && !(lines[at].trim().startsWith(fence[1]) && /^[`~\s]+$/.test(lines[at]))) code.push(lines[at++]);
      at += 1;
      blocks.push(el("pre", { class: "code", tabindex: "0", dir: "ltr" }, el("code", {}, code.join("\n"))));
      continue;
    }
    if (!line.trim()) {
      endParagraph();
      at += 1;
      continue;
    }
    const heading = HEADING.exec(line);
    if (heading) {
      endParagraph();
      blocks.push(el("p", { dir: "auto", class: "heading" }, el("strong", {}, inlineNodes(heading[1]))));
      at += 1;
      continue;
    }
    if (RULE.test(line)) {
      endParagraph();
      blocks.push(el("hr"));
      at += 1;
      continue;
    }
    if (line.includes("|") && at + 1 < lines.length && lines[at + 1].includes("-") && TABLE_RULE.test(lines[at + 1])) {
      endParagraph();
      const rows = [];
      while (at < lines.length && lines[at].includes("|") && lines[at].length <= LONGEST_PARSED_LINE) rows.push(lines[at++]);
      if (rows.length >= 2) {
        blocks.push(tableBlock(rows));
        continue;
      }
      at -= rows.length;
    }
    if (QUOTE.test(line) && depth < 3) {
      endParagraph();
      const quoted = [];
      while (at < lines.length && QUOTE.test(lines[at])) quoted.push(QUOTE.exec(lines[at++])[1]);
      blocks.push(el("blockquote", {}, markdownBlocks(quoted.join("\n"), depth + 1)));
      continue;
    }
    if (ITEM.test(line)) {
      endParagraph();
      const items = [];
      while (at < lines.length && lines[at].length <= LONGEST_PARSED_LINE) {
        const item = ITEM.exec(lines[at]);
        if (item) items.push({ indent: item[1].length, number: item[3] ? Number(item[3]) : null, lines: [item[4]] });
        else if (lines[at].trim() && /^\s/.test(lines[at])) items[items.length - 1].lines.push(lines[at].trim());
        else break;
        at += 1;
      }
      // A change between bullets and numbers on the outer level starts a new list.
      let start = 0;
      for (let i = 1; i <= items.length; i += 1) {
        const outer = i < items.length && items[i].indent <= items[start].indent + 1;
        if (i === items.length || (outer && (items[i].number === null) !== (items[start].number === null))) {
          blocks.push(listBlock(items.slice(start, i)));
          start = i;
        }
      }
      continue;
    }
    paragraph.push(line);
    at += 1;
  }
  endParagraph();
  return blocks;
}
