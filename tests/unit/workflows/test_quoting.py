"""What a critique quotes of its trace, and what it only claims to quote."""

import pytest

from core.workflows.quoting import quotations

SAID = ("Your order ships\n on Tuesday, I promise.", None, "We have no “Coral Sunset” left.")


@pytest.mark.parametrize(
    ("critique", "found"),
    [
        ('It says "ships on Tuesday", which is wrong.', ["ships on Tuesday"]),
        ("It says “Ships on tuesday…” and «I promise».", ["Ships on tuesday", "I promise"]),
        ("It says “ships on Monday”.", []),
        ('It says "on".', []),
        ("It quotes nothing.", []),
        (None, []),
        ('"ships on Tuesday" twice: "ships on Tuesday"', ["ships on Tuesday"]),
    ],
)
def test_only_what_stands_in_the_trace_is_evidence(critique: str | None, found: list[str]) -> None:
    assert quotations(critique, SAID) == found
