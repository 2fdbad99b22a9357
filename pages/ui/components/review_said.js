// What is said of the trace on the screen: verdict, critique, better answer, first failure, failure categories.
// The one list of it: a draft, a label, an undo and what is sent all take theirs from here.

/** What a draft, a label or an action says of its trace, and nothing else of it. */
function wordsOf(one) {
  return { verdict: one?.verdict ?? null, critique: one?.critique ?? "", revised_response: one?.revised_response ?? "", first_failure: one?.first_failure ?? null, picked: [...(one?.picked ?? [])] };
}

const trimmed = (words) => ({ ...words, critique: words.critique.trim(), revised_response: words.revised_response.trim() });
const sameWords = (one, other) => JSON.stringify(trimmed(wordsOf(one))) === JSON.stringify(trimmed(wordsOf(other)));

/** What the panel holds. `onMarked(place)` hears which message is the first failure, null for none. */
function createSaid(root, panel, onMarked) {
  let verdict = null;
  let failure = null;
  let picked = [];

  function press(word) {
    const failed = word === "fail";
    verdict = word;
    panel.pressed(word);
    root.classList.toggle("failing", failed);
    panel.picks.show(failed);
    onMarked(failed ? failure : null);
  }
  const typed = () => wordsOf({ verdict, critique: panel.box.value, revised_response: panel.answer.box.value, first_failure: failure, picked });
  return {
    verdict: () => verdict,
    press,
    typed,
    /** As it would be saved: only a fail has a first failure and categories. */
    final: () => ({ ...trimmed(typed()), ...(verdict === "fail" ? {} : { first_failure: null, picked: [] }) }),
    /** Show what a draft or a label says; nothing where there is neither. */
    put(source) {
      const words = wordsOf(source);
      failure = words.first_failure;
      picked = words.picked;
      panel.picks.put(picked);
      panel.box.value = words.critique;
      panel.answer.put(words.revised_response);
      press(words.verdict);
      panel.rule("");
    },
    /** Mark a message, the marked one again takes the mark away; returns the place that is marked now. */
    mark(place) {
      failure = failure === place ? null : place;
      onMarked(failure);
      return failure;
    },
    pick: (numbers) => (picked = numbers),
  };
}
