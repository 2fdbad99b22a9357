"""Write a judge: a draft that survives a reload, the exact text, its known mistakes, and a version when it is saved."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from core.errors import NotFoundError, UsageError
from core.judge import code, lint, prompt
from core.judge.lint import Finding
from core.judge.prompt import LONGEST_SLOT, Example, ExampleRef, JudgeSpec
from core.judge.providers.anthropic import model_name
from core.judge.providers.base import PRICES
from core.judge.seen import FIELDS, never
from core.model import Category, JudgeVersion
from core.slice import Slice
from core.store import categories, judge_drafts, judging, judgments, rubrics, traces
from core.store.connection import Cursor, Store
from core.workflows.choosing_examples import as_shown, first_examples, list_example_choices, read_examples
from core.workflows.counting import CORRECTED

__all__ = [
    "CHECKS", "FIELDS", "MODELS", "OVERALL", "Draft", "ExampleRef", "Finding", "JudgeSpec", "Preview", "begin_draft",
    "changes", "discard_draft", "find_draft", "keep_draft", "never", "preview", "save_check", "save_version",
    "saved_changes", "spec_of",
]  # fmt: skip

OVERALL: Final = "overall"
MODELS: Final = tuple(PRICES)
CHECKS: Final = code.CHECKS
LONGEST_NAME = 60
GONE: Final = Finding(
    False, "its failure category was merged or removed: write a judge for the one that holds its traces now", leaks=True
)


class Draft(NamedTuple):
    """A judge that is being written, and the saved version that it began with, if any."""

    judge: str
    spec: JudgeSpec
    category_id: int | None = None
    parent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would be sent: the stable part, then what follows it for one trace; and what was found in it."""

    system: str
    said: str
    """The part for one trace of the slice; the empty text where it has none."""
    findings: list[Finding]
    version: str
    examples: list[Example]

    @property
    def leaks(self) -> list[Finding]:
        """What must be mended before it is saved."""
        return [finding for finding in self.findings if finding.leaks]


def begin_draft(store: Store, judge: str, category: Category | None = None) -> Draft:
    """A draft to begin with: from the newest version of this judge that was written here, else from the rubric, or from
    the definition of a failure category and what people wrote of its traces.

    Raises:
        UsageError: the judge is there already and looks for something else than this category.
    """
    with store.read() as cursor:
        if category is not None:
            _check_looked_for(cursor, judge, category.id)
        known = [s.version for s in judgments.find_judges(cursor) if s.version.judge == judge]
        rubric = next(iter(rubrics.find_rubrics(cursor)), None)
    for version in reversed(known):
        if (spec := spec_of(version)) is not None:
            return Draft(judge, spec, version.category_id, version.version)
    chosen = list_example_choices(store, category.id if category else None)
    spec = JudgeSpec(
        criterion="Did the assistant do what the user needed?", pass_means=rubric.pass_means if rubric else "",
        fail_means=rubric.fail_means if rubric else "", guidelines=rubric.examples if rubric else "",
        model=model_name(), examples=first_examples(chosen),
    )  # fmt: skip
    if category is None:
        return Draft(judge, spec)
    when = (("It belongs here when", category.fits_when), ("It does not belong here when", category.not_when))
    guidelines = [f"{words}: {text}" for words, text in when if text]
    guidelines.append("Look for this one kind of failure: a trace with another failure passes here.")
    spec = replace(
        spec, criterion=f"Is the trace free of this failure: {category.name}?",
        pass_means="The trace does not have this failure.",  # noqa: S106 - a verdict, not a password
        fail_means=category.definition or f"The trace has this failure: {category.name}.",
        guidelines="\n".join(guidelines),
    )  # fmt: skip
    return Draft(judge, spec, category.id)


def find_draft(store: Store, judge: str) -> Draft | None:
    """What is being written under this name, or None."""
    with store.read() as cursor:
        held = judge_drafts.find_judge_draft(cursor, judge)
    return None if held is None else Draft(judge, JudgeSpec.from_json(held.spec), held.category_id, held.parent)


