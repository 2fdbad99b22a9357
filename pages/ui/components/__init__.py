"""The two browser components, put together from the readable files of this folder.

`review_loop` draws one conversation (mode `read`) or the whole review loop (mode `label`); `copy_link` is
one button. May import Streamlit only. Everything here is trusted code: text of a trace reaches the browser
only as data and is drawn with text nodes.
"""

from pathlib import Path
from typing import Final

from streamlit.components.v2 import component

_FOLDER: Final = Path(__file__).parent
# Later files use the functions of earlier ones; only the last has an export.
_REVIEW_LOOP: Final = (
    "dom.js",
    "markdown.js",
    "json_view.js",
    "search_marks.js",
    "trace_model.js",
    "trace_blocks.js",
    "trace_head.js",
    "trace_facts.js",
    "first_failure.js",
    "trace.js",
    "outbox.js",
    "queue_window.js",
    "visible_time.js",
    "leaving.js",
    "review_folds.js",
    "review_picks.js",
    "review_parts.js",
    "review_said.js",
    "review_known.js",
    "review_drafts.js",
    "review_pauses.js",
    "review_speaking.js",
    "review_saving.js",
    "review_keys.js",
    "review.js",
    "review_loop.js",
)


def _joined(*names: str) -> str:
    return "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in names)


review_loop = component("review_loop", js=_joined(*_REVIEW_LOOP), css=_joined("review_loop.css", "review_panel.css"))
copy_link = component("copy_link", js=_joined("copy_link.js"), css=_joined("copy_link.css"))
