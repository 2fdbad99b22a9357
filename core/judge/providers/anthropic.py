"""Claude, through the library of Anthropic: key and address come from the environment and nowhere else.

No error of the library leaves this module, nor any word of one: the requests inside them carry the key.
"""

import contextlib
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib import metadata
from typing import TYPE_CHECKING, Any, TypeVar

from core.errors import ModelError
from core.judge.providers.base import CACHE_READ, CACHE_WRITE, Reply, Request, Wait, dollars_for

if TYPE_CHECKING:
    from pydantic import BaseModel

KEY_VARIABLE = "ANTHROPIC_API_KEY"
MODEL_VARIABLE = "PASSFAIL_MODEL"
USUAL_MODEL = "claude-sonnet-5-5"
SECONDS = 60.0

TRIES, FREE_TRIES = 6, 12
"""How often a question is asked; and how often what costs nothing: about five minutes at the provider's worst."""
FIRST_WAIT, LONGEST_WAIT = 0.5, 60.0
"""Seconds between two tries where the provider names none, doubled each time; and the longest that is waited at all."""
LATER = "Continue the run later: nothing is paid twice."

Answer = TypeVar("Answer", bound="BaseModel")
Found = TypeVar("Found")


def has_key() -> bool:
    """Whether a key is set on this server; the key itself is shown nowhere."""
    return bool(os.environ.get(KEY_VARIABLE))


def library() -> str:
    """The library that asks, with its version: «anthropic 2.12.0»."""
    return f"anthropic {metadata.version('anthropic')}"


def model_name() -> str:
    """The model that is asked: pinned, unless the environment names another one."""
    return os.environ.get(MODEL_VARIABLE) or USUAL_MODEL


def price(tokens_in: float, tokens_out: float, model: str | None = None) -> float | None:
    """US dollars for so many tokens of a model, by default the one that is asked; None where its price is not known."""
    return dollars_for(model or model_name(), tokens_in, tokens_out)


def ask(system: str, said: str, shape: type[Answer], *, max_tokens: int, seconds: float = SECONDS) -> Answer:
    """One question, answered in this shape. It is asked once: what may have been paid is never asked again unseen.

    Raises:
        ModelError: no answer, or none that can be read.
    """
    import anthropic
    from pydantic import ValidationError

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


# ------------------------------------------------------------------------------ one question of many


