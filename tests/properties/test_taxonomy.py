"""Any sequence of make, rename, merge, split, sort, take out, suggest, answer and undo counts as a plain model does."""

import copy
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.model import LabelState
from core.slice import Slice
from core.store import suggestions, traces
from core.store.connection import IN_MEMORY
from core.store.ingest import Entry, ingest
from core.workflows import suggesting, taxonomy, wording
from core.workflows.acting import Action, take_back
from core.workflows.categorising import count_failures, list_categories
from core.workflows.exploring import describe
from core.workflows.opening import open_store
from core.workflows.reviewing import record_label
from core.workflows.wording import Words
from tests.conftest import LABELLED_ON, new_trace

TRACES = [f"t{number}" for number in range(6)]
PASSED = "t5"
BY = "ana"


@dataclass
class Plain:
    """What the categories are, without any event."""

    names: dict[int, str] = field(default_factory=dict)
    held: dict[str, list[int]] = field(default_factory=lambda: {name: [] for name in TRACES})
    again: set[tuple[str, int]] = field(default_factory=set)
    proposed: dict[str, int] = field(default_factory=dict)
    """Open proposals by trace: the category."""
    answered: tuple[int, int] = (0, 0)


class Taxonomy(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.store = open_store(IN_MEMORY)
        with ingest(self.store) as running:
            running.add([Entry("f.jsonl", n, new_trace(id=name), [], []) for n, name in enumerate(TRACES)])
            running.finish(files=["f.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)
        for name in TRACES:
            state = LabelState.PASS if name == PASSED else LabelState.FAIL
            record_label(self.store, trace_id=name, state=state, labeler=BY, critique=f"note on {name}")
        self.plain, self.number = Plain(), 0
        self.before: tuple[Plain, Action] | None = None

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()

    def acted(self, before: Plain, action: Action) -> None:
        self.before = (before, action)

    def some(self, data: Any, ids: Any) -> int:
        return data.draw(st.sampled_from(sorted(ids)))

    def words(self) -> Words:
        self.number += 1
        return Words(name=f"category {self.number}", definition="one sentence")

    @rule(into=st.sets(st.sampled_from(TRACES), max_size=3))
    def make(self, into: set[str]) -> None:
        before, words = copy.deepcopy(self.plain), self.words()
        action = wording.make_category(self.store, words, by=BY, trace_ids=sorted(into))
        assert action.category_id is not None
        self.plain.names[action.category_id] = words.name
        for name in into:
            self.plain.held[name].append(action.category_id)
        self.acted(before, action)

    @precondition(lambda self: self.plain.names)
    @rule(data=st.data())
    def rename(self, data: Any) -> None:
        before, words = copy.deepcopy(self.plain), self.words()
        category = self.some(data, self.plain.names)
        action = wording.reword(self.store, category, words, by=BY)
        self.plain.names[category] = words.name
        self.acted(before, action)

    @precondition(lambda self: self.plain.names)
    @rule(data=st.data(), name=st.sampled_from(TRACES))
    def sort(self, data: Any, name: str) -> None:
        before = copy.deepcopy(self.plain)
        category = self.some(data, self.plain.names)
        action = taxonomy.sort_into(self.store, trace_ids=[name], category_id=category, by=BY)
        if category not in self.plain.held[name]:
            self.plain.held[name].append(category)
        self.acted(before, action)

    @precondition(lambda self: any(self.plain.held.values()))
    @rule(data=st.data())
    def take_out(self, data: Any) -> None:
        before = copy.deepcopy(self.plain)
        name, category = data.draw(st.sampled_from([(n, c) for n, ids in self.plain.held.items() for c in ids]))
        action = taxonomy.take_out(self.store, trace_id=name, category_id=category, by=BY)
        self.plain.held[name].remove(category)
        self.acted(before, action)

    @precondition(lambda self: len(self.plain.names) > 1)
    @rule(data=st.data())
    def merge(self, data: Any) -> None:
        before = copy.deepcopy(self.plain)
        gone = self.some(data, self.plain.names)
        into = self.some(data, set(self.plain.names) - {gone})
        action = taxonomy.merge_categories(self.store, gone, into=into, by=BY)
        del self.plain.names[gone]
        for name, ids in self.plain.held.items():
            self.plain.held[name] = list(dict.fromkeys(into if i == gone else i for i in ids))
        self.plain.again = {(name, into if i == gone else i) for name, i in self.plain.again if name in self.plain.held}
        self.plain.proposed = {name: into if i == gone else i for name, i in self.plain.proposed.items()}
        self.acted(before, action)

    @precondition(lambda self: self.plain.names)
    @rule(data=st.data())
    def split(self, data: Any) -> None:
        before, words = copy.deepcopy(self.plain), self.words()
        category = self.some(data, self.plain.names)
        action = taxonomy.split_category(self.store, category, [words], by=BY)
        made = max(c.id for c in list_categories(self.store))
        self.plain.names[made] = words.name
        self.plain.again |= {(name, category) for name, ids in self.plain.held.items() if category in ids}
        self.acted(before, action)

    @rule(data=st.data())
    def choose_again(self, data: Any) -> None:
        waiting = taxonomy.list_recodes(self.store, Slice())
        if not waiting:
            return
        before = copy.deepcopy(self.plain)
        item = data.draw(st.sampled_from(waiting))
        name, former = item.recode.trace_id, item.recode.category_id
        into = data.draw(st.sampled_from([*sorted(self.plain.names), None]))
        action = taxonomy.choose_again(self.store, item.recode, into=into, by=BY)
        ids = [into if i == former else i for i in self.plain.held[name]]
        if into != former and into in self.plain.held[name]:
            ids = [i for i in self.plain.held[name] if i != former]
        self.plain.held[name] = [i for i in ids if i is not None]
        self.plain.again.discard((name, former))
        self.acted(before, action)

    @precondition(lambda self: self.plain.names)
    @rule(data=st.data(), name=st.sampled_from(TRACES))
    def propose(self, data: Any, name: str) -> None:
        category = self.some(data, self.plain.names)
        with self.store.write() as cursor:
            key = traces.key_of(cursor, name)
            assert key is not None
            event = cursor.execute("select max(event) from labels where trace_key = ?", [key]).fetchone()
            suggestions.add_suggestion(
                cursor, run_id=suggestions.next_run(cursor), trace_key=key, label_event=event[0] if event else 0,
                category_id=category, name=self.plain.names[category], definition="", source="wording", by=BY,
            )  # fmt: skip
        self.plain.proposed[name] = category
        self.before = None

    @rule(data=st.data(), accepted=st.booleans())
    def answer(self, data: Any, accepted: bool) -> None:
        with self.store.read() as cursor:
            waiting = suggestions.find_proposed(cursor)
            names = {row.key: row.id for row in traces.find_rows(cursor, [p.trace_key for p in waiting])}
        assert {names[p.trace_key] for p in waiting} == {n for n in self.plain.proposed if not self.plain.held[n]}
        if not waiting:
            return
        before = copy.deepcopy(self.plain)
        chosen = data.draw(st.sampled_from(waiting))
        name = names[chosen.trace_key]
        action = (suggesting.accept if accepted else suggesting.refuse)(self.store, [chosen.event], by=BY)
        category = self.plain.proposed.pop(name)
        if accepted:
            self.plain.held[name].append(category)
        yes, all_ = self.plain.answered
        self.plain.answered = (yes + accepted, all_ + 1)
        self.acted(before, action)

    @precondition(lambda self: self.before is not None)
    @rule()
    def undo(self) -> None:
        assert self.before is not None
        before, action = self.before
        take_back(self.store, action, by=BY)
        self.plain, self.before = before, None

    @invariant()
    def the_counts_are_those_of_the_plain_model(self) -> None:
        if not hasattr(self, "plain"):
            return
        failed = {name: ids for name, ids in self.plain.held.items() if name != PASSED}
        for primary in (True, False):
            found = count_failures(self.store, Slice(), primary=primary)
            assert {r.category.id: r.category.name for r in found.rows if r.category} == self.plain.names
            for row in found.rows:
                assert row.category is not None
                i = row.category.id
                wanted = sum(ids[:1] == [i] if primary else i in ids for ids in failed.values())
                assert row.traces == wanted
                assert describe(self.store, row.slice).n == wanted
            assert found.uncategorised == sum(not ids for ids in failed.values())
            assert found.passed_with_category == bool(self.plain.held[PASSED])
        again = {(w.recode.trace_id, w.recode.category_id) for w in taxonomy.list_recodes(self.store, Slice())}
        assert again == {(name, i) for name, i in self.plain.again if i in self.plain.held[name]}
        assert suggesting.count_answered(self.store) == self.plain.answered


TestTaxonomy = Taxonomy.TestCase
TestTaxonomy.settings = settings(
    max_examples=6, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
