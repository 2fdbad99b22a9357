"""The review loop in a real browser: press to next trace, measured in the page. Printed, never judged: machines differ."""

from typing import Any

import pytest

from tests.browser.conftest import browser, chromium_path, open_tab, server, start_server
from tests.browser.review_speed import judged_by_keyboard
from tests.browser.test_review_by_keyboard import Expert

__all__ = ["browser", "chromium_path", "open_tab", "server", "start_server"]

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]
ROUNDS = 3


def test_press_to_next_trace(open_tab: Any) -> None:
    for number in range(ROUNDS):
        expert = Expert(open_tab(), f"Expert {number}")
        expert.start("/review", size=50)
        times = judged_by_keyboard(expert, 50)
        print(
            f"\n50 traces by keyboard: median {times[25]:.1f} ms (aim under 30), p90 {times[45]:.1f} ms (aim under 80), "
            f"longest {times[-1]:.1f} ms"
        )
