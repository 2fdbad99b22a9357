"""Checks in code: verdicts that need no model. Each has versions, judgments and agreement like any judge.

Patterns are matched by RE2, whose time grows with the text and never explodes.
"""

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, Final, NamedTuple, cast

import pyarrow as pa
import pyarrow.compute as pc

from core.errors import UsageError
from core.judge.answers import Outcome
from core.judge.seen import ShownTrace
from core.model import Verdict

LONGEST_PATTERN: Final = 1000
LONGEST_SCHEMA: Final = 50_000
MOST_TEXT: Final = 1_000_000

Settings = Mapping[str, Any]
Said = tuple[bool, str]
"""Whether the trace passes, and why in words."""


class Check(NamedTuple):
    """A kind of check: what it asks in words, the settings it takes (name, type, words), and how it answers."""

    name: str
    asks: str
    settings: tuple[tuple[str, type, str], ...]
    answer: Callable[[ShownTrace, Settings], Said]
    test: Callable[[Settings], None]


def _answer_text(trace: ShownTrace) -> str:
    """What the product said last; an answer without words is one too, but a message that only calls a tool is none.

    Raises:
        NotKnownError: no answer is recorded.
    """
    said = [m.text for m in trace.messages if m.role == "assistant" and m.text.strip()]
    empty = trace.output is not None or any(m.role == "assistant" and not m.tool_calls for m in trace.messages)
    if not (trace.output or said or empty):
        raise NotKnownError("no answer is recorded")
    return (trace.output or (said[-1] if said else ""))[:MOST_TEXT]


def _contains(trace: ShownTrace, settings: Settings) -> Said:
    held = str(settings["text"]).casefold() in _answer_text(trace).casefold()
    return _wanted(held, settings, f"the answer {{}} «{settings['text']}»")


def _matches(trace: ShownTrace, settings: Settings) -> Said:
    held = _re2(str(settings["pattern"]), _answer_text(trace))
    return _wanted(held, settings, f"the answer {{}} the pattern {settings['pattern']}")


def _wanted(held: bool, settings: Settings, words: str) -> Said:
    verb = "holds" if held else "does not hold"
    return held is not bool(settings.get("absent")), words.replace("{}", verb, 1)


def _re2(pattern: str, text: str) -> bool:
    found: Any = pc.match_substring_regex(pa.array([text]), pattern=pattern)  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue, reportUnknownVariableType]
    return bool(found[0].as_py())


def _json_schema(trace: ShownTrace, settings: Settings) -> Said:
    import jsonschema

    try:
        value: Any = json.loads(_answer_text(trace))
    except (ValueError, RecursionError):
        return False, "the answer is no JSON"
    validator: Any = jsonschema.Draft202012Validator(settings["schema"])
    problem: Any = next(iter(validator.iter_errors(value)), None)
    if problem is None:
        return True, "the answer fits the schema"
    where = "/".join(str(part) for part in problem.absolute_path) or "the whole"
    return False, f"the answer does not fit the schema at {where}: {str(problem.message)[:200]}"


def _length(trace: ShownTrace, settings: Settings) -> Said:
    n = len(_answer_text(trace))
    return int(settings.get("least", 0)) <= n <= int(settings["most"]), f"the answer has {n:,} characters"


def _latency(trace: ShownTrace, settings: Settings) -> Said:
    if trace.duration_ms is None:
        raise NotKnownError("no duration is recorded")
    return trace.duration_ms <= float(settings["most_ms"]), f"it took {trace.duration_ms:,.0f} ms"


def _tool_called(trace: ShownTrace, settings: Settings) -> Said:
    if not trace.messages:
        raise NotKnownError("no messages are recorded, so no tool calls")
    n = sum(call.name == settings["tool"] for message in trace.messages for call in message.tool_calls)
    times = f"{n} {'time' if n == 1 else 'times'}"
    return (n > 0) is not bool(settings.get("absent")), f"{settings['tool']} was called {times}"


class NotKnownError(Exception):
    """The trace does not hold what the check needs: a judge failure, never a FAIL."""


def _test_text(settings: Settings) -> None:
    if not str(settings.get("text", "")).strip():
        raise UsageError("Say the text that is looked for.")


def _test_pattern(settings: Settings) -> None:
    pattern = str(settings.get("pattern", ""))
    if not pattern or len(pattern) > LONGEST_PATTERN:
        raise UsageError(f"A pattern has 1 to {LONGEST_PATTERN:,} characters.")
    try:
        _re2(pattern, "")
    except pa.ArrowInvalid:
        raise UsageError(
            f"The pattern {pattern[:80]} cannot be read.",
            "Patterns are those of RE2: no look-around, no back references.",
        ) from None


