"""What a model said is never counted as an expert's word, whatever the file or the mapping calls it."""

import json

import pytest

from core.errors import UsageError
from core.importers.models import is_model
from core.model import LabelState
from core.slice import Slice
from core.store import labels
from core.store.connection import Store
from core.workflows.checking import check_file
from core.workflows.exploring import describe
from core.workflows.importing import ImportOptions, Mapping, Source, import_sources
from core.workflows.reviewing import record_label
from core.workflows.trusting import list_judges, list_labelers, measure_trust

MODELS = (
    "gpt-4o", "GPT4", "chatgpt", "openai/gpt-5.1-mini", "claude-sonnet-4-5", "Claude 3 Opus", "claude-opus-x", "o3-mini",
    "gemini-pro", "gemini 2.5 flash", "llama3", "Mixtral-8x7B", "LLM", "llm_judge", "LLM-as-a-judge", "AI grader", "model judge",
    "claude-3", "claude-v2:1", "claude-3-5-haiku", "gemma-2-9b", "gemma-7b", "gemma2:9b", "phi-3.5-mini", "o1-2024-12-17",
    "anthropic.claude-3-sonnet", "us.anthropic.claude-sonnet-4-v1:0", "meta.llama3-70b", "openai:gpt-4o", "deepseek-chat",
    "command-r-plus", "gpt-oss-120b", "openai/gpt-oss-20b", "meta-llama/Meta-Llama-3-8B",
)  # fmt: skip
PEOPLE = (
    "ana", "Claude", "Gemini", "Phi", "Claude Monet", "expert-1", "imported", "o2 support", "Ai Weiwei", "model team", "gpt team",
    "reviewer 4", "mistral", "human judge", "1", "", "O1", "o3", "O4", "AI", "ai", "QA/AI", "Model", "claude75", "claude1", "claude-75",
    "gemma92", "gemma.92", "Claude 3rd rater", "meta.ana", "openai:ana", "phi2", "Command 1",
)  # fmt: skip
MAPPING = """
[trace]
id = "id"
input = "question"
output = "answer"
[[label]]
each = "said"
labeler_path = "who"
verdict = "verdict"
pass = ["good"]
fail = ["bad"]
critique = "why"
categories = "kinds"
"""


def said(who: str, verdict: str = "good", **more: object) -> dict[str, object]:
    return {"who": who, "verdict": verdict, "why": f"so says {who}", **more}


def brought(store: Store, *records: dict[str, object], mapping: str | None = MAPPING):
    source = Source.from_bytes("log.jsonl", "\n".join(map(json.dumps, records)).encode())
    return import_sources(store, [source], ImportOptions(mapping=Mapping.from_toml(mapping) if mapping else None))


@pytest.mark.parametrize(("names", "expected"), [(MODELS, True), (PEOPLE, False)])
def test_names_that_can_only_be_of_models(names: tuple[str, ...], expected: bool) -> None:
    assert [name for name in names if is_model(name) is not expected] == []


def test_labels_by_a_model_become_judgments_and_are_told(fresh_store: Store) -> None:
    report = brought(
        fresh_store,
        {
            "id": "a",
            "question": "q",
            "answer": "x",
            "said": [said("ana", "bad"), said("gpt-4o", "good", kinds=["tone"])],
        },
        {"id": "b", "question": "q", "answer": "y", "said": [said("gpt-4o", "bad")]},
        {"id": "c", "question": "q", "answer": "z", "said": [{"who": "gpt-4o", "why": "no verdict"}]},
    )
    assert (report.labels.added, report.judgments.added) == (1, 2)
    assert any(
        note.startswith("2 labels by gpt-4o, a model: kept as verdicts of the judge gpt-4o") for note in report.notes
    )
    assert list_labelers(fresh_store).names == ["ana"]
    assert [judge.version.ref for judge in list_judges(fresh_store)] == ["gpt-4o@imported"]
    assert describe(fresh_store, Slice().with_verdict("unlabelled")).n == 2, "what only a model labelled has no label"
    assert measure_trust(fresh_store, Slice(), judge="gpt-4o").whole.counts == (0, 0, 1, 0)
    with fresh_store.read() as cursor:
        assert cursor.execute("select count(*) from assignments").fetchone() == (0,), "its categories are in no count"
    again = brought(fresh_store, {"id": "b", "question": "q", "answer": "y", "said": [said("gpt-4o", "bad")]})
    assert (again.judgments.unchanged, again.judgments.added) == (1, 0)


def test_what_is_no_verdict_of_its_own_is_a_bad_label(fresh_store: Store) -> None:
    mapping = MAPPING.replace('verdict = "verdict"\npass = ["good"]\nfail = ["bad"]\n', "")
    report = brought(
        fresh_store, {"id": "a", "question": "q", "answer": "x", "said": [said("llm judge")]}, mapping=mapping
    )
    assert (report.labels.bad, report.judgments.read) == (1, 0)
    assert "llm judge is a model, and this is no verdict of its own" in report.problems[0].reason


def test_a_file_in_which_every_verdict_is_a_models_is_proposed_as_judgments() -> None:
    rows = [
        {
            "id": str(i),
            "input": "q",
            "output": "a",
            "verdict": ("pass", "fail")[i % 2],
            "annotator_kind": "LLM",
            "annotator": "mine",
        }
        for i in range(6)
    ]
    lines = "\n".join(map(json.dumps, rows)).encode()
    found = check_file(Source.from_bytes("log.jsonl", lines))
    assert (found.labels, found.judgments) == (0, 6)
    people = check_file(Source.from_bytes("log.jsonl", lines.replace(b'"LLM"', b'"HUMAN"')))
    assert (people.labels, people.judgments) == (6, 0)


def test_nobody_labels_under_the_name_of_a_model(small_store: Store) -> None:
    with pytest.raises(UsageError, match="a label is a person's word"):
        record_label(small_store, trace_id="t05", state=LabelState.PASS, labeler=" gpt-4o ")


def test_whoever_has_labels_already_goes_on(small_store: Store) -> None:
    with small_store.write() as cursor:
        key = cursor.execute("select trace_key from traces where id = 't01'").fetchone()
        assert key is not None
        labels.add_label(
            cursor, client_id="held", trace_key=key[0], labeler="claude-3", state=LabelState.PASS, critique=None
        )
    assert record_label(small_store, trace_id="t05", state=LabelState.PASS, labeler="claude-3") > 0
