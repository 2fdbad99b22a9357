"""Tabs of one Chromium that are used again and again, each time by somebody else.

A visit begins with empty cookies and storage and no permission. What a server had the browser keep for good is there, as for
anybody who comes a second time: a page then opens with a third of the work.
"""

from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

LAPTOP = {"width": 1280, "height": 800}
FORGET = "() => { localStorage.clear(); sessionStorage.clear() }"
QUIET = "/_stcore/health"
"""A page of the same server on which nothing runs that could store anything."""


class Visits:
    """Begins visits of one browser, and clears up after each of them."""

    def __init__(self, browser: Any) -> None:
        self._browser = browser
        self._free: dict[str, list[Any]] = {}
        self._kinds: dict[Any, tuple[str, dict[str, int]]] = {}
        self._seen: dict[Any, set[str]] = {}

    def begin(self, **options: Any) -> Any:
        """A page for somebody who was never here; `options` are those of a context."""
        wanted = {"viewport": LAPTOP, "timezone_id": "UTC"} | options
        kind = repr(sorted(wanted.items()))
        if free := self._free.get(kind):
            return free.pop()
        page = self._browser.new_context(**wanted).new_page()
        self._kinds[page], self._seen[page] = (kind, wanted["viewport"]), set()
        page.on("framenavigated", lambda frame: self._seen[page].add(frame.url))
        return page

    def end(self, page: Any) -> None:
        """Clear up; a page that cannot be cleared is not used again."""
        kind, viewport = self._kinds[page]
        done = False
        with suppress(Exception):
            self._clear(page, viewport)
            done = True
        if done:
            self._free.setdefault(kind, []).append(page)
        else:
            page.context.close()

    def _clear(self, page: Any, viewport: dict[str, int]) -> None:
        context = page.context
        for other in context.pages:
            if other != page:
                other.close()
        servers = {urlsplit(url).netloc for url in self._seen[page] if url.startswith("http")}
        for server in servers:
            page.goto(f"http://{server}{QUIET}", timeout=5000)
            page.evaluate(FORGET)
        self._seen[page].clear()
        context.clear_cookies()
        context.clear_permissions()
        context.set_offline(False)
        page.set_viewport_size(viewport)
