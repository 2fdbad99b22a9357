"""The splits of the sample, in counts and in words, and how they are asked for."""

import random
import unicodedata
from dataclasses import replace

import pytest

from core.errors import UsageError
from core.model import LabelState
from core.splitting import Candidate, twins
from core.store.connection import Store
from core.workflows.drafting import Draft, ExampleRef, save_version
from core.workflows.exploring import describe
from core.workflows.importing import ImportOptions, Mapping, Source, import_sources
from core.workflows.reviewing import record_label
from core.workflows.sampling import load_sample
from core.workflows.splitting import Shares, assign_splits, look_at_splits, preview_splits, read_shares
from tests.judging import SPEC


def test_nothing_is_assigned_before_somebody_asks(small_store: Store) -> None:
    state = look_at_splits(small_store)
    assert (state.assigned, state.waiting, state.passed, state.failed) == (False, 8, 4, 4)
    assert state.gates == [
        "A judge is checked against expert verdicts. 20 passes and 20 failures are enough to begin: 4 and 4 so far."
    ]
    assert preview_splits(small_store) == {"train": 2, "dev": 3, "test": 3, "left out": 0}, "sessions stay together"


def test_the_sample_is_split_by_verdict_and_each_count_is_a_slice(fresh_store: Store) -> None:
    load_sample(fresh_store)
    assert assign_splits(fresh_store, by="ana") == {"train": 24, "dev": 49, "test": 47, "left out": 0}
    state = look_at_splits(fresh_store)
    assert [(s.split, s.passed, s.failed) for s in state.splits] == [
        ("train", 15, 9), ("dev", 31, 18), ("test", 30, 17),
    ]  # fmt: skip
    for split in state.splits:
        assert describe(fresh_store, split.slice).n == split.n
        assert describe(fresh_store, split.failed_slice).n == split.failed
    assert "Dev has 18 failed traces: the interval will be wide. 2 more would help." in state.gates
    assert assign_splits(fresh_store, by="ana") == {"train": 0, "dev": 0, "test": 0, "left out": 0}


def test_other_shares_hold_for_those_assigned_later(small_store: Store) -> None:
    assign_splits(small_store, by="ana", shares=Shares(0, 100, 0))
    state = look_at_splits(small_store)
    assert (state.shares, state.of("dev").n, state.waiting) == (Shares(0, 100, 0), 8, 0)


@pytest.mark.parametrize("words", ["20/40", "a/b/c", "20/40/40/0", "-20/60/60", "1e1/40/50"])
def test_shares_of_another_form_are_refused(words: str) -> None:
    with pytest.raises(UsageError):
        read_shares(words)


@pytest.mark.parametrize("shares", [Shares(20, 40, 41), Shares(60, 0, 40), Shares(-10, 60, 50)])
def test_shares_that_make_no_hundred_are_refused(small_store: Store, shares: Shares) -> None:
    with pytest.raises(UsageError):
        assign_splits(small_store, by="ana", shares=shares)


def test_an_empty_train_and_one_without_failures_are_said_in_words(small_store: Store) -> None:
    empty = "Train is empty: no example can be given to a judge. With a share for it, what is labelled next fills it."
    assert empty not in look_at_splits(small_store).gates, "nothing was assigned yet"
    assign_splits(small_store, by="ana", shares=Shares(0, 100, 0))
    assert empty in look_at_splits(small_store).gates


def test_a_train_without_failures_has_no_example_of_one(small_store: Store) -> None:
    with small_store.write() as cursor:
        cursor.execute("update traces set session = null")
    assign_splits(small_store, by="ana", shares=Shares(0, 100, 0))
    record_label(small_store, trace_id="t05", state=LabelState.PASS, labeler="ana")
    assign_splits(small_store, by="ana", shares=Shares(98, 1, 1))
    words = "Train has no failed trace: no example of a failure can be given to a judge."
    assert words in look_at_splits(small_store).gates
    record_label(small_store, trace_id="t09", state=LabelState.FAIL, labeler="ana", critique="wrong")
    assign_splits(small_store, by="ana", shares=Shares(98, 1, 1))
    assert not any(said.startswith("Train") for said in look_at_splits(small_store).gates)


