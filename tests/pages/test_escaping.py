"""Text of users in markdown is drawn as it was typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.ui.notices import cut, escape

ACTIVE = "*_[]()<>#!|~$`{}&"


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("![a](http://b.example/c.png)", "\\!\\[a\\]\\(http\u2060\\://b.example/c.png\\)"),
        ("<img src=x>", "\\<img src=x\\>"),
        (":red[x] :material/home: 10:30", ":red\\[x\\] \\:material/home: 10:30"),
        ("$a$ `b` **c**", "\\$a\\$ \\`b\\` \\*\\*c\\*\\*"),
        ("1. one", "1\\. one"),
        ("- one", "\\- one"),
        ("order 1480: refund", "order 1480: refund"),
        ("to tilda@mail.example.com", "to tilda@\u2060mail.example.com"),
        ("overall@3", "overall@3"),
    ],
)
def test_marks_lose_their_meaning(typed: str, written: str) -> None:
    assert escape(typed) == written


@given(st.text(alphabet=st.sampled_from(f"{ACTIVE}\\ ab:/.1-\n"), max_size=60))
def test_no_mark_stands_without_its_backslash(text: str) -> None:
    written = escape(text)
    place = 0
    while place < len(written):
        if written[place] == "\\":
            place += 2
            continue
        assert written[place] not in ACTIVE
        place += 1


@given(st.text(max_size=200))
def test_a_cut_text_is_one_line_of_at_most_its_size(text: str) -> None:
    assert len(cut(text, 40)) <= 40
    assert "\n" not in cut(text, 40)
