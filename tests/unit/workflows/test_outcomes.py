"""Outcome and context: what a line finds in a record, who sets it, and what stays hidden from whoever judges blind."""

import json
from typing import Any

import pytest

from core.errors import UsageError
from core.importers import Mapping
from core.judge.seen import FIELDS
from core.store import settings
from core.store.connection import Store
from core.store.ingest import Entry, ingest
from core.workflows.exploring import read_trace
from core.workflows.importing import ImportOptions, Source, import_sources
from core.workflows.outcomes import Facts, Line, beside, facts_of
from core.workflows.setting_outcomes import find_uses, set_lines, typed_lines
from tests.conftest import LABELLED_ON, new_trace

RECORD = {
    "result": {"booked": False, "mail_sent": True, "tries": 3, "steps": ["find", "book"]},
    "user": {"tier": "gold", "note": "the label of somebody"},
    "payload": '{"order": {"id": "A/7"}}',
    "final": "bad",
}
MAPPING = """
[trace]
id = "id"
input = "question"
[outcome]
"Booking created" = "result.booked"
"CRM record" = "https://crm.example/records/{id}"
[context]
Tier = "user.tier"
[[label]]
verdict = "said.final"
pass = ["good"]
fail = ["bad"]
"""


@pytest.fixture
def store(fresh_store: Store) -> Store:
    with ingest(fresh_store) as running:
        held = new_trace(id="t 1", record=json.dumps(RECORD), session="s-9", dimensions={"feature": "booking"})
        running.add([Entry("x.jsonl", 1, held, (), ()), Entry("x.jsonl", 2, new_trace(id="t 2"), (), ())])
        running.finish(files=["x.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)
    return fresh_store


def put(store: Store, *, by: str = "bo", **parts: str) -> bool:
    lines = {part: typed_lines(part, parts.get(part, "")) for part in ("outcome", "context")}
    return set_lines(store, lines, by=by)


def facts(store: Store, trace_id: str = "t 1", *, blind: bool = False) -> Facts:
    return facts_of(read_trace(store, trace_id).trace, beside(store), blind=blind)


def said(store: Store, **more: Any) -> list[tuple[str, str]]:
    found = facts(store, **more)
    return [(fact.label, fact.address or fact.value) for fact in (*found.outcome, *found.context)]


def test_a_line_says_what_the_record_holds_in_words(store: Store) -> None:
    put(
        store,
        outcome="Booked = result.booked\nMail = result.mail_sent\nTries = result.tries\nSteps = result.steps",
        context="Order = https://shop.example/o/{payload.order.id}?s={session}\nTier = user.tier\nFeature = feature",
    )
    assert said(store) == [
        ("Booked", "no"), ("Mail", "yes"), ("Tries", "3"), ("Steps", "find, book"),
        ("Order", "https://shop.example/o/A%2F7?s=s-9"), ("Tier", "gold"), ("Feature", "booking"),
    ]  # fmt: skip


def test_a_trace_without_anything_has_no_line(store: Store) -> None:
    put(store, outcome="Booked = result.booked\nCRM = https://crm.example/{result.id}", context="Tier = user.tier")
    assert facts(store, "t 2") == Facts()


def test_the_id_is_that_of_the_trace(store: Store) -> None:
    put(store, outcome="CRM = https://crm.example/{id}")
    assert said(store, trace_id="t 2") == [("CRM", "https://crm.example/t%202")]


@pytest.mark.parametrize("source", ["final", "user.note", "https://crm.example/{final}", "user.overallVerdict"])
def test_what_may_tell_a_verdict_waits_and_is_counted(store: Store, source: str) -> None:
    mapping = '[[label]]\nverdict = "final"\npass = ["good"]\nfail = ["bad"]'
    with store.write() as cursor:
        cursor.execute("update imports set mapping = ?", [mapping])
    put(store, outcome=f"Booked = result.booked\nSaid = {source}")
    shown = facts(store, blind=True)
    there = source != "user.overallVerdict"
    assert ([fact.label for fact in shown.outcome], shown.hidden) == (["Booked"], int(there))
    assert len(facts(store).outcome) == 1 + there


def test_a_field_around_a_verdict_waits_too(store: Store) -> None:
    with store.write() as cursor:
        cursor.execute("update imports set mapping = ?", ['[[label]]\neach = "user.tier"\ncritique = "why"'])
    put(store, context="User = user\nTier = user.tier[0].x\nBooked = result.booked")
    assert [fact.label for fact in facts(store, blind=True).context] == ["Booked"]


def test_no_judge_may_be_shown_a_line() -> None:
    assert not {"outcome", "context", "record"} & set(FIELDS)


def test_lines_are_kept_in_their_order_with_who_said_so(store: Store) -> None:
    assert put(store, outcome="B = result.booked\nA = result.tries")
    assert not put(store, outcome="B = result.booked\n\nA = result.tries")
    assert beside(store).outcome == (Line("B", "result.booked"), Line("A", "result.tries"))
    assert put(store, outcome="A = result.tries")
    assert beside(store).outcome == (Line("A", "result.tries"),)
    with store.read() as cursor:
        assert cursor.execute("select distinct made_by from settings").fetchall() == [("bo",)]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("just words", "no equals sign"),
        (" = result.booked", "label needs"),
        ("A = ", "needs 1 to"),
        ("A = x\nA = y", "stands twice"),
        ("A = @file", "no field"),
        ("A = x..y", "no field"),
        ("A = javascript://x/{id}", "only http"),
        ("A = https://{id}", "host"),
        ("\n".join(f"A{n} = x" for n in range(6)), "At most 5"),
    ],
)
def test_a_line_that_cannot_be_shown_is_refused_and_nothing_is_saved(store: Store, text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        put(store, outcome=text)
    with store.read() as cursor:
        assert settings.find_setting(cursor, "beside a trace") is None


def test_nobody_changes_nothing(store: Store) -> None:
    with pytest.raises(UsageError, match="name"):
        put(store, outcome="A = x", by=" ")


def test_how_many_traces_have_a_line_is_counted_and_no_value_is_said(store: Store) -> None:
    put(store, outcome="Booked = result.booked\nSaid = user.note", context="CRM = https://crm.example/{id}")
    uses, fields = find_uses(store)
    assert [(use.line.label, use.found, use.looked_at, use.tells) for use in uses] == [
        ("Booked", 1, 2, False), ("Said", 1, 2, True), ("CRM", 2, 2, False),
    ]  # fmt: skip
    assert fields == ["id", "input", "output"]


# ---- by a mapping file


def load(store: Store, mapping: str = MAPPING, *, dry_run: bool = False) -> list[str]:
    record = {"question": "q", "result": {"booked": True}, "user": {"tier": "new"}, "said": {"final": None}}
    lines = [{"id": n, **record} for n in (1, 2)]
    source = Source.from_bytes("log.jsonl", "\n".join(map(json.dumps, lines)).encode())
    options = ImportOptions(mapping=Mapping.from_toml(mapping), dry_run=dry_run)
    return import_sources(store, [source], options).notes


def test_a_mapping_file_brings_its_lines_and_settings_has_the_last_word(fresh_store: Store) -> None:
    load(fresh_store, dry_run=True)
    assert beside(fresh_store)[:2] == ((), ())
    assert load(fresh_store) == []
    assert said(fresh_store, trace_id="1") == [
        ("Booking created", "yes"), ("CRM record", "https://crm.example/records/1"), ("Tier", "new"),
    ]  # fmt: skip
    put(fresh_store, outcome="Booking created = result.confirmed", context="Tier = user.tier")
    assert load(fresh_store) == ["The outcome line «Booking created» stays as Settings has it.",
                                 "The outcome line «CRM record» stays as Settings has it."]  # fmt: skip
    assert [line.label for line in beside(fresh_store).outcome] == ["Booking created"]


def test_what_has_no_place_any_more_is_said(fresh_store: Store) -> None:
    put(fresh_store, outcome="\n".join(f"A{n} = x" for n in range(4)))
    assert load(fresh_store) == ["The outcome line «CRM record» was left out: at most 5 are shown."]


def test_a_field_of_verdicts_waits_whichever_file_of_an_import_it_stood_in(fresh_store: Store) -> None:
    """Its name tells nothing: only the mapping of its file says that it holds verdicts."""
    files = {"one": '{"id": "1", "question": "why?", "zeta": "bad"}', "two": '{"id": "2", "question": "how?"}'}
    mappings = (
        Mapping.from_toml(MAPPING.replace("said.final", "zeta")),
        Mapping.from_toml('[trace]\nid = "id"\ninput = "question"\n'),
    )
    sources = [Source.from_bytes(f"{name}.jsonl", text.encode()) for name, text in files.items()]
    import_sources(fresh_store, sources, ImportOptions(mappings=mappings))
    put(fresh_store, outcome="Zeta = zeta")
    assert facts(fresh_store, "1").outcome == (("Zeta", "bad", None),)
    assert facts(fresh_store, "1", blind=True) == Facts((), (), 1)
