"""The JSON shapes that scripts rely on: what workflows return, as dictionaries."""

from collections.abc import Mapping
from typing import Any

from core.cli.output import moment
from core.metrics import rate_of
from core.model import JudgeVersion, Judgment, Label
from core.workflows.categorising import Failures
from core.workflows.exploring import ListedTrace
from core.workflows.importing import ImportReport
from core.workflows.pivoting import Pivot, PivotCell
from core.workflows.weighing import Choice

Shape = dict[str, Any]


def import_shape(report: ImportReport) -> Shape:
    """What an import did."""
    labels, judgments = report.labels, report.judgments
    return {
        "files": report.files,
        "format": report.formats,
        "read": report.read,
        "added": report.added,
        "unchanged": report.unchanged,
        "updated": report.updated,
        "bad": report.bad,
        "labels": {"read": labels.read, "added": labels.added, "unchanged": labels.unchanged, "bad": labels.bad},
        "judgments": {
            "read": judgments.read,
            "added": judgments.added,
            "unchanged": judgments.unchanged,
            "failures": judgments.failures,
            "bad": judgments.bad,
        },
        "problems": [problem._asdict() for problem in report.problems],
        "notes": report.notes,
        "kept_apart": report.kept_apart,
        "import": report.import_id,
    }


def empty_import_shape(files: int) -> Shape:
    """An import that stored nothing."""
    none = {"read": 0, "added": 0, "unchanged": 0}
    return {
        "files": files,
        "format": {},
        "read": 0,
        "added": 0,
        "unchanged": 0,
        "updated": 0,
        "bad": 0,
        "labels": none | {"bad": 0},
        "judgments": none | {"failures": 0, "bad": 0},
        "problems": [],
    }


def trace_shape(trace: ListedTrace) -> Shape:
    """A trace with what experts and judges said of it; a dimension with several values is a list."""
    row = trace.row
    return {
        "id": row.id,
        "started_at": moment(row.started_at),
        "session": row.session,
        "input": row.input,
        "output": row.output,
        "model": row.model,
        "source": row.source,
        "error": row.error,
        "origin": row.origin,
        "duration_ms": row.duration_ms,
        "messages": row.message_count,
        "tool_calls": row.tool_call_count,
        "dimensions": {name: value_or_values(values) for name, values in trace.dimensions.items()},
        "label": None if trace.label is None else label_shape(trace.label),
        "judgments": [judgment_shape(judgment) for judgment in trace.judgments],
    }


def value_or_values(values: tuple[str, ...]) -> str | list[str]:
    """The value of a dimension, or a list where a trace has several."""
    return values[0] if len(values) == 1 else list(values)


def label_shape(label: Label) -> Shape:
    """An expert's label."""
    return {
        "verdict": label.state.value,
        "critique": label.critique,
        "labeler": label.labeler,
        "at": moment(label.at),
        "saw_judge": label.saw_judge,
        "categories": list(label.categories),
        "for_current_content": label.for_current_content,
    }


def judgment_shape(judgment: Judgment) -> Shape:
    """What one judge version says of a trace."""
    return {
        "judge": judgment.judge,
        "version": judgment.version,
        "verdict": None if judgment.verdict is None else judgment.verdict.value,
        "critique": judgment.critique,
        "failure": judgment.failure,
        "at": moment(judgment.at),
        "sealed": judgment.sealed,
    }


def pivot_shape(table: Pivot) -> Shape:
    """A pivot: null is «all», the empty text «missing»."""
    inner = inner_cells(table)
    margins = [cell for cell in table.cells if cell not in inner]
    return {
        "of": table.of,
        "rows": table.rows,
        "cols": table.cols,
        "denominator": table.denominator,
        "cells": [_cell_shape(cell) for cell in inner],
        "total": _cell_shape(table.total),
        "row_totals": [_cell_shape(cell) for cell in margins if cell.col is None],
        "col_totals": [_cell_shape(cell) for cell in margins if cell.row is None],
        "several_values": table.several_values,
        "choice": None if table.choice is None else _choice_shape(table.choice),
    }


def _choice_shape(choice: Choice) -> Shape:
    """How the labelled traces were chosen: of unknown choice (counted as if at random), and left out of weighted rates."""
    return {"unknown": choice.unknown, "picked": choice.picked, "narrower": choice.narrower}


def inner_cells(table: Pivot) -> list[PivotCell]:
    """The cells without any total, rows and columns in the order of the table."""
    rows = {value: place for place, value in enumerate(table.row_values)}
    cols = {value: place for place, value in enumerate(table.col_values)}
    return sorted(table.inner, key=lambda cell: (rows.get(cell.row or "", 0), cols.get(cell.col or "", 0)))


def _cell_shape(cell: PivotCell) -> Shape:
    counts = cell.counts
    rate = rate_of(counts.failed, counts.judged)
    weighted, corrected = (rate, cell.rate) if cell.rate.corrected else (cell.rate, rate_of(0, 0))
    return {
        "row": cell.row,
        "col": cell.col,
        "traces": counts.traces,
        "judged": counts.judged,
        "failed": counts.failed,
        "rate": rate.rate,
        "low": rate.low,
        "high": rate.high,
        "weighted_rate": weighted.rate,
        "weighted_low": weighted.low,
        "weighted_high": weighted.high,
        "n_eff": counts.judged if weighted.n_eff is None else weighted.n_eff,
        "corrected_rate": corrected.rate,
        "corrected_low": corrected.low,
        "corrected_high": corrected.high,
    }


def failures_shape(failures: Failures) -> Shape:
    """Failure categories with both denominators."""
    rows = [(row.category, row) for row in failures.rows]
    return {
        "reviewed": failures.reviewed,
        "failed": failures.failed,
        "uncategorised": failures.uncategorised,
        "categories": [
            {
                "name": category.name,
                "traces": row.traces,
                "share_of_failed": row.share_of_failed.rate,
                "share_of_reviewed": row.share_of_reviewed.rate,
            }
            for category, row in rows
            if category is not None
        ],
        "primary": failures.primary,
        "passed_with_category": failures.passed_with_category,
    }


def judge_shape(version: JudgeVersion, categories: Mapping[int, str]) -> Shape:
    """One judge version, whole; `categories` are the names of the failure categories that there are."""
    return {
        "judge": version.judge,
        "version": version.version,
        "category_id": version.category_id,
        "category": None if version.category_id is None else categories.get(version.category_id),
        "model": version.model,
        "settings": dict(version.settings),
        "prompt": version.prompt,
        "examples": list(version.examples),
        "source": version.source,
    }
