"""A store in which everything happens at once: several values, labelers, versions, categories, second looks, failures."""

from datetime import timedelta

from core.model import JudgmentRow, LabelRow, LabelState, Verdict
from core.store.connection import Store
from core.store.ingest import Entry, ingest
from tests.conftest import FIRST_DAY, LABELLED_ON, new_trace

TRACES = 120
TOPICS = ("billing", "search|all", "*", "search")
CATEGORIES = ("dates", "invented", "tone")


def fill_messy(store: Store) -> None:
    """Store 120 traces; every number below is arithmetic on the place of a trace, so that runs are equal."""
    with ingest(store) as running:
        running.add([_entry(number) for number in range(TRACES)])
        running.finish(files=["messy.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)


def _entry(number: int) -> Entry:
    name = f"m{number:03}"
    dimensions: dict[str, str | list[str]] = {"size": ("small", "large", "huge")[number % 3]}
    topics = [topic for place, topic in enumerate(TOPICS) if (number * 7 + place * 3) % 5 < 2]
    if topics and number % 11:
        dimensions["topic"] = topics
    if number % 4:
        dimensions["category"] = ("a", "b")[number % 2]
    trace = new_trace(
        id=name,
        model=("m-1", "m-2", None)[number % 3],
        started_at=FIRST_DAY + timedelta(hours=number),
        dimensions=dimensions,
    )
    return Entry("messy.jsonl", number + 1, trace, _labels(number, name), _judgments(number, name))


def _labels(number: int, name: str) -> list[LabelRow]:
    states = {0: LabelState.FAIL, 1: LabelState.PASS, 2: LabelState.PASS, 3: LabelState.FAIL, 4: LabelState.DEFERRED}
    given: list[LabelRow] = []

    def say(labeler: str, state: LabelState, *, saw: bool = False, categories: tuple[str, ...] = ()) -> None:
        critique = f"{labeler} on {name}"
        given.append(
            LabelRow(
                trace_id=name,
                labeler=labeler,
                state=state,
                critique=critique,
                categories=categories,
                saw_judge=saw,
                at=LABELLED_ON + timedelta(minutes=len(given)),
            )
        )

    if number % 6 < 5:
        listed = tuple(c for place, c in enumerate(CATEGORIES) if (number + place) % 4 == 0 or number % 10 == place)
        say("ana", states[number % 5], saw=number % 13 == 0, categories=listed)
    if number % 17 == 0:
        say("ana", LabelState.PASS, saw=True)
    if number % 19 == 0:
        say("ana", LabelState.DEFERRED, saw=True)
    if number % 3 == 0:
        say("ben", states[(number + 1) % 5])
    if number % 23 == 0:
        say("ben", LabelState.CRITIQUE_ONLY)
    return given


def _judgments(number: int, name: str) -> list[JudgmentRow]:
    given: list[JudgmentRow] = []
    for version, every, off in (("1", 9, 1), ("2", 7, 2)):
        if number % every == off:
            continue
        failed = (number * (3 + off)) % 5 in (0, 3)
        broken = number % 8 == off
        given.append(
            JudgmentRow(
                trace_id=name,
                judge="overall",
                version=version,
                verdict=None if broken else Verdict.FAIL if failed else Verdict.PASS,
                failure="no verdict in the answer" if broken else None,
                critique=None if broken else f"version {version} on {name}",
            )
        )
    return given
