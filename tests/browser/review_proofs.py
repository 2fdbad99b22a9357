"""What experts do in a proof of the review loop, on any set of traces, and what is stored of it."""

from typing import Any, NamedTuple

from core.store import labels
from core.workflows.opening import open_store
from tests.browser.product import Server

ALL_SENT = """() => Object.entries(sessionStorage).filter(([name]) => name.startsWith('passfail.review.'))
  .every(([, kept]) => JSON.parse(kept).actions.length === 0)"""

# Each verdict is due 40 ms after the one before; who is late does not wait. Keys go where the focus is, as from a keyboard.
BURST = """async () => {
  const find = (root, what) => root.querySelector(what) ?? [...root.querySelectorAll('*')]
    .filter(node => node.shadowRoot).map(node => find(node.shadowRoot, what)).find(Boolean)
  const focused = () => {
    let node = document.activeElement
    while (node.shadowRoot?.activeElement) node = node.shadowRoot.activeElement
    return node
  }
  const press = (key, more) => focused().dispatchEvent(
    new KeyboardEvent('keydown', {key, bubbles: true, composed: true, cancelable: true, ...more}))
  const traces = []
  const began = performance.now()
  while (traces.length < 10) {
    const early = began + 40 * traces.length - performance.now()
    if (early > 0) await new Promise(due => setTimeout(due, early))
    const trace = find(document, '.trace-id').textContent
    traces.push(trace)
    press('1')
    focused().value = `${trace} in a burst`
    focused().dispatchEvent(new Event('input', {bubbles: true}))
    press('Enter', {ctrlKey: true})
  }
  return {traces, ms: performance.now() - began}
}"""


def shown(trace: str) -> str:
    """The id of a trace as it stands above it: a long one without its middle."""
    return trace if len(trace) <= 32 else f"{trace[:16]}…{trace[-15:]}"


class Burst(NamedTuple):
    """The ids of the traces that were on the screen, and the milliseconds from the first press to the last, on the page's clock."""

    traces: list[str]
    ms: float


def burst_of_ten(expert: Any) -> Burst:
    """Ten verdicts at once, each with a critique that names the trace on the screen; returns when all are stored."""
    done = Burst(**expert.page.evaluate(BURST))
    expert.page.wait_for_function(ALL_SENT, timeout=30_000)
    return done


def judged_by_two(one: Any, other: Any, *, each: int) -> None:
    """Two people judge so many traces at the same time; each critique says who gave it on which trace."""
    for _ in range(each):
        for expert in (one, other):
            at = expert.at()  # nobody judges what is not on the screen yet
            expert.press("2")
            expert.page.keyboard.insert_text(f"{expert.name} on {at}")
            expert.press("Control+Enter")
    for expert in (one, other):
        expert.page.get_by_text("Everything is saved.").first.wait_for()


def stored(server: Server, *names: str) -> list[tuple[str, str, str]]:
    """The labels of these people that count now: trace, person, critique. The server is started anew for it."""
    server.stop()
    store = open_store(server.db)
    try:
        with store.read() as cursor:
            keys = [row[0] for row in cursor.execute("select distinct trace_key from labels").fetchall()]
            found = [label for listed in labels.find_labels(cursor, keys).values() for label in listed]
    finally:
        store.close()
    server.start()
    return [(label.trace_id, label.labeler, label.critique or "") for label in found if label.labeler in names]
