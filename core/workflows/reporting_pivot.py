"""The part of a report about a table of two axes: its cells worst first, what they are of, and what was left out."""

from typing import NamedTuple

from core.model import MISSING
from core.slice import Slice
from core.store.connection import Store
from core.store.pivots import CATEGORY, EXPERT, FAILED
from core.workflows.counting import count, left_out_of
from core.workflows.documents import Block, Heading, Paragraph, Table
from core.workflows.pivoting import PivotCell, axes
from core.workflows.saying import said

MOST_CELLS = 60
WORDS = {FAILED: "Failed", "disagreements": "Disagreements", "caught": "Caught failures", "kept": "Kept passes"}


class Asked(NamedTuple):
    """Rows, columns, whose verdicts, and what of them; or numbers of traces alone."""

    rows: str
    cols: str | None = None
    of: str = EXPERT
    measure: str = FAILED
    only_traces: bool = False


def pivot_blocks(store: Store, slice_: Slice, asked: Asked, *, min_n: int) -> list[Block]:
    """The table of a pivot.

    Raises:
        NotFoundError, UsageError: as `count`.
    """
    found = count(store, slice_, rows=asked.rows, cols=asked.cols, of=asked.of, measure=asked.measure)
    words = {axis.name: axis.words for axis in axes(store)}
    names = [words.get(name, name) for name in (asked.rows, asked.cols) if name is not None]
    by = " and ".join(names)
    several = " A trace can have several values: rows add to more than the total." if found.several_values else ""
    if asked.only_traces:
        cells = sorted(found.inner, key=lambda cell: (-cell.counts.traces, cell.row or "", cell.col or ""))
        rows = [(*_names(cell, asked), f"{cell.counts.traces:,}") for cell in cells[:MOST_CELLS]]
        total = f"{found.total.counts.traces:,} traces in all.{several}{_more(len(cells) - len(rows))}"
        return [Heading(f"Number of traces by {by}"), Table((*names, "Traces"), rows), Paragraph(total, small=True)]
    cells = found.worst_first(min_n)
    rows = [(*_names(cell, asked), said(cell.rate, min_n=min_n)) for cell in cells[:MOST_CELLS]]
    rows.append((*("all" for _ in names), said(found.total.rate, min_n=min_n)))
    left = [f"{n:,} {why}" for why, n, _ in left_out_of(store, slice_, of=found.of, measure=asked.measure)]
    without = f" Left out: {', '.join(left)}." if left else ""
    return [
        Heading(f"{WORDS[asked.measure]}, by {by}"),
        Table((*names, WORDS[asked.measure]), rows),
        Paragraph(
            f"Of {found.denominator}. The worst first, by the lower end of the interval of what is bad; {len(cells):,} "
            f"cells looked at: with many of them, one or two look bad by chance.{several}{_more(len(cells) - MOST_CELLS)}{without}",
            small=True,
        ),
    ]


def _more(n: int) -> str:
    return f" {n:,} more cells are not listed." if n > 0 else ""


def _names(cell: PivotCell, asked: Asked) -> tuple[str, ...]:
    sides = ((asked.rows, cell.row), (asked.cols, cell.col))
    return tuple(_value(axis, value or MISSING) for axis, value in sides if axis is not None)


def _value(axis: str, value: str) -> str:
    return value if value != MISSING else "not sorted yet" if axis == CATEGORY else "(missing)"
