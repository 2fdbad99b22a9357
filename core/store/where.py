"""Turns a slice into SQL: fixed fragments with bound parameters, nothing else. A clause is a condition on `traces t`."""

from core.model import MISSING
from core.slice import NOT_SORTED, Condition, Slice
from core.store.searching import search
from core.store.steps import BREAKS
from core.store.verdicts import (
    Clause,
    about_category,
    blind_labels,
    examples_of,
    labels_about,
    labels_of,
    reference_labels,
    version_ids,
)

SHUFFLED = "md5_number_lower('sample ' || t.id) % 10000"
"""The place of a trace of 10,000 in one shuffled order, which never changes and depends on nothing that it says."""
ANCHORS = "select trace_key from current_anchors"
AGAIN = "count(*) > 1"
FLIPPED = "min(passed) <> max(passed)"


def where(slice_: Slice, *, reference: str | None = None, blind: bool = False) -> Clause:
    """The condition on `traces t` that a slice stands for; `reference` is the labeler whose labels count by default.

    A search goes through what was said and what was written about it; a `blind` one through what was said alone.
    """
    if slice_.unreadable:
        return Clause("false", [])
    labeler = slice_.labeler or reference
    parts: list[Clause] = [_dimension(c) for c in slice_.dimensions]
    parts += [_field(c) for c in slice_.fields]
    if slice_.verdict:
        parts.append(_verdict(slice_.verdict, labels_of(slice_, reference)))
    if slice_.category_verdict:
        said = labels_about(labels_of(slice_, reference), about_category(slice_.of_category or NOT_SORTED))
        parts.append(_verdict(slice_.category_verdict, said))
    if slice_.saw_judge is not None:
        parts.append(_saw_judge(saw=slice_.saw_judge, labeler=labeler))
    parts += _of_judges(slice_, labeler)
    if slice_.category:
        parts.append(_category(slice_.category, primary=False))
    if slice_.primary:
        parts.append(_category(slice_.primary, primary=True))
    parts += _broke(slice_, labels_of(slice_, reference))
    if slice_.split:
        parts.append(_split(slice_.split))
    if slice_.chosen or slice_.drawn:
        parts.append(_choice(slice_, labels_of(slice_, reference)))
    parts += _sampled(slice_)
    if slice_.search:
        parts.append(Clause(*search(slice_.search, blind=blind)))
    compared = {
        "t.started_at >= ?": slice_.since,
        "t.started_at < ?": slice_.until,
        "t.import_id = ?": slice_.import_id,
    }
    parts += [Clause(sql, [value]) for sql, value in compared.items() if value is not None]
    if not parts:
        return Clause("true", [])
    return Clause(" and ".join(f"({p.sql})" for p in parts), [value for p in parts for value in p.params])


def _of_judges(slice_: Slice, labeler: str | None) -> list[Clause]:
    parts: list[Clause] = []
    if slice_.judge_verdict:
        parts.append(_judge_verdict(slice_.judge or "", slice_.judge_verdict))
    if slice_.disagree:
        parts.append(_disagree(slice_.disagree, labeler))
    parts += [_gave_verdict(ref) for ref in slice_.judged]
    for ref, word in (*((ref, "not in") for ref in slice_.untold), *([(slice_.told, "in")] if slice_.told else [])):
        examples = examples_of(ref)
        parts.append(Clause(f"t.trace_key {word} ({examples.sql})", examples.params))
    parts += [_repeated(ref, having) for ref, having in ((slice_.asked_again, AGAIN), (slice_.flips, FLIPPED)) if ref]
    return parts


def _sampled(slice_: Slice) -> list[Clause]:
    parts: list[Clause] = []
    if slice_.sample:
        parts.append(Clause(f"{SHUFFLED} >= ? and {SHUFFLED} < ?", [bound * 100 for bound in slice_.sample]))
    if slice_.anchor is not None:
        parts.append(Clause(f"t.trace_key {'in' if slice_.anchor else 'not in'} ({ANCHORS})", []))
    return parts


def _marks(values: tuple[object, ...]) -> str:
    return ", ".join("?" * len(values))


