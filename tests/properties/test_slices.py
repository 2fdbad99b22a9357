"""What holds for every slice and every count."""

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from core.metrics import METRICS, kappa, rate_of
from core.model import Confusion
from core.slice import CATEGORY_VERDICTS, CHOICES, FIELDS, JUDGE_VERDICTS, SPLITS, VERDICTS, Condition, Slice

texts = st.text(max_size=20)
names = st.text(min_size=1, max_size=12).filter(lambda name: name not in FIELDS)
values = st.lists(texts, min_size=1, max_size=3, unique=True).map(tuple)
words = lambda allowed: st.lists(st.sampled_from(allowed), max_size=3, unique=True).map(tuple)  # noqa: E731
ids = st.lists(st.integers(0, 10**9), max_size=3, unique=True).map(tuple)
moments = st.none() | st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2100, 1, 1))
filled = st.none() | st.text(min_size=1, max_size=12)


@st.composite
def slices(draw: st.DrawFn) -> Slice:
    def conditions(keys: st.SearchStrategy[str]) -> tuple[Condition, ...]:
        pairs = draw(st.lists(st.tuples(keys, st.booleans()), max_size=3, unique=True))
        return tuple(Condition(key=key, negated=negated, values=draw(values)) for key, negated in pairs)

    judge_verdict = draw(words(JUDGE_VERDICTS))
    category_verdict = draw(words(CATEGORY_VERDICTS))
    return Slice(
        dimensions=conditions(names),
        fields=conditions(st.sampled_from(FIELDS)),
        verdict=draw(words(VERDICTS)),
        labeler=draw(filled),
        of_category=draw(st.integers(0, 10**9)) if category_verdict else None,
        category_verdict=category_verdict,
        judge=draw(filled) if judge_verdict else None,
        judge_verdict=judge_verdict,
        disagree=draw(filled),
        judged=draw(st.lists(st.text(min_size=1, max_size=9), max_size=2, unique=True).map(tuple)),
        told=draw(filled),
        untold=draw(st.lists(st.text(min_size=1, max_size=9), max_size=2, unique=True).map(tuple)),
        category=draw(ids),
        primary=draw(ids),
        saw_judge=draw(st.none() | st.booleans()),
        split=draw(words(SPLITS)),
        chosen=draw(words(tuple(CHOICES))),
        drawn=draw(ids),
        asked_again=draw(filled),
        flips=draw(filled),
        sample=draw(st.none() | st.tuples(st.integers(0, 49), st.integers(50, 100))),
        anchor=draw(st.none() | st.booleans()),
        search=draw(texts),
        since=draw(moments),
        until=draw(moments),
        import_id=draw(st.none() | st.integers(0, 10**9)),
    )


@given(slices())
def test_a_slice_survives_its_own_address(slice_: Slice) -> None:
    assert Slice.from_params(slice_.to_params()) == slice_


@given(slices())
def test_every_slice_but_that_of_all_traces_says_something(slice_: Slice) -> None:
    assert bool(slice_.sentence()) != slice_.is_all


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_rate_lies_inside_its_interval_and_the_interval_inside_0_and_1(k: int, more: int) -> None:
    rate = rate_of(k, k + more)
    if k + more == 0:
        assert (rate.k, rate.n, rate.rate, rate.low, rate.high, rate.n_eff) == (0, 0, None, None, None, None)
    else:
        low, share, high = (value if value is not None else -1 for value in (rate.low, rate.rate, rate.high))
        assert 0 <= low <= share <= high <= 1


@given(st.tuples(*[st.integers(0, 500)] * 4))
def test_metrics_are_shares_or_undefined_where_their_denominator_is_0(four: tuple[int, int, int, int]) -> None:
    counts = Confusion(*four)
    for metric in METRICS:
        rate = metric.function(counts)
        assert (rate.rate is None) == (rate.n == 0), metric.name
        assert rate.rate is None or 0 <= rate.rate <= 1
    beyond_chance = kappa(counts)
    assert beyond_chance is None or -1 <= beyond_chance <= 1 + 1e-12
