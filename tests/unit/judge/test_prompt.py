"""What a judge is sent, byte for byte: order, fences, allowed fields, names of versions, known mistakes."""

import json

import pytest

from core.judge import lint, prompt
from core.judge.answers import CUT_OFF, NO_VERDICT, REFUSED, TOO_LONG, TWICE, read_answer
from core.judge.lint import ExampleFacts
from core.judge.prompt import Example, ExampleRef, JudgeSpec, system_text, user_text, version_of
from core.judge.seen import FIELDS, ShownTrace, fenced, seen
from core.model import Message, ToolCall, Verdict

TRACE = ShownTrace(
    messages=(
        Message("system", "You are Sprout."),
        Message("user", "Where is my order?"),
        Message("assistant", "", tool_calls=(ToolCall("c1", "find_order", '{"id": 1}'),)),
        Message("tool", "order 1: <b>late</b>", name="find_order", tool_call_id="c1"),
        Message("assistant", "It is late."),
    ),
    input="Where is my order?",
    output="It is late.",
    error="timeout",
    dimensions={"persona": ("new",), "expert verdict": ("fail",)},
)
SPEC = JudgeSpec(
    role="You know garden shops.", criterion="Did it do what the user needed?", pass_means="It did.",
    fail_means="It did not.", guidelines="Be strict.", examples=(ExampleRef("t1"), ExampleRef("t2", borderline=True)),
    model="claude-sonnet-5-5",
)  # fmt: skip
LONG = "It names another date than the one that the tool gave, so the user waits in vain."
EXAMPLES = [
    Example("t1", TRACE, Verdict.FAIL, LONG),
    Example("t2", TRACE, Verdict.PASS, LONG + " Yet it says so in time.", borderline=True),
]
FACTS = [ExampleFacts("t1", "train", values=frozenset({1})), ExampleFacts("t2", "train", values=frozenset({2}))]


def test_the_stable_part_holds_the_slots_then_the_examples_then_how_to_answer() -> None:
    text = system_text(SPEC, EXAMPLES)
    parts = [
        "You know garden shops.",
        "# Criterion",
        "# Pass means",
        "# Fail means",
        "Be strict.",
        "<example>",
        "# How you answer",
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert text.count("<example>") == text.count("</example>") == 2
    assert text.index('"critique"') < text.index('"verdict"'), "reasons before the verdict, in the examples too"
    assert list(prompt.SCHEMA["properties"]) == ["critique", "verdict"]
    assert LONG in text, "nothing is shortened"


@pytest.mark.parametrize(
    ("fields", "held", "hidden"),
    [
        (("messages", "tools"), ["Where is my order", "find_order", "late"], ["Sprout", "persona", "timeout"]),
        (("messages",), ["Where is my order", "It is late"], ["find_order", "Sprout"]),
        (("system",), ["Sprout"], ["Where is"]),
        (("input",), ["Where is my order"], ["It is late"]),
        (("output", "error"), ["It is late", "timeout"], ["Where is"]),
        (("messages", "d.persona"), ["persona", "new"], ["expert verdict"]),
    ],
)  # fmt: skip
def test_only_allowed_fields_are_shown(fields: tuple[str, ...], held: list[str], hidden: list[str]) -> None:
    said = user_text(TRACE, fields)
    assert [word for word in held if word not in said] == []
    assert [word for word in hidden if word in said] == []


def test_no_field_holds_a_label_a_note_or_the_record() -> None:
    assert not {"label", "labels", "critique", "categories", "record", "notes"} & set(FIELDS)


def test_a_trace_without_messages_shows_input_and_output() -> None:
    assert seen(ShownTrace(input="a", output="b"), ("messages", "tools")) == {"input": "a", "output": "b"}


@pytest.mark.parametrize("text", ["</trace>", "</example><example>", "<trace>", "a < b", "\ud800 alone"])
def test_nothing_in_a_trace_closes_its_fence(text: str) -> None:
    said = user_text(ShownTrace(input=text), ("input",))
    assert (said.count("<trace>"), said.count("</trace>"), said.count("<")) == (1, 1, 2)
    assert said.encode()
    assert json.loads(fenced({"a": text}))["a"] == text.encode("utf-8", "replace").decode()


def test_a_version_is_named_by_all_that_is_sent() -> None:
    name = version_of(system_text(SPEC, EXAMPLES), SPEC)
    assert len(name) == 8
    assert version_of(system_text(SPEC, EXAMPLES), SPEC) == name
    others = [
        version_of(system_text(SPEC, EXAMPLES[:1]), SPEC),
        version_of(system_text(SPEC, EXAMPLES) + " ", SPEC),
        version_of(
            system_text(SPEC, EXAMPLES), JudgeSpec.from_json(SPEC.to_json()).with_slots({"model": "claude-opus-5-5"})
        ),
        version_of(system_text(SPEC, EXAMPLES), SPEC.with_slots({"max_tokens": 500})),
        version_of(system_text(SPEC, EXAMPLES), SPEC.with_slots({"fields": ["input"]})),
    ]
    assert len({name, *others}) == 6


def test_slots_survive_their_storing() -> None:
    assert JudgeSpec.from_json(SPEC.to_json()) == SPEC
    assert JudgeSpec.from_json('{"criterion": "x", "unknown": 1}').criterion == "x"
    for text in ("[]", "{", '{"criterion": 4}'):
        with pytest.raises((ValueError, TypeError)):
            JudgeSpec.from_json(text)


def words(spec: JudgeSpec = SPEC, examples: list[Example] = EXAMPLES, facts: list[ExampleFacts] = FACTS) -> list[str]:
    return [finding.words for finding in lint.look(spec, examples, facts) if not finding.ok]


def test_a_good_prompt_has_no_mistake() -> None:
    assert words() == []


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        ({"guidelines": "Rate from 1 to 5."}, "a scale is mentioned"),
        ({"guidelines": "On a Likert scale."}, "a scale is mentioned"),
        ({"guidelines": "When unsure, choose pass."}, "«pass when unsure»"),
        ({"guidelines": "Give the verdict first."}, "verdict before the reasons"),
        ({"criterion": "Is it right? Is it polite?"}, "several criteria"),
        ({"criterion": "1. right\n2. polite"}, "several criteria"),
        ({"criterion": ""}, "no criterion"),
        ({"role": ""}, "no domain knowledge"),
        ({"fail_means": ""}, "what a fail means"),
        ({"model": "claude-sonnet-latest"}, "not pinned"),
        ({"model": "sonnet"}, "not pinned"),
        ({"fields": ["messages", "d.expert verdict"]}, "may hold what a person said"),
        ({"fields": ["messages", "label"]}, "is no field that a judge may see"),
    ],
)  # fmt: skip
def test_each_known_mistake_is_found(change: dict[str, object], mistake: str) -> None:
    assert [w for w in words(SPEC.with_slots(change)) if mistake in w]


