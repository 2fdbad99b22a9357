"""The known mistakes in the words of a judge, each in the forms people write it; and ordinary prompts, which have none."""

import json
from pathlib import Path

import pytest

from core.judge import lint
from core.judge.lint import ExampleFacts
from core.judge.prompt import Example, JudgeSpec
from core.judge.seen import ShownTrace
from core.model import Verdict

SAMPLE = Path(__file__).parents[3] / "data"
SPEC = JudgeSpec(
    role="You know garden shops.", criterion="Did it do what the user needed?", pass_means="It did.",
    fail_means="It did not.", model="claude-sonnet-5-5",
)  # fmt: skip
SCALE, FIRST, SEVERAL, PINNED = "a scale is", "verdict before the reasons", "several criteria", "not pinned"


def wrong(**slots: str) -> list[str]:
    found = lint.look(SPEC.with_slots(slots), [], [])
    return [finding.words for finding in found if not finding.ok and not finding.words.startswith("no examples")]


def test_the_prompt_that_all_of_these_change_has_no_mistake() -> None:
    assert wrong() == []


@pytest.mark.parametrize(
    "criterion",
    [
        "Is the answer accurate, polite and complete?",
        "Is the answer helpful and relevant?",
        "Is it factually correct and is the tone friendly?",
        "It must be accurate. It must be polite. It must be short.",
        "It must name the date. It must give a price. It must offer help.",
        "Is it correct. It must be polite.",
        "Does it give accurate information and keep a polite tone?",
        "Judge the accuracy of the answer, and its tone.",
        "Did the assistant find the order, and did it tell the customer?",
        "Say whether the order was found and whether the customer was told.",
        "(1) the date is right (2) the price is right",
        "It must be accurate, polite and not too long.",
    ],
)
def test_several_criteria_in_one_are_found(criterion: str) -> None:
    assert [words for words in wrong(criterion=criterion) if SEVERAL in words]


@pytest.mark.parametrize(
    "criterion",
    [
        "Did the assistant do what the user needed?",
        "Read the conversation. Was the assistant helpful to the customer?",
        "One question: did the person get what they needed?",
        "Is the trace free of this failure: wrong date or time?",
        "Pass: the answer names a date and it is right.",
        "Is the short answer correct?",
        "Is every date and every price in the answer one that a tool returned?",
        "Is the answer correct? Tone and length do not count.",
        "Is it accurate, whatever its tone and length?",
        "Did the assistant complete the booking and name the correct date?",
        "Is the answer true and faithful to the documents, and accurate?",
        "Was the complete address given in a short and friendly chat?",
        "The answer must name the date. It must be the date that the tool gave.",
        "Does the answer hold only facts of this kind: prices, dates and names?",
        "Did it say what the delivery costs, and when it comes (see section 2)?",
    ],
)
def test_one_criterion_is_one(criterion: str) -> None:
    assert wrong(criterion=criterion) == []


@pytest.mark.parametrize(
    "words",
    [
        "State the verdict, then explain why.",
        "State the verdict. Then explain why.",
        "Answer PASS or FAIL on the first line, followed by your reasoning.",
        "On the first line, write PASS or FAIL.",
        "Start with the verdict.",
        "Begin by giving your decision.",
        "First give the verdict.",
        "Give the label first.",
        "Give the verdict before the reasons.",
        "Explain your decision after giving it.",
        "Please justify the verdict after you gave it.",
        "Output the verdict and explain it below.",
        "PASS/FAIL, followed by a critique.",
        'Answer with {"verdict": "pass", "critique": "..."}.',
    ],
)
def test_a_verdict_before_its_reasons_is_found(words: str) -> None:
    assert [found for found in wrong(guidelines=words) if FIRST in found]


@pytest.mark.parametrize(
    "words",
    [
        "First write one sentence of critique, then answer PASS or FAIL.",
        "Quote the sentence that decides. Write the critique first, then PASS or FAIL.",
        "Write the critique before the verdict.",
        "Before the verdict, first write a critique.",
        "IMPORTANT: Write your critique FIRST, then declare the outcome. This prevents anchoring bias.",
        "Never give the verdict first.",
        "Do not start with the verdict.",
        "No verdict before the critique!",
        "The critique is the first line, the verdict the last.",
        "Write the critique after reading the whole trace.",
        "The assistant explains the fee after it names it.",
        "The order is labelled first, then sent: the customer is told why.",
        "Print the label before the shipping day.",
        '{"critique": "...", "verdict": "pass"}',
    ],
)
def test_reasons_before_the_verdict_are_no_mistake(words: str) -> None:
    assert wrong(guidelines=words) == []


