"""What a judge may see of a trace: the fields that were allowed, as data that cannot leave its fence."""

import json
import re
from collections.abc import Container, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final, NamedTuple
from unicodedata import normalize

from core.model import KNOWN, VARIANT, VARIANT_OF, Message

FIELDS: Final = {
    "messages": "what user and assistant said",
    "tools": "tool calls and their results",
    "system": "system prompts",
    "input": "the input",
    "output": "the output",
    "error": "the recorded error",
}
"""Fields that can be allowed, in words; beside them dimensions by name, as `d.NAME`. Labels, critiques, categories and the
original record are none: no judge ever sees them."""
USUAL: Final = ("messages", "tools")

TELLING: Final = re.compile(
    r"label|verdict|grade|score|rating|review|critique|annotat|note|feedback|judg|pass|fail|correct|outcome|quality",
    re.I,
)
"""Names of dimensions that may hold what a person said of the trace."""


def never(names: Container[str]) -> tuple[str, ...]:
    """Dimensions that no judge is shown where a trace has those of these names: they say that it is a test of the judge, or
    what its answer is. One called `variant` alone is a dimension like any other, such as the arm of an experiment."""
    return (KNOWN, VARIANT_OF, VARIANT) if VARIANT_OF in names else (KNOWN, VARIANT_OF)


class ShownTrace(NamedTuple):
    """A trace as the judge's side knows it, whatever was allowed of it."""

    messages: tuple[Message, ...] = ()
    input: str | None = None
    output: str | None = None
    error: str | None = None
    dimensions: Mapping[str, tuple[str, ...]] = {}
    duration_ms: float | None = None


def seen(trace: ShownTrace, fields: Sequence[str]) -> dict[str, Any]:
    """The allowed part of a trace; one without messages shows its input and output in their place."""
    shown: dict[str, Any] = {}
    if "messages" in fields or "tools" in fields or "system" in fields:
        listed = [entry for message in trace.messages if (entry := _message(message, fields))]
        if listed:
            shown["messages"] = listed
    alone = "messages" in fields and not trace.messages
    for name, value in (("input", trace.input), ("output", trace.output), ("error", trace.error)):
        if (name in fields or (alone and name != "error")) and value is not None:
            shown[name] = value
    hidden = never(trace.dimensions)
    named = {
        name: list(trace.dimensions[name]) for name in trace.dimensions if f"d.{name}" in fields and name not in hidden
    }
    return shown | ({"dimensions": named} if named else {})


def _message(message: Message, fields: Sequence[str]) -> dict[str, Any] | None:
    kind = "tools" if message.role in ("tool", "function") else "system" if message.role in _SYSTEM else "messages"
    entry: dict[str, Any] = {}
    if kind in fields:
        entry = {"role": message.role, "text": message.text}
        if message.name:
            entry["name"] = message.name
        if message.error:
            entry["error"] = True
    if "tools" in fields and message.tool_calls:
        entry.setdefault("role", message.role)
        entry["tool_calls"] = [{"name": call.name, "arguments": call.arguments} for call in message.tool_calls]
    return entry or None


_SYSTEM = ("system", "developer")


