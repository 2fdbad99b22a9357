"""What a provider is given and what it gives back, whoever it is; and what tokens cost."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

PRICES = {
    "claude-haiku-5-5": (0.10, 0.50),
    "claude-sonnet-5-5": (2.0, 10.0),
    "claude-opus-5-5": (4.0, 20.0),
}
"""US dollars for a million tokens in and out, as published in October 2026; of other models none is known here."""

CACHE_WRITE, CACHE_READ = 1.25, 0.10
"""What a token of the prompt costs that is put into the provider's cache, or found there, beside a plain one."""
BATCH_SHARE = 0.5
"""What a batch costs beside single calls."""


def dollars_for(model: str, tokens_in: float, tokens_out: float) -> float | None:
    """US dollars for so many tokens; None where the price of the model is not known."""
    held = PRICES.get(model)
    return None if held is None else (tokens_in * held[0] + tokens_out * held[1]) / 1e6


class Reply(NamedTuple):
    """What came back: an answer in `text`, or in `failure` why there is none, which is never a verdict."""

    text: str = ""
    stop_reason: str | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    dollars: float | None = 0.0
    failure: str | None = None
    may_be_paid: bool = False
    """No answer arrived, but the provider may have made one: it is not asked again by itself."""


class Request(NamedTuple):
    """A question as it is sent: `system` is the same for many, and kept by the provider."""

    model: str
    system: str
    said: str
    max_tokens: int
    schema: Mapping[str, Any]

    def params(self) -> dict[str, Any]:
        """The body of the request; the same for a single call and inside a batch."""
        return {
            "model": self.model,
            "max_tokens": self.max_tokens,
            "system": [{"type": "text", "text": self.system, "cache_control": {"type": "ephemeral"}}],
            "messages": [{"role": "user", "content": self.said}],
            "output_config": {"format": {"type": "json_schema", "schema": dict(self.schema)}},
        }


Wait = Callable[[float], bool]
"""Waits so many seconds; True where the waiting was called off."""
