"""The known mistakes of judge prompts, looked for before anything is paid (METHOD, R37, R38 and traps 23 to 30)."""

import re
from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from core.judge.prompt import Example, JudgeSpec
from core.judge.seen import FIELDS, TELLING
from core.model import Verdict

TERSE: Final = 8
"""Words under which a critique teaches little."""
FEWEST, MOST = 2, 8

SCALE: Final = re.compile(
    r"\blikert\b|\b(1|one|0|zero)\s*(to|-|–|through)\s*(5|five|7|10|ten|100)\b|\bout of (5|five|10|ten|100)\b"
    r"|\bscores? (of|from|between)\b",
    re.IGNORECASE,
)
LENIENT: Final = re.compile(r"\b(unsure|in doubt|not sure|uncertain|when in doubt)\b[^.\n]{0,50}\bpass", re.IGNORECASE)
VERDICT_FIRST: Final = re.compile(r"\b(verdict|outcome|label)\b[^.\n]{0,20}\b(first|before)\b", re.IGNORECASE)
LISTED: Final = re.compile(r"^\s*(\d+[.)]|[-*•])\s+\S", re.MULTILINE)
PINNED: Final = re.compile(r"\d")


class Finding(NamedTuple):
    """One thing that was looked at: whether it is well, and what was found in words."""

    ok: bool
    words: str
    leaks: bool = False
    """True where measuring with it would measure nothing: it must be mended before a version is saved."""


class ExampleFacts(NamedTuple):
    """What the store knows of an example: its split, and whether a twin of it is in dev or test."""

    trace_id: str
    split: str | None
    twin_elsewhere: bool = False
    values: frozenset[int] = frozenset()


def look(spec: JudgeSpec, examples: Sequence[Example], facts: Collection[ExampleFacts]) -> list[Finding]:
    """Everything that was looked at, mistakes first."""
    found = [*_of_words(spec), *_of_examples(spec, examples, facts)]
    return sorted(found, key=lambda finding: (not finding.leaks, finding.ok))


def _of_words(spec: JudgeSpec) -> list[Finding]:
    whole = "\n".join((spec.role, spec.criterion, spec.pass_means, spec.fail_means, spec.guidelines))
    parts = len(LISTED.findall(spec.criterion)) or spec.criterion.count("?") or len(_sentences(spec.criterion)) // 3
    checks = (
        (not VERDICT_FIRST.search(whole), "critique before verdict", "the words ask for the verdict before the reasons"),
        (bool(spec.criterion.strip()), "a criterion", "no criterion: say the one question that is asked"),
        (
            bool(spec.pass_means.strip() and spec.fail_means.strip()), "both pass and fail are said",
            "say what a pass means and what a fail means",
        ),
        (not SCALE.search(whole), "no scale", "a scale is mentioned: a verdict is pass or fail, and nothing between"),
        (parts < 2, "one criterion", "several criteria in one: write a judge for each"),
        (not LENIENT.search(whole), "no rule that lets doubts pass", "«pass when unsure» makes it miss failures"),
        (
            bool(spec.role.strip()), "domain knowledge is given",
            "no domain knowledge: the judge knows less than the expert did",
        ),
        (
            bool(PINNED.search(spec.model)) and "latest" not in spec.model, "a pinned model",
            "the model name is not pinned: it can change unseen",
        ),
        (bool(spec.fields), "something of the trace is shown", "no field of the trace is allowed"),
    )  # fmt: skip
    found = [Finding(bool(ok), good if ok else bad) for ok, good, bad in checks]
    telling = [name[2:] for name in spec.fields if name.startswith("d.") and TELLING.search(name[2:])]
    found += [Finding(False, f"the dimension «{name}» may hold what a person said of the trace") for name in telling]
    unknown = [name for name in spec.fields if name not in FIELDS and not name.startswith("d.")]
    return found + [Finding(False, f"«{name}» is no field that a judge may see", leaks=True) for name in unknown]


def _sentences(text: str) -> list[str]:
    return [part for part in re.split(r"[.;!?\n]+", text) if part.strip()]


def _of_examples(spec: JudgeSpec, examples: Sequence[Example], facts: Collection[ExampleFacts]) -> list[Finding]:
    missing = len(spec.examples) - len(examples)
    found = (
        [Finding(False, f"{missing} examples have no verdict with a critique any more", leaks=True)] if missing else []
    )
    outside = [f for f in facts if f.split != "train"]
    for fact in outside:
        found.append(
            Finding(False, f"example {fact.trace_id[:40]} is not in train: {fact.split or 'no split'}", leaks=True)
        )
    for fact in facts:
        if fact.twin_elsewhere:
            found.append(Finding(False, f"a twin of example {fact.trace_id[:40]} is in dev or test", leaks=True))
    if not examples:
        return [*found, Finding(False, "no examples: the expert's critiques help more than any wording")]
    if not any(finding.leaks for finding in found):
        found.append(Finding(True, "no example from dev or test"))
    terse = sum(len(e.critique.split()) < TERSE for e in examples)
    verdicts = {e.verdict for e in examples}
    spread = len({f.values for f in facts}) > 1 or len(facts) < FEWEST
    checks = (
        (terse == 0, f"no critique under {TERSE} words", f"{terse} of the critiques have under {TERSE} words"),
        (len(examples) >= FEWEST, "enough examples", f"fewer than {FEWEST} examples"),
        (len(examples) <= MOST, f"at most {MOST} examples", f"more than {MOST} examples: what comes after teaches little"),
        (
            verdicts == {Verdict.PASS, Verdict.FAIL}, "passes and fails among the examples",
            f"only {'passes' if verdicts == {Verdict.PASS} else 'fails'} among the examples",
        ),
        (any(e.borderline for e in examples), "a borderline example", "no borderline example: those teach most"),
        (spread, "examples of different kinds", "all examples have the same dimension values"),
    )  # fmt: skip
    return found + [Finding(ok, good if ok else bad) for ok, good, bad in checks]
