"""Notes which traces a person with a name had before them, and whether a judge's verdict stood beside."""

from core.workflows.reviewing import note_opening
from pages.ui import filters
from pages.ui.store import live_store


def note_opened(trace_id: str, *, saw_judge: bool) -> None:
    """Note it once a session, on a pinned page too: a label given later then says that the judge was seen."""
    person = filters.person()
    noted: set[tuple[str, str, bool]] = filters.remember("opened", set[tuple[str, str, bool]]())
    if person is None or (person, trace_id, saw_judge) in noted:
        return
    note_opening(live_store(), trace_id=trace_id, labeler=person, saw_judge=saw_judge)
    noted.add((person, trace_id, saw_judge))
