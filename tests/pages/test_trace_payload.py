"""What of a trace is sent to a browser."""

import json
from dataclasses import replace

import pytest

from core.slice import Condition, Slice
from core.store.connection import Store
from core.workflows.exploring import TraceDetail, read_trace
from pages.ui import trace_payload
from pages.ui.trace_payload import payload


@pytest.fixture(autouse=True)
def _no_address(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    monkeypatch.setattr(trace_payload, "carried", dict)


@pytest.fixture
def seen(small_store: Store) -> TraceDetail:
    return read_trace(small_store, "t03")


def test_nothing_that_anybody_said_of_the_trace_is_in_it(seen: TraceDetail) -> None:
    sent = json.dumps(payload(seen, Slice()))
    assert "question of t03" in sent
    for said in ("wrong date", "the judge says", "ana", "dates", "strict"):
        assert said not in sent


def test_times_are_utc_and_messages_whole(seen: TraceDetail) -> None:
    sent = payload(seen, Slice())
    assert sent["started_at"] == "2026-01-03T00:00:00.000Z"
    assert [message["role"] for message in sent["messages"]] == ["user", "assistant"]
    assert sent["record_bytes"] == len(sent["record"].encode())


def test_a_chip_leads_to_the_slice_with_its_value(seen: TraceDetail) -> None:
    slice_ = Slice(dimensions=(Condition(key="persona", values=("new",)),), verdict=("fail",))
    chips = {chip["label"]: chip["href"] for chip in payload(seen, slice_)["chips"]}
    assert chips["feature"] == "?d.persona=new&d.feature=search&verdict=fail"
    assert chips["persona"] == "?d.persona=regular&verdict=fail"
    assert chips["model"] == "?d.persona=new&model=m-1&verdict=fail"


def test_a_dimension_that_may_tell_a_verdict_is_not_there_where_one_judges_blind(seen: TraceDetail) -> None:
    held = {
        "tone": ("fail",),
        "known": ("bad",),
        "rating[": ("4.5",),
        "helpful score": ("yes",),
        "seats": ("4",),
        "a[b": ("new",),
    }
    trace = replace(seen.trace, dimensions=held)

    def named(*, record: bool) -> set[str]:
        return {chip["label"] for chip in payload(trace, Slice(), record=record)["chips"]} - {
            "model",
            "source",
            "session",
        }

    assert named(record=True) == set(held)
    assert named(record=False) == {"seats", "a[b"}


def test_a_large_trace_is_cut_unless_all_is_asked_for(seen: TraceDetail) -> None:
    many = replace(seen.trace, record="x" * 1_200_000, messages=seen.trace.messages * 200)
    cut, whole = payload(many, Slice()), payload(many, Slice(), whole=True)
    assert (len(cut["messages"]), len(whole["messages"])) == (200, 400)
    assert len(cut["record"]) < cut["record_bytes"] == whole["record_bytes"] == len(whole["record"])
