"""Measures, inside the page, how long it takes from the press that saves to the next trace on the screen."""

from typing import Any

INSTALL = """() => {
  const find = (root, what) => root.querySelector(what) ?? [...root.querySelectorAll('*')]
    .filter(node => node.shadowRoot).map(node => find(node.shadowRoot, what)).find(Boolean)
  const at = () => find(document, '.trace-id')?.textContent ?? 'the end'
  window.measured = []
  document.addEventListener('keydown', event => {
    if (event.key !== 'Enter' || !event.ctrlKey) return
    const start = performance.now()
    performance.mark('pressed')
    const one = {trace: at(), next: at(), ms: null}
    window.measured.push(one)
    let frames = 0
    const painted = () => {
      one.next = at()
      if (one.next === one.trace && (frames += 1) < 120) return requestAnimationFrame(painted)
      performance.measure('press to next trace', 'pressed')
      one.ms = performance.now() - start
    }
    requestAnimationFrame(painted)
  }, true)
}"""
"""The listener stands before all others; a frame after the id has changed the trace is on the screen."""
TIMES = "() => window.measured"


def judged_by_keyboard(expert: Any, amount: int) -> list[float]:
    """Judge so many traces by keys alone, naming each in its critique; the milliseconds of each press, sorted."""
    expert.page.evaluate(INSTALL)
    for number in range(amount):
        trace = expert.at()
        expert.press("2" if number % 3 else "1")
        expert.page.keyboard.insert_text(f"{trace} as it was read.")
        expert.press("Control+Enter")
        if number < amount - 1:
            expert.next_after(trace)
    expert.page.wait_for_function("() => window.measured.every(one => one.ms !== null)")
    measured = expert.page.evaluate(TIMES)
    assert len({one["trace"] for one in measured}) == amount
    return sorted(one["ms"] for one in measured)
