// A trace as blocks in reading order: tool results are tied to their calls before anything is drawn.

/** Messages as blocks in the order read: system, message, call (with its results) or lone result. */
function traceBlocks(messages) {
  const blocks = [];
  const calls = [];
  messages.forEach((message, index) => {
    if (typeof message !== "object" || message === null) {
      blocks.push({ kind: "broken", index });
      return;
    }
    const role = String(message.role ?? "").toLowerCase();
    const toolCalls = Array.isArray(message.tool_calls) ? message.tool_calls.filter((call) => call && typeof call === "object") : [];
    if (role === "tool" || role === "function") blocks.push({ kind: "result", index, message });
    else if (role === "system" || role === "developer") blocks.push({ kind: "system", index, message });
    else if (message.text || !toolCalls.length) blocks.push({ kind: "message", index, message });
    for (const call of toolCalls) {
      const block = { kind: "call", index, message, call, results: [], resultPlaces: [] };
      blocks.push(block);
      calls.push(block);
    }
  });
  for (const block of [...blocks]) {
    if (block.kind !== "result") continue;
    const owner = callOfResult(block, calls);
    if (!owner) continue;
    owner.results.push(block.message);
    owner.resultPlaces.push(block.index);
    blocks.splice(blocks.indexOf(block), 1);
  }
  return blocks;
}

function callOfResult({ message, index }, calls) {
  const before = calls.filter((block) => block.index < index);
  const free = (block) => block.results.length === 0;
  if (message.tool_call_id) {
    const same = (block) => block.call.id === message.tool_call_id;
    return (
      before.findLast((block) => same(block) && free(block)) ?? before.findLast(same) ?? calls.find(same) ?? null
    );
  }
  if (!message.name) return null;
  const last = before.findLast((block) => free(block) && block.call.name === message.name);
  // Of several calls in one message the first without a result is meant.
  return last ? before.find((block) => free(block) && block.index === last.index && block.call.name === message.name) : null;
}

const isError = (message) => message?.error === true;
const textOf = (value) => (typeof value === "string" ? value : value === null || value === undefined ? "" : JSON.stringify(value));
