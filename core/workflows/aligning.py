"""The alignment spreadsheet comes back: what an expert changed in it becomes labels; agreement is computed, not typed.

The sheet shows the judge's verdict beside the expert's, so these labels are stored as given in sight of the judge: they say
what the expert thinks now, and stay out of every agreement, in which the blind ones go on counting.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from uuid import uuid4

from core.errors import UsageError
from core.importers import Source
from core.model import Judgment, Label, LabelState, Verdict
from core.store import judgments, labels, rubrics, traces
from core.store.connection import Cursor, Store
from core.store.verdicts import find_category_of
from core.workflows.looking import labelling
from core.workflows.narrowing import judge_ref
from core.workflows.reviewing import MAX_CRITIQUE, check_labeler
from core.workflows.sheets import Row, read_sheet, says_same

TRACE, RESPONSE, SAYS, AGREE, EXPERT = "trace", "model response", "judge verdict", "agree", "expert"
CRITIQUE, VERDICT, ANSWER = "expert critique", "expert verdict", "better answer"
READ: Final = (TRACE, CRITIQUE, VERDICT, ANSWER)
"""Columns that are read back; those of the trace and of the judge are there to be looked at."""
VERDICTS: Final = {"pass": LabelState.PASS, "good": LabelState.PASS, "fail": LabelState.FAIL, "bad": LabelState.FAIL}
TYPED: Final = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
PART = 1000

Note = tuple[int | None, str]


@dataclass(slots=True)
class Aligned:
    """What an alignment spreadsheet brought; `read` is the sum of `unchanged`, `empty`, `labels` and the bad rows."""

    judge: str
    read: int = 0
    unchanged: int = 0
    empty: int = 0
    """Rows in which no expert said anything."""
    labels: int = 0
    bad: list[Note] = field(default_factory=list[Note])
    """Rows that were not taken: line, what is wrong and what to do."""
    ignored: list[Note] = field(default_factory=list[Note])
    """Cells of rows that could be read and say otherwise than what is computed or stored here: line and what it is."""


class _Said(NamedTuple):
    """What the expert's columns of a row say."""

    state: LabelState
    critique: str
    answer: str


def align(store: Store, source: Source, *, judge: str, by: str) -> Aligned:
    """Take the expert's columns of an alignment spreadsheet of a judge (NAME@VERSION, or NAME) as labels by `by`.

    A row that says what its expert, or `by`, has said already adds nothing. A changed one adds a label; the former one
    stays in the history, and a blind one stays what the judge is held against.

    Raises:
        InputError: not an alignment spreadsheet; nothing was changed.
        NotFoundError: no such judge.
        UsageError: no person is named, or the judge looks for one failure category.
    """
    with store.read() as cursor:
        by = check_labeler(cursor, by)
        ref = judge_ref(judgments.find_refs(cursor), judge)
        if find_category_of(cursor, ref) is not None:
            raise UsageError(
                f"{ref[:80]} looks for one failure category: its sheet says where a trace was sorted, and not how it was labelled.",
                "Sort the traces on Failures, or bring the spreadsheet of record back.",
            )
    sheet = read_sheet(source, READ, "alignment spreadsheet")
    done = Aligned(ref, read=len(sheet.bad) + len(sheet.rows), bad=list(sheet.bad))
    with labelling(store) as cursor:
        seen: dict[str, int | None] = {}
        for start in range(0, len(sheet.rows), PART):
            _Part(cursor, ref, by, sheet.rows[start : start + PART]).take(done, seen)
    done.bad.sort(key=lambda note: note[0] or 0)
    return done


