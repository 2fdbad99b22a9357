"""Coverage of a pivot, who breaks where, and the mix of a queue: what pages only draw."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from core.slice import Slice
from core.store.connection import IN_MEMORY, Store
from core.workflows.breaking import guess_sides
from core.workflows.covering import coverage_of
from core.workflows.opening import open_store
from core.workflows.pivoting import pivot
from core.workflows.planning import Part, mixed_plan
from tests.conftest import fill_small


@pytest.fixture
def small() -> Iterator[Store]:
    store = open_store(IN_MEMORY)
    fill_small(store)
    yield store
    store.close()


@pytest.mark.parametrize(("min_n", "thin"), [(1, 0), (2, 4), (3, 6)])
def test_combinations_without_traces_and_with_few_judged_ones_are_counted(min_n: int, thin: int, small: Store) -> None:
    found = pivot(small, Slice(), rows="feature", cols="persona")
    assert coverage_of(found, min_n=min_n) == (6, 0, thin)


def test_a_combination_that_no_trace_has_is_empty(small: Store) -> None:
    found = pivot(small, Slice(since=datetime(2026, 1, 9)), rows="feature", cols="persona")
    assert coverage_of(found, min_n=1) == (4, 1, 1), "t09 to t11: nobody books as a regular, and t09 is not judged"


@pytest.mark.parametrize(
    ("names", "sides"),
    [
        (["model", "last_success_state", "first_failure_state"], ("last_success_state", "first_failure_state")),
        (["First failed step", "Last good step"], ("Last good step", "First failed step")),
        (["last_good"], None),
        ([], None),
    ],
)
def test_the_sides_of_where_it_breaks_are_guessed_by_name(names: list[str], sides: tuple[str, str] | None) -> None:
    assert guess_sides(names) == sides


def test_a_mix_of_ones_own_is_refused_where_it_would_show_the_judge() -> None:
    assert mixed_plan(["judge says fail"], share=10, by=(), strata=None, equal=True) is None
    assert mixed_plan(["thin cells"], share=60, by=(), strata=None, equal=True) is None
    plan = mixed_plan(["outliers", "thin cells"], share=60, by=("persona", "feature"), strata="feature", equal=False)
    assert plan is not None
    assert plan.parts == (Part("stratified", 60), Part("outliers", 20), Part("thin cells", 20))
    assert (plan.by, plan.equal) == (("feature", "persona"), False)