def _dimension(c: Condition) -> Clause:
    named = tuple(v for v in c.values if v != MISSING)
    has_value = """list_contains(t.value_ids,
        (select value_id from dimension_values where name = ? and value = ?))"""
    has_any = """t.trace_key in (select trace_key from trace_dimensions where value_id in
        (select value_id from dimension_values where name = ?))"""
    pieces = [Clause(has_value, [c.key, value]) for value in named]
    if MISSING in c.values:
        pieces.append(Clause(f"not {has_any}", [c.key]))
    return _any_of(pieces, negated=c.negated)


_FIELD_COLUMNS = {
    "model": "t.model",
    "source": "t.source",
    "session": "t.session",
    "error": "t.error",
    "origin": "t.origin",
}


def _field(c: Condition) -> Clause:
    column = _FIELD_COLUMNS[c.key]
    named = tuple(v for v in c.values if v != MISSING)
    pieces: list[Clause] = []
    if named:
        pieces.append(Clause(f"{column} in ({_marks(named)})", list(named)))
    if MISSING in c.values:
        pieces.append(Clause(f"coalesce({column}, '') = ''", []))
    return _any_of(pieces, negated=c.negated)


def _any_of(pieces: list[Clause], *, negated: bool) -> Clause:
    sql = " or ".join(f"({p.sql})" for p in pieces)
    params = [value for p in pieces for value in p.params]
    # What is not known is no match. Said only where it matters: it would keep the scan from skipping rows by itself.
    return Clause(f"not coalesce({sql}, false)" if negated else sql, params)


def _verdict(verdicts: tuple[str, ...], chosen: Clause) -> Clause:
    states = tuple(v for v in verdicts if v != "unlabelled")
    pieces: list[Clause] = []
    if states:
        sql = f"t.trace_key in (select trace_key from ({chosen.sql}) where state in ({_marks(states)}))"  # noqa: S608 - fixed fragments, bound values
        pieces.append(Clause(sql, [*chosen.params, *states]))
    if "unlabelled" in verdicts:
        sql = f"t.trace_key not in (select trace_key from ({chosen.sql}))"  # noqa: S608 - fixed fragments, bound values
        pieces.append(Clause(sql, list(chosen.params)))
    return _any_of(pieces, negated=False)


def _saw_judge(*, saw: bool, labeler: str | None) -> Clause:
    blind = reference_labels(labeler, blind_only=True)
    any_label = reference_labels(labeler)
    sql = f"""t.trace_key in (select trace_key from ({any_label.sql}) where state in ('pass', 'fail'))
        and t.trace_key {"not in" if saw else "in"}
            (select trace_key from ({blind.sql}) where state in ('pass', 'fail'))"""  # noqa: S608 - fixed fragments, bound values
    return Clause(sql, [*any_label.params, *blind.params])


_JUDGED = {"pass": "passed", "fail": "not passed", "failure": "passed is null"}
_WITHOUT_WORDS = {
    "none": "t.trace_key not in (select trace_key from present_judgments where version_id in ({version}))",
    "sealed": "t.trace_key in (select trace_key from sealed_judgments where version_id in ({version}))",
}
"""What can be said of a judgment without telling its verdict."""


def _judge_verdict(ref: str, verdicts: tuple[str, ...]) -> Clause:
    version = version_ids(ref)
    pieces: list[Clause] = []
    if wanted := [_JUDGED[v] for v in verdicts if v in _JUDGED]:
        sql = f"""t.trace_key in (select trace_key from shown_judgments
            where version_id in ({version.sql}) and ({" or ".join(wanted)}))"""  # noqa: S608 - fixed fragments, bound values
        pieces.append(Clause(sql, list(version.params)))
    for word, sql in _WITHOUT_WORDS.items():
        if word in verdicts:
            pieces.append(Clause(sql.format(version=version.sql), list(version.params)))
    return _any_of(pieces, negated=False)


def _gave_verdict(ref: str) -> Clause:
    version = version_ids(ref)
    sql = f"""t.trace_key in (select trace_key from shown_judgments
        where passed is not null and version_id in ({version.sql}))"""  # noqa: S608 - fixed fragments, bound values
    return Clause(sql, list(version.params))


def _repeated(ref: str, having: str) -> Clause:
    version = version_ids(ref)
    sql = f"""t.trace_key in (select trace_key from shown_repeats
        where not of_anchors and version_id in ({version.sql}) group by trace_key having {having})"""  # noqa: S608 - fixed fragments, bound values
    return Clause(sql, list(version.params))


