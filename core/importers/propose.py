"""A mapping proposed from the names and values of a sample; what cannot be known is left open and said."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core.importers.base import Record
from core.importers.columns import Column, read_columns, words_of
from core.importers.lacking import lacking_notes
from core.importers.mapping import Mapping
from core.importers.mapping_fields import TraceFields
from core.importers.messages import PARTS, looks_like_chat, looks_like_exchange, read_messages
from core.importers.paths import PathSpec, compile_path, is_empty, quoted_key
from core.importers.propose_labels import Labels, propose_labels
from core.importers.words import (
    ATTEMPTS,
    CHATS,
    DURATIONS,
    ERRORS,
    IDS,
    INPUTS,
    MEASURES,
    MODELS,
    OUTPUTS,
    SESSIONS,
    TIMES,
)

MAX_VALUES = 50
"""Most values that a proposed dimension has."""
SHORT = 80
DEEPEST = 3
"""Levels within which dimensions are proposed."""
MANY_IDS = 20
TEXTS = ("content", "text", "value", "message")
"""Names of a text that do not tell whose it is: that is told by the object that holds it."""
SPOKEN = (*TEXTS, "role", "type")
"""Fields of what is said that are no dimensions."""


@dataclass(slots=True, kw_only=True)
class Proposal:
    """A mapping to confirm, with what led to it and what is left to say."""

    mapping: Mapping
    dimension_candidates: list[tuple[str, int, str]] = field(default_factory=list[tuple[str, int, str]])
    """Path, distinct values in the sample, and a remark; those without a remark are in the mapping."""
    label_values: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])
    """The values of every column that holds or may hold a verdict."""
    notes: list[str] = field(default_factory=list[str])
    lacking: list[str] = field(default_factory=list[str])
    """Those of the notes by which most traces would be without their question or their answer."""


def propose(samples: Sequence[Record], *, file: str) -> Proposal:
    """Propose a mapping from the first records of a file."""
    columns = read_columns(samples)
    _count_lists(columns, samples)
    taken: set[str] = set()
    notes: list[str] = []
    chat = _chat_path(samples, columns, taken)
    inside = {path for path in taken if path != chat}
    asked = _named([c for c in columns if chat is None or c.depth == 1], INPUTS, taken, text=True)
    if chat is not None and all(c.path != chat for c in columns if c.is_chat) and _is_whole(chat, samples):
        answer = _named([c for c in columns if c.depth == 1 and c.is_text], OUTPUTS, taken, text=True)
    else:
        answer = _named(columns, OUTPUTS, taken, text=True)
    labels = propose_labels(columns, taken, keyed=any(record.key for record in samples))
    notes += labels.notes
    if chat is None and asked is None and answer is None:
        asked, answer = _by_length(columns, taken, labels)
    joins = chat is None and asked is None and answer is None
    if answer is not None and chat is not None and asked is not None and not asked.is_text:
        asked = None
    for column in (asked, answer):
        if column is not None:
            taken.add(column.path)
    made_id = _joining_id(columns) if joins and labels.found else _id(columns, taken, notes)
    session = _named(columns, SESSIONS, taken)
    started = _named(columns, TIMES, taken)
    model = _named(columns, MODELS, taken)
    error = _named(columns, ERRORS, taken)
    duration = _named(columns, DURATIONS, taken)
    for column in (session, started, model, error, duration):
        if column is not None:
            taken.add(column.path)
    if joins and not (labels.labels or labels.judgments):
        notes.append("No input, output or messages were recognised: choose their columns.")
    if joins and labels.found:
        by = f"join by {made_id}" if made_id else "have no id to join by: choose the column that holds it"
        notes.append(f"{file} holds no input or output: its labels {by}.")
    trace = TraceFields(
        id=made_id,
        session=_path(session),
        started_at=_path(started) if not joins else None,
        input=_path(asked),
        output=_path(answer),
        messages=chat,
        model=_path(model),
        error=_path(error),
        duration_ms=_path(duration),
    )
    proposal = Proposal(mapping=Mapping(), label_values=labels.values, notes=notes)
    if joins and labels.found:
        trace = TraceFields(id=made_id)
        labels = labels.timed(_path(started))
        dimensions: list[tuple[str, PathSpec]] = []
    else:
        dimensions = _dimensions(columns, taken, proposal)
    proposal.mapping = Mapping(
        trace=trace, dimensions=tuple(dimensions), labels=tuple(labels.labels), judgments=tuple(labels.judgments)
    )
    used = {*(taken - inside), *(path for _, path in dimensions)}
    unused = [column for column in columns if column.path not in used]
    proposal.lacking += lacking_notes(samples, proposal.mapping, unused, file=file)
    notes += proposal.lacking
    return proposal


def _path(column: Column | None) -> str | None:
    return None if column is None else column.path


def _chat_path(samples: Sequence[Record], columns: list[Column], taken: set[str]) -> str | None:
    """Where the chat messages are: in a column, or in an object that holds what was asked and what was answered."""
    values = [record.value for record in samples]
    if values and sum(map(looks_like_chat, values)) * 2 > len(values):
        taken.update(c.path for c in columns if c.keys[0] in ("request", "response"))
        return "."
    chats = [column for column in columns if column.is_chat]
    best = min(chats, key=lambda c: (c.key not in CHATS, _rank(c.key, CHATS), c.key in OUTPUTS, c.depth), default=None)
    if best is None or not _is_whole(best.path, samples):
        whole = _exchange_path(samples)
        if whole is not None:
            taken.update(c.path for c in columns if _is_said(c, whole))
            return whole
    if best is not None:
        taken.add(best.path)
    return _path(best)


def _values(path: str, samples: Sequence[Record]) -> list[Any]:
    getter = compile_path(path)
    return [value for record in samples if not is_empty(value := getter(record.value, record))]


def _count_lists(columns: list[Column], samples: Sequence[Record]) -> None:
    """A list in few of the cells makes no column of several values."""
    for column in columns:
        if column.several:
            found = _values(column.path, samples)
            column.several = sum(value.__class__ is list for value in found) * 2 >= len(found)


def _is_whole(chat: str, samples: Sequence[Record]) -> bool:
    """True where most of the chats have a question and end with an answer."""
    chats = [read_messages(value) for value in _values(chat, samples)]
    return sum(any(m.role == "user" for m in said) and said[-1].role == "assistant" for said in chats) * 2 > len(chats)


def _exchange_path(samples: Sequence[Record]) -> str | None:
    """The record itself, or an object in it, where most of them hold what was asked and what was answered."""
    fields = [record.value for record in samples if record.value.__class__ is dict]
    paths = [quoted_key(key) for key in dict.fromkeys(key for value in fields for key in value)]
    for path in (".", *paths[:MAX_VALUES]):
        found = _values(path, samples)
        if sum(map(looks_like_exchange, found)) * 2 > len(found):
            return path
    return None


def _is_said(column: Column, whole: str) -> bool:
    """True for a column in which an exchange keeps what is said, not what may be a dimension."""
    keys = column.keys if whole == "." else column.keys[1:] if quoted_key(column.keys[0]) == whole else ()
    spoken = column.is_chat or not column.values or column.longest > SHORT or column.name in SPOKEN
    return bool(keys) and keys[0] in PARTS and spoken


def _rank(key: str, names: tuple[str, ...]) -> int:
    return names.index(key) if key in names else len(names)


def _named(columns: list[Column], names: tuple[str, ...], taken: set[str], *, text: bool = False) -> Column | None:
    """The column whose name fits best; with `text`, also one that has the word among others and holds free text."""
    fits = [c for c in columns if (c.filled and c.path not in taken and not c.several) or (text and c.is_chat)]
    fits = [c for c in fits if c.path not in taken]
    exact = [(_rank(c.key, names), c) for c in fits if c.key in names]
    if text:
        exact = [(n, c) for n, c in exact if c.is_text or c.is_chat or c.depth == 1]
        exact = [(n, c) for n, c in exact if c.key not in TEXTS or _holder(c) not in (*INPUTS, *OUTPUTS)]
        exact += [
            (_rank(_holder(c), names), c)
            for c in fits
            if c.key in TEXTS and _holder(c) in names and c.kinds["str"] * 2 > c.filled
        ]
    if exact:
        return min(exact, key=lambda found: (found[1].depth, found[0]))[1]
    if not text:
        return None
    partly = [c for c in fits if c.is_text and set(c.words) & set(names) and c.mean > 20]
    return max(partly, key=lambda c: (-c.depth, c.mean), default=None)


def _holder(column: Column) -> str:
    """The name of the object that holds a column, in the singular."""
    return "_".join(words_of(column.keys[-2])).removesuffix("s") if column.depth > 1 else ""


def _by_length(columns: list[Column], taken: set[str], labels: Labels) -> tuple[Column | None, Column | None]:
    """Without any name to go by, the longest free text is the output, but not in a file of labels."""
    texts = [c for c in columns if c.is_text and c.path not in taken and c.mean > 60 and c.depth == 1]
    if not texts or (labels.found and len(texts) < 2 and labels.judged_by_id(columns)):
        return None, None
    longest = max(texts, key=lambda c: c.mean)
    return None, longest


def _id(columns: list[Column], taken: set[str], notes: list[str]) -> PathSpec | None:
    """A column that names every record, a task with its attempt, or none."""
    known = [c for c in columns if c.filled and (c.key in IDS or c.words[-1:] in (("id",), ("uuid",), ("key",)))]
    known = [c for c in known if c.path not in taken and not c.several]
    known.sort(key=lambda c: (_rank(c.key, IDS[:3]), c.depth, _rank(c.key, IDS)))
    attempt = next((c for c in columns if c.depth == 1 and c.key in ATTEMPTS and c.filled == c.rows), None)
    unique = next((c for c in known if c.unique and (c.rows > 1 or c.key in IDS)), None)
    if attempt is not None and (unique is None or unique.key not in IDS[:5]):
        task = next((c for c in known if c.depth == 1 and c.filled == c.rows), None)
        if task is not None and task.path != attempt.path:
            notes.append(f"The id is made of {task.path} and {attempt.path}.")
            return (task.path, attempt.path)
    constant = next(
        (c for c in known if c.key in IDS[:3] and c.rows > 1 and c.distinct == 1 and c.filled == c.rows), None
    )
    if constant is not None:
        value = next(iter(constant.values))
        taken.add(constant.path)
        instead = f"{unique.path} is taken instead" if unique else "an id is made from the content"
        notes.append(f'{constant.path} is "{value}" in every record: {instead}.')
    if unique is not None:
        taken.add(unique.path)
        return unique.path
    mostly = next(
        (c for c in known if c.key in IDS and c.filled * 10 >= c.rows * 9 and c.distinct * 2 > c.rows > 1), None
    )
    if mostly is not None:
        taken.add(mostly.path)
        notes.append(f"{mostly.path} is not in every record or repeats: such ids are extended.")
        return mostly.path
    return None


def _joining_id(columns: list[Column]) -> str | None:
    """In a file of labels an id may repeat: the best known name decides."""
    known = [c for c in columns if c.filled and not c.several and (c.key in IDS or c.words[-1:] == ("id",))]
    best = min(known, key=lambda c: (_rank(c.key, IDS), c.depth), default=None)
    return _path(best)


def _dimensions(columns: list[Column], taken: set[str], proposal: Proposal) -> list[tuple[str, PathSpec]]:
    chosen: list[tuple[str, PathSpec]] = []
    names: set[str] = set()
    for column in columns:
        if not column.filled or column.path in taken or column.is_chat or not column.values:
            continue
        remark = _remark(column)
        proposal.dimension_candidates.append((column.path, column.distinct, remark))
        if remark:
            continue
        name = column.name if column.name not in names else ".".join(column.keys)
        if name in names:
            name = f"{name}_{len(names) + 1}"
        names.add(name)
        chosen.append((name, column.path))
    return chosen


def _remark(column: Column) -> str:
    """Why a column is no dimension at first sight; empty where it is one."""
    if column.longest > SHORT:
        return "long text"
    if column.distinct == 1 and column.filled == column.rows and column.rows > 1:
        return f"always {next(iter(column.values))}"
    if set(column.words) & MEASURES:
        return "a measure"
    if column.depth > DEEPEST:
        return "deep inside the record"
    if column.key.endswith("id") and column.distinct > MANY_IDS:
        return "an id?"
    if column.rows > 3 and column.distinct > max(2, 0.8 * sum(column.values.values())):
        return "nearly all different: an id?"
    if column.kinds["float"] and column.distinct > 10:
        return "a measure"
    if column.kinds["int"] and column.distinct > MAX_VALUES // 2:
        return "a number or an id?"
    return "many values" if column.distinct > MAX_VALUES else ""
