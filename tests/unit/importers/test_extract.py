"""A record and a mapping: traces, labels and judgments as CONTRACT says them."""

from datetime import datetime
from typing import Any

import pytest

from core.model import Dimension, JudgmentRow, LabelRow, LabelState, Message, Verdict
from tests.unit.importers.samples import extract, record

TRACE = '[trace]\nid = "id"\ninput = "q"\noutput = "a"\n'
LABEL = '[[label]]\nverdict = "v"\npass = ["yes", 1]\nfail = ["no", 0]\ncritique = "why"\n'
JUDGMENT = '[[judgment]]\njudge = "gpt"\nverdict = "v"\npass = ["PASS"]\nfail = ["FAIL"]\ncritique = "why"\n'
BASE = {"id": "t1", "q": "Why?", "a": "Because."}


def states(mapping: str, value: dict[str, Any]) -> list[LabelState]:
    return [label.state for label in extract(mapping, value).labels]


# --- traces


def test_every_field_of_a_trace_is_read() -> None:
    mapping = """
    [trace]
    id = "id"
    session = "s"
    started_at = "at"
    input = "q"
    output = "a"
    model = "m"
    error = "e"
    duration_ms = "ms"
    origin = "=synthetic"
    [dimensions]
    feature = "f"
    tags = "tags"
    ok = "ok"
    none = "none"
    """
    value = {**BASE, "s": 5, "at": "2026-10-01T10:00:00+02:00", "m": "fern", "e": "", "ms": "12.5", "f": "x"}
    value |= {"tags": ["a", "b"], "ok": True, "none": None}
    got = extract(mapping, value)
    trace = got.trace
    assert trace is not None
    assert (trace.id, trace.id_given, trace.session, trace.model, trace.error) == ("t1", True, "5", "fern", None)
    assert (trace.input, trace.output, trace.duration_ms, trace.origin) == ("Why?", "Because.", 12.5, "synthetic")
    assert trace.started_at == datetime.fromisoformat("2026-10-01T08:00:00")
    assert trace.dimensions == (
        Dimension("feature", "x"),
        Dimension("tags", "a"),
        Dimension("tags", "b"),
        Dimension("ok", "true"),
    )
    assert trace.record == record(value).raw
    assert got.problems == []


@pytest.mark.parametrize(
    ("path", "value", "made"),
    [
        ('"id"', {"id": "a"}, "a"),
        ('"id"', {"id": 7}, "7"),
        ('"id"', {"id": 7.0}, "7"),
        ('"id"', {"id": 123456789012345678901234567890}, "123456789012345678901234567890"),
        ('"id"', {"id": " a "}, "a"),
        ('"id"', {"id": ""}, ""),
        ('"id"', {}, ""),
        ('["task", "trial"]', {"task": 0, "trial": 3}, "0:3"),
        ('["task", "trial"]', {"task": 0}, ""),
        ('["@file", "id"]', {"id": "a"}, "log:a"),
        ('["@file", "@line"]', {}, "log:9"),
        ('"@key"', {}, "k"),
        ('{ any = ["x", "id"] }', {"x": "", "id": "a"}, "a"),
    ],
)
def test_an_id_may_be_composite_or_missing(path: str, value: dict[str, Any], made: str) -> None:
    trace = extract(f'[trace]\nid = {path}\ninput = "q"\n', {"q": "x", **value}, line=9, key="k").trace
    assert trace is not None
    assert (trace.id, trace.id_given) == (made, bool(made))


def test_input_and_output_come_from_the_messages_where_they_are_not_mapped() -> None:
    value = {
        "m": [
            {"role": "system", "content": "s"},
            {"role": "user", "content": "q"},
            {"role": "assistant", "content": "a"},
        ]
    }
    trace = extract('[trace]\nmessages = "m"', value).trace
    assert trace is not None
    assert (trace.input, trace.output, len(trace.messages)) == ("q", "a", 3)


@pytest.mark.parametrize(
    ("output", "texts"), [("a", ["q", "a"]), (" a\n", ["q", "a"]), ("b", ["q", "a", "b"]), ("", ["q", "a"])]
)
def test_an_output_that_the_messages_lack_is_added_to_them(output: str, texts: list[str]) -> None:
    value = {"m": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}], "o": output}
    trace = extract('[trace]\nmessages = "m"\noutput = "o"', value).trace
    assert trace is not None
    assert [m.text for m in trace.messages] == texts
    assert trace.messages[-1].role == "assistant"


