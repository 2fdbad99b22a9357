// One block of a conversation: a message, a tool call with its results inside, a system prompt.

const FOLD_FROM = 1500;
const FOLD_TO = 1200;
const ROLE_NAMES = { user: "User", assistant: "Assistant", human: "User", ai: "Assistant", model: "Assistant" };

/** Message text as markdown, JSON as a tree, folded when long. */
function textBody(text, pattern, { plain = false } = {}) {
  const body = el("div", { class: "text" });
  const json = parsedJson(text);
  if (json !== undefined) {
    body.append(jsonBody(json, containsHit(text, pattern)));
    return body;
  }
  const draw = (part) => (plain ? [el("div", { class: "plain", dir: "auto" }, part)] : markdownBlocks(part));
  if (text.length <= FOLD_FROM || containsHit(text, pattern)) {
    body.append(...draw(text));
    return body;
  }
  const toggle = el("button", { type: "button", class: "quiet", "aria-expanded": "false" });
  const show = (all) => {
    body.replaceChildren(...draw(all ? text : `${beginning(text, FOLD_TO)}\u2026`), toggle);
    toggle.textContent = all ? "Show less" : `Show all ${grouped(text.length)} characters`;
    toggle.setAttribute("aria-expanded", String(all));
  };
  toggle.addEventListener("click", () => show(toggle.getAttribute("aria-expanded") === "false"));
  show(false);
  return body;
}

/** One line of preview; the tree behind it when the line does not say everything. */
function jsonBody(value, open = false) {
  if (fitsOneLine(value)) return el("div", { class: "json-line plain", dir: "ltr" }, jsonPreview(value));
  return fold([el("code", { class: "json-preview" }, jsonPreview(value))], () => jsonTree(value, open), { open, className: "json-fold" });
}

function resultSummary(message, json) {
  const text = textOf(message.text);
  const size = json === undefined || !isBranch(json) ? "" : `${sizeInWords(json)} (`;
  const length = plural(text.length, "character");
  return [
    isError(message) ? el("strong", { class: "error-word" }, "Error") : null,
    el("span", {}, `${isError(message) ? " result" : "Result"}: ${size}${length}${size ? ")" : ""}`),
  ].filter(Boolean);
}

function resultFold(message, pattern) {
  const text = textOf(message.text);
  if (!text) return el("p", { class: "quiet-note" }, isError(message) ? "Error, without a text." : "The result is empty.");
  const json = parsedJson(text);
  const hit = containsHit(text, pattern);
  const draw = () => (json === undefined ? textBody(text, pattern, { plain: true }) : el("div", { class: "text" }, jsonTree(json, hit)));
  return fold(resultSummary(message, json), draw, {
    open: hit || isError(message),
    className: isError(message) ? "result result-error" : "result",
  });
}

function messageHead(name, number, { code = null, error = false, note = "" } = {}) {
  return el(
    "div",
    { class: "message-head" },
    el("strong", { class: "role" }, name),
    code === null ? null : el("code", { class: "tool-name", dir: "auto" }, code),
    error ? el("strong", { class: "error-word" }, "Error") : null,
    note ? el("span", { class: "note" }, note) : null,
    el("span", { class: "number", "aria-hidden": "true" }, grouped(number)),
  );
}

function drawBlock(block, number, total, pattern) {
  const { message } = block;
  const article = (kind, spoken, ...children) =>
    el(
      "article",
      { class: `message ${kind}`, tabindex: "-1", "data-index": block.index, "aria-label": cleanText(`Message ${number} of ${total}, ${spoken}`) },
      children,
    );
  if (block.kind === "call") {
    const name = textOf(block.call.name) || "(no name)";
    const text = textOf(block.call.arguments);
    const json = parsedJson(text);
    const failed = block.results.some(isError);
    return article(
      failed ? "call error" : "call",
      `tool call ${name}`,
      messageHead("Tool call", number, { code: name, error: failed }),
      json !== undefined
        ? el("div", { class: "arguments" }, jsonBody(json, containsHit(text, pattern)))
        : text && el("div", { class: "arguments" }, textBody(text, pattern, { plain: true })),
      block.results.length
        ? block.results.map((result) => resultFold(result, pattern))
        : el("p", { class: "quiet-note" }, "no result recorded"),
    );
  }
  if (block.kind === "result") {
    const name = textOf(message.name);
    return article(
      isError(message) ? "call error" : "call",
      `tool result ${name}`.trim(),
      messageHead("Tool result", number, { code: name || null, error: isError(message), note: "no call recorded" }),
      resultFold(message, pattern),
    );
  }
  const typed = textOf(message.role);
  const name = ROLE_NAMES[typed.toLowerCase()] ?? (typed || "Message");
  const kind = name === "User" ? "user" : name === "Assistant" ? "assistant" : "other";
  const text = textOf(message.text);
  return article(
    isError(message) ? `${kind} error` : kind,
    name.toLowerCase(),
    messageHead(name, number, { error: isError(message), note: textOf(message.name) }),
    text ? textBody(text, pattern) : el("p", { class: "quiet-note" }, "This message is empty."),
  );
}

function systemFold(block, trace, pattern, first) {
  const text = textOf(block.message.text);
  const same = trace.system_prompt_count;
  const words = plural(countWords(text), "word");
  const title = first
    ? `System prompt (${words}${typeof same === "number" && same > 1 ? `, same in ${grouped(same)} traces` : ""})`
    : `System message (${words})`;
  return fold([title], () => el("div", { class: "text system-text" }, markdownBlocks(text)), {
    className: "system",
    open: containsHit(text, pattern),
  });
}
