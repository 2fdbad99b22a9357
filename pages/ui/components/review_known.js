// What is known of a trace: the server's word, and over it what this tab did since.

function createKnown(kept, outbox) {
  const known = (one) => kept.overlay[one.id] ?? { label: one.label ?? null, deferred: one.deferred === true };
  return {
    known,
    isDone: (one) => Boolean(known(one).label) || known(one).deferred,
    /** Forget what the server knows by now. */
    settle(items) {
      for (const [id, over] of Object.entries(kept.overlay)) {
        const fresh = items.find((one) => one.trace?.id === id);
        if (!fresh || outbox.waits(over.client_id)) continue;
        if (over.deferred && fresh.deferred === undefined) continue;
        delete kept.overlay[id];
      }
    },
    /** What was last said or typed of a trace: the draft of this tab, else one the server kept, else the label. */
    lastWord(one) {
      const { label } = known(one);
      const own = kept.drafts[one.id];
      const stored = one.draft && (!label?.at || !one.draft.at || utcDate(one.draft.at) >= utcDate(label.at)) ? one.draft : null;
      return { label, draft: own ?? stored };
    },
  };
}

/** Where what is shown comes from, in words. */
function sourceWords({ label, draft }, deferred) {
  const at = utcDate((draft ?? label)?.at);
  if (draft?.verdict || draft?.critique || draft?.revised_response) return at ? `Draft from ${localTime(at)} restored` : "Draft restored";
  if (label) return `Labelled ${SIGN_WORDS[label.verdict] ?? ""}${at ? ` ${localTime(at)}` : ""}. Saving again adds a version.`;
  return deferred ? "Deferred. A verdict can still be given." : WORDS.hint;
}