@pytest.mark.parametrize(
    "words",
    [
        "Use a five-point scale.",
        "A 7 point rating is used.",
        "Judge on a scale of quality.",
        "Use a Likert item.",
        "Grade from A to F.",
        "Give a letter grade.",
        "Give a percentage of quality.",
        "State your confidence.",
        "Rate it from 1 to 5.",
        "rate 1 to 4",
        "Please rate from 1 (bad) to 5 (good).",
        "Rate it between 0.0 and 1.0.",
        "Give 1-5 stars.",
        "Assign 0-3 points.",
        "Score it 1/10 to 10/10.",
        "Rate it 7/10 where it is polite.",
        "Give a score.",
        "Answer with a number from 1 to 10.",
        "It is good where it has 8 out of 10.",
        "Say poor, fair, good or excellent.",
        "If it is not perfect, rate it 1 to 5.",
        "Based on the logs, score progress from 0 to 100.",
        "Constraint adherence (Score 0-5)",
    ],
)
def test_a_scale_is_found(words: str) -> None:
    assert [found for found in wrong(guidelines=words) if SCALE in found]


@pytest.mark.parametrize(
    "words",
    [
        "Delivery within 2 to 3 days is a pass.",
        "Orders of 1 to 5 items ship free.",
        "The answer names 2 to 3 options and rates none of them.",
        "Answer in 1 to 5 sentences.",
        "The room was booked from 1 to 5 May.",
        "3 out of 5 rooms are free.",
        "The interest rate is 1 to 4 %.",
        "Discounts of 0-100 % exist, and a discount rate of 5 to 10 % is usual.",
        "The route from A to B is named.",
        "The percentage of the discount is right.",
        "The credit score of the user is shown.",
        "The shop sells on a large scale.",
        "The hotel has 4 to 5 stars.",
        "Do not give a score.",
        "There is no five-point scale here.",
        "The invoice of 5/10 is paid.",
    ],
)
def test_a_number_of_something_is_no_scale(words: str) -> None:
    assert wrong(guidelines=words) == []
    assert wrong(pass_means=words) == []


@pytest.mark.parametrize("number", range(3))
def test_the_judges_of_the_sample_have_no_such_mistake(number: int) -> None:
    held = json.loads((SAMPLE / "judges.json").read_text("utf-8"))[number]
    assert wrong(guidelines=held["prompt"]) == []


@pytest.mark.parametrize(
    ("model", "pinned"),
    [
        ("claude-sonnet-4-5-20250929", True),
        ("anthropic.claude-sonnet-4-5-20250929-v1:0", True),
        ("claude-haiku-4-5@20251001", True),
        ("gpt-4o-2024-08-06", True),
        ("claude-sonnet-5-5", True),
        ("claude-sonnet-4-6", True),
        ("claude-opus-5", True),
        ("anthropic.claude-opus-4-6-v1", True),
        ("claude-sonnet-4-5", False),
        ("claude-opus-4-0", False),
        ("claude-opus-4", False),
        ("claude-3-5-sonnet-latest", False),
        ("claude-mythos-preview", False),
        ("claude-sonnet", False),
        ("gpt4", False),
        ("illustration-1", False),
    ],
)
def test_a_model_is_pinned_by_a_date_or_by_a_name_that_never_moves(model: str, *, pinned: bool) -> None:
    assert any(PINNED in words for words in wrong(model=model)) is not pinned


@pytest.mark.parametrize(
    ("values", "differ"),
    [
        ([{1, 2, 3}, {1, 2, 3}], False),
        ([{1, 2, 3}, {1, 2, 4}], False),
        ([{1, 2, 3}, {1, 4, 5}], True),
        ([{1}, {2}], True),
        ([{1}, {2}, {1}], True),
        ([{1, 2}, {1, 3}, {1, 2}], False),
        ([{1, 2}, {1, 3}, {1, 4}], True),
        ([{1, 2, 3}] * 7 + [{4, 5, 6}], False),
        ([{1, 2, 3}] * 2 + [{4, 5, 6}] * 2, True),
    ],
)
def test_examples_of_different_kinds_differ_in_more_than_one_value(values: list[set[int]], *, differ: bool) -> None:
    facts = [ExampleFacts(f"t{place}", "train", values=frozenset(held)) for place, held in enumerate(values)]
    found = lint.look(SPEC, [Example("t0", ShownTrace(), Verdict.PASS, "because")], facts)
    assert [finding.ok for finding in found if "kinds" in finding.words or "same dimension" in finding.words] == [
        differ
    ]


def test_of_traces_without_dimensions_no_kinds_are_told() -> None:
    found = lint.look(SPEC, [Example("t0", ShownTrace(), Verdict.PASS, "because")], [ExampleFacts("a", "train")] * 2)
    assert [finding.words for finding in found if "kinds" in finding.words or "same dimension" in finding.words] == []


@pytest.mark.timeout(60)  # no measurement: where a pattern goes back again and again it takes hours
@pytest.mark.parametrize(
    "text", ["rate ", "1 to ", "verdict ", "first ", "is and is it ", "not ", "- a ", "write the "]
)
def test_the_longest_prompt_is_looked_at_in_no_time(text: str) -> None:
    long = (text * 20_000)[:20_000]
    wrong(criterion=long, guidelines=long, pass_means=long)
