"""Judges as they are written: what a draft begins with, what cannot be saved, what a version keeps, what the journal has."""

from pathlib import Path

import pytest

from core.errors import NotFoundError, UsageError
from core.store.connection import Store
from core.store.judgments import find_judges
from core.workflows.categorising import list_categories
from core.workflows.choosing_examples import list_example_choices
from core.workflows.drafting import (
    Draft,
    ExampleRef,
    begin_draft,
    changes,
    discard_draft,
    find_draft,
    keep_draft,
    preview,
    save_version,
    spec_of,
)
from core.workflows.exploring import read_trace
from core.workflows.opening import open_store
from core.workflows.rubric import save_rubric
from core.workflows.sampling import load_sample
from core.workflows.splitting import Shares, assign_splits, look_at_splits
from tests.conftest import fill_small
from tests.judging import SPEC


def with_examples(*names: str) -> Draft:
    return Draft("overall", SPEC.with_slots({"examples": list(names)}))


def test_a_draft_begins_with_the_rubric_and_two_examples_of_each_verdict(fresh_store: Store) -> None:
    load_sample(fresh_store)
    save_rubric(fresh_store, pass_means="It helped.", fail_means="It did not.", by="ana")
    assign_splits(fresh_store, by="ana")
    draft = begin_draft(fresh_store, "care")
    assert (draft.spec.pass_means, draft.spec.fail_means, draft.parent) == ("It helped.", "It did not.", None)
    chosen = {c.trace_id: c for c in list_example_choices(fresh_store)}
    assert sorted(chosen[ref.trace_id].verdict for ref in draft.spec.examples) == ["fail", "fail", "pass", "pass"]
    assert preview(fresh_store, draft).leaks == []


def test_a_judge_of_a_category_takes_whether_its_examples_carry_it(fresh_store: Store) -> None:
    load_sample(fresh_store)
    assign_splits(fresh_store, by="ana", shares=Shares(60, 20, 20))
    category = list_categories(fresh_store)[0]
    draft = begin_draft(fresh_store, category.name, category)
    assert category.definition in draft.spec.fail_means
    for choice in list_example_choices(fresh_store, category.id):
        carries = category.name in _categories(fresh_store, choice.trace_id)
        assert choice.verdict == ("fail" if carries else "pass")


def test_a_failed_trace_without_a_category_is_no_example_of_a_judge_of_one(small_store: Store) -> None:
    assign_splits(small_store, by="ana", shares=Shares(98, 1, 1))
    train = {c.trace_id for c in list_example_choices(small_store) if c.verdict == "fail"}
    (category, *_) = list_categories(small_store)
    with small_store.write() as cursor:
        cursor.execute("delete from assignments")
    assert train
    assert train & {c.trace_id for c in list_example_choices(small_store, category.id)} == set()


def _categories(store: Store, trace_id: str) -> tuple[str, ...]:
    label = read_trace(store, trace_id).label
    return () if label is None else label.categories


@pytest.mark.parametrize(
    ("share", "words"),
    [(Shares(0, 100, 0), "not in train: dev"), (Shares(20, 30, 50), ""), (None, "not in train: no split")],
)
def test_an_example_outside_train_is_not_saved(small_store: Store, share: Shares | None, words: str) -> None:
    if share is not None:
        assign_splits(small_store, by="ana", shares=share)
    train = [c.trace_id for c in list_example_choices(small_store)]
    if not words:
        assert save_version(small_store, with_examples(*train), by="ana").examples == tuple(train)
        return
    with pytest.raises(UsageError, match=words):
        save_version(small_store, with_examples("t03"), by="ana")


def test_an_example_that_has_no_critique_any_more_is_not_saved(small_store: Store) -> None:
    assign_splits(small_store, by="ana", shares=Shares(98, 1, 1))
    with pytest.raises(UsageError, match="have no verdict with a critique"):
        save_version(small_store, with_examples("t05"), by="ana")


def test_a_version_never_changes_and_says_what_it_was_made_from(small_store: Store) -> None:
    first = save_version(small_store, Draft("overall", SPEC), by="ana")
    assert save_version(small_store, Draft("overall", SPEC), by="ben") == first.__class__(
        **{**_fields(first), "made_by": "ben"}
    )
    draft = begin_draft(small_store, "overall")
    assert (draft.spec, draft.parent) == (SPEC, first.version)
    second = save_version(small_store, draft._replace(spec=SPEC.with_slots({"guidelines": "Be strict."})), by="ana")
    assert (second.parent, second.version != first.version) == (first.version, True)
    with small_store.read() as cursor:
        held = {s.version.ref: s.version for s in find_judges(cursor) if s.version.source == "run"}
    assert held == {first.ref: first, second.ref: second}
    assert spec_of(held[first.ref]) == SPEC
    lines = changes(small_store, first.ref, second.ref)
    assert "+Be strict." in lines
    assert not any(line.startswith("-") and not line.startswith("---") for line in lines)
    with pytest.raises(NotFoundError):
        changes(small_store, first.ref, "overall@none")


def test_saving_puts_no_other_words_away(small_store: Store) -> None:
    keep_draft(small_store, Draft("overall", SPEC), by="ana")
    save_version(small_store, Draft("overall", SPEC.with_slots({"guidelines": "Be strict."})), by="ben")
    assert find_draft(small_store, "overall") is not None
    save_version(small_store, Draft("overall", SPEC), by="ana")
    assert find_draft(small_store, "overall") is None


def _fields(version: object) -> dict[str, object]:
    return {name: getattr(version, name) for name in version.__slots__}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "slots", "by"),
    [
        ("", {}, "ana"), ("a@b", {}, "ana"), ("a=b", {}, "ana"), ("corrected overall", {}, "ana"), ("x" * 70, {}, "ana"), ("care", {}, " "),
        ("care", {"criterion": " "}, "ana"), ("care", {"model": ""}, "ana"), ("care", {"fields": []}, "ana"),
        ("care", {"fields": ["labels"]}, "ana"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_version_is_refused(small_store: Store, name: str, slots: dict[str, object], by: str) -> None:
    with pytest.raises(UsageError):
        save_version(small_store, Draft(name, SPEC.with_slots(slots)), by=by)


def test_versions_drafts_and_splits_come_back_from_the_journal(small_database: Path) -> None:
    store = open_store(small_database)
    assign_splits(store, by="ana")
    version = save_version(store, Draft("overall", SPEC), by="ana")
    keep_draft(store, Draft("care", SPEC, None, None), by="ana")
    keep_draft(store, Draft("gone", SPEC), by="ana")
    discard_draft(store, "gone", by="ana")
    before = [(s.split, s.passed, s.failed) for s in look_at_splits(store).splits]
    store.close()
    small_database.unlink()
    store = open_store(small_database)
    fill_small(store)
    assert [(s.split, s.passed, s.failed) for s in look_at_splits(store).splits] == before
    assert find_draft(store, "care") == Draft("care", SPEC)
    assert find_draft(store, "gone") is None
    with store.read() as cursor:
        assert version in [s.version for s in find_judges(cursor)]
    store.close()


def test_the_same_draft_again_adds_nothing(small_store: Store) -> None:
    draft = Draft("care", SPEC.with_slots({"examples": [ExampleRef("t03", borderline=True)]}))
    keep_draft(small_store, draft, by="ana")
    version = small_store.version
    assert find_draft(small_store, "care") == draft
    keep_draft(small_store, draft, by="ana")
    with small_store.read() as cursor:
        assert cursor.execute("select count(*) from judge_drafts").fetchone() == (1,)
    assert small_store.version >= version
