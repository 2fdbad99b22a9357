"""Notes which traces whoever is here had before them, and of which they were shown what a judge says."""

from collections.abc import Sequence

from core.errors import StoreUnwritableError
from core.workflows.reviewing import note_opening
from core.workflows.seeing import note_told, told_already
from pages.ui import filters, notices
from pages.ui.store import live_store


def keep_opened(trace_id: str, *, saw_judge: bool) -> None:
    """Note it once a session, on a pinned page too: a label given later then says that the judge was seen.

    Raises:
        StoreUnwritableError: the disk is full.
    """
    person, noted = filters.person(), _noted()
    if person is None and saw_judge:
        _nobodys()[trace_id] = True
    if person is None or (person, trace_id, saw_judge) in noted:
        return
    note_opening(live_store(), trace_id=trace_id, labeler=person, saw_judge=saw_judge)
    noted.add((person, trace_id, saw_judge))


def note_opened(trace_id: str, *, saw_judge: bool) -> bool:
    """As `keep_opened`; returns whether what is said of the trace may be shown. On a full disk, which is said, no
    verdict of a judge may: a label given afterwards would pass for blind. The trace itself is shown all the same.
    """
    try:
        keep_opened(trace_id, saw_judge=saw_judge)
    except StoreUnwritableError as problem:
        notices.seeing_not_noted(problem, hidden=saw_judge)
        return not saw_judge
    return True


def note_shown(trace_ids: Sequence[str], *, judged: bool = False) -> frozenset[str]:
    """Note once a session that a judge's verdicts on these traces were shown without the traces: see `note_told`.

    Returns the traces whose verdicts may be shown: all of them, but on a full disk, which is said, only those of which
    it was noted before.
    """
    person, nobodys = filters.person(), _nobodys()
    if person is None:
        nobodys.update({trace_id: judged or nobodys.get(trace_id, False) for trace_id in trace_ids})
        return frozenset(trace_ids)
    new = [trace_id for trace_id in trace_ids if (person, trace_id, judged) not in _told()]
    if new:
        try:
            note_told(live_store(), new, labeler=person, judged=judged)
        except StoreUnwritableError as problem:
            known = told_already(live_store(), new, labeler=person, judged=judged)
            if len(known) < len(set(new)):
                notices.seeing_not_noted(problem, hidden=True)
            return frozenset(trace_ids) - (frozenset(new) - known)
        _told().update((person, trace_id, judged) for trace_id in new)
    return frozenset(trace_ids)


def was_shown(trace_id: str) -> bool:
    """Whether it was noted in this session that whoever is here was shown what a judge says of this trace."""
    person = filters.person() or ""
    return (person, trace_id, True) in _noted() or any(
        (person, trace_id, judged) in _told() for judged in (True, False)
    )


def claim() -> None:
    """Note of somebody who has a name by now what they were shown in this session before they gave it."""
    nobodys = _nobodys()
    if nobodys and filters.person() is not None:
        for judged in (True, False):
            of_kind = [trace_id for trace_id, held in nobodys.items() if held is judged]
            for trace_id in note_shown(of_kind, judged=judged):
                del nobodys[trace_id]


def _noted() -> set[tuple[str, str, bool]]:
    """Openings of this session: person, trace, and whether a judge's verdict stood beside it."""
    return filters.remember("opened", set[tuple[str, str, bool]]())


def _told() -> set[tuple[str, str, bool]]:
    """As in `note_shown`: person, trace, and whether it counts where they have judged the trace."""
    return filters.remember("told", set[tuple[str, str, bool]]())


def _nobodys() -> dict[str, bool]:
    """What was shown to somebody without a name: traces, and whether it counts where they have judged them."""
    return filters.remember("told nobody", dict[str, bool]())
