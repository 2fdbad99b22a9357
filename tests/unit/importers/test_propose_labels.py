"""Labels and judgments proposed from names and values: whose verdict it is and which way round, or none at all."""

from typing import Any, cast

import pytest

from core.importers import Extract, Extractor, Proposal, propose
from core.importers.columns import read_columns, words_of
from core.importers.mapping_fields import JudgmentFields, LabelFields
from core.model import LabelState
from tests.unit.importers.samples import read_bytes, record

PASS_FAIL = ("pass", "fail", "pass")
FAIL_PASS = ("fail", "pass", "pass", "pass")
YES_NO = ("yes", "no", "no")
SENTENCES = ("It names the wrong day", "Right and short", "Nothing was looked up", "Much too long")


def in_turn(value: Any, n: int) -> Any:
    return cast(tuple[Any, ...], value)[n % len(cast(tuple[Any, ...], value))] if isinstance(value, tuple) else value


def rows(**columns: Any) -> list[dict[str, Any]]:
    """Questions and answers; a tuple gives its values in turn."""
    return [
        {
            "id": f"t{n}",
            "question": f"How does number {n} of these go?",
            "answer": f"It goes like number {n}, as far as known.",
            **{name: in_turn(value, n) for name, value in columns.items()},
        }
        for n in range(12)
    ]


def proposed(**columns: Any) -> Proposal:
    return propose([record(row)._replace(position=n) for n, row in enumerate(rows(**columns))], file="log")


def label(found: Proposal) -> LabelFields:
    (section,) = found.mapping.labels
    assert found.mapping.judgments == ()
    return section


def judgment(found: Proposal) -> JudgmentFields:
    (section,) = found.mapping.judgments
    assert found.mapping.labels == ()
    return section


def nothing(found: Proposal) -> bool:
    return not found.mapping.labels and not found.mapping.judgments


def dimensions(found: Proposal) -> list[str]:
    return [name for name, _ in found.mapping.dimensions]


def extracted(found: Proposal, **columns: Any) -> list[Extract]:
    return [Extractor(found.mapping).extract(record(row)) for row in rows(**columns)]


# ------------------------------------------------------------------------------------------------- which way round


@pytest.mark.parametrize(
    "name",
    [
        "label_has_error", "hallucination_label", "error_label", "unsafe_label", "refusal_verdict", "label", "verdict",
        "correct_answer", "label_not_ok", "evaluation",
    ],
)  # fmt: skip
def test_yes_and_no_are_not_guessed_under_a_name_that_may_ask_for_the_opposite(name: str) -> None:
    found = proposed(**{name: YES_NO})
    assert label(found).undecided
    assert found.notes == [f"{name} holds yes, no: say which means pass. Until then it is not read."]
    assert [e.labels for e in extracted(found, **{name: YES_NO})] == [[]] * 12


@pytest.mark.parametrize(
    "name",
    ["passed", "is_correct", "accepted", "approved", "success", "ok", "is_good", "Answer acceptable", "isCorrect"],
)
def test_yes_and_no_are_verdicts_under_a_name_that_asks_for_what_is_good(name: str) -> None:
    section = label(proposed(**{name: YES_NO}))
    assert (section.passes, section.fails) == (("yes",), ("no",))


@pytest.mark.parametrize("name", ["not_correct", "refund_approved", "login_success", "failed", "has_error"])
def test_yes_and_no_under_another_name_are_no_verdict(name: str) -> None:
    found = proposed(**{name: YES_NO})
    assert nothing(found)
    assert dimensions(found) == [name]


def test_yes_among_clear_words_is_neither_pass_nor_fail() -> None:
    found = proposed(verdict=("pass", "fail", "yes"))
    assert (label(found).passes, label(found).fails) == (("pass",), ("fail",))
    assert found.notes == ["verdict also holds yes (4): neither pass nor fail."]


# --------------------------------------------------------------------------------------------------- several verdicts


