"""Claude, through the library of Anthropic: key and address come from the environment and nowhere else."""

import os
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from core.errors import ModelError

KEY_VARIABLE = "ANTHROPIC_API_KEY"
MODEL_VARIABLE = "PASSFAIL_MODEL"
USUAL_MODEL = "claude-sonnet-5-5"
SECONDS = 60.0

PRICES = {
    "claude-haiku-5-5": (0.10, 0.50),
    "claude-sonnet-5-5": (2.0, 10.0),
    "claude-opus-5-5": (4.0, 20.0),
}
"""US dollars for a million tokens in and out, as published in October 2026; of other models none is known here."""

Answer = TypeVar("Answer", bound=BaseModel)


def has_key() -> bool:
    """Whether a key is set on this server; the key itself is shown nowhere."""
    return bool(os.environ.get(KEY_VARIABLE))


def model_name() -> str:
    """The model that is asked: pinned, unless the environment names another one."""
    return os.environ.get(MODEL_VARIABLE) or USUAL_MODEL


def price(tokens_in: int, tokens_out: int) -> float | None:
    """US dollars for so many tokens of the model that is asked; None where its price is not known."""
    held = PRICES.get(model_name())
    return None if held is None else (tokens_in * held[0] + tokens_out * held[1]) / 1e6


def ask(system: str, said: str, shape: type[Answer], *, max_tokens: int, seconds: float = SECONDS) -> Answer:
    """One question, answered in this shape. It is asked once: what may have been paid is never asked again unseen.

    Raises:
        ModelError: no answer, or none that can be read.
    """
    import anthropic

    try:
        with anthropic.Anthropic(timeout=seconds, max_retries=0) as client:
            answer = client.messages.parse(
                model=model_name(),
                max_tokens=max_tokens,
                system=system,
                messages=[{"role": "user", "content": said}],
                output_format=shape,
            )
    except anthropic.APITimeoutError as problem:
        raise ModelError(f"the model did not answer in {seconds:.0f} s", "Try again.") from problem
    except anthropic.APIStatusError as problem:
        raise ModelError(*_REFUSED.get(problem.status_code, _fault(problem.status_code))) from problem
    except anthropic.APIConnectionError as problem:
        raise ModelError("the provider could not be reached", "Check the connection of the server.") from problem
    except (anthropic.AnthropicError, ValidationError, ValueError, TypeError) as problem:
        raise ModelError("the answer could not be read", "Try again.") from problem
    if answer.stop_reason == "max_tokens":
        raise ModelError("the answer was cut off", "Ask about fewer notes: narrow the slice.")
    if answer.parsed_output is None:
        raise ModelError("the model declined to answer", "Group by wording instead.")
    return answer.parsed_output


_REFUSED = {
    401: ("the key was refused", f"Check {KEY_VARIABLE} on the server."),
    403: ("the key may not use this model", f"Check the key, or name another model in {MODEL_VARIABLE}."),
    404: ("the model is not known to the provider", f"Name another one in {MODEL_VARIABLE}."),
    429: ("the provider asks to wait", "Try again in a minute."),
    529: ("the provider is overloaded", "Try again in a minute."),
}


def _fault(status: int) -> tuple[str, str]:
    return f"the provider had a fault (status {status})", "Try again."