def test_an_output_that_is_a_message_is_read_as_its_text() -> None:
    value = {"i": [{"role": "user", "content": "Yellow leaves?"}], "o": {"role": "assistant", "content": "Drain it."}}
    trace = extract('[trace]\nmessages = "i"\noutput = "o"', value).trace
    assert trace is not None
    assert trace.output == "Drain it."
    assert trace.messages == (Message("user", "Yellow leaves?"), Message("assistant", "Drain it."))


def test_an_input_that_is_a_list_of_messages_is_its_first_question() -> None:
    trace = extract('[trace]\ninput = "i"', {"i": [{"role": "user", "content": "Yellow leaves?"}]}).trace
    assert trace is not None
    assert trace.input == "Yellow leaves?"


@pytest.mark.parametrize("at", ["yesterday", 45000, {"a": 1}])
def test_a_time_that_cannot_be_read_is_a_problem_and_no_lost_trace(at: Any) -> None:
    got = extract(TRACE + 'started_at = "at"\n', {**BASE, "at": at})
    assert got.trace is not None
    assert got.trace.started_at is None
    assert got.problems[0].startswith("time: ")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (5, "the record is no object"),
        ("text", "the record is no object"),
        (None, "the record is no object"),
        ([], "the record is no object"),
        ({}, "no input, output or messages found"),
        ({"id": "x", "other": 1}, "no input, output or messages found"),
        ({"id": "x", "q": "", "a": "  "}, "no input, output or messages found"),
    ],
)
def test_a_record_without_content_is_bad_with_the_reason(value: Any, reason: str) -> None:
    got = extract(TRACE, value)
    assert (got.trace, got.bad) == (None, reason)


def test_a_list_of_messages_can_be_a_record() -> None:
    trace = extract('[trace]\nmessages = "."', [{"role": "user", "content": "q"}]).trace
    assert trace is not None
    assert trace.input == "q"


def test_where_takes_only_such_rows() -> None:
    mapping = TRACE + 'where = { kind = ["run", "root"], deep.n = 1, gone = "" }\n'
    wanted = {**BASE, "kind": "root", "deep": {"n": 1}}
    assert extract(mapping, wanted).trace is not None
    for change in ({"kind": "span"}, {"kind": None}, {"deep": {"n": True}}, {"deep": {}}, {"gone": "x"}):
        got = extract(mapping, wanted | change)
        assert (got.trace, got.bad) == (None, None)


# --- labels


@pytest.mark.parametrize(
    ("value", "state"),
    [("yes", LabelState.PASS), ("no", LabelState.FAIL), (1, LabelState.PASS), ("0", LabelState.FAIL)],
)
def test_a_verdict_of_the_lists_is_a_label(value: Any, state: LabelState) -> None:
    got = extract(TRACE + LABEL, {**BASE, "v": value, "why": "so"})
    assert got.labels == [LabelRow(trace_id="t1", labeler="imported", state=state, critique="so")]


@pytest.mark.parametrize("value", [None, "", "  "])
def test_an_empty_verdict_is_no_label_and_no_problem(value: Any) -> None:
    got = extract(TRACE + LABEL, {**BASE, "v": value})
    assert (got.labels, got.problems, got.bad_labels) == ([], [], 0)
    assert got.trace is not None


@pytest.mark.parametrize("value", ["maybe", "YES", True, 2, ["yes", "no"], {"a": 1}])
def test_a_verdict_of_neither_list_is_reported_and_never_guessed(value: Any) -> None:
    got = extract(TRACE + LABEL, {**BASE, "v": value})
    assert (got.labels, got.bad_labels) == ([], 1)
    assert got.problems[0].startswith("label: ")
    assert "in v means neither" in got.problems[0]
    assert got.trace is not None


def test_a_section_whose_words_nobody_chose_reads_nothing() -> None:
    got = extract(TRACE + '[[label]]\nverdict = "v"\npass = []\nfail = []\n', {**BASE, "v": 1})
    assert (got.labels, got.problems) == ([], [])


