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
TWO_VALUES: Final = 2
"""That differ between two examples: those of a single dimension."""

_NUMBER: Final = r"(?:\d{1,3}(?:\.\d+)?|zero|one|two|three|four|five|six|seven|eight|nine|ten)"
_RANGE: Final = (
    rf"\b(?:between\s+{_NUMBER}\s+and\s+{_NUMBER}|"
    rf"{_NUMBER}\s*(?:\([^)]{{1,30}}\)\s*)?(?:to|through|-|–|—|\.\.\.?)\s*{_NUMBER})\b"
)
_NO_UNIT: Final = (
    r"(?=\s*(?:$|[^\w\s%€$£]|(?:points?|stars?|marks?|where|with|for|based|depending|by|on|in|as|and|or|how)\b))"
)
"""After a range: «1 to 5» is a scale, «2 to 3 days» is not."""
_ASK: Final = r"(?:^|[,:(]\s*|\b(?:you|please|then|and|also|must|should|to|or)\s+)"
_RATE: Final = (
    rf"(?:{_ASK}(?:rate|score|grade|mark|rank|assess|evaluate|judge|assign|award)\b"
    r"|\b(?:rated|scored|graded|scores|ratings?|grading|scoring)\b|\b(?:a|the|your|final|overall)\s+score\b)"
)
_GIVE: Final = rf"{_ASK}(?:give|use|return|answer|reply|choose|pick|output|state)\b"


