"""The check that every link with a number opens exactly that many traces."""

import re
from urllib.parse import parse_qs

from streamlit.testing.v1 import AppTest

from core.slice import Slice
from core.workflows.exploring import describe
from pages.ui.store import the_store
from tests.pages.conftest import links

NUMBER = re.compile(r"(?:Open (?:these |all |the )?|All )?([\d,]+)\b(?!\.)")


def counted_links(app: AppTest) -> list[tuple[str, int, int]]:
    """Of the links to traces that begin with a number: the label, the number, and the traces it opens."""
    return [(label, n, describe(the_store(), slice_).n) for label, n, slice_ in promises(app)]


def promises(app: AppTest) -> list[tuple[str, int, Slice]]:
    """The links to traces that begin with a number: what they promise, and the slice they open."""
    found: list[tuple[str, int, Slice]] = []
    for label, target in links(app).items():
        page, _, query = target.partition("?")
        number = NUMBER.match(label.replace("\\", ""))
        if page == "traces" and number:
            params = parse_qs(query, keep_blank_values=True)
            found.append((label, int(number[1].replace(",", "")), Slice.from_params(params)))
    return found


def wrong_links(app: AppTest) -> list[tuple[str, int, int]]:
    """Those of them that break their promise."""
    return [found for found in counted_links(app) if found[1] != found[2]]