@pytest.mark.parametrize(
    ("columns", "labelers"),
    [
        (("alice_label", "bob_label"), ("alice", "bob")),
        (("label_alice", "label_bob"), ("alice", "bob")),
        (("Label (Alice)", "Label (Bob)"), ("Alice", "Bob")),
        (("aliceVerdict", "bobVerdict"), ("alice", "bob")),
        (("rater1", "rater2"), ("rater1", "rater2")),
        (("annotator_2", "annotator_3"), ("annotator_2", "annotator_3")),
        (("rater1_label", "rater2_label"), ("rater1", "rater2")),
        (("label_1", "label_2"), ("label_1", "label_2")),
    ],
)
def test_verdicts_named_after_people_are_the_labels_of_each_of_them(
    columns: tuple[str, str], labelers: tuple[str, str]
) -> None:
    values = dict(zip(columns, (PASS_FAIL, FAIL_PASS), strict=True))
    found = proposed(**values)
    assert tuple(section.verdict for section in found.mapping.labels) == columns
    assert tuple(section.labeler for section in found.mapping.labels) == labelers
    assert len(found.notes) == 1
    assert "taken as labels of several people" in found.notes[0]
    first = extracted(found, **values)[0]
    assert {one.labeler: one.state for one in first.labels} == dict(
        zip(labelers, (LabelState.PASS, LabelState.FAIL), strict=True)
    )


def test_the_verdict_that_counts_stands_beside_those_of_people() -> None:
    found = proposed(alice_label=PASS_FAIL, bob_label=FAIL_PASS, final_label=PASS_FAIL)
    assert [(s.verdict, s.labeler) for s in found.mapping.labels] == [
        ("alice_label", "alice"), ("bob_label", "bob"), ("final_label", None),
    ]  # fmt: skip


def test_a_critique_of_one_of_several_people_is_kept_where_it_is_named_so() -> None:
    found = proposed(ana_label=PASS_FAIL, bob_label=FAIL_PASS, bob_comment=SENTENCES, notes=SENTENCES)
    assert [s.critique for s in found.mapping.labels] == [None, "bob_comment"]
    assert "notes: does not say whose verdict it explains: not kept as a critique." in found.notes


@pytest.mark.parametrize(
    ("columns", "kept"),
    [
        (("overall", "tone", "accuracy"), "overall"),
        (("overall_label", "brand_label", "voice_label"), "overall_label"),
        (("tests", "final", "correct"), "final"),
        (("label", "label_6"), "label"),
        (("label", "expert_label"), "expert_label"),
        (("correct", "label"), "label"),
    ],
)
def test_of_several_verdicts_the_one_on_the_whole_is_the_label(columns: tuple[str, ...], kept: str) -> None:
    values = dict(zip(columns, (PASS_FAIL, FAIL_PASS, PASS_FAIL), strict=False))
    found = proposed(**values)
    others = [name for name in columns if name != kept]
    assert (label(found).verdict, label(found).labeler) == (kept, None)
    assert dimensions(found) == others
    assert found.notes == [
        f"{', '.join(others)}: may hold a verdict, not read as one. Name it under [[label]] in a mapping if it does."
    ]


def test_a_repeated_header_overwrites_no_verdict() -> None:
    text = "id,question,answer,label,label\n1,Is ivy toxic?,Yes it is,pass,fail\n2,Is mint?,No it is not,fail,pass\n"
    records, _ = read_bytes("log.csv", text)
    found = propose(records, file="log")
    assert label(found).verdict == "label"
    assert [note for note in found.notes if "label_5: may hold a verdict" in note]


@pytest.mark.parametrize("columns", [("tone_label", "accuracy_label"), ("is_correct", "is_accepted")])
def test_none_of_two_verdicts_named_alike_is_chosen(columns: tuple[str, str]) -> None:
    found = proposed(**dict(zip(columns, (PASS_FAIL, FAIL_PASS), strict=True)))
    assert nothing(found)
    assert dimensions(found) == list(columns)
    assert f"{columns[0]}, {columns[1]}: may hold a verdict" in found.notes[0]


def test_with_an_author_only_one_verdict_is_that_of_the_author() -> None:
    found = proposed(reviewer=("ann", "bob"), overall=PASS_FAIL, tone=FAIL_PASS)
    assert (label(found).verdict, label(found).labeler_path) == ("overall", "reviewer")


def test_a_verdict_deeper_in_the_record_that_says_something_else_is_told() -> None:
    again = tuple({"label": value} for value in PASS_FAIL)
    other = tuple({"label": value} for value in FAIL_PASS)
    assert proposed(label=PASS_FAIL, meta=again).notes == []
    found = proposed(label=PASS_FAIL, meta=other)
    assert label(found).verdict == "label"
    assert "meta.label: may hold a verdict" in found.notes[0]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("payment_status", ("failed", "passed")), ("tests", PASS_FAIL), ("guardrail", PASS_FAIL),
        ("delivery", ("good", "bad")), ("delivery_outcome", ("success", "failure")), ("结论", PASS_FAIL),
    ],
)  # fmt: skip
def test_clear_words_under_a_name_that_speaks_of_something_else_are_no_verdict(name: str, values: Any) -> None:
    found = proposed(**{name: values})
    assert nothing(found)
    assert dimensions(found) == [name]
    assert f"{name}: may hold a verdict" in found.notes[0]


