"""Was enough read, and where failures are more frequent: counted by hand on stores one knows by heart."""

import pytest

from core.model import LabelState
from core.slice import Slice
from core.store.connection import Store
from core.workflows.categorising import count_failures, list_categories
from core.workflows.exploring import describe
from core.workflows.reviewing import record_label
from core.workflows.saturating import lifts, saturation
from core.workflows.taxonomy import sort_into
from core.workflows.wording import Words, make_category
from tests.unit.workflows.test_breaking import filled


def test_the_line_rises_where_a_category_is_read_for_the_first_time(small_store: Store) -> None:
    found = saturation(small_store, Slice())
    assert (found.read, found.unsorted, found.since_last) == (8, 1, 2)
    assert [(s.read, s.categories, s.name) for s in found.steps] == [
        (3, 1, "dates"), (4, 2, "invented"), (6, 3, "tone"),
    ]  # fmt: skip
    assert found.advice.startswith("Sort the rest first")


def test_a_verdict_given_again_keeps_its_place_in_the_order_of_reading(small_store: Store) -> None:
    record_label(small_store, trace_id="t03", state=LabelState.FAIL, labeler="ana", critique="wrong date, surely")
    assert [s.name for s in saturation(small_store, Slice()).steps] == ["dates", "invented", "tone"]


@pytest.mark.parametrize(
    ("read", "advice"), [(10, "Read on until 20"), (30, "read on to about 100"), (120, "show little that is new")]
)
def test_the_rule_of_stopping_is_said(read: int, advice: str) -> None:
    store = filled([{"id": f"x{n}"} for n in range(read)])
    for n in range(read):
        state = LabelState.FAIL if n == 0 else LabelState.PASS
        record_label(store, trace_id=f"x{n}", state=state, labeler="ana", critique="wrong")
    make_category(store, Words(name="late", definition="x"), by="ana", trace_ids=["x0"])
    found = saturation(store, Slice())
    assert found.since_last == read - 1
    assert advice in found.advice


def test_root_causes_of_20_failures_are_40_30_20_and_10_percent() -> None:
    causes = {"Missing user education": 8, "Authentication": 6, "Poor context handling": 4, "Error messages": 2}
    store = filled([{"id": f"x{n}"} for n in range(20)])
    names = [name for name, n in causes.items() for _ in range(n)]
    for name in causes:
        make_category(store, Words(name=name, definition="x"), by="ana")
    ids = {category.name: category.id for category in list_categories(store)}
    for n, name in enumerate(names):
        record_label(store, trace_id=f"x{n}", state=LabelState.FAIL, labeler="ana", critique="wrong")
        sort_into(store, trace_ids=[f"x{n}"], category_id=ids[name], by="ana")
    found = count_failures(store, Slice())
    shares = [(row.category.name, row.share_of_failed.rate) for row in found.rows if row.category]
    assert shares == list(zip(causes, (0.4, 0.3, 0.2, 0.1), strict=True))
    assert found.rows[-1].running == 1.0


def test_a_value_is_held_against_the_rest_of_the_reviewed_traces(small_store: Store) -> None:
    found = lifts(small_store, Slice())
    assert found.looked_at == 5
    by_value = {(row.dimension, row.value): row for row in found.rows}
    regular = by_value["persona", "regular"]
    assert (regular.here[:2], regular.rest[:2]) == ((3, 4), (1, 4))
    assert regular.times.value == pytest.approx(3)
    assert found.rows[0] == regular
    assert [row.times.low for row in found.rows] == sorted((row.times.low for row in found.rows), reverse=True)
    for row in found.rows:
        assert describe(small_store, row.failed_slice).n == row.here.k


def test_one_category_has_a_table_of_its_own(small_store: Store) -> None:
    dates = next(c.id for c in list_categories(small_store) if c.name == "dates")
    rows = lifts(small_store, Slice(), category_id=dates).rows
    assert {(row.value, row.here.k, row.here.n) for row in rows} == {
        ("search", 1, 4), ("booking", 1, 2), ("regular", 2, 4),
    }  # fmt: skip
    for row in rows:
        assert describe(small_store, row.failed_slice).n == row.here.k