class _Part:
    """Some rows of a sheet with what is stored of their traces."""

    def __init__(self, cursor: Cursor, ref: str, by: str, rows: Sequence[tuple[int | None, Row]]) -> None:
        self._cursor, self._by, self._rows = cursor, by, rows
        self._judge, _, self._version = ref.rpartition("@")
        self._keys = traces.keys_of(cursor, [_cell(row, TRACE) for _, row in rows])
        keys = list(self._keys.values())
        self._labels = labels.find_labels(cursor, keys)
        self._judged = judgments.find_judgments(cursor, keys)
        self._rubric = rubrics.newest_version(cursor)

    def take(self, done: Aligned, seen: dict[str, int | None]) -> None:
        """Take these rows; `seen` holds the line of each trace that stood in one before."""
        for line, row in self._rows:
            trace_id = _cell(row, TRACE)
            key = self._keys.get(trace_id)
            said = _read(row)
            if key is None:
                done.bad.append(
                    (line, f"no trace with the id «{trace_id[:80]}»: keep the id as exported, or import it first")
                )
            elif trace_id in seen:
                done.bad.append(
                    (line, f"trace «{trace_id[:80]}» stands in line {seen[trace_id]} already: keep one of the two")
                )
            elif isinstance(said, str):
                done.bad.append((line, said))
            elif said is None:
                done.empty += 1
            else:
                self._take(done, line, row, key, said)
            seen.setdefault(trace_id, line)

    def _take(self, done: Aligned, line: int | None, row: Row, key: int, said: _Said) -> None:
        mine = [x for x in self._labels.get(key, []) if x.labeler in (_cell(row, EXPERT), self._by)]
        known = any(_same(label, said) for label in mine)
        wrong = None if known else _cannot_be_stored(said) or self._outdated(row, key)
        if wrong is not None:
            done.bad.append((line, wrong))
            return
        done.ignored += [(line, words) for words in self._otherwise(row, key, said)]
        if known:
            done.unchanged += 1
            matched = {label.labeler for label in mine if _same(label, said)}
            newest = max((x for x in mine if x.labeler in matched), key=lambda label: label.event)
            if newest.state is not said.state:
                done.ignored.append(
                    (line, f"{newest.labeler} has said {newest.state.value} since: change it in Review")
                )
            return
        former = labels.find_newest(self._cursor, trace_key=key, labeler=self._by)
        labels.add_label(
            self._cursor, client_id=str(uuid4()), trace_key=key, labeler=self._by, state=said.state,
            critique=said.critique or None, revised_response=said.answer or None, saw_judge=True,
            first_failure=former.first_failure if former and said.state is LabelState.FAIL else None,
            rubric_version=self._rubric, picked=labels.find_picked(self._cursor, trace_key=key, labeler=self._by),
        )  # fmt: skip
        done.labels += 1

    def _outdated(self, row: Row, key: int) -> str | None:
        """Why a changed row is not about the trace as it is now."""
        (trace,) = traces.find_rows(self._cursor, [key], whole=True)
        if RESPONSE not in row or says_same(row[RESPONSE], trace.output):
            return None
        return f"its {RESPONSE} is not that of the trace now: export the sheet again and judge what it says"

    def _otherwise(self, row: Row, key: int, said: _Said) -> list[str]:
        """Cells that say otherwise than what the judge said, and than what follows from it."""
        judgment = self._judgment(key)
        verdict = judgment.verdict if judgment else None
        shown, typed = _cell(row, SAYS), _cell(row, AGREE)
        found: list[str] = []
        if verdict is not None and shown and VERDICTS.get(shown.lower()) != LabelState(verdict.value):
            found.append(f"{SAYS} «{shown[:40]}»: the judge said {verdict.value}")
        agree = None if verdict is None else (verdict is Verdict.PASS) == (said.state is LabelState.PASS)
        if typed and TYPED.get(typed.lower()) != agree:
            computed = "not known here" if agree is None else str(agree).lower()
            found.append(f"{AGREE} «{typed[:40]}»: it is computed, and is {computed}")
        return found

    def _judgment(self, key: int) -> Judgment | None:
        """What the judge version says of a trace, as far as it may be shown."""
        given = self._judged.get(key, [])
        return next((j for j in given if (j.judge, j.version) == (self._judge, self._version)), None)


def _cell(row: Row, name: str) -> str:
    return row.get(name, "").strip()


def _read(row: Row) -> _Said | str | None:
    """What the expert's columns say, why they cannot be taken, or None where they are empty."""
    word, critique, answer = _cell(row, VERDICT), _cell(row, CRITIQUE), _cell(row, ANSWER)
    if not word:
        return (
            f"there is a critique or a better answer and no verdict: write pass or fail into «{VERDICT}»"
            if critique or answer
            else None
        )
    state = VERDICTS.get(word.lower())
    if state is None:
        return f"«{word[:40]}» is no verdict: write pass or fail (or good or bad) into «{VERDICT}»"
    return _Said(state, critique, answer)


def _same(label: Label, said: _Said) -> bool:
    return (
        label.state is said.state
        and says_same(said.critique, label.critique)
        and says_same(said.answer, label.revised_response)
    )


def _cannot_be_stored(said: _Said) -> str | None:
    if said.state is LabelState.FAIL and not said.critique:
        return f"a fail without a critique: write what went wrong into «{CRITIQUE}»"
    for name, text in ((CRITIQUE, said.critique), (ANSWER, said.answer)):
        if len(text) > MAX_CRITIQUE:
            return f"«{name}» has {len(text):,} characters and at most {MAX_CRITIQUE:,} are stored: shorten it"
    return None
