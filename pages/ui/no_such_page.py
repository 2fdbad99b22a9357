"""The answer to an address that names no page; without it Streamlit shows a notice of its own over the first page."""

from collections.abc import Collection
from html import escape
from typing import Final

LONGEST: Final = 80
NOT_PAGES: Final = frozenset(("_stcore", "app", "auth", "component", "media", "oauth2callback", "static"))
"""First parts of paths that Streamlit answers itself."""

_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>No such page · passfail</title>
<style>
:root { color-scheme: light dark; --text: #1B2530; --page: #FFFFFF; --link: #0B5CAD; }
@media (prefers-color-scheme: dark) { :root { --text: #E6EAEE; --page: #12171D; --link: #8CC2F5; } }
body { margin: 0; padding: 2rem; font: 15px/1.6 "Source Sans", system-ui, sans-serif; color: var(--text); background: var(--page); }
main { max-width: 40rem; } h1 { font-size: 1.6rem; font-weight: 650; line-height: 1.3; overflow-wrap: anywhere; }
a { color: var(--link); }
</style></head><body><main><p><strong>passfail</strong></p>
"""


def is_missing(path: str, accepts: str, pages: Collection[str]) -> bool:
    """Whether a browser asks for a page under a path that is none of `pages`; files of the app are no pages."""
    name = path.strip("/")
    first, last = name.partition("/")[0], name.rpartition("/")[2]
    return "text/html" in accepts and name not in pages and first not in NOT_PAGES and "." not in last


def draw(path: str) -> str:
    """The page that says so, with the way to Home."""
    shown = path if len(path) <= LONGEST else f"{path[:LONGEST]}…"
    said = f"<h1>There is no page “{escape(shown)}” here.</h1>\n"
    why = "<p>The address may be misspelt, or come from another version of passfail. Nothing was changed.</p>\n"
    return f'{_PAGE}{said}{why}<p><a href="/">Home</a></p></main></body></html>\n'