@pytest.mark.parametrize("name", ["review", "quality", "result", "overall", "human", "expert_1", "Reviewer B"])
def test_pass_and_fail_outright_are_a_label_under_a_name_that_speaks_of_a_review(name: str) -> None:
    assert label(proposed(**{name: PASS_FAIL})).verdict == name


# ------------------------------------------------------------------------------------------- what judges and models say


@pytest.mark.parametrize(
    ("name", "judge"),
    [
        ("eval_label", "eval"), ("ragas_verdict", "ragas"), ("deepeval_verdict", "deepeval"), ("autorater_label", "autorater"),
        ("faithfulness_label", "faithfulness"), ("answer_relevancy_verdict", "answer_relevancy"), ("faithfulness", "faithfulness"),
    ],
)  # fmt: skip
def test_a_verdict_named_after_an_evaluation_by_program_is_a_judgment(name: str, judge: str) -> None:
    section = judgment(proposed(**{name: PASS_FAIL}))
    assert (section.judge, section.passes, section.fails) == (judge, ("pass",), ("fail",))


def test_metrics_inside_an_object_of_evaluations_are_judgments_under_their_own_names() -> None:
    nested = tuple(
        {"faithfulness": {"verdict": one, "reason": why}, "relevancy": {"verdict": one, "reason": why}}
        for one, why in zip(FAIL_PASS, SENTENCES, strict=True)
    )
    found = proposed(evals=nested)
    assert found.mapping.labels == ()
    assert [(s.judge, s.critique) for s in found.mapping.judgments] == [
        ("faithfulness", "evals.faithfulness.reason"), ("relevancy", "evals.relevancy.reason"),
    ]  # fmt: skip
    flat = proposed(evals=tuple({"faithfulness": a, "relevancy": a} for a in PASS_FAIL))
    assert [s.judge for s in flat.mapping.judgments] == ["faithfulness", "relevancy"]


def test_two_verdicts_of_a_judge_are_told_apart() -> None:
    found = proposed(judge_label=PASS_FAIL, judge_verdict=FAIL_PASS)
    assert [s.judge for s in found.mapping.judgments] == ["judge", "judge_verdict"]


def test_a_column_that_names_the_judge_makes_judgments_of_the_verdicts() -> None:
    found = proposed(judge=("gpt-4o", "strict"), version=("1", "2"), verdict=PASS_FAIL, critique=SENTENCES)
    section = judgment(found)
    assert (section.judge_path, section.version_path, section.critique) == ("judge", "version", "critique")
    assert found.notes == ["verdict: taken as verdicts of the judges that judge names."]
    assert judgment(proposed(judge="gpt-4o", verdict=PASS_FAIL, judge_reason=SENTENCES)).critique == "judge_reason"
    assert label(proposed(judge=("gpt-4o", "strict"), human_verdict=PASS_FAIL)).verdict == "human_verdict"


@pytest.mark.parametrize("name", ["judge_reason", "llm_explanation", "eval_comment", "faithfulness_reason"])
def test_what_a_judge_wrote_is_no_critique_of_an_expert(name: str) -> None:
    scores = tuple(n / 20 for n in range(12))
    for others in ({}, {"label": PASS_FAIL}):
        found = proposed(judge_score=scores, **others, **{name: SENTENCES})
        assert [s.critique for s in found.mapping.labels] == [None] * len(others)
        assert (
            f"{name}: seems to be written by a judge whose verdict is not read: not kept as a critique." in found.notes
        )


def test_what_an_expert_wrote_is_no_critique_of_a_judge() -> None:
    found = proposed(gpt4_label=PASS_FAIL, expert_comment=SENTENCES)
    assert [(s.judge, s.critique) for s in found.mapping.judgments] == [("gpt4", None)]
    assert [(s.verdict, s.critique) for s in found.mapping.labels] == [(None, "expert_comment")]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("finish_reason", ("stop", "length", "content_filter")), ("stop_reason", ("end_turn", "tool_use")),
        ("escalation_reason", SENTENCES), ("decline_reason", SENTENCES), ("reasoning", SENTENCES),
        ("explanation", SENTENCES), ("feedback", ("thumbs_up", "thumbs_down")), ("customer_feedback", SENTENCES),
        ("failure_reason", ("tone", "length")),
    ],
)  # fmt: skip
def test_what_only_sounds_like_a_critique_is_none(name: str, values: Any) -> None:
    assert nothing(proposed(**{name: values}))