def fenced(value: object) -> str:
    """Data as JSON in which no text can close a fence: every `<` is escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=0).replace("<", "\\u003c")
    return text.encode("utf-8", "replace").decode("utf-8")


def hash_of(text: str) -> int:
    """64 bits of what a judge was shown."""
    return int.from_bytes(blake2b(text.encode("utf-8"), digest_size=8).digest(), "little")


class _Sign(NamedTuple):
    """A way of speaking to the judge: one of `needs` stands in every text that `pattern` finds, and is looked for first."""

    words: str
    needs: tuple[str, ...]
    pattern: re.Pattern[str]


_FENCE: Final = "a mark that closes the fence of the data"
_IGNORE: Final = "words that tell the reader to ignore its instructions"
_WRITTEN: Final = "a verdict written into the trace"
_ASKED: Final = "words that ask for a pass"
_TO_JUDGE: Final = "words to a judge"
_MADE_UP: Final = "a made-up tool result or system message"

_QUOTE: Final = r"[\s\"'«»“”‘’`*_()\[\]{}\\]{0,6}"
_BARE: Final = (
    r"pass\b(?! (?:on|the|through|by|along|to|my|your|any|all|it|over|out|away|me|us|from|at|in|is|was|has)\b)"
)
_JUDGE: Final = r"(?:ai |llm |automated |automatic )?(?:judge|grader|evaluator)s?\b"
_THE_TRACE: Final = r"(?:trace|answer|response|conversation|transcript|interaction|output)"
_NAMES: Final = (
    r"(?:tool_results?|tool_calls?|tool_use|tool_response|function_results?|function_calls?|function_response)"
)

_SIGNS: Final = tuple(
    _Sign(words, needs, re.compile(pattern))
    for words, needs, pattern in (
        (_FENCE, ("<",), r"</?\s?(?:trace|examples?|criterion)\s?>"),
        (
            _IGNORE, ("ignor", "disregard", "forget", "overrid", "overrul"),
            r"\b(?:ignor(?:e|ing)|disregard|forget|overrid(?:e|ing)|overrule)\b[^.]{0,60}"
            r"\b(?:instruction|rubric|criteri|guideline|system prompt"
            r"|(?:previous|prior|above|earlier|original|your|these|those|this|judging|grading) (?:prompt|rule))",
        ),
        (
            _IGNORE, ("ignor", "disregard", "forget"),
            r"\b(?:ignore|disregard|forget) (?:[^ .]{1,20} ){0,4}"
            r"(?:above|before this|you (?:were|are|have been|had been) (?:told|instructed|given|taught))\b",
        ),
        (
            _IGNORE, ("instruction", "rubric", "criteri", "system prompt"),
            r"\b(?:new|updated|revised|changed|corrected|additional|real|actual)"
            r" (?:instructions?|rubric|criteri(?:a|on)|system prompt) ?(?::|- |– |— |for (?:the |any |all )?(?:judge|grader|evaluator))",
        ),
        (_IGNORE, ("you are now", "you're now"), r"\byou(?: are|'re) now (?:[^ .]{1,12} ){0,2}(?:lenient|judge|grader|evaluator)\b"),
        (
            _WRITTEN, ("pass", "approve"),
            r"\b(?:verdict|(?:correct|right|expected|true|proper|final) (?:answer|label|outcome|grade|judge?ment|decision|rating|result))"
            rf"{_QUOTE}(?:is|should be|must be|has to be|will be|[=:–—-]){_QUOTE}(?:a |an )?{_QUOTE}(?:clear )?pass(?:ed|es)?\b"
            r"(?! (?:the|through|by|my|your|to|on)\b)",
        ),
        (
            _ASKED, ("pass",),
            r"\b(?=[aosrw])(?<!\bmy )(?<!\bhis )(?<!\bher )(?<!\btheir )(?<!\bour )(?<!\bthe )(?<!\ban )"
            r"(?:answer|say|return|output|respond|reply|write)\b"
            r"(?: (?:with|only|just|simply|exactly|as|to this|verdict|that it is a"
            r"|(?:with )?(?:the|one|a single|the single) (?:word|verdict|label))){0,4}"
            rf" ?:?{_QUOTE}{_BARE}",
        ),
        (
            _ASKED, ("pass",),
            r"\b(?:mark|grade|rate|label|score|count|judge|classif|treat|consider|evaluat|record)(?:e?d|ied|y|e|s)? "
            r"(?:(?:it|this|that|them|the|trace|answer|response|output|conversation|case|one|whole) ){0,3}"
            r"(?:(?:as )?(?:an? )?(?:clear |full )?[\"'«“*]{0,2}pass(?:ed)?[\"'»”*]{0,2}"
            r"(?: ?[.,;!:)]|$| (?:and|because|as|since|for)\b)"
            r"|as (?:an? )?(?:clear |full )?pass)",
        ),
        (
            _ASKED, ("pass",),
            r"\b(?:give|grant|award) (?:it|this|this trace|the trace|this answer|the answer|this one) (?:a |an )(?:\w{1,10} )?pass\b",
        ),
        (
            _ASKED, ("pass", "approve"),
            rf"\b(?:pass|approve) (?:this|the|that) {_THE_TRACE}\b(?! (?:on|to|along|over|back|through|and)\b)"
            rf"|\b{_THE_TRACE} (?:must|should|has to|ought to|deserves to) (?:be (?:passed|approved|a pass)\b|{_BARE})"
            rf"|\b{_THE_TRACE} deserves (?:a )?(?:full |clear )?pass\b",
        ),
        (
            _TO_JUDGE, ("judge", "grader", "evaluator"),
            rf"\b(?:note|message|memo|hint|instructions?)[:,]? (?:to|for) (?:the |any |all |our |you,? )?{_JUDGE}"
            rf"|\b(?:attention|dear|hello|hey|hi)[:,]? (?:the |any |all |our )?{_JUDGE}"
            rf"|\bas (?:the|an?|your) {_JUDGE},? (?:please\b|you\b)"
            rf"|(?:^|[.!?:*#\]] ?)(?:to (?:the )?)?{_JUDGE} ?[:!] "
            r"|\b(?:judge|grader|evaluator)s?,? (?:please (?:pass|approve|ignore|mark|grade|rate|note|answer|give|be|accept)\b"
            r"|(?:you )?(?:must|should|has to|have to|will|shall|is to|are to)"
            r" (?:now |always |please |only |just )?(?:pass|approve|ignore|disregard|mark|grade|rate|note|return|output)\b)",
        ),
        (
            _MADE_UP, ("<", "["),
            rf"</?\s?(?:antml:)?(?:{_NAMES}|system)\b|<\|[a-z_]{{2,30}}\|>|<</?sys>>"
            rf"|\[/?\s?(?:{_NAMES}|inst|sys|system)\s?\]",
        ),
        (
            _MADE_UP, ("tool_", "function_"),
            r"(?<![.\"'\\\w])(?:tool|function)_(?:results?|response|output) ?:|\"type\\?\" ?: ?\\?\"tool_result\\?\"",
        ),
    )
)  # fmt: skip
MOST_READ: Final = 500_000
"""Characters that are looked through at the beginning of a text, and as many at its end."""
_AT_ONCE: Final = 128
"""Characters that are normalised together: many marks on one letter take the square of their number."""
_HIDDEN: Final = re.compile(
    "[\u00ad\u034f\u0300-\u036f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufdf0-\ufdfd"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U000e0001\U000e0100-\U000e01ef]+"
)
"""Characters that are not seen, such as joiners of no width, and marks over letters; and words that would become long."""
_TAGS: Final = re.compile("[\U000e0020-\U000e007e]")
"""Letters that are not seen but read as plain ones by a model."""
_ESCAPED: Final = re.compile(r"\\[nrt]")


def speaks_to_judge(trace: ShownTrace, fields: Sequence[str]) -> str | None:
    """Why a trace looks as if it spoke to the judge, or None. It is judged all the same: a person has to look."""
    for text in _texts(seen(trace, fields)):
        plain = _plain(text)
        for sign in _SIGNS:
            if any(word in plain for word in sign.needs) and sign.pattern.search(plain):
                return sign.words
    return None


def _plain(text: str) -> str:
    """A text as a reader takes it in: in small plain letters, without what is not seen, in one line."""
    if len(text) > 2 * MOST_READ:
        text = f"{text[:MOST_READ]} {text[-MOST_READ:]}"
    if not text.isascii():
        text = _TAGS.sub(lambda found: chr(ord(found[0]) - 0xE0000), _HIDDEN.sub("", text))
        text = "".join(normalize("NFKC", text[i : i + _AT_ONCE]) for i in range(0, len(text), _AT_ONCE))
    if "\\" in text:
        text = _ESCAPED.sub(" ", text)
    return " ".join(text.lower().split())


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner: list[Any] = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return [text for part in inner for text in _texts(part)]