def _any_of(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


SCALE: Final = _any_of(
    r"\blikert\b",
    rf"{_RATE}.{{0,60}}{_RANGE}{_NO_UNIT}",
    rf"{_GIVE}.{{0,30}}\b(?:from|number|value)\s+(?:from\s+)?{_RANGE}{_NO_UNIT}",
    rf"{_GIVE}.{{0,20}}{_RANGE}\s*(?:points?|stars?|marks?)\b",
    rf"\bout of (?:5|five|10|ten|100)\b{_NO_UNIT}",
    rf"\b{_NUMBER}[-\s]?(?:point|level|step|star|grade)s?[-\s](?:\w+[-\s])?(?:scale|rating|system)\b",
    r"\bon an? (?!(?:small|large|big|grand|global|wide|broad)\w*\s)(?:\w+\s)?scale\b(?! (?:drawing|model))",
    r"\b(?:rating|grading|scoring|numeric(?:al)?|quality|sliding)\s+scale\b",
    rf"\bscale\s+(?:of|from)\s+{_NUMBER}\b(?!:)",
    rf"\bscores?\s+(?:from|between)\b|{_ASK}(?:give|assign|award|return|output|use)\s+(?:it\s+)?(?:a|an|your)\s+(?:\w+\s)?(?:score|rating)s?\b",
    r"\bletter grades?\b|\b(?:rate|grade|grades|score|mark)\b.{0,25}\b(?-i:[A-C])\s*(?:to|through|-|–)\s*(?-i:[D-F])\b",
    r"\bpercentages?\s+(?:of|for)\s+(?:the\s+|its\s+)?(?:quality|correctness|accuracy|confidence|completeness|success)\b",
    rf"{_GIVE}\s+(?:with\s+|in\s+)?(?:a|your)\s+(?:percentage|probability|confidence)\b",
    rf"{_RATE}.{{0,20}}\b(?:in|as)\s+(?:a\s+)?percent|{_RATE}.{{0,30}}\d\s*/\s*(?:5|10|100)\b",
    r"\b\d{1,3}\s*/\s*(?:5|10|100)\s*(?:to|through|-|–)\s*\d{1,3}\s*/\s*(?:5|10|100)\b",
    r"\b(?:poor|bad)\W+(?:fair|average|acceptable|mediocre)\W+(?:or\W+)?(?:good|excellent)\b",
    r"\b(?:excellent|good)\W+(?:good|fair|average|acceptable|mediocre)\W+(?:or\W+)?(?:fair|poor|bad)\b",
)
LENIENT: Final = re.compile(r"\b(unsure|in doubt|not sure|uncertain|when in doubt)\b[^.\n]{0,50}\bpass", re.IGNORECASE)
_VERDICT: Final = (
    r"\b(?:verdict|judge?ment|pass(?:es)?\s*(?:or|/|\|)\s*fail|your (?:decision|label|outcome|answer)"
    r"|(?:give|state|write|say|output|return) (?:the|a) (?:decision|label|outcome))\b"
)
_REASONS: Final = r"\b(?:explain|explanation|reason(?:s|ing)?|why|critique|justif\w*|rationale)\b"
VERDICT_FIRST: Final = _any_of(
    rf"{_VERDICT}.{{0,30}}\b(?:first\b(?! (?:line|word|sentence))(?!,?\s+(?:\w+\s+){{0,4}}?{_REASONS})|up ?front\b"
    rf"|before\b.{{0,25}}(?:{_REASONS}|\b(?:anything|everything|you explain)\b))",
    rf"\bfirst,?\s+(?:give|state|write|say|output|return|answer|decide)\b\s+(?:with\s+)?(?:the\s+|a\s+)?{_VERDICT}",
    rf"\b(?:start|begin|open|lead)s?\b.{{0,15}}\b(?:with|by giving|by stating|by saying)\b.{{0,15}}{_VERDICT}",
    rf"{_VERDICT}.{{0,30}}\b(?:then|followed by|afterwards|and after)\b.{{0,30}}{_REASONS}",
    rf"{_VERDICT}.{{0,30}}{_REASONS}.{{0,20}}\b(?:afterwards|below|after (?:that|it|this))\b",
    rf"{_VERDICT}[^,]{{0,20}}\b(?:on|in|as|at) the (?:first (?:line|word|sentence)|top|beginning|start)\b",
    rf"\b(?:on|in|as) (?:the |your )?first (?:line|word|sentence)\b,?[^,]{{0,25}}{_VERDICT}",
    rf"\bfirst (?:line|word|sentence) (?:is|must be|should be|holds|says)\s+(?:the\s+|a\s+)?{_VERDICT}",
    r"^(?:(?:please|then|and|you|only|must|should|may) )*(?:explain|justify|give (?:the |your )?reasons|write (?:the |a |your )?critique)\b"
    rf".{{0,40}}\bafter (?:giving|stating|making|writing|naming|deciding|you (?:gave|give|decide|decided)|(?:the |a )?{_VERDICT})",
    r"\"verdict\"\s*:.{0,60}\"(?:critique|explanation|reason\w*|rationale)\"",
)
_NEGATED: Final = re.compile(
    r"(?:\b(?:no|not|never|without|avoid|instead of|rather than)\b|n't\b)[^,:;]{0,40}$", re.IGNORECASE
)
_SENTENCE: Final = re.compile(r"[.;!?]+(?:\s|$)|\n+")
_GOES_ON: Final = re.compile(r"[.;!\n]+\s*(?=(?:then|after that|afterwards|followed by)\b)", re.IGNORECASE)
"""«State the verdict. Then explain.» is one thought."""

LISTED: Final = re.compile(r"^\s*(\d+[.)]|[-*•])\s+\S", re.MULTILINE)
LISTED_INLINE: Final = re.compile(r"(?:^|[\s(])(?:[1-9]|[a-e])\)\s")
DEMANDS: Final = re.compile(r"\b(?:must|should|shall|has to|have to|needs? to|ought to)\b", re.IGNORECASE)
_AUX: Final = r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)"
TWO_QUESTIONS: Final = _any_of(
    rf"^\W*{_AUX}\b.{{1,200}}?\band\s+(?:also\s+)?{_AUX}\s+(?:it|its|they|their|the|this|that|there|he|she|all|every|each)\b",
    r"\bwhether\b.{1,200}?\band\s+whether\b",
)
QUALITIES: Final = re.compile(
    r"\b(?:(?P<truth>accurate(?:ly)?|accuracy|correct(?:ly|ness)?|factual(?:ly)?|truthful(?:ly|ness)?|faithful(?:ly|ness)?)"
    r"|(?P<tone>polite(?:ly|ness)?|friendly|friendliness|courteous(?:ly)?|respectful(?:ly)?|professional(?:ly)?"
    r"|empathetic|empathy|tone|style)"
    r"|(?P<whole>complete(?:ly|ness)?|thorough(?:ly)?|comprehensive)"
    r"|(?P<length>short|brief(?:ly)?|concise(?:ly|ness)?|succinct(?:ly)?|length)"
    r"|(?P<use>helpful(?:ly|ness)?|useful(?:ness)?)|(?P<topic>relevant|relevance|on topic)"
    r"|(?P<clear>clear(?:ly)?|clarity|readable|understandable|fluent|coherent|grammar|grammatical)"
    r"|(?P<safe>safe(?:ly|ty)?|harmless|unbiased))"
    r"(?=\s*$|\s+(?:enough|of|in|to|for|information|facts?|tone|manner|language|wording|answer|response|reply|way)\b)",
    re.IGNORECASE,
)
"""What an answer can be, by what is asked of it: two of them are two criteria."""
_PART: Final = re.compile(r"[,:/]|\b(?:and|or|but|yet|as well as)\b", re.IGNORECASE)
_LEFT_ASIDE: Final = re.compile(
    r"^.*\b(?:(?:do(?:es)? not|don't|doesn't) (?:count|matter)|(?:is|are) (?:ignored|irrelevant)).*$"
    r"|\b(?:not|never|ignor\w+|disregard\w*|regardless|whatever|irrespective|apart from|without)\b.*$",
    re.IGNORECASE | re.DOTALL,
)
"""«Tone and length do not count» asks for neither."""

