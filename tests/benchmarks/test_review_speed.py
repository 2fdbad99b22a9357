"""The review loop in a real browser: press to next trace, measured in the page. Printed, never judged: machines differ.

What does not hang on the machine is judged here too: that a burst, and two people at once, leave the labels they gave.
"""

import time
from typing import Any

import pytest

from core.workflows.importing import Source, import_sources
from core.workflows.opening import open_store
from tests.browser.conftest import StartServer, browser, chromium_path, open_tab, server, start_server, visits
from tests.browser.product import Server
from tests.browser.review_proofs import burst_of_ten, judged_by_two, shown, stored
from tests.browser.review_speed import judged_by_keyboard
from tests.browser.test_review_by_keyboard import Expert
from tests.conftest import shared

__all__ = ["browser", "chromium_path", "open_tab", "server", "start_server", "visits"]

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]
ROUNDS = 3
REAL = "/review?origin=real"


@pytest.fixture
def nurtureboss(start_server: StartServer) -> Server:
    """A server with the 100 real traces of the recipe course's last lesson."""
    log = shared("data/recipe-chatbot/lesson-4/nurtureboss_traces_labeled.json")
    made = start_server(demo=False)
    made.stop()
    store = open_store(made.db)
    with Source.from_path(log) as source:
        import_sources(store, [source])
    store.close()
    made.start()
    return made


def test_press_to_next_trace(open_tab: Any, server: Server) -> None:
    _measure(open_tab, "the sample", server)


def test_press_to_next_trace_on_real_ones(open_tab: Any, nurtureboss: Server) -> None:
    _measure(open_tab, "NurtureBoss", nurtureboss)


def test_a_burst(open_tab: Any, server: Server) -> None:
    _burst(open_tab, "the sample", server)


def test_a_burst_and_two_people_at_once_on_real_ones(open_tab: Any, nurtureboss: Server) -> None:
    _burst(open_tab, "NurtureBoss", nurtureboss)
    people = [Expert(open_tab(of=nurtureboss), name) for name in ("Jan", "Kai")]
    for expert in people:
        expert.start(REAL, size=30)
    began = time.monotonic()
    judged_by_two(*people, each=30)
    print(f"\nNurtureBoss, two people at once: 60 labels in {time.monotonic() - began:.0f} s")
    found = stored(nurtureboss, "Jan", "Kai")
    assert len(found) == len(set(found)) == 60
    assert all(critique == f"{who} on {shown(trace)}" for trace, who, critique in found)


def _burst(open_tab: Any, what: str, of: Server) -> None:
    ivy = Expert(open_tab(of=of), "Ivy")
    ivy.start(REAL)
    burst = burst_of_ten(ivy)
    print(f"\n{what}, a burst of 10 verdicts: {burst.ms:.0f} ms (aim under 1,000)")
    assert len(set(burst.traces)) == 10
    given = [(shown(trace), critique) for trace, _, critique in stored(of, "Ivy")]
    assert sorted(given) == sorted((trace, f"{trace} in a burst") for trace in burst.traces)


def _measure(open_tab: Any, what: str, of: Server) -> None:
    for number in range(ROUNDS):
        expert = Expert(open_tab(of=of), f"Expert {number}")
        expert.start(REAL, size=50)
        times = judged_by_keyboard(expert, 50)
        print(
            f"\n{what}, 50 traces by keyboard: median {times[25]:.1f} ms (aim under 30), p90 {times[45]:.1f} ms (aim under 80), "
            f"longest {times[-1]:.1f} ms"
        )
