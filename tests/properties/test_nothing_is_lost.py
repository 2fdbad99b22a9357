"""Whatever people do, and whatever becomes of the process or the database: what counts is their events replayed."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.model import LabelState
from core.slice import Slice
from core.store.ingest import Entry, ingest
from core.workflows.categorising import count_failures, list_categories
from core.workflows.maintaining import examine
from core.workflows.opening import open_store, told
from core.workflows.review_items import review_items
from core.workflows.reviewing import record_label, undo_label
from tests.conftest import LABELLED_ON, new_trace
from tests.sorting import define_category, put_into_category, take_out_of_category

TRACES = ("a", "b", "c")
PEOPLE = ("ana", "bo")
traces, people = st.sampled_from(TRACES), st.sampled_from(PEOPLE)
states = st.sampled_from((LabelState.PASS, LabelState.FAIL, LabelState.DEFERRED))


class Work(RuleBasedStateMachine):
    """People at work on three traces, beside a plain list of what they did."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.database = self.folder / "passfail.duckdb"
        self.given: dict[tuple[str, str], list[tuple[LabelState, str | None]]] = {}
        """Per trace and person the labels that an undo goes back through."""
        self.at: dict[tuple[str, str], int] = {}
        """When each person last said something of a trace; to take a label back says the former one again."""
        self.names: list[str] = []
        self.carried: dict[str, list[int]] = {trace: [] for trace in TRACES}
        self.said = 0

    @initialize()
    def begin(self) -> None:
        self.store = open_store(self.database)
        self.import_traces()

    def import_traces(self) -> None:
        with ingest(self.store) as running:
            entries = [
                Entry("x.jsonl", n, new_trace(id=name, input=f"question {name}"), (), ())
                for n, name in enumerate(TRACES)
            ]
            running.add(entries)
            running.finish(files=["x.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)

    @rule(trace=traces, labeler=people, state=states)
    def label(self, trace: str, labeler: str, state: LabelState) -> None:
        self.said += 1
        critique = f"reason {self.said}" if state is LabelState.FAIL else None
        record_label(self.store, trace_id=trace, state=state, labeler=labeler, critique=critique)
        self.given.setdefault((trace, labeler), []).append((state, critique))
        self.at[trace, labeler] = self.said

    @rule(trace=traces, labeler=people)
    def label_then_undo(self, trace: str, labeler: str) -> None:
        self.label(trace, labeler, LabelState.FAIL)
        assert undo_label(self.store, trace_id=trace, labeler=labeler) is not None
        self.given[trace, labeler].pop()

    @rule(trace=traces)
    def press_twice(self, trace: str) -> None:
        self.said += 1
        for _ in range(2):
            record_label(
                self.store, trace_id=trace, state=LabelState.PASS, labeler="ana", client_id=f"press {self.said}"
            )
        self.given.setdefault((trace, "ana"), []).append((LabelState.PASS, None))
        self.at[trace, "ana"] = self.said

    @rule()
    def make_category(self) -> None:
        self.said += 1
        name = f"mode {self.said}"
        assert define_category(self.store, name=name, by="ana") == len(self.names) + 1
        self.names.append(name)

    @precondition(lambda self: self.names)
    @rule(data=st.data())
    def rename_category(self, data: Any) -> None:
        self.said += 1
        place = data.draw(st.integers(0, len(self.names) - 1))
        self.names[place] = f"mode {self.said}"
        define_category(self.store, name=self.names[place], by="bo", category_id=place + 1)

    @precondition(lambda self: self.names)
    @rule(data=st.data(), trace=traces)
    def assign(self, data: Any, trace: str) -> None:
        number = data.draw(st.integers(1, len(self.names)))
        put_into_category(self.store, trace_id=trace, category_id=number, by="ana")
        if number not in self.carried[trace]:
            self.carried[trace].append(number)

    @precondition(lambda self: any(self.carried.values()))
    @rule(data=st.data())
    def unassign(self, data: Any) -> None:
        trace, number = data.draw(st.sampled_from([(t, n) for t, numbers in self.carried.items() for n in numbers]))
        take_out_of_category(self.store, trace_id=trace, category_id=number, by="bo")
        self.carried[trace].remove(number)

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.store = open_store(self.database)
        assert told(self.store) == []

    @rule()
    def lose_the_database(self) -> None:
        self.store.close()
        self.database.unlink()
        self.store = open_store(self.database)
        self.import_traces()

    @rule()
    def lose_the_journal(self) -> None:
        self.store.close()
        self.database.with_name("passfail.duckdb.journal").unlink()
        self.store = open_store(self.database)

    @invariant()
    def what_counts_is_what_was_done(self) -> None:
        if not hasattr(self, "store"):
            return
        for person in PEOPLE:
            for item in review_items(self.store, TRACES, labeler=person):
                expected = (self.given.get((item.trace_id, person)) or [None])[-1]
                if expected is None or expected[0] is LabelState.DEFERRED:
                    assert item.label is None
                    assert item.deferred == (expected is not None)
                else:
                    assert item.label is not None
                    assert (item.label.state, item.label.critique) == expected
        assert [category.name for category in list_categories(self.store)] == self.names
        reference = {trace: self.newest(trace) for trace in TRACES}
        failed = [trace for trace, state in reference.items() if state is LabelState.FAIL]
        found = count_failures(self.store, Slice(), primary=False)
        counted = {row.category.id: row.traces for row in found.rows if row.category}
        assert counted == {
            number + 1: sum(number + 1 in self.carried[trace] for trace in failed) for number in range(len(self.names))
        }

    def newest(self, trace: str) -> LabelState | None:
        """The verdict that counts: of the newest label of anybody, since there is no principal expert."""
        given = [(self.at[key], labels[-1][0]) for key, labels in self.given.items() if key[0] == trace and labels]
        return max(given)[1] if given else None

    def teardown(self) -> None:
        if hasattr(self, "store"):
            assert [check for check in examine(self.store).health.checks if check.faults] == []
            self.store.close()
        shutil.rmtree(self.folder)


TestNothingIsLost = Work.TestCase
TestNothingIsLost.settings = settings(
    max_examples=int(os.environ.get("PASSFAIL_TRIALS", "6")),
    stateful_step_count=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