def keep_draft(store: Store, draft: Draft, *, by: str) -> None:
    """Store what is being written; the same again adds nothing.

    Raises:
        UsageError: no name, or a text over the cap.
    """
    name, spec = _name(draft.judge), draft.spec.to_json()
    slots = (draft.spec.role, draft.spec.criterion, draft.spec.pass_means, draft.spec.fail_means, draft.spec.guidelines)
    if max(map(len, slots)) > LONGEST_SLOT:
        raise UsageError(f"At most {LONGEST_SLOT:,} characters are stored in each part.", "Shorten it.")
    with store.write() as cursor:
        held = judge_drafts.find_judge_draft(cursor, name)
        if held is None or (held.spec, held.parent, held.category_id) != (spec, draft.parent, draft.category_id):
            judge_drafts.keep_judge_draft(
                cursor, judge=name, category_id=draft.category_id, parent=draft.parent, spec=spec, by=by
            )


def discard_draft(store: Store, judge: str, *, by: str) -> None:
    """Put a draft away; what it said stays in the history."""
    with store.write() as cursor:
        held = judge_drafts.find_judge_draft(cursor, judge)
        if held is not None:
            judge_drafts.keep_judge_draft(
                cursor, judge=judge, category_id=held.category_id, parent=held.parent, spec=held.spec, by=by, discarded=True
            )  # fmt: skip


def spec_of(version: JudgeVersion) -> JudgeSpec | None:
    """The slots of a version; None for one that was imported, or for a check in code."""
    return None if version.spec is None or version.source != "run" else JudgeSpec.from_json(version.spec)


def preview(store: Store, draft: Draft, slice_: Slice | None = None) -> Preview:
    """Exactly what would be sent, with the newest trace of a slice, and what was found in it."""
    with store.read() as cursor:
        examples, facts = read_examples(cursor, draft.spec.examples, draft.category_id)
        keys = traces.find_keys(cursor, slice_ or Slice(), limit=1)
        shown = judging.find_shown(cursor, keys)
        gone = [GONE] if _is_gone(cursor, draft.category_id) else []
    system = prompt.system_text(draft.spec, examples)
    return Preview(
        system=system, said=prompt.user_text(as_shown(shown[0]), draft.spec.fields) if shown else "",
        findings=gone + lint.look(draft.spec, examples, facts), version=prompt.version_of(system, draft.spec),
        examples=examples,
    )  # fmt: skip


def save_version(store: Store, draft: Draft, *, by: str) -> JudgeVersion:
    """Make an immutable version of a draft, named by what it sends; the same again is the same version.

    What is being written under this name is put away where it is what was saved; other words stay.

    Raises:
        UsageError: nobody's name, no criterion, no model, an example that leaks into dev or test, a name whose versions
            look for something else, or a failure category that was merged or removed.
    """
    name, spec = _name(draft.judge), draft.spec
    if not by.strip():
        raise UsageError("A version needs the name of who saves it.", "Say who you are, then save again.")
    if not spec.criterion.strip() or not spec.model.strip() or not spec.fields:
        raise UsageError("A judge needs a criterion, a model, and something of the trace to see.")
    with store.read() as cursor:
        _check_looked_for(cursor, name, draft.category_id)
    made = preview(store, draft)
    if made.leaks:
        raise UsageError(
            f"It cannot be saved: {made.leaks[0].words}.", "Measured on dev or test it would measure what it was shown."
        )
    version = JudgeVersion(
        judge=name, version=made.version, model=spec.model, prompt=made.system,
        settings=_settings(spec),
        examples=tuple(e.trace_id for e in made.examples), source="run", parent=draft.parent,
        category_id=draft.category_id, spec=spec.to_json(), made_by=by.strip(),
    )  # fmt: skip
    with store.write() as cursor:
        _check_looked_for(cursor, name, draft.category_id)
        judgments.add_judge_version(cursor, version)
        held = judge_drafts.find_judge_draft(cursor, name)
        if held is not None and JudgeSpec.from_json(held.spec) == spec:
            judge_drafts.keep_judge_draft(
                cursor, judge=name, category_id=held.category_id, parent=held.parent, spec=held.spec, by=by, discarded=True
            )  # fmt: skip
    return version


