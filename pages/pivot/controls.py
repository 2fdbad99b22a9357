"""The choice of rows, columns, verdicts and numbers, and the sentence that says what the table shows."""

from typing import Final

from core.slice import Slice
from core.workflows.counting import judge_behind
from core.workflows.pivoting import EXPERT, FAILED, Axis, Pivot
from core.workflows.trusting import list_labelers
from pages.pivot.choice import Choice
from pages.pivot.counted import axes
from pages.ui import filters, whose
from pages.ui.notices import quoted
from pages.ui.rates import count
from pages.ui.store import known_refs, the_store
from pages.ui.words import source_words

NONE: Final = "none"
TRACES: Final = "traces"
PREFERRED: Final = ("scenario", "persona", "feature")
MOST_VALUES: Final = 40
SHOWN: Final = {
    FAILED: "failed",
    TRACES: "number of traces",
    "disagreements": "disagreements",
    "caught": "caught failures",
    "kept": "kept passes",
}
COUNTED: Final = {
    "disagreements": "with a verdict of both,",
    "caught": "failures with a verdict of both,",
    "kept": "passes with a verdict of both,",
}
DENOMINATORS: Final = {
    "disagreements": "Disagreements of {judge} and expert",
    "caught": "Failures of the expert that {judge} caught",
    "kept": "Passes of the expert that {judge} kept",
}


def has_axes() -> bool:
    """Whether there is anything to count by."""
    return bool(axes())


def draw() -> Choice | None:
    """Draw the controls; everything chosen stands in the address. None where it names a judge version that is not here."""
    known = axes()
    words = {axis.name: axis.words for axis in known} | {NONE: "none"}
    usual = _usual(known)
    rows = filters.choose("Rows", "rows", list(words)[:-1], usual[0], format_func=words.__getitem__, width=170)
    second = next((name for name in usual[1:] if name != rows), usual[0] if usual[0] != rows else NONE)
    cols = filters.choose("Columns", "cols", list(words), second, format_func=words.__getitem__, width=170)
    slice_ = filters.current_slice()
    of = whose.choose("Of", "of", _sources(slice_), EXPERT, known=all_sources(), format_func=source_words, width=190)
    if of is None:
        return None
    show = filters.choose("Show", "show", _measures(slice_, of), FAILED, format_func=SHOWN.__getitem__, width=180)
    columns = None if cols in (NONE, rows) else cols
    measure = FAILED if show == TRACES else show
    return Choice(rows, columns, of, measure, show == TRACES, words[rows], words[cols] if columns else "")


def _usual(known: list[Axis]) -> list[str]:
    """The axes in the order in which they suit a table: known dimensions first, those of very many values last."""

    def suits(axis: Axis) -> tuple[bool, bool, int]:
        place = PREFERRED.index(axis.name) if axis.name in PREFERRED else len(PREFERRED)
        return (not 2 <= axis.values <= MOST_VALUES, not axis.is_dimension, place)

    return [axis.name for axis in sorted(known, key=suits)]


def all_sources() -> list[str]:
    """Everybody whose failures a link may ask for."""
    return whose.sources(known_refs())


def _sources(slice_: Slice) -> list[str]:
    """The expert and the judge versions; a slice that asks what one judge says can be counted for that one alone."""
    asked = slice_.judge if slice_.judge_verdict else None
    return whose.sources([ref for ref in whose.refs_to_offer("of") if asked in (None, ref)])


def _measures(slice_: Slice, of: str) -> list[str]:
    """A judge can be held against the expert where it is clear whose labels count."""
    labelers = list_labelers(the_store())
    whose = slice_.labeler or labelers.default
    if judge_behind(of) is not None:
        return [FAILED]
    if of == EXPERT or whose is None or slice_.disagree not in (None, of):
        return [FAILED, TRACES]
    return list(SHOWN)


def sentence(choice: Choice, found: Pivot) -> str:
    """What the numbers are of, in words."""
    by = f"by {quoted(choice.axes, 160)}"
    counts = found.total.counts
    if choice.only_traces:
        said = f"Number of traces {by}. {count(counts.traces)} traces."
    else:
        judge = quoted(source_words(choice.of), 80)
        what = DENOMINATORS.get(choice.measure, "").format(judge=judge)
        failed = "Failed of labelled traces" if choice.of == EXPERT else f"Failed of traces with a verdict of {judge}"
        if choice.corrected:
            failed = f"Failed of real traces without a label, {judge} for its errors over all traces"
        noun = COUNTED.get(choice.measure, "labelled" if choice.of == EXPERT else "judged")
        said = f"{what or failed}, {by}. {count(counts.judged)} {noun} of {count(counts.traces)}."
    if found.several_values:
        said += " A trace can have several values: rows add to more than the total."
    return said