@pytest.mark.parametrize(
    ("examples", "facts", "mistake"),
    [
        ([], [], "no examples"),
        (EXAMPLES[:1], FACTS[:1], "fewer than 2"),
        ([EXAMPLES[0], EXAMPLES[0]], FACTS, "only fails"),
        ([EXAMPLES[0]._replace(critique="Wrong."), EXAMPLES[1]], FACTS, "under 8 words"),
        ([EXAMPLES[0], EXAMPLES[1]._replace(borderline=False)], FACTS, "no borderline"),
        ([EXAMPLES[0], EXAMPLES[1]] * 5, FACTS, "more than 8"),
        (EXAMPLES, [FACTS[0], FACTS[1]._replace(values=frozenset({1}))], "the same dimension values"),
        (EXAMPLES, [FACTS[0]._replace(split="dev"), FACTS[1]], "is not in train: dev"),
        (EXAMPLES, [FACTS[0]._replace(split=None), FACTS[1]], "is not in train: no split"),
        (EXAMPLES, [FACTS[0]._replace(twin_elsewhere=True), FACTS[1]], "a twin of example t1"),
    ],
)  # fmt: skip
def test_each_mistake_of_examples_is_found(examples: list[Example], facts: list[ExampleFacts], mistake: str) -> None:
    spec = SPEC.with_slots({"examples": [[e.trace_id, e.borderline] for e in examples]})
    assert [w for w in words(spec, examples, facts) if mistake in w]


@pytest.mark.parametrize(
    ("text", "stop", "read"),
    [
        ('{"critique": "well", "verdict": "pass"}', "end_turn", (Verdict.PASS, "well")),
        ('{"critique": "bad", "verdict": "fail"}', "stop_sequence", (Verdict.FAIL, "bad")),
        ('{"critique": "bad", "verdict": "fail"}', None, "not finished: no reason given"),
        ('{"critique": "bad", "verdict": "fail"}', "pause_turn", "not finished: pause_turn"),
        ('{"critique": "bad", "verdict": "fail"}', "tool_use", "not finished: tool_use"),
        ('{"critique": "bad", "verdict": "fail"}', "model_context_window_exceeded", TOO_LONG),
        ('{"verdict": "fail", "critique": "bad", "verdict": "pass"}', "end_turn", TWICE),
        ('{"critique": "bad", "critique": "well", "verdict": "pass"}', "end_turn", TWICE),
        ('{"critique": "bad", "verdict": "PASS"}', "end_turn", NO_VERDICT),
        ('{"critique": "", "verdict": "pass"}', "end_turn", NO_VERDICT),
        ('{"verdict": "pass"}', "end_turn", NO_VERDICT),
        ('{"critique": "x", "verdict": true}', "end_turn", NO_VERDICT),
        ("PASS", "end_turn", NO_VERDICT),
        ("[" * 100_000, "end_turn", NO_VERDICT),
        ("", "end_turn", NO_VERDICT),
        ('{"critique": "well", "verdict": "pass"}', "max_tokens", CUT_OFF),
        ('{"critique": "well", "verdict": "pass"}', "refusal", REFUSED),
    ],
)
def test_an_answer_is_a_verdict_or_a_reason_and_never_a_guess(text: str, stop: str | None, read: object) -> None:
    assert read_answer(text, stop) == read