# ------------------------------------------------------------------------------------------------------------- twins


def are_twins(
    one: str, other: str, answers: tuple[str, str] = ("one answer", "and quite another"), **both: str
) -> bool:
    traces = [
        Candidate(key=key, id=f"t{key}", passed=True, asked=asked, answered=answered, **both)  # type: ignore[arg-type]
        for key, (asked, answered) in enumerate(zip((one, other), answers, strict=True))
    ]
    assert len(twins(traces)) == len(twins(traces[::-1]))
    return len(twins(traces)) == 1


SAME = {
    "a short question that was answered otherwise": ("Where is my order?", "where is my order"),
    "one word of eleven": (
        "I need to move my Friday appointment to next week please",
        "I need to move my Monday appointment to next week please",
    ),
    "one word of seventeen": (
        "Could you please help me find a good vegetarian recipe with chickpeas that takes under thirty minutes to cook",
        "Could you please help me find a good vegetarian recipe with lentils that takes under thirty minutes to cook",
    ),
    "one digit": (
        "Where is my order 4412 that I placed with you last week",
        "Where is my order 4413 that I placed with you last week",
    ),
    "a question in Chinese": ("我的订单在哪里？", "我的订单在哪里"),
    "one sign of a Chinese question": (
        "请问我的订单什么时候可以送到我家里，谢谢你",
        "请问我的订单什么时候可以送到我家里，谢谢您",
    ),
    "letters in two parts": (
        "où est passée la commande de l'été",
        unicodedata.normalize("NFD", "OÙ EST PASSÉE LA COMMANDE DE L'ÉTÉ"),
    ),
    "one word of a long text": (" ".join(f"word{n}" for n in range(90)), " ".join(f"word{n}" for n in range(1, 90))),
    "a text a little shorter than the longest that are compared by characters": ("the roof of the house " * 10, "the roof of the house " * 11),
}  # fmt: skip


@pytest.mark.parametrize("what", SAME)
def test_the_same_question_or_nearly_makes_twins(what: str) -> None:
    assert are_twins(*SAME[what])


OTHER = {
    "greetings and thanks, which open and end any chat": ("Good morning", "good morning!"),
    "yes": ("好的，谢谢", "好的，谢谢"),
    "another number in a short question": ("Where is my order 4412?", "Where is my order 4413?"),
    "what it is about": (
        "Give me a recipe for chicken soup with noodles please",
        "Give me a recipe for tofu curry with noodles please",
    ),
    "nothing said": ("", ""),
}


@pytest.mark.parametrize("what", OTHER)
def test_too_little_in_common_makes_no_twins(what: str) -> None:
    assert not are_twins(*OTHER[what])


def test_a_short_question_is_read_with_its_answer() -> None:
    assert are_twins("Hi", "hi!", ("Hello, what can I do for you today?", "Hello! What can I do for you today?"))


def test_one_answer_to_many_short_questions_makes_no_twins() -> None:
    told = "It left our depot on Monday morning."
    assert not are_twins("Where is my order 4412?", "Where is my order 4413?", (told, told))


def test_synthetic_traces_with_one_question_are_twins_however_short_and_whatever_else_they_were_made_with() -> None:
    assert are_twins("Dish 7", "dish 7", made_from="[1, 2]")
    one = Candidate(key=1, id="v1", passed=True, asked="Dish 7", answered="a", made_from="[1, 2]")
    assert len(twins([one, replace(one, key=2, id="v2", answered="so", made_from="[1, 3]")])) == 1
    assert len(twins([one, replace(one, key=2, id="v2", answered="so", made_from=None)])) == 2, "a real one is another"


def test_two_thousand_different_questions_have_no_twins() -> None:
    chance = random.Random(5)
    known = [
        f"{a}{b}{c}" for a in "bdfgklmnprst" for b in ("ar", "el", "ion", "u") for c in ("", "ing", "ed", "s", "er")
    ]

    def question() -> str:
        return " ".join(chance.choices(known, k=chance.choice((4, 9, 20, 40, 70))))

    traces = [Candidate(key=n, id=f"t{n}", passed=True, asked=question(), answered=question()) for n in range(2_000)]
    assert len(twins(traces)) == 2_000


