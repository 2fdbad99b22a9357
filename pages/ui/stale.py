"""That the check of a judge is out of date."""

from core.workflows.staling import Staleness
from pages.ui import filters, notices
from pages.ui.links import slice_link
from pages.ui.notices import escape, quoted


def draw_stale(stale: Staleness | None) -> None:
    """Draw N28 where something changed since a judge version was checked, with the way to check it again."""
    if stale is None or not stale.is_stale:
        return
    said = "; ".join(stale.reasons())
    notices.check_out_of_date(escape(said[:1].upper() + said[1:]), f"version {quoted(stale.version, 40)}")
    ref = f"{stale.judge}@{stale.version}"
    slice_link("Check again", "judge", filters.current_slice(), judge=ref, tab="run", icon=":material/arrow_forward:")
