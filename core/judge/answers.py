"""What came back from a judge, read: a verdict with its critique, or the reason why there is none."""

import json
from dataclasses import dataclass
from typing import Any, Final

from core.model import Verdict

NO_VERDICT: Final = "no verdict in the answer"
REFUSED: Final = "refused"
CUT_OFF: Final = "cut off"
TOO_LONG: Final = "too long for the model"
UNFINISHED: Final = "not finished"
TWICE: Final = "the answer gives one field twice"
FINISHED: Final = ("end_turn", "stop_sequence")
"""Why an answer ends that was said to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one question: exactly one of `verdict` and `failure` is set."""

    verdict: Verdict | None = None
    critique: str | None = None
    failure: str | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    dollars: float | None = 0.0
    """None where the price is not known."""
    duration_ms: float = 0.0
    of_provider: bool = False
    """No answer came from the provider; else the failure is one of this trace, or of its answer."""


def read_answer(text: str, stop_reason: str | None) -> tuple[Verdict, str] | str:
    """The verdict and its critique, or in words why there is none; nothing is guessed.

    Only an answer that was said to its end gives a verdict; one that was cut off, refused or paused gives none, whatever its
    text holds. Nor does one that names a field twice: which of the two is meant cannot be known.
    """
    if stop_reason == "refusal":
        return REFUSED
    if stop_reason == "max_tokens":
        return CUT_OFF
    if stop_reason == "model_context_window_exceeded":
        return TOO_LONG
    if stop_reason not in FINISHED:
        return f"{UNFINISHED}: {str(stop_reason or 'no reason given')[:40]}"
    try:
        held: Any = json.loads(text, object_pairs_hook=_once)
    except _TwiceError:
        return TWICE
    except (ValueError, RecursionError):
        return NO_VERDICT
    if not isinstance(held, dict):
        return NO_VERDICT
    verdict: Any = held.get("verdict")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    critique: Any = held.get("critique")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if verdict not in ("pass", "fail") or not isinstance(critique, str) or not critique.strip():
        return NO_VERDICT
    return Verdict(verdict), critique.encode("utf-8", "replace").decode("utf-8")


class _TwiceError(ValueError):
    """A field stands twice in an object."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) < len(pairs):
        raise _TwiceError
    return held
