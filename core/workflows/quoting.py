"""What a critique quotes of the trace that it is about."""

import re
from collections.abc import Iterable
from typing import Final

SHORTEST, LONGEST = 6, 300
"""Characters of a quotation: a shorter one stands in most traces anyway."""
QUOTED: Final = re.compile(rf"[\"“”„«]([^\"“”„«»]{{{SHORTEST},{LONGEST}}})[\"“”»]")
CLIPPED: Final = " .…,;:!?"
"""What people put at the ends of a quotation without it being there."""


def quotations(critique: str | None, texts: Iterable[str | None]) -> list[str]:
    """The passages between quotation marks in a critique that stand in one of the texts, whatever the case and spacing."""
    said = [" ".join(text.split()).casefold() for text in texts if text]
    found = dict.fromkeys(" ".join(passage.split()).strip(CLIPPED) for passage in QUOTED.findall(critique or ""))
    return [
        passage for passage in found if len(passage) >= SHORTEST and any(passage.casefold() in text for text in said)
    ]
