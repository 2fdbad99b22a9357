"""Splits: train, dev or test, given to a labelled trace once; and the few that an import made unusable since."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from core.model import VARIANT_OF
from core.store.connection import Cursor
from core.store.encoding import SEPARATOR, decode
from core.store.verdicts import reference_labels

COUNTS = """select split, state, count(*) from current_splits join ({labels}) using (trace_key)
    where state in ('pass', 'fail') group by all"""
STATES = """select state, trace_key in (select trace_key from splits) as has_split, count(*) from ({labels})
    where state in ('pass', 'fail') group by all"""
LABELLED = """with recursive made as materialized (
        select trace_key, value from trace_dimensions join dimension_values using (value_id) where name = '{variant_of}'),
    up as (
        select trace_key, value from made
        union select up.trace_key, made.value from up join traces b on b.id = up.value join made on made.trace_key = b.trace_key)
    select t.trace_key, t.id, l.state, t.session,
        case when t.origin = 'synthetic' and len(t.value_ids) > 0 then list_sort(t.value_ids)::varchar end,
        coalesce(v.bases, []), t.text, t.layout, t.input, t.output, s.split
    from traces t left join ({labels}) l using (trace_key) left join current_splits s using (trace_key)
        left join (select trace_key, list(value order by value) as bases from up group by trace_key) v using (trace_key)
    where (l.state in ('pass', 'fail') or s.split is not null or t.trace_key in (select unnest(?)))
      and (t.trace_key not in (select trace_key from split_removals) or t.trace_key in (select unnest(?)))"""
# What it was before it had its split stood in no prompt. Where only dimensions or numbers were changed nothing is new to read.
FORMER = """select h.trace_key, h.session, any_value(h.text), any_value(h.layout), any_value(h.input), any_value(h.output)
    from trace_history h join traces t using (trace_key) join imports i on i.import_id = h.replaced_by_import
        left join splits s on s.trace_key = h.trace_key
    where (i.event > s.event or s.event is null and h.trace_key in (select unnest(?)))
      and (h.content_hash <> t.content_hash or h.session is distinct from t.session)
    group by h.trace_key, h.session, h.content_hash order by h.trace_key, h.content_hash, h.session"""


class FormerContent(NamedTuple):
    """What a trace was before a later import changed it."""

    session: str | None
    asked: str
    answered: str


class Labelled(NamedTuple):
    """A trace that is labelled or has a split, with what tells its twins."""

    key: int
    id: str
    state: str | None
    session: str | None
    made_from: str | None
    variant_of: tuple[str, ...]
    """Ids of the traces that it is a variant of, and of those that these are variants of in turn."""
    asked: str
    answered: str
    split: str | None
    former: tuple[FormerContent, ...]
    """What it was at any time since it was given its split."""


def add_splits(cursor: Cursor, splits: Mapping[int, str]) -> None:
    """Give traces their split."""
    now = datetime.now(UTC).replace(tzinfo=None)
    if splits:
        cursor.execute(
            """insert into splits select nextval('event_number'), key, split, ? from
                (select unnest(?) as key, unnest(?) as split) where key not in (select trace_key from splits)""",
            [now, list(splits), list(splits.values())],
        )


def remove_from_splits(cursor: Cursor, keys: Sequence[int], why: str) -> None:
    """Use these traces in no split any more."""
    now = datetime.now(UTC).replace(tzinfo=None)
    cursor.execute(
        """insert into split_removals select nextval('event_number'), key, ?, ? from (select unnest(?) as key)
            where key not in (select trace_key from split_removals)""",
        [why, now, list(keys)],
    )


def find_split_keys(cursor: Cursor, split: str) -> list[int]:
    """The traces of a split that can be used."""
    sql = "select trace_key from current_splits where split = ? order by trace_key"
    return [row[0] for row in cursor.execute(sql, [split]).fetchall()]


def find_splits(cursor: Cursor, keys: Sequence[int]) -> dict[int, str]:
    """The split of each of these traces that has one."""
    sql = "select trace_key, split from current_splits where trace_key in (select unnest(?))"
    return dict(cursor.execute(sql, [list(keys)]).fetchall())


def find_given(cursor: Cursor) -> tuple[dict[int, str], set[int]]:
    """The split that was given to each trace, and the traces that are used in none any more."""
    given = dict(cursor.execute("select trace_key, split from splits").fetchall())
    return given, {key for (key,) in cursor.execute("select trace_key from split_removals").fetchall()}


def find_changed(cursor: Cursor, import_id: int) -> set[str]:
    """Ids of the traces that are as this import made them."""
    return {name for (name,) in cursor.execute("select id from traces where import_id = ?", [import_id]).fetchall()}


def has_splits(cursor: Cursor) -> bool:
    """Whether any trace was ever given a split."""
    return cursor.execute("select 1 from splits limit 1").fetchone() is not None


def count_splits(cursor: Cursor, reference: str | None) -> dict[tuple[str, str], int]:
    """By split and verdict («pass», «fail») how many traces."""
    labels = reference_labels(reference)
    found = cursor.execute(COUNTS.format(labels=labels.sql), labels.params).fetchall()
    return {(split, state): n for split, state, n in found}


def find_states(cursor: Cursor, reference: str | None) -> list[tuple[str, bool, int]]:
    """The expert's verdicts: which, whether the trace has a split, how many."""
    labels = reference_labels(reference)
    return cursor.execute(STATES.format(labels=labels.sql), labels.params).fetchall()


def count_removed(cursor: Cursor) -> int:
    """Traces that an import made twins of others."""
    row = cursor.execute("select count(distinct trace_key) from split_removals").fetchone()
    return 0 if row is None else int(row[0])


def find_labelled(cursor: Cursor, reference: str | None, also: Collection[int] = ()) -> list[Labelled]:
    """Every trace that is labelled or has a split, and `also` these; without those that are in no split any more."""
    labels = reference_labels(reference)
    former: dict[int, list[FormerContent]] = defaultdict(list)
    for key, session, *content in cursor.execute(FORMER, [list(also)]).fetchall():
        former[key].append(FormerContent(session, *_said(*content)))
    sql = LABELLED.format(labels=labels.sql, variant_of=VARIANT_OF)
    return [
        Labelled(
            key, name, state, session, made_from, tuple(bases), *_said(*content), split, tuple(former.get(key, ()))
        )
        for key, name, state, session, made_from, bases, *content, split in cursor.execute(
            sql, [*labels.params, list(also), list(also)]
        ).fetchall()
    ]


def _said(text: str, layout: str, asked: str | None, answered: str | None) -> tuple[str, str]:
    """All that the user said, and all that was answered."""
    messages = decode(text, layout)
    if not messages and asked is None and answered is None:  # kept before its fields were: they end the text
        asked, _, answered = text.partition(SEPARATOR)
    said = " ".join(message.text for message in messages if message.role == "user")
    told = " ".join(message.text for message in messages if message.role == "assistant")
    return said or asked or "", told or answered or ""
