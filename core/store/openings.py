"""Who had a whole trace before them, and whom a judge's verdict was shown: what tells whether enough was read to name
what goes wrong, and whether a label is blind.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from core.store.connection import Cursor, next_event, one
from core.store.drawing import JUDGED_BY

OPENED = "select count(*) from (select trace_key from openings where listed is null union select trace_key from labels)"
SEEN = "select count(*) from openings where trace_key = ? and labeler = ? and saw_judge"
KNOWN = "select count(*) from openings where trace_key = ? and labeler = ? and saw_judge = ? and listed is null"
SHOWN = "select trace_key from openings where labeler = ? and saw_judge"
ADD = "insert into openings (event, trace_key, labeler, saw_judge, made_at) values (?, ?, ?, ?, ?)"
ADD_TOLD = f"""insert into openings (event, trace_key, labeler, saw_judge, made_at, listed)
    select nextval('event_number'), trace_key, ?, true, ?, true from traces
    where id in (select unnest(?)) and trace_key not in ({SHOWN}) and (? or trace_key not in ({JUDGED_BY}))"""  # noqa: S608 - fixed fragments, bound values


def add_opening(cursor: Cursor, *, trace_key: int, labeler: str, saw_judge: bool) -> None:
    """Note that somebody opened a trace; the same once more adds nothing."""
    if one(cursor, KNOWN, [trace_key, labeler, saw_judge]):
        return
    now = datetime.now(UTC).replace(tzinfo=None)
    cursor.execute(ADD, [next_event(cursor), trace_key, labeler, saw_judge, now])


def add_told(cursor: Cursor, trace_ids: Sequence[str], *, labeler: str, judged: bool) -> None:
    """Note that this person was shown what a judge says of these traces, where that is not known yet: of those they
    have given a verdict on too, or of the others alone.
    """
    now = datetime.now(UTC).replace(tzinfo=None)
    cursor.execute(ADD_TOLD, [labeler, now, list(trace_ids), labeler, judged, labeler])


def find_told_ids(cursor: Cursor, trace_ids: Sequence[str], *, labeler: str, judged: bool) -> set[str]:
    """Those of these traces to which `add_told` would add nothing."""
    sql = f"""select id from traces where id in (select unnest(?))
        and (trace_key in ({SHOWN}) or (not ? and trace_key in ({JUDGED_BY})))"""  # noqa: S608 - fixed fragments, bound values
    return {row[0] for row in cursor.execute(sql, [list(trace_ids), labeler, judged, labeler]).fetchall()}


def find_told(cursor: Cursor, keys: Sequence[int], *, labeler: str) -> set[int]:
    """Those of these traces on which this person has given a verdict, or was shown what a judge says."""
    sql = f"select k from (select unnest(?) as k) where k in ({JUDGED_BY}) or k in ({SHOWN})"  # noqa: S608 - fixed fragments, bound values
    return {row[0] for row in cursor.execute(sql, [list(keys), labeler, labeler]).fetchall()}


def count_opened(cursor: Cursor) -> int:
    """How many traces a person opened or gave a label, here or in a file."""
    return one(cursor, OPENED)


def saw_judge(cursor: Cursor, *, trace_key: int, labeler: str) -> bool:
    """Whether this person was shown a judge's verdict on the trace."""
    return one(cursor, SEEN, [trace_key, labeler]) > 0