def save_check(
    store: Store, judge: str, check: str, given: Mapping[str, Any], *, by: str, category_id: int | None = None
) -> JudgeVersion:
    """Make a version of a check in code, for everything or for one failure category.

    Raises:
        UsageError: no such check, settings that cannot be used, a name whose versions look for something else, or a failure
            category that was merged or removed.
    """
    held = code.read_settings(check, given)
    version = JudgeVersion(
        judge=_name(judge), version=code.version_of(held), settings=held, source="code", category_id=category_id,
        made_by=by.strip(),
    )  # fmt: skip
    with store.write() as cursor:
        _check_looked_for(cursor, version.judge, category_id)
        judgments.add_judge_version(cursor, version)
    return version


def _check_looked_for(cursor: Cursor, judge: str, category_id: int | None) -> None:
    """All versions of a judge look for the same, or nothing could be said of how one differs from another; and for something
    that the expert still sorts into, or none of its verdicts could be held against anything."""
    if _is_gone(cursor, category_id):
        raise UsageError(
            f"Judge {judge[:80]} looks for a failure category that was merged or removed.",
            "No trace carries it any more. Write a judge for the category that holds its traces now.",
        )
    if judgments.find_looked_for(cursor, judge) - {category_id}:
        raise UsageError(
            f"Judge «{judge[:80]}» is there already and looks for something else.",
            "Give this one another name, or the failure category of that one.",
        )


def _is_gone(cursor: Cursor, category_id: int | None) -> bool:
    return category_id is not None and categories.find_category(cursor, category_id=category_id) is None


def changes(store: Store, former: str, latter: str) -> list[str]:
    """What differs between the prompts of two versions (NAME@VERSION), line by line, as a unified diff.

    Raises:
        NotFoundError: no such version.
    """
    with store.read() as cursor:
        known = {s.version.ref: s.version for s in judgments.find_judges(cursor)}
    for ref in (former, latter):
        if ref not in known:
            raise NotFoundError(f"There is no judge «{ref[:80]}».")
    return difference(_text(known[former]), _text(known[latter]), former, latter)


def saved_changes(store: Store, draft: Draft) -> list[str]:
    """What differs between a draft and the version it was made from, as a unified diff."""
    with store.read() as cursor:
        known = {s.version.ref: s.version for s in judgments.find_judges(cursor)}
        examples, _ = read_examples(cursor, draft.spec.examples, draft.category_id)
    former = known.get(f"{draft.judge}@{draft.parent}")
    if former is None:
        return []
    spec = draft.spec
    written = JudgeVersion(
        judge=draft.judge,
        version="",
        model=spec.model,
        prompt=prompt.system_text(spec, examples),
        settings=_settings(spec),
    )
    return difference(_text(former), _text(written), former.ref, "this draft")


def _settings(spec: JudgeSpec) -> dict[str, Any]:
    return {"max_tokens": spec.max_tokens, "fields": list(spec.fields), "form": prompt.FORM}


def difference(before: str, after: str, former: str, latter: str) -> list[str]:
    """Two texts line by line, as a unified diff; nothing where they are the same."""
    return list(difflib.unified_diff(before.splitlines(), after.splitlines(), former, latter, lineterm="", n=2))


def _text(version: JudgeVersion) -> str:
    settings = "\n".join(f"{name}: {value}" for name, value in sorted(version.settings.items()))
    return f"model: {version.model or ''}\n{settings}\n\n{version.prompt or ''}"


def _name(judge: str) -> str:
    name = " ".join(judge.split())
    if not name or len(name) > LONGEST_NAME or "@" in name or "=" in name:
        raise UsageError(f"A judge has a name of 1 to {LONGEST_NAME} characters without @ and =.")
    if name.startswith(CORRECTED):
        raise UsageError(f"«{name[:40]}» would read as the corrected rate of another judge.", "Choose another name.")
    return name
