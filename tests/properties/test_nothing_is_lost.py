"""Whatever people do, and whatever becomes of the process or the database: what counts is their events replayed.

Labels, drafts and failure categories are in one machine, with restarts and losses between any two steps.
"""

import copy
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.model import LabelState
from core.slice import Slice
from core.store import recodes, traces
from core.store.drafts import Draft
from core.store.files import journal_of
from core.store.ingest import Entry, ingest
from core.workflows.acting import Action, take_back
from core.workflows.categorising import count_failures, list_categories
from core.workflows.maintaining import examine
from core.workflows.opening import open_store, told
from core.workflows.review_items import review_items
from core.workflows.reviewing import keep_draft, record_label, undo_label
from core.workflows.taxonomy import merge_categories, sort_into, split_category, take_out
from core.workflows.wording import Words, make_category, reword
from tests.conftest import LABELLED_ON, new_trace

TRACES = ("a", "b", "c")
PEOPLE = ("ana", "bo")
some_trace, somebody = st.sampled_from(TRACES), st.sampled_from(PEOPLE)
states = st.sampled_from((LabelState.PASS, LabelState.FAIL, LabelState.FAIL, LabelState.DEFERRED))


class Given(NamedTuple):
    """A label that stands, under the id it was sent with."""

    client_id: str
    state: LabelState
    critique: str | None

    @property
    def words(self) -> tuple[str | None, str]:
        """Verdict and critique as a draft has them."""
        return (None if self.state is LabelState.DEFERRED else self.state.value), self.critique or ""


class Typed(NamedTuple):
    """A draft: typed by somebody, or what an undo took back."""

    words: tuple[str | None, str]
    by_hand: bool


@dataclass
class Sorted:
    """The categories and what is in them, without any event."""

    names: dict[int, str] = field(default_factory=dict)
    carried: dict[str, list[int]] = field(default_factory=lambda: {trace: [] for trace in TRACES})
    again: set[tuple[str, int]] = field(default_factory=set)
    """Traces that wait for a second look at a category that was split."""


