"""The spreadsheet of record: one row per trace with its notes, one column of 0 and 1 per failure category; and back."""

from dataclasses import dataclass, field

from core.errors import UsageError
from core.importers import Source
from core.model import LabelState
from core.store import categories, labels, traces
from core.store.connection import Cursor, Store
from core.workflows.acting import Action, acting
from core.workflows.looking import look_soon
from core.workflows.reviewing import MAX_CRITIQUE, add_verdict
from core.workflows.sheets import read_sheet
from core.workflows.wording import Words, add_worded

__all__ = ["NOTES", "RECORD", "Taken", "bring_back"]

TRACE, QUERY, SUMMARY, NOTES = "Trace_ID", "User_Query", "Full_Bot_Trace_Summary", "Open_Code_Notes"
RECORD = (TRACE, QUERY, SUMMARY, NOTES)
"""The columns before those of the categories; of these only the notes are read back."""
CHECKED = {"1": True, "1.0": True, "true": True, "x": True, "0": False, "0.0": False, "false": False, "": False}


@dataclass(slots=True)
class Taken:
    """What a spreadsheet of record changed."""

    read: int = 0
    unchanged: int = 0
    notes: int = 0
    put: int = 0
    taken_out: int = 0
    made: list[str] = field(default_factory=list[str])
    """Categories that were made because a column named them."""
    bad: list[tuple[int | None, str]] = field(default_factory=list[tuple[int | None, str]])
    """Rows that were not taken: line and reason."""
    action: Action | None = None


def bring_back(store: Store, source: Source, *, by: str) -> Taken:
    """Take notes and categories from a spreadsheet of record; what it says already adds nothing.

    A changed note becomes a critique by `by`: a verdict that they gave stays, and so do the labels of others.

    Raises:
        InputError: not a spreadsheet of record; nothing was changed.
        UsageError: nobody is named.
    """
    if not by.strip():
        raise UsageError("Notes need the name of who wrote them.", "Give your name.")
    by, sheet = by.strip(), read_sheet(source, (TRACE, NOTES), "spreadsheet of record")
    done = Taken(read=len(sheet.bad), bad=list(sheet.bad))
    names = [name for name in sheet.columns if name not in RECORD and name.strip()]
    with acting(store) as act:
        ids = _categories(act.cursor, names, by, done)
        for line, row in sheet.rows:
            changed = _take(act.cursor, line, row, ids, by, done)
            done.read += 1
            done.unchanged += changed is False
        act.did(traces=done.put + done.taken_out)
    done.action = act.action
    look_soon(store)
    return done


def _categories(cursor: Cursor, names: list[str], by: str, done: Taken) -> dict[str, int]:
    ids: dict[str, int] = {}
    for name in names:
        held = categories.find_category(cursor, name=name)
        ids[name] = held.id if held else add_worded(cursor, Words(name=name), by)
        if held is None:
            done.made.append(name)
    return ids


def _take(
    cursor: Cursor, line: int | None, row: dict[str, str], ids: dict[str, int], by: str, done: Taken
) -> bool | None:
    """Take one row; returns whether it changed something, None where it could not be taken."""
    key = traces.key_of(cursor, row.get(TRACE, ""))
    if key is None:
        done.bad.append((line, f"no trace with the id {row.get(TRACE, '')[:80]}"))
        return None
    wrong = next((name for name in ids if row.get(name, "").strip().lower() not in CHECKED), None)
    if wrong is not None:
        done.bad.append((line, f"{wrong[:80]} is neither 0 nor 1"))
        return None
    said = row.get(NOTES, "").strip()
    if len(said) > MAX_CRITIQUE:
        done.bad.append((line, f"the note has {len(said):,} characters; at most {MAX_CRITIQUE:,} are stored"))
        return None
    changed = False
    for name, category_id in ids.items():
        if CHECKED[row.get(name, "").strip().lower()]:
            put = categories.assign(cursor, trace_key=key, category_id=category_id, by=by) is not None
            done.put += put
        else:
            put = categories.unassign(cursor, trace_key=key, category_id=category_id, by=by) is not None
            done.taken_out += put
        changed = changed or put
    known = {(label.critique or "").strip() for label in labels.find_labels(cursor, [key]).get(key, [])}
    if said and said not in known:
        mine = labels.find_newest(cursor, trace_key=key, labeler=by)
        if mine is None:
            add_verdict(cursor, trace_id=row[TRACE], state=LabelState.CRITIQUE_ONLY, labeler=by, critique=said)
        else:
            add_verdict(
                cursor, trace_id=row[TRACE], state=mine.state, labeler=by, critique=said, saw_judge=mine.saw_judge,
                revised_response=mine.revised_response or "", first_failure=mine.first_failure,
            )  # fmt: skip
        done.notes += 1
        changed = True
    return changed
