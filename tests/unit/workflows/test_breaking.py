"""Where runs break: the known matrices, links that hold exactly their traces, and the order of the pipeline."""

from collections import Counter

import pytest

from core.model import LabelState, Message, ToolCall
from core.slice import Slice
from core.store.connection import IN_MEMORY, Store
from core.store.ingest import Entry, ingest
from core.workflows.breaking import Breaks, breaks_of_dimensions, breaks_of_labels, pipeline_order
from core.workflows.exploring import describe
from core.workflows.opening import open_store
from core.workflows.reviewing import record_label
from tests.conftest import LABELLED_ON, new_trace
from tests.real_sets import real_store
from tests.unit.test_real_sets import facts

SQL = {
    ("ParseReq", "IntentClass"): 3, ("IntentClass", "DecideTool"): 4, ("DecideTool", "GenSQL"): 6,
    ("DecideTool", "PlanCal"): 2, ("GenSQL", "ExecSQL"): 12, ("ExecSQL", "PlanCal"): 5, ("PlanCal", "ExecCal"): 7,
}  # fmt: skip
ORDER = ["ParseReq", "IntentClass", "DecideTool", "GenSQL", "ExecSQL", "PlanCal", "ExecCal"]


def filled(entries: list[dict[str, object]]) -> Store:
    store = open_store(IN_MEMORY)
    with ingest(store) as running:
        running.add([Entry("f.jsonl", n, new_trace(**given), [], []) for n, given in enumerate(entries)])
        running.finish(files=["f.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)
    return store


def off(store: Store, found: Breaks) -> list[tuple[object, int, int]]:
    """The cells and totals whose links hold another number of traces."""
    counted = [(k, found.cells.get(k, 0), found.slices[k]) for k in found.cells]
    counted += [((r, None), found.row_total(r), found.slices[r, None]) for r in found.rows]
    counted += [((None, c), found.col_total(c), found.slices[None, c]) for c in found.cols]
    counted += [((None, None), found.total, found.slices[None, None]), *found.unmapped]
    return [(k, n, shown) for k, n, s in counted if (shown := describe(store, s).n) != n]


def test_the_text_to_sql_matrix_totals_39_in_pipeline_order() -> None:
    pairs = [pair for pair, n in SQL.items() for _ in range(n)]
    store = filled([{"dimensions": {"good": a, "bad": b}} for a, b in pairs] + [{"dimensions": {"good": "GenSQL"}}, {}])
    found = breaks_of_dimensions(store, Slice(), last_good="good", failed_at="bad")
    assert found.cells == SQL
    assert (found.total, found.of) == (39, 41)
    assert pipeline_order(SQL) == ORDER
    assert found.rows == ORDER[:-1]
    assert found.cols == ORDER[1:]
    assert (found.row_total("DecideTool"), found.col_total("PlanCal")) == (8, 7)
    assert sorted((words, n) for words, n, _ in found.unmapped) == [("without bad", 1), ("without good and bad", 1)]
    assert off(store, found) == []


def test_the_first_failures_of_hw5_are_those_that_are_known() -> None:
    store = real_store("hw5")
    found = breaks_of_dimensions(store, Slice(), last_good="last_success_state", failed_at="first_failure_state")
    known = facts()["hw5"]
    assert found.total == known["rows"] == 96
    assert {col: found.col_total(col) for col in found.cols} == known["first_failure_state"]
    assert {row: found.row_total(row) for row in found.rows} == known["last_success_state"]
    assert (found.cells["PlanToolCalls", "GenRecipeArgs"], max(found.cells.values())) == (10, 10)
    assert found.unmapped == []
    assert off(store, found) == []
    assert found.rows[0] == "ParseRequest"
    assert found.cols[-1] == "DeliverResponse"


def marked_store() -> Store:
    messages = (
        Message("user", "find it"),
        Message("assistant", "", tool_calls=(ToolCall("1", "search", "{}"),)),
        Message("tool", "[]", "search", tool_call_id="1"),
        Message("assistant", "found"),
    )
    store = filled([{"id": f"m{n}", "messages": messages} for n in range(6)])
    for n, place in enumerate((0, 1, 3, 3, None, 99)):
        record_label(store, trace_id=f"m{n}", state=LabelState.FAIL, labeler="ana", critique="wrong")
        with store.write() as cursor:
            cursor.execute(
                "update labels set first_failure = ? where trace_key = (select trace_key from traces where id = ?)",
                [place, f"m{n}"],
            )
    record_label(store, trace_id="m2", state=LabelState.PASS, labeler="bo")
    return store


def test_marks_of_the_expert_name_steps_by_tool_name_or_role() -> None:
    store = marked_store()
    with store.write() as cursor:
        cursor.execute("delete from labels where labeler = 'bo'")
    found = breaks_of_labels(store, Slice())
    assert found.cells == {("(start)", "user"): 1, ("user", "search"): 1, ("search", "assistant"): 2}
    assert (found.total, found.of) == (4, 6)
    assert [n for _, n, _ in found.unmapped] == [2], "one without a mark, one beyond the messages"
    assert off(store, found) == []


def test_a_trace_that_does_not_fail_any_more_is_in_no_cell() -> None:
    found = breaks_of_labels(marked_store(), Slice())
    assert (found.total, found.of) == (3, 5)


def test_an_address_that_names_steps_is_read_and_written_and_said() -> None:
    slice_ = Slice(last_good=("user",), failed_at=("", "search"))
    assert Slice.from_params(slice_.to_params()) == slice_
    assert "last good step is user" in slice_.sentence()
    assert "first failure is (not marked) or search" in slice_.sentence()


@pytest.mark.parametrize("pairs", [{}, {("a", "a"): 2}, {("a", "b"): 1, ("b", "a"): 3}, {("a", "b"): 1, ("c", "d"): 1}])
def test_any_pairs_have_an_order_with_each_step_once(pairs: dict[tuple[str, str], int]) -> None:
    order = pipeline_order(pairs)
    assert Counter(order) == Counter({step for pair in pairs for step in pair})