def test_everything_a_label_brings_is_read() -> None:
    mapping = TRACE + LABEL + 'labeler_path = "who"\ncategories = "cats"\nsaw_judge = "saw"\nat = "at"\n'
    value = {**BASE, "v": "no", "who": "ann", "cats": ["tone", "format"], "saw": True, "at": 1790942400}
    assert extract(mapping, value).labels == [
        LabelRow(
            trace_id="t1",
            labeler="ann",
            state=LabelState.FAIL,
            categories=("tone", "format"),
            saw_judge=True,
            at=datetime.fromisoformat("2026-10-02T12:00:00"),
        )
    ]


@pytest.mark.parametrize(
    ("value", "critique"),
    [({"n": "a", "z": "b"}, "a\n\nb"), ({"n": "", "z": "b"}, "b"), ({"n": None}, None), ({"n": " ", "z": ""}, None)],
)
def test_a_section_without_a_verdict_keeps_critiques_alone(value: dict[str, Any], critique: str | None) -> None:
    labels = extract(TRACE + '[[label]]\ncritique = ["n", "z"]\n', BASE | value).labels
    assert [(label.state, label.critique) for label in labels] == (
        [(LabelState.CRITIQUE_ONLY, critique)] if critique else []
    )


def test_a_failure_category_alone_is_kept_too() -> None:
    labels = extract(
        '[trace]\nid = "id"\n[[label]]\ncritique = "f"\ncategories = "c"\n', {"id": "1", "f": "", "c": ["x"]}
    ).labels
    assert [(label.state, label.categories) for label in labels] == [(LabelState.CRITIQUE_ONLY, ("x",))]


@pytest.mark.parametrize(
    ("rule", "values", "state"),
    [
        ("majority", ["yes", "yes", "no"], LabelState.PASS),
        ("majority", ["no", "yes", "no"], LabelState.FAIL),
        ("majority", ["yes", "", None], LabelState.PASS),
        ("majority", ["yes", "no", ""], None),
        ("majority", ["yes", "yes", "maybe"], None),
        ("all_pass", ["yes", "yes", "yes"], LabelState.PASS),
        ("all_pass", ["yes", "no", ""], LabelState.FAIL),
        ("all_pass", ["yes", "yes", ""], None),
        ("any_fail", ["yes", "yes", ""], LabelState.PASS),
        ("any_fail", ["yes", "no", "yes"], LabelState.FAIL),
    ],
)
def test_several_values_make_one_verdict_by_the_rule(rule: str, values: list[Any], state: LabelState | None) -> None:
    mapping = f'{TRACE}[[label]]\nverdict = ["a1", "a2", "a3"]\nrule = "{rule}"\npass = ["yes"]\nfail = ["no"]\n'
    got = extract(mapping, BASE | dict(zip(("a1", "a2", "a3"), values, strict=True)))
    assert [label.state for label in got.labels] == ([state] if state else [])
    assert got.bad_labels == (0 if state else 1)


def test_a_rule_over_empty_cells_only_is_no_label_and_no_problem() -> None:
    mapping = TRACE + '[[label]]\nverdict = ["a1", "a2"]\nrule = "majority"\npass = ["yes"]\nfail = ["no"]\n'
    got = extract(mapping, BASE | {"a1": ""})
    assert (got.labels, got.bad_labels) == ([], 0)


def test_a_tie_is_no_label_and_is_counted() -> None:
    mapping = TRACE + '[[label]]\nverdict = "votes"\nrule = "majority"\npass = [1]\nfail = [0]\n'
    got = extract(mapping, BASE | {"votes": [1, 0]})
    assert (got.labels, got.bad_labels) == ([], 1)
    assert "a tie of 1 to 1" in got.problems[0]


def test_accepting_a_judge_is_kept_as_relative_to_it() -> None:
    mapping = TRACE + '[[label]]\nrelative_to = "gpt"\nverdict = "ok"\nsame = [true]\nopposite = [false]\n'
    for value, state in ((True, LabelState.PASS), (False, LabelState.FAIL)):
        labels = extract(mapping, BASE | {"ok": value}).labels
        assert [(label.state, label.relative_to) for label in labels] == [(state, "gpt")]


def test_each_makes_a_label_per_element_of_a_list() -> None:
    mapping = (
        TRACE + LABEL + 'each = "notes"\nlabeler_path = "by"\ncategories = "^.cats"\nwhere = { source = "human" }\n'
    )
    value = {
        **BASE,
        "cats": ["c"],
        "notes": [
            {"v": "yes", "by": "ann", "source": "human"},
            {"v": "no", "by": "bob", "source": "human", "why": "x"},
            {"v": "no", "by": "gpt", "source": "model"},
            {"v": "odd", "by": "eve", "source": "human"},
        ],
    }
    got = extract(mapping, value)
    assert [(label.labeler, label.state, label.categories) for label in got.labels] == [
        ("ann", LabelState.PASS, ("c",)),
        ("bob", LabelState.FAIL, ("c",)),
    ]
    assert got.bad_labels == 1


