// What stands around the messages: id, time, chips above, the raw record below.

/** Follow a link of this page without loading the app anew: Streamlit answers to the address like to Back. */
function followHere(event) {
  const link = event.currentTarget;
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!plain || link.pathname !== window.location.pathname) return;
  event.preventDefault();
  window.history.pushState(null, "", link.href);
  window.dispatchEvent(new PopStateEvent("popstate"));
}

function chipNode(chip, linked) {
  const content = [el("span", { class: "chip-label" }, `${textOf(chip.label)}: `), el("bdi", {}, textOf(chip.value))];
  const address = linked ? ownAddress(chip.href) : null;
  const title = cleanText(`${textOf(chip.label)}: ${textOf(chip.value)}`);
  if (!address) return el("span", { class: "chip", title }, content);
  return el("a", { class: "chip", href: address, target: "_self", onclick: followHere, title: `${title}. Show only traces with this value.` }, content);
}

function traceHead(trace, total, linked) {
  const id = textOf(trace.id);
  const recorded = Array.isArray(trace.messages) ? trace.messages.length : 0;
  const started = utcDate(trace.started_at);
  const copied = el("span", { class: "copied", "aria-live": "polite" });
  const idButton = el(
    "button",
    {
      type: "button",
      class: "trace-id",
      title: cleanText(`Copy the id ${id}`),
      onclick: async () => {
        copied.textContent = (await copyText(id)) ? "Copied" : "Not copied";
        setTimeout(() => (copied.textContent = ""), 2000);
      },
    },
    el("bdi", {}, shortened(id, 32)),
  );
  const duration = durationInWords(trace.duration_ms);
  const facts = [
    started && el("time", { datetime: started.toISOString(), title: utcDateTime(started) }, localDateTime(started)),
    recorded > 0 && el("span", { title: `${plural(recorded, "message")} as recorded, with system prompt and tool results` }, plural(total, "message")),
    duration && el("span", {}, duration),
  ].filter(Boolean);
  return el(
    "div",
    { class: "trace-head" },
    el(
      "div",
      { class: "facts" },
      el("span", { class: "id-group" }, el("strong", {}, "Trace "), idButton, copied),
      facts.map((fact) => [el("span", { class: "dot", "aria-hidden": "true" }, "\u00b7"), fact]),
    ),
    el("div", { class: "chips" }, (Array.isArray(trace.chips) ? trace.chips : []).map((chip) => chipNode(chip, linked))),
  );
}

function rawRecord(trace) {
  const record = textOf(trace.record);
  if (!record) return null;
  const whole = Number.isFinite(trace.record_bytes) ? trace.record_bytes : record.length;
  const capped = whole > new Blob([record]).size;
  const draw = () => {
    let shown = record;
    if (!capped && record.length <= LONGEST_JSON) {
      const parsed = parsedJson(record);
      if (parsed !== undefined) {
        const plain = JSON.stringify(parsed, (_, value) => (value instanceof WrittenNumber ? `\u0001${value.source}\u0001` : value), 2);
        shown = plain.replace(/"\\u0001(-?[\d.eE+-]+)\\u0001"/g, "$1");
      }
    }
    return [
      capped ? el("p", { class: "quiet-note" }, `The first ${bytesInWords(new Blob([record]).size)} of ${bytesInWords(whole)}.`) : null,
      el("pre", { class: "code record", tabindex: "0", dir: "ltr" }, shown),
    ].filter(Boolean);
  };
  return fold([`Raw record (JSON, ${bytesInWords(whole)})`], draw, { className: "raw" });
}
