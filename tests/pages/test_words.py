"""Times as the pages write them."""

from datetime import datetime

import pytest

from pages.ui.words import ago

NOW = datetime(2026, 11, 23, 4, 0)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (datetime(2026, 11, 23, 0, 1), "today"),
        (datetime(2026, 11, 22, 23, 59), "1 day ago"),
        (datetime(2026, 11, 11, 5, 0), "12 days ago"),
        (None, "—"),
    ],
)
def test_how_long_ago_goes_by_the_calendar(moment: datetime | None, said: str) -> None:
    assert ago(moment, NOW) == said