def _disagree(ref: str, labeler: str | None) -> Clause:
    version, chosen = version_ids(ref), blind_labels(ref, labeler)
    sql = f"""t.trace_key in (
        select j.trace_key from shown_judgments j join ({chosen.sql}) l using (trace_key)
        where j.version_id in ({version.sql}) and l.state in ('pass', 'fail') and j.passed <> (l.state = 'pass'))"""  # noqa: S608 - fixed fragments, bound values
    return Clause(sql, [*chosen.params, *version.params])


def _category(ids: tuple[int, ...], *, primary: bool) -> Clause:
    held = "from current_assignments where category_id in (select category_id from current_categories)"
    assigned = f"select trace_key, category_id {held}"
    if primary:
        assigned += " qualify row_number() over (partition by trace_key order by position, event) = 1"
    named = tuple(i for i in ids if i != NOT_SORTED)
    pieces: list[Clause] = []
    if named:
        sql = f"t.trace_key in (select trace_key from ({assigned}) where category_id in ({_marks(named)}))"  # noqa: S608 - fixed fragments, bound values
        pieces.append(Clause(sql, list(named)))
    if NOT_SORTED in ids:
        pieces.append(Clause(f"t.trace_key not in (select trace_key {held})", []))
    return _any_of(pieces, negated=False)


CHANCE_OF = """select i.trace_key, p.labeler, max(i.queue_id) as queue_id
    from queue_items i join (select queue_id, unnest(made_for) as labeler from queues) p using (queue_id)
    where i.inclusion is not null group by i.trace_key, p.labeler"""
"""By whom and in which queue a trace was drawn by chance: the newest one that did. It holds for a trace that this
person had judged before, and that the draw hit all the same."""


def with_choice(labels: Clause) -> Clause:
    """These labels with how their traces were chosen: `chance` (then `chance_queue` says in which queue), `picked`
    for a reason of which no probability is known, or `unknown`: imported, or given outside any queue.
    """
    sql = f"""select l.*, case when l.inclusion is not null then l.queue_id else c.queue_id end as chance_queue,
            case when l.inclusion is not null or c.queue_id is not null then 'chance'
                when l.sampling is null then 'unknown' else 'picked' end as choice
        from ({labels.sql}) l left join ({CHANCE_OF}) c on c.trace_key = l.trace_key and c.labeler = l.labeler"""  # noqa: S608 - fixed fragments, bound values
    return Clause(sql, labels.params)


def _choice(slice_: Slice, labels: Clause) -> Clause:
    known = with_choice(labels)
    asked = [
        Clause(f"{column} in ({_marks(values)})", list(values))
        for column, values in (("choice", slice_.chosen), ("chance_queue", slice_.drawn))
        if values
    ]
    sql = f"""t.trace_key in (select trace_key from ({known.sql})
        where state in ('pass', 'fail') and {" and ".join(a.sql for a in asked)})"""  # noqa: S608 - fixed fragments, bound values
    return Clause(sql, [*known.params, *(value for a in asked for value in a.params)])


def _broke(slice_: Slice, labels: Clause) -> list[Clause]:
    breaks = f"select trace_key from ({BREAKS.format(labels=labels.sql)})"  # noqa: S608 - fixed fragments, bound values
    found: list[Clause] = []
    for column, steps in (("last_good", slice_.last_good), ("failed_at", slice_.failed_at)):
        named = tuple(step for step in steps if step != MISSING)
        pieces: list[Clause] = []
        if named:
            sql = f"t.trace_key in ({breaks} where {column} in ({_marks(named)}))"
            pieces.append(Clause(sql, [*labels.params, *named]))
        if MISSING in steps:
            pieces.append(Clause(f"t.trace_key not in ({breaks})", list(labels.params)))
        if pieces:
            found.append(_any_of(pieces, negated=False))
    return found


def _split(splits: tuple[str, ...]) -> Clause:
    named = tuple(s for s in splits if s != "none")
    pieces: list[Clause] = []
    if named:
        sql = f"t.trace_key in (select trace_key from current_splits where split in ({_marks(named)}))"  # noqa: S608 - fixed fragments, bound values
        pieces.append(Clause(sql, list(named)))
    if "none" in splits:
        pieces.append(Clause("t.trace_key not in (select trace_key from current_splits)", []))
    return _any_of(pieces, negated=False)