@pytest.mark.parametrize("name", ["finish_reason", "escalation_reason", "decline_reason", "customer_feedback"])
def test_what_only_sounds_like_a_critique_is_none_of_the_label_beside_it_either(name: str) -> None:
    assert label(proposed(label=PASS_FAIL, **{name: SENTENCES})).critique is None


def test_reasoning_beside_an_answer_explains_the_label_only_where_it_follows_it() -> None:
    assert label(proposed(reasoning=SENTENCES, label=PASS_FAIL)).critique is None
    assert label(proposed(label=PASS_FAIL, reasoning=SENTENCES)).critique == "reasoning"


@pytest.mark.parametrize(
    "name", ["critique", "comment", "Expert comment", "notes", "label_reason", "reason", "explanation", "fail_reason"]
)
def test_a_critique_beside_a_label_is_kept(name: str) -> None:
    assert label(proposed(label=PASS_FAIL, **{name: SENTENCES})).critique == name


@pytest.mark.parametrize("name", ["critique", "comment", "z_note", "feedback", "fail_reason", "expert_explanation"])
def test_a_critique_alone_is_kept_without_a_verdict(name: str) -> None:
    found = proposed(**{name: SENTENCES})
    assert (label(found).verdict, label(found).critique) == (None, name)


def test_a_comment_that_begins_like_its_label_makes_no_judge_of_the_person() -> None:
    section = label(proposed(charlie_label=PASS_FAIL, charlie_comment=SENTENCES))
    assert (section.verdict, section.critique) == ("charlie_label", "charlie_comment")


# ------------------------------------------------------------------------------------------------------ other scripts


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("问题", ("问题",)), ("Вопрос клиента", ("вопрос", "клиента")), ("質問_ID", ("質問", "id")),
        ("ερώτηση", ("ερώτηση",)), ("السؤال", ("السؤال",)), ("überPrüfung", ("über", "prüfung")),
        ("HTTPServer2Go", ("http", "server", "2", "go")), ("user-input", ("user", "input")),
    ],
)  # fmt: skip
def test_names_have_words_in_every_script(name: str, words: tuple[str, ...]) -> None:
    assert words_of(name) == words


@pytest.mark.parametrize(
    "names",
    [
        ("场景", "渠道"),
        ("канал", "язык"),
        ("シナリオ", "チャネル"),
        ("κανάλι", "γλώσσα"),
        ("قناة", "لغة"),
        ("🌱", "🌍"),
    ],
)
def test_columns_named_in_another_script_are_all_kept_beside_a_verdict(names: tuple[str, str]) -> None:
    for verdict in ("label", "评测", "❓"):
        found = proposed(**{verdict: PASS_FAIL, names[0]: ("a", "b"), names[1]: ("c", "d")})
        assert set(names) <= set(dimensions(found))


def test_no_two_names_without_a_word_are_the_same() -> None:
    columns = read_columns([record({"🌱": 1, "🌍": 2, "?": 3})])
    assert len({column.key for column in columns}) == 3


def test_sentences_of_a_script_without_spaces_are_text() -> None:
    said = ("这个回答不正确而且很危险", "回答基本上是正确的", "答案太长了而且不够清楚")
    (column,) = read_columns([record({"answer": text}) for text in said])
    assert column.is_text
    section = label(proposed(label=PASS_FAIL, label_comment=said))
    assert (section.verdict, section.critique) == ("label", "label_comment")


# ------------------------------------------------------------------------------------------------- what may be a verdict


def test_columns_that_may_hold_a_verdict_are_named_in_one_note() -> None:
    found = proposed(
        thumbs=("up", "down"),
        quality=("good", "bad"),
        helpful=YES_NO,
        rating=(1, 2, 3, 4, 5),
        vip=YES_NO,
        confidence=("HIGH", "LOW"),
        trend=("up", "down"),
        price=(1, 2, 3),
    )
    assert nothing(found)
    assert found.notes == [
        "thumbs, quality, helpful, rating: may hold a verdict, not read as one. "
        "Name it under [[label]] in a mapping if it does."
    ]


def test_many_columns_that_may_hold_a_verdict_are_counted() -> None:
    found = proposed(**{f"check_{n}": PASS_FAIL for n in range(9)})
    assert "check_5 and 3 more: may hold a verdict" in found.notes[0]
