"""The review loop in a real browser: press to next trace, measured in the page. Printed, never judged: machines differ."""

from typing import Any

import pytest

from core.workflows.importing import Source, import_sources
from core.workflows.opening import open_store
from tests.browser.conftest import StartServer, browser, chromium_path, open_tab, server, start_server, visits
from tests.browser.product import Server
from tests.browser.review_speed import judged_by_keyboard
from tests.browser.test_review_by_keyboard import Expert
from tests.conftest import shared

__all__ = ["browser", "chromium_path", "open_tab", "server", "start_server", "visits"]

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]
ROUNDS = 3


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


def test_press_to_next_trace(open_tab: Any) -> None:
    _measure(open_tab, "the sample", None)


def test_press_to_next_trace_on_real_ones(open_tab: Any, nurtureboss: Server) -> None:
    _measure(open_tab, "NurtureBoss", nurtureboss)


def _measure(open_tab: Any, what: str, of: Server | None) -> None:
    for number in range(ROUNDS):
        expert = Expert(open_tab(of=of), f"Expert {number}")
        expert.start("/review?origin=real", size=50)
        times = judged_by_keyboard(expert, 50)
        print(
            f"\n{what}, 50 traces by keyboard: median {times[25]:.1f} ms (aim under 30), p90 {times[45]:.1f} ms (aim under 80), "
            f"longest {times[-1]:.1f} ms"
        )