DATED: Final = re.compile(r"[-@:]20\d\d(?:\d{4}|-\d\d-\d\d)(?:-v\d+(?::\d+)?)?$")
GENERATION: Final = re.compile(
    r"^(?:[a-z]{2,6}\.)?(?:anthropic\.)?claude-[a-z]+-(\d{1,2})(?:-(\d{1,2}))?(?:-v\d+(?::\d+)?)?$"
)
DATELESS_FROM: Final = (4, 6)
"""From this generation on the name of a Claude model without a date is one fixed model; before, it was an alias of the newest
dated one (platform.claude.com/docs/en/about-claude/models/model-ids-and-versions)."""


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
    checks = (
        (
            not _says(VERDICT_FIRST, _GOES_ON.sub(", ", whole)), "critique before verdict",
            "the words ask for the verdict before the reasons",
        ),
        (bool(spec.criterion.strip()), "a criterion", "no criterion: say the one question that is asked"),
        (
            bool(spec.pass_means.strip() and spec.fail_means.strip()), "both pass and fail are said",
            "say what a pass means and what a fail means",
        ),
        (not _says(SCALE, whole), "no scale", "a scale is mentioned: a verdict is pass or fail, and nothing between"),
        (not _is_several(spec.criterion), "one criterion", "several criteria in one: write a judge for each"),
        (not LENIENT.search(whole), "no rule that lets doubts pass", "«pass when unsure» makes it miss failures"),
        (
            bool(spec.role.strip()), "domain knowledge is given",
            "no domain knowledge: the judge knows less than the expert did",
        ),
        (_is_pinned(spec.model), "a pinned model", "the model name is not pinned: it can change unseen"),
        (bool(spec.fields), "something of the trace is shown", "no field of the trace is allowed"),
    )  # fmt: skip
    found = [Finding(bool(ok), good if ok else bad) for ok, good, bad in checks]
    telling = [name[2:] for name in spec.fields if name.startswith("d.") and TELLING.search(name[2:])]
    found += [Finding(False, f"the dimension «{name}» may hold what a person said of the trace") for name in telling]
    unknown = [name for name in spec.fields if name not in FIELDS and not name.startswith("d.")]
    return found + [Finding(False, f"«{name}» is no field that a judge may see", leaks=True) for name in unknown]


def _sentences(text: str) -> list[str]:
    return [part.strip() for part in _SENTENCE.split(text) if part.strip()]


def _says(patterns: Sequence[re.Pattern[str]], text: str) -> bool:
    """Whether a sentence says such a thing, and not that it shall not be done."""
    for sentence in _sentences(text):
        for pattern in patterns:
            for found in pattern.finditer(sentence):
                before = sentence[: found.start() + 1]  # with the comma that may begin it
                if not _NEGATED.search(before) and not _NEGATED.search(found[0]):
                    return True
    return False


def _is_several(criterion: str) -> bool:
    """Whether more than one thing is asked for."""
    counts = (
        (len(LISTED.findall(criterion)), 2), (len(LISTED_INLINE.findall(criterion)), 2), (criterion.count("?"), 2),
        (len(_qualities(criterion)), 2), (len(DEMANDS.findall(criterion)), 3), (len(_sentences(criterion)), 6),
    )  # fmt: skip
    return any(n >= most for n, most in counts) or _says(TWO_QUESTIONS, criterion)


def _qualities(criterion: str) -> set[str | None]:
    """The qualities that are asked for; of a part of a sentence the last one, as of «is the short answer correct»."""
    parts = [part.strip() for s in _sentences(criterion) for part in _PART.split(_LEFT_ASIDE.sub("", s))]
    found = [list(QUALITIES.finditer(part)) for part in parts]
    return {matches[-1].lastgroup for matches in found if matches}


def _is_pinned(model: str) -> bool:
    """Whether the provider answers with the same model for as long as the name is known to it."""
    if DATED.search(model):
        return True
    found = GENERATION.match(model)
    return found is not None and (int(found[1]), int(found[2] or 0)) >= DATELESS_FROM


def _differ(facts: Collection[ExampleFacts]) -> bool:
    """Whether examples are of different kinds: in more than one dimension, or wholly, and not one of them alone."""
    values = [fact.values for fact in facts]
    shared = frozenset[int].intersection(*values)
    differing = frozenset[int].union(*values) - shared
    return (len(differing) > TWO_VALUES or not shared) and max(map(values.count, values)) <= (len(values) + 1) // 2


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
    checks = (
        (terse == 0, f"no critique under {TERSE} words", f"{terse} of the critiques have under {TERSE} words"),
        (len(examples) >= FEWEST, "enough examples", f"fewer than {FEWEST} examples"),
        (len(examples) <= MOST, f"at most {MOST} examples", f"more than {MOST} examples: what comes after teaches little"),
        (
            verdicts == {Verdict.PASS, Verdict.FAIL}, "passes and fails among the examples",
            f"only {'passes' if verdicts == {Verdict.PASS} else 'fails'} among the examples",
        ),
        (any(e.borderline for e in examples), "a borderline example", "no borderline example: those teach most"),
    )  # fmt: skip
    found += [Finding(ok, good if ok else bad) for ok, good, bad in checks]
    if len(facts) >= FEWEST and any(fact.values for fact in facts):
        alike = "the examples have the same dimension values, or nearly"
        differ = _differ(facts)
        found.append(Finding(differ, "examples of different kinds" if differ else alike))
    return found