@pytest.mark.parametrize("each", [None, "", [], "text", 5, {}])
def test_each_over_nothing_makes_nothing(each: Any) -> None:
    got = extract(TRACE + LABEL + 'each = "notes"\n', {**BASE, "notes": each})
    assert (got.labels, got.bad_labels, got.bad) == ([], 0, None)


# --- judgments


@pytest.mark.parametrize(
    ("value", "verdict", "failure"),
    [
        ("PASS", Verdict.PASS, None),
        ("FAIL", Verdict.FAIL, None),
        ("Sorry, I cannot", None, "Sorry, I cannot"),
        (3, None, "3"),
        ({"error": "timeout"}, None, '{"error":"timeout"}'),
    ],
)
def test_a_judgment_is_a_verdict_or_a_failure_with_the_raw_value(
    value: Any, verdict: Verdict | None, failure: str | None
) -> None:
    got = extract(TRACE + JUDGMENT, {**BASE, "v": value, "why": "so"})
    assert got.judgments == [
        JudgmentRow(trace_id="t1", judge="gpt", version="imported", verdict=verdict, failure=failure, critique="so")
    ]
    assert got.problems == []


@pytest.mark.parametrize("value", [None, ""])
def test_an_empty_judgment_is_none(value: Any) -> None:
    assert extract(TRACE + JUDGMENT, {**BASE, "v": value}).judgments == []


def test_each_over_an_object_of_scores_names_the_judge_by_its_key() -> None:
    mapping = (
        TRACE + '[[judgment]]\njudge_path = "@key"\neach = "scores"\nverdict = "value"\npass = ["C"]\nfail = ["I"]\n'
    )
    got = extract(mapping, {**BASE, "scores": {"match": {"value": "C"}, "tone": {"value": "I"}, "odd": {"value": "?"}}})
    assert [(j.judge, j.verdict, j.failure) for j in got.judgments] == [
        ("match", Verdict.PASS, None),
        ("tone", Verdict.FAIL, None),
        ("odd", None, "?"),
    ]


def test_a_tie_of_judges_is_a_failure() -> None:
    mapping = TRACE + '[[judgment]]\njudge = "j"\nverdict = ["a", "b"]\nrule = "majority"\npass = [1]\nfail = [0]\n'
    got = extract(mapping, {**BASE, "a": 1, "b": 0})
    assert got.judgments[0].verdict is None
    assert "a tie" in (got.judgments[0].failure or "")


# --- files that join


JOIN = '[trace]\nid = "id"\n' + LABEL


def test_a_file_of_labels_joins_by_id() -> None:
    got = extract(JOIN, {"id": 17, "v": "yes"})
    assert (got.trace, got.bad, [label.trace_id for label in got.labels]) == (None, None, ["17"])


def test_a_label_without_an_id_is_a_bad_line() -> None:
    for value in ({"v": "yes"}, {"v": "odd"}):
        got = extract(JOIN, value)
        assert (got.labels, got.bad) == ([], "no id to join by")


def test_an_empty_label_in_a_file_of_labels_is_nothing() -> None:
    got = extract(JOIN, {"id": "1", "v": ""})
    assert (got.labels, got.bad) == ([], None)


def test_a_row_with_a_label_and_no_content_joins_even_in_a_file_of_traces() -> None:
    got = extract(TRACE + LABEL, {"id": "1", "v": "yes"})
    assert (got.trace, got.bad, len(got.labels)) == (None, None, 1)


def test_a_mapping_that_asks_for_nothing_finds_nothing() -> None:
    assert extract('[trace]\nid = "id"\n', {"id": "1"}).bad == "no input, output or messages found"


def test_labels_of_a_trace_without_id_belong_to_it() -> None:
    got = extract('[trace]\ninput = "q"\n' + LABEL, {"q": "x", "v": "yes"})
    assert got.trace is not None
    assert (got.trace.id, got.trace.id_given, got.labels[0].trace_id) == ("", False, "")
