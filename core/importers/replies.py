"""What a model offers in its response, of which the first is the answer."""

from typing import Any


def first_said(fields: dict[str, Any]) -> Any:
    """The first of the choices, candidates or generations of a response, as a message or a text; None without any."""
    return next((said for name, first in _FIRST.items() if (said := first(fields.get(name))) is not None), None)


def _of_choices(value: Any) -> Any:
    """What the first choice of a model says; the choices of a question are no answer to it."""
    first: Any = value[0] if value.__class__ is list and value else None
    if first.__class__ is not dict:
        return None
    if first.get("message").__class__ is dict:
        return first["message"]
    of_model = len(value) == 1 or "finish_reason" in first or "logprobs" in first
    return first["text"] if of_model and first.get("text").__class__ is str else None


def _of_candidates(value: Any) -> Any:
    """What the first candidate of Gemini says."""
    first: Any = value[0] if value.__class__ is list and value else None
    content: Any = first.get("content") if first.__class__ is dict else None
    return content if content.__class__ is dict and "parts" in content else None


def _of_generations(value: Any) -> Any:
    """What the first generation of LangChain says, in a list or in a list of lists."""
    while value.__class__ is list and value:
        value = value[0]
    if value.__class__ is not dict:
        return None
    return value["message"] if value.get("message").__class__ is dict else value.get("text")


_FIRST = {"choices": _of_choices, "candidates": _of_candidates, "generations": _of_generations}
