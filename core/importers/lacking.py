"""What the traces of a proposed mapping lack: said at once, lest a log be imported without its answers."""

from collections.abc import Sequence

from core.importers.base import Record
from core.importers.columns import Column, words_of
from core.importers.extract import Extractor
from core.importers.mapping import Mapping
from core.importers.words import INPUTS, OUTPUTS
from core.model import Trace

MOST_NAMED = 6
LONGEST_NAME = 100


def lacking_notes(samples: Sequence[Record], mapping: Mapping, unused: Sequence[Column], *, file: str) -> list[str]:
    """A sentence where most traces of a sample have a question and no answer, or an answer and no question."""
    extractor = Extractor(mapping, file=file)
    traces = [trace for record in samples if (trace := extractor.extract(record).trace) is not None]
    unanswered = sum(bool(trace.input) and not _is_answered(trace) for trace in traces)
    unasked = sum(bool(trace.output) and not trace.input for trace in traces)
    if unanswered * 2 > len(traces):
        return [_note("answer", "output", OUTPUTS, unanswered, len(traces), unused)]
    if unasked * 2 > len(traces):
        return [_note("question", "input", INPUTS, unasked, len(traces), unused)]
    return []


def _is_answered(trace: Trace) -> bool:
    """A call of a tool is an answer too, though it has no text."""
    return bool(trace.output) or any(message.tool_calls for message in trace.messages)


def _note(part: str, name: str, names: tuple[str, ...], without: int, traces: int, unused: Sequence[Column]) -> str:
    may_be = [c for c in unused if c.filled and (c.is_chat or c.kinds["str"] or not c.values)]
    may_be.sort(key=lambda c: (not {word for key in c.keys for word in words_of(key)} & set(names), -c.mean))
    listed = ", ".join(_cut(column.path) for column in may_be[:MOST_NAMED])
    if len(may_be) > MOST_NAMED:
        listed += f" and {len(may_be) - MOST_NAMED} more"
    which = f" Columns not used: {listed}. Name the right one" if listed else " If the file has one, name its column"
    return (
        f"No {part} was found in {without:,} of the {traces:,} records looked at."
        f'{which} in a mapping: [trace] {name} = "…".'
    )


def _cut(path: str) -> str:
    return path if len(path) <= LONGEST_NAME else path[: LONGEST_NAME - 1] + "…"