LONG = (
    "please move the delivery of my two acers from monday to the week after next because i am away and cannot be there"
)


def take(store: Store, trace: str, asked: str, session: str = "") -> None:
    mapping = Mapping.from_toml('[trace]\nid = "i"\nsession = "s"\ninput = "q"\noutput = "a"\n')
    line = f'{{"i": "{trace}", "s": "{session}", "q": "{asked}", "a": "Done."}}'
    import_sources(store, [Source.from_bytes("a.jsonl", line.encode())], ImportOptions(mapping=mapping, format="jsonl"))


def label(store: Store, trace: str, shares: Shares) -> None:
    why = "It moved the wrong delivery, so that the customer gets nothing at all."
    record_label(store, trace_id=trace, state=LabelState.FAIL, labeler="ana", critique=why)
    assign_splits(store, by="ana", shares=shares)


def in_use(store: Store) -> dict[str, str]:
    sql = "select id, split from current_splits join traces using (trace_key)"
    with store.read() as cursor:
        return dict(cursor.execute(sql).fetchall())


def test_what_a_saved_judge_is_shown_is_never_measured_though_its_trace_says_something_else_now(
    fresh_store: Store,
) -> None:
    take(fresh_store, "A", LONG, session="s1")
    label(fresh_store, "A", Shares(98, 1, 1))
    version = save_version(fresh_store, Draft("overall", replace(SPEC, examples=(ExampleRef("A"),))), by="ana")
    assert LONG in (version.prompt or "")
    take(fresh_store, "A", "something else about roses and how they are cut in february", session="s2")
    for trace, asked, session in (("B", LONG, ""), ("C", "when are you open on saturdays and sundays", "s1")):
        take(fresh_store, trace, asked, session)
        label(fresh_store, trace, Shares(0, 50, 50))
    assert in_use(fresh_store) == {"A": "train", "B": "train", "C": "train"}


def test_what_a_trace_was_before_it_had_a_split_stood_in_no_prompt(fresh_store: Store) -> None:
    take(fresh_store, "A", LONG)
    take(fresh_store, "A", "something else about roses and how they are cut in february")
    label(fresh_store, "A", Shares(98, 1, 1))
    take(fresh_store, "B", LONG)
    label(fresh_store, "B", Shares(0, 100, 0))
    assert in_use(fresh_store) == {"A": "train", "B": "dev"}


def test_what_was_kept_of_a_trace_before_its_fields_were_is_read_too(fresh_store: Store) -> None:
    take(fresh_store, "A", LONG)
    label(fresh_store, "A", Shares(98, 1, 1))
    take(fresh_store, "A", "something else about roses and how they are cut in february")
    with fresh_store.write() as cursor:
        cursor.execute("update trace_history set input = null, output = null, session = null, value_ids = null")
    take(fresh_store, "B", LONG)
    label(fresh_store, "B", Shares(0, 100, 0))
    assert in_use(fresh_store) == {"A": "train", "B": "train"}


def test_an_import_takes_out_of_use_what_it_makes_a_twin_and_nothing_else(fresh_store: Store) -> None:
    other = "when are you open on saturdays and sundays"
    for trace, asked, shares in (
        ("A", LONG, Shares(98, 1, 1)), ("B", other, Shares(0, 100, 0)), ("C", "a garden under old trees", Shares(0, 100, 0)),
    ):  # fmt: skip
        take(fresh_store, trace, asked)
        label(fresh_store, trace, shares)
    with fresh_store.write() as cursor:  # as by an older rule: B and C are asked the same in two splits
        cursor.execute(
            "update splits set split = 'test' where trace_key = (select trace_key from traces where id = 'C')"
        )
        cursor.execute("update traces set text = ?, input = ? where id = 'C'", [f"{other}\x1eDone.", other])
    assert in_use(fresh_store) == {"A": "train", "B": "dev", "C": "test"}
    take(fresh_store, "E", "how do I cut roses in the spring")
    assert in_use(fresh_store) == {"A": "train", "B": "dev", "C": "test"}, "it is not about them"
    take(fresh_store, "C", LONG)
    assert in_use(fresh_store) == {"A": "train"}, "C was a twin of B, and is one of A"