def _test_schema(settings: Settings) -> None:
    import jsonschema

    schema: Any = settings.get("schema")
    text = json.dumps(schema)
    if not isinstance(schema, dict) or len(text) > LONGEST_SCHEMA:
        raise UsageError(f"A JSON schema is an object of at most {LONGEST_SCHEMA:,} characters.")
    if _keywords(schema) & {"pattern", "patternProperties", "format", "$ref", "$dynamicRef"}:
        raise UsageError(
            "The schema uses patterns or references.", "Write it out; for patterns there is the check «pattern»."
        )
    try:
        jsonschema.Draft202012Validator.check_schema(cast("dict[str, Any]", schema))
    except jsonschema.SchemaError as problem:
        raise UsageError(f"The schema cannot be read: {str(problem.message)[:200]}.") from None


_NAMED: Final = ("properties", "$defs", "definitions", "dependentSchemas")
"""Keywords that hold schemas by a name of one's own: a property may well be called «format»."""
_DATA: Final = ("const", "enum", "default", "examples", "required", "dependentRequired")
"""Keywords that hold values or names, and no schema."""


def _keywords(schema: Any) -> set[str]:
    """The keywords of a schema and of all schemas in it."""
    if isinstance(schema, list):
        return {name for part in cast("list[Any]", schema) for name in _keywords(part)}
    if not isinstance(schema, dict):
        return set()
    held = cast("dict[str, Any]", schema)
    found = set(held)
    for name, value in held.items():
        if name in _NAMED and isinstance(value, dict):
            found |= _keywords(list(cast("dict[str, Any]", value).values()))
        elif name not in _DATA:
            found |= _keywords(value)
    return found


def _test_length(settings: Settings) -> None:
    if not 0 <= int(settings.get("least", 0)) <= int(settings.get("most", -1)):
        raise UsageError("Say the least and the most characters.", "For example 1 and 800.")


def _test_latency(settings: Settings) -> None:
    if float(settings.get("most_ms", 0)) <= 0:
        raise UsageError("Say how many milliseconds it may take.")


def _test_tool(settings: Settings) -> None:
    if not str(settings.get("tool", "")).strip():
        raise UsageError("Say the name of the tool.")


ABSENT = ("absent", bool, "pass where it is not there")
CHECKS: Final[tuple[Check, ...]] = (
    Check("contains", "the answer contains a text", (("text", str, "text"), ABSENT), _contains, _test_text),
    Check("pattern", "the answer matches a pattern", (("pattern", str, "pattern (RE2)"), ABSENT), _matches, _test_pattern),
    Check("json schema", "the answer is JSON of a schema", (("schema", dict, "JSON schema"),), _json_schema, _test_schema),
    Check(
        "length", "the answer has a length", (("least", int, "least characters"), ("most", int, "most characters")),
        _length, _test_length,
    ),
    Check("latency", "it was fast enough", (("most_ms", int, "most milliseconds"),), _latency, _test_latency),
    Check("tool called", "a tool was called", (("tool", str, "tool"), ABSENT), _tool_called, _test_tool),
)  # fmt: skip
BY_NAME: Final = {check.name: check for check in CHECKS}


def read_settings(name: str, given: Settings) -> dict[str, Any]:
    """The settings of a check, each of its type.

    Raises:
        UsageError: no such check, or settings that cannot be used.
    """
    check = BY_NAME.get(name)
    if check is None:
        raise UsageError(f"There is no check «{name[:40]}».", f"Known: {', '.join(BY_NAME)}.")
    known = {key: kind for key, kind, _ in check.settings}
    for key in given:
        if key not in known:
            raise UsageError(f"The check «{name}» has no setting «{key[:40]}».", f"Known: {', '.join(known)}.")
    found = {key: _of_type(key, kind, given[key]) for key, kind in known.items() if key in given} | {"check": name}
    check.test(found)
    return found


_TYPES: Final = {
    str: "a text", bool: "true or false, without quotation marks", int: "a whole number", dict: "a JSON object",
}  # fmt: skip


def _of_type(key: str, kind: type, value: Any) -> Any:
    """A setting of its type: nothing is taken for something else, as the text "false" would be for true.

    Raises:
        UsageError: it is of another type.
    """
    if kind is dict and isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise UsageError(f"«{key}» cannot be read as JSON.", "It is a JSON object.") from None
    elif kind is int and isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise UsageError(f"«{key}» is {_TYPES[kind]}, not {_short(value)}.")
    return value


def _short(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:40]


def version_of(settings: Settings) -> str:
    """The name of a version: another one for any other setting."""
    return sha256(json.dumps(dict(settings), sort_keys=True).encode()).hexdigest()[:8]


def answer(settings: Settings, trace: ShownTrace) -> Outcome:
    """What a check says of a trace; where the trace does not hold what it needs there is no verdict."""
    try:
        passed, words = BY_NAME[str(settings["check"])].answer(trace, settings)
    except NotKnownError as problem:
        return Outcome(failure=str(problem))
    except RecursionError:
        return Outcome(failure="the answer is nested too deep")
    except Exception as problem:  # noqa: BLE001 - one trace that a check cannot take does not end the run
        return Outcome(failure=f"the check could not answer ({type(problem).__name__})")
    return Outcome(verdict=Verdict.PASS if passed else Verdict.FAIL, critique=words)