class Work(RuleBasedStateMachine):
    """People at work on three traces, beside a plain list of what they did."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.database = self.folder / "passfail.duckdb"
        self.given: dict[tuple[str, str], list[Given]] = {}
        """Per trace and person the labels that an undo goes back through."""
        self.drafts: dict[tuple[str, str], Typed] = {}
        self.at: dict[tuple[str, str], int] = {}
        """When each person last said something of a trace; to take a label back says the former one again."""
        self.sorted = Sorted()
        self.before: tuple[Sorted, Action] | None = None
        """What the last change of a category can be taken back to, by the session that made it."""
        self.said = 0

    @initialize()
    def begin(self) -> None:
        self.store = open_store(self.database)
        self.import_traces()
        for _ in range(2):
            self.make_category()

    def import_traces(self) -> None:
        with ingest(self.store) as running:
            entries = [
                Entry("x.jsonl", n, new_trace(id=name, input=f"question {name}"), (), ())
                for n, name in enumerate(TRACES)
            ]
            running.add(entries)
            running.finish(files=["x.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)

    def number(self) -> int:
        self.said += 1
        return self.said

    # ---- labels and drafts

    @rule(trace=some_trace, labeler=somebody, state=states, presses=st.sampled_from((1, 1, 2)), regretted=st.booleans())
    def label(self, trace: str, labeler: str, state: LabelState, presses: int, regretted: bool) -> None:
        n = self.number()
        given = Given(f"press {n}", state, f"reason {n}" if state is LabelState.FAIL else None)
        for _ in range(presses):
            record_label(
                self.store, trace_id=trace, state=state, labeler=labeler, critique=given.critique,
                client_id=given.client_id,
            )  # fmt: skip
        self.given.setdefault((trace, labeler), []).append(given)
        self.at[trace, labeler] = n
        if state is not LabelState.DEFERRED:
            self.drafts.pop((trace, labeler), None)
        if regretted:
            self.take_back_label(trace, labeler)

    @precondition(lambda self: any(self.given.values()))
    @rule(data=st.data())
    def undo(self, data: Any) -> None:
        self.take_back_label(*data.draw(st.sampled_from([key for key, labels in self.given.items() if labels])))

    def take_back_label(self, trace: str, labeler: str) -> None:
        taken = self.given[trace, labeler].pop()
        assert undo_label(self.store, trace_id=trace, labeler=labeler, undoes=taken.client_id) is not None
        self.at[trace, labeler] = self.number()
        draft = self.drafts.get((trace, labeler))
        if taken.state is not LabelState.DEFERRED and (draft is None or not draft.by_hand):
            self.drafts[trace, labeler] = Typed(taken.words, by_hand=False)
        elif draft is not None:
            self.drafts[trace, labeler] = draft._replace(by_hand=True)  # it outlived an undo

    @rule(trace=some_trace, labeler=somebody)
    def type(self, trace: str, labeler: str) -> None:
        words = (None, f"half a thought {self.number()}")
        keep_draft(self.store, trace_id=trace, labeler=labeler, draft=Draft(*words))
        self.drafts[trace, labeler] = Typed(words, by_hand=True)

    # ---- categories

    def sorting(self, change: Callable[[], Action]) -> int:
        """Make a change that can be taken back; returns the category it speaks of."""
        before = copy.deepcopy(self.sorted)
        action = change()
        self.before = (before, action)
        return action.category_id or 0

    def new_words(self) -> Words:
        return Words(name=f"mode {self.number()}", definition="one sentence")

    def some_category(self, data: Any, *, but: int = 0) -> int:
        return data.draw(st.sampled_from(sorted(set(self.sorted.names) - {but})))

    @precondition(lambda self: len(self.sorted.names) < 3)
    @rule()
    def make_category(self) -> None:
        words = self.new_words()
        made = self.sorting(lambda: make_category(self.store, words, by="ana"))
        self.sorted.names[made] = words.name

    @precondition(lambda self: self.sorted.names)
    @rule(data=st.data())
    def rename_category(self, data: Any) -> None:
        category, words = self.some_category(data), self.new_words()
        self.sorting(lambda: reword(self.store, category, words, by="bo"))
        self.sorted.names[category] = words.name

    @precondition(lambda self: self.sorted.names)
    @rule(data=st.data(), chosen=st.sets(some_trace, min_size=1))
    def assign(self, data: Any, chosen: set[str]) -> None:
        category = self.some_category(data)
        self.sorting(lambda: sort_into(self.store, trace_ids=sorted(chosen), category_id=category, by="ana"))
        for trace in chosen:
            if category not in self.sorted.carried[trace]:
                self.sorted.carried[trace].append(category)

    @precondition(lambda self: any(self.sorted.carried.values()))
    @rule(data=st.data())
    def unassign(self, data: Any) -> None:
        carried = self.sorted.carried
        trace, category = data.draw(st.sampled_from([(t, n) for t, numbers in carried.items() for n in numbers]))
        self.sorting(lambda: take_out(self.store, trace_id=trace, category_id=category, by="bo"))
        self.sorted.carried[trace].remove(category)

    @precondition(lambda self: len(self.sorted.names) > 1)
    @rule(data=st.data())
    def merge(self, data: Any) -> None:
        gone = self.some_category(data)
        into = self.some_category(data, but=gone)
        self.sorting(lambda: merge_categories(self.store, gone, into=into, by="bo"))
        now = self.sorted
        del now.names[gone]
        for trace, numbers in now.carried.items():
            now.carried[trace] = list(dict.fromkeys(into if n == gone else n for n in numbers))
        now.again = {(trace, into if n == gone else n) for trace, n in now.again}

    @precondition(lambda self: 0 < len(self.sorted.names) < 5)
    @rule(data=st.data())
    def split(self, data: Any) -> None:
        category, words = self.some_category(data), self.new_words()
        self.sorting(lambda: split_category(self.store, category, [words], by="ana"))
        now = self.sorted
        now.names[max(c.id for c in list_categories(self.store))] = words.name
        now.again |= {(trace, category) for trace, numbers in now.carried.items() if category in numbers}

    @precondition(lambda self: self.before is not None)
    @rule()
    def take_back_the_last_change(self) -> None:
        assert self.before is not None
        (self.sorted, action), self.before = self.before, None
        take_back(self.store, action, by="ana")

    # ---- the process and its files

    @rule(lost=st.sampled_from((None, None, "database", "journal")))
    def restart(self, lost: str | None) -> None:
        self.store.close()
        if lost is not None:
            (journal_of(self.database) if lost == "journal" else self.database).unlink()
        self.store = open_store(self.database)
        if lost == "database":
            self.import_traces()
            self.drafts.clear()  # unsaved, they are in no journal
        assert lost == "journal" or bool(told(self.store)) == (lost == "database")
        self.before = None

    # ---- what counts

    @invariant()
    def labels_and_drafts_are_what_was_said(self) -> None:
        if not hasattr(self, "store"):
            return
        for person in PEOPLE:
            for item in review_items(self.store, TRACES, labeler=person):
                key = (item.trace_id, person)
                expected = (self.given.get(key) or [None])[-1]
                if expected is None or expected.state is LabelState.DEFERRED:
                    assert item.label is None
                    assert item.deferred == (expected is not None)
                else:
                    assert item.label is not None
                    assert (item.label.state, item.label.critique) == expected[1:]
                typed = self.drafts.get(key)
                assert (item.draft and item.draft[:2]) == (typed and typed.words)

    @invariant()
    def counts_are_what_was_sorted(self) -> None:
        if not hasattr(self, "store"):
            return
        names, carried = self.sorted.names, self.sorted.carried
        assert {category.id: category.name for category in list_categories(self.store)} == names
        failed = [trace for trace in TRACES if self.newest(trace) is LabelState.FAIL]
        for primary in (True, False):
            found = count_failures(self.store, Slice(), primary=primary)
            assert {row.category.id: row.traces for row in found.rows if row.category} == {
                number: sum(number in (carried[trace][:1] if primary else carried[trace]) for trace in failed)
                for number in names
            }
        with self.store.read() as cursor:
            waiting = recodes.find_recodes(cursor)
            ids = {row.key: row.id for row in traces.find_rows(cursor, [recode.trace_key for recode in waiting])}
        assert {(ids[recode.trace_key], recode.category_id) for recode in waiting} == {
            (trace, number) for trace, number in self.sorted.again if number in carried[trace]
        }

    def newest(self, trace: str) -> LabelState | None:
        """The verdict that counts: of the newest label of anybody, since there is no principal expert."""
        given = [(self.at[key], labels[-1].state) for key, labels in self.given.items() if key[0] == trace and labels]
        return max(given)[1] if given else None

    def teardown(self) -> None:
        if hasattr(self, "store"):
            assert [check for check in examine(self.store).health.checks if check.faults] == []
            self.store.close()
        shutil.rmtree(self.folder)


TestNothingIsLost = Work.TestCase
TestNothingIsLost.settings = settings(
    max_examples=int(os.environ.get("PASSFAIL_TRIALS", "6")),
    stateful_step_count=14,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