class Claude:
    """A connection that many threads may share. Use it as a context."""

    def __init__(self, *, seconds: float | None = None) -> None:
        import anthropic
        import httpx2

        self._library, self._web = anthropic, httpx2
        try:
            self.client = anthropic.Anthropic(timeout=seconds or SECONDS, max_retries=0)
        except anthropic.AnthropicError as problem:
            raise ModelError("no key is set on the server", f"Set {KEY_VARIABLE}.") from _without_key(problem)

    def __enter__(self) -> "Claude":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def ask(self, request: Request, wait: Wait) -> Reply | None:
        """One question, tried again where the provider asks for it; None where the waiting was called off.

        Raises:
            ModelError: the key or the model is refused, so that asking further is of no use.
        """
        for attempt in range(TRIES):
            reply, pause = self._once(request, attempt)
            if pause is None or attempt == TRIES - 1:
                return reply
            if wait(pause):
                return None
        return None

    def _once(self, request: Request, attempt: int) -> tuple[Reply, float | None]:
        """What came of a try, and after how many seconds another one makes sense."""
        library = self._library
        try:
            # `create` and not `parse`: an answer of another form was paid too, and its tokens have to be counted.
            return read_reply(self.client.messages.create(**request.params()), request.model), None
        except library.APIStatusError as problem:
            _check_usable(problem.status_code)
            words, pause = _refusal(problem.status_code, problem.response.headers, attempt)
            return Reply(failure=words), pause
        except library.APIConnectionError as problem:
            if self._unsent(problem):
                return Reply(failure="the provider could not be reached"), _own_pause(attempt)
            late = isinstance(problem, library.APITimeoutError)
            return Reply(failure="timed out" if late else "the connection broke", may_be_paid=True), None
        except (library.AnthropicError, ValueError, TypeError, AttributeError):
            return Reply(failure="the answer could not be read", may_be_paid=True), None

    def _unsent(self, problem: Exception) -> bool:
        """Whether a request surely never reached the provider."""
        web = self._web
        return isinstance(problem.__cause__, (web.ConnectError, web.ConnectTimeout, web.PoolTimeout))

    def count_tokens(self, request: Request) -> int | None:
        """The tokens of a question, counted by the provider for nothing; None where it does not say."""
        body = request.params()
        try:
            counted = self.client.messages.count_tokens(
                model=body["model"],
                system=body["system"],
                messages=body["messages"],
                output_config=body["output_config"],
            )
            return int(counted.input_tokens)
        except (self._library.AnthropicError, ValueError, TypeError, AttributeError):
            return None

    def repeat(
        self, do: Callable[[], Found], wait: Wait, *, tries: int = FREE_TRIES, pays: bool = False
    ) -> Found | None:
        """Do what asks for no answer by itself, again where it fails in a way that passes; None where it was called off.

        What `pays` is done again only where the provider surely did not take it.

        Raises:
            ModelError: it is refused, fails again and again, or the provider asks to wait too long.
        """
        library = self._library
        for attempt in range(tries):
            try:
                return do()
            except library.APIStatusError as problem:
                status = problem.status_code
                if status == 404 and not pays:
                    raise ModelError("the provider does not know this batch", "Run the judge anew.") from None
                _check_usable(status)
                words, pause = _refusal(status, problem.response.headers, attempt)
                taken = status not in (429, 529)
            except (library.APIConnectionError, self._web.HTTPError) as problem:
                words, pause = "the provider could not be reached", _own_pause(attempt)
                taken = not self._unsent(problem)
            except (library.AnthropicError, ValueError, TypeError, AttributeError):
                words, pause, taken = "the answer could not be read", _own_pause(attempt), True
            if pause is None or attempt == tries - 1 or (pays and taken):
                raise ModelError(words, LATER)
            if wait(pause):
                return None
        return None


def _check_usable(status: int) -> None:
    if status in (401, 403, 404):
        raise ModelError(*_REFUSED[status]) from None


def _refusal(status: int, headers: Mapping[str, str], attempt: int) -> tuple[str, float | None]:
    """Why a request was not answered, and after how many seconds another one makes sense.

    Nobody asks sooner than the provider says; where that is too long to be waited for, nobody asks again.
    """
    if status < 500 and status not in (408, 409, 429):
        return f"the request was refused ({status})", None
    words = {429: "rate limited", 529: "overloaded"}.get(status, f"a fault of the provider ({status})")
    named = _seconds(headers.get("retry-after", ""))
    pause = _own_pause(attempt) if named is None else named
    return (words, pause) if pause <= LONGEST_WAIT else (f"{words} for more than a minute", None)


def _own_pause(attempt: int) -> float:
    return min(FIRST_WAIT * 2**attempt, LONGEST_WAIT)


def _seconds(named: str) -> float | None:
    """How long a `retry-after` asks to wait: it holds seconds or a date; None where it says neither."""
    with contextlib.suppress(ValueError):
        return max(0.0, float(named))
    with contextlib.suppress(ValueError, TypeError):
        return max(0.0, (parsedate_to_datetime(named) - datetime.now(UTC)).total_seconds())
    return None


def read_reply(message: Any, model: str) -> Reply:
    """An answer as the provider gave it, with its tokens and its price.

    Raises:
        AttributeError, TypeError, ValueError: it has another form.
    """
    usage = message.usage
    plain, out = int(usage.input_tokens or 0), int(usage.output_tokens or 0)
    written, read = int(usage.cache_creation_input_tokens or 0), int(usage.cache_read_input_tokens or 0)
    dollars = price(plain + CACHE_WRITE * written + CACHE_READ * read, out, model)
    text = "".join(block.text for block in message.content if block.type == "text")
    return Reply(text, message.stop_reason, plain + written + read, out, dollars)


def _without_key(problem: Exception) -> Exception:
    return RuntimeError(type(problem).__name__)
