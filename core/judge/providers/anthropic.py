"""Claude, through the library of Anthropic: key and address come from the environment and nowhere else.

No error of the library leaves this module, nor any word of one: the requests inside them carry the key.
"""

import contextlib
import os
from collections.abc import Collection, Generator, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from core.errors import ModelError
from core.judge.providers.base import BATCH_SHARE, CACHE_READ, CACHE_WRITE, Reply, Request, Wait, dollars_for

if TYPE_CHECKING:
    import anthropic

KEY_VARIABLE = "ANTHROPIC_API_KEY"
MODEL_VARIABLE = "PASSFAIL_MODEL"
USUAL_MODEL = "claude-sonnet-5-5"
SECONDS = 60.0

TRIES = 6
FIRST_WAIT, LONGEST_WAIT = 0.5, 60.0
"""Seconds between two tries where the provider names none, doubled each time, and the most it is listened to."""

Answer = TypeVar("Answer", bound=BaseModel)


def has_key() -> bool:
    """Whether a key is set on this server; the key itself is shown nowhere."""
    return bool(os.environ.get(KEY_VARIABLE))


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

        self._library = anthropic
        try:
            self._client = anthropic.Anthropic(timeout=seconds or SECONDS, max_retries=0)
        except anthropic.AnthropicError as problem:
            raise ModelError("no key is set on the server", f"Set {KEY_VARIABLE}.") from _without_key(problem)

    def __enter__(self) -> "Claude":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

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
        pause = min(FIRST_WAIT * 2**attempt, LONGEST_WAIT)
        try:
            # `create` and not `parse`: an answer of another form was paid too, and its tokens have to be counted.
            return _reply(self._client.messages.create(**request.params()), request.model), None
        except library.APITimeoutError:
            return Reply(failure="timed out", may_be_paid=True), None
        except library.APIStatusError as problem:
            return self._refused(problem, pause)
        except library.APIConnectionError as problem:
            if "Connect" in type(problem.__cause__).__name__:  # it never reached the provider
                return Reply(failure="the provider could not be reached"), pause
            return Reply(failure="the connection broke", may_be_paid=True), None
        except (library.AnthropicError, ValueError, TypeError, AttributeError):
            return Reply(failure="the answer could not be read", may_be_paid=True), None

    def _refused(self, problem: "anthropic.APIStatusError", pause: float) -> tuple[Reply, float | None]:
        status = problem.status_code
        if status in (401, 403, 404):
            raise ModelError(*_REFUSED[status]) from None
        named = problem.response.headers.get("retry-after", "")
        with contextlib.suppress(ValueError):
            pause = min(max(float(named), 0.0), LONGEST_WAIT)
        if status == 429:
            return Reply(failure="rate limited"), pause
        if status == 529:
            return Reply(failure="overloaded"), pause
        if status >= 500 or status in (408, 409):
            return Reply(failure=f"a fault of the provider ({status})"), pause
        return Reply(failure=f"the request was refused ({status})"), None

    def count_tokens(self, request: Request) -> int | None:
        """The tokens of a question, counted by the provider for nothing; None where it does not say."""
        body = request.params()
        try:
            counted = self._client.messages.count_tokens(
                model=body["model"],
                system=body["system"],
                messages=body["messages"],
                output_config=body["output_config"],
            )
            return int(counted.input_tokens)
        except (self._library.AnthropicError, ValueError, TypeError, AttributeError):
            return None

    # -------------------------------------------------------------------------- batches

    def send_batch(self, requests: Mapping[str, Request]) -> str:
        """Send many questions at half the price and return the id of the batch; `requests` by ids of one's own.

        Raises:
            ModelError: it was not taken.
        """
        listed: list[Any] = [{"custom_id": name, "params": request.params()} for name, request in requests.items()]
        with self._explained():
            return self._client.messages.batches.create(requests=listed).id

    def find_batch(self, since: datetime, n: int, known: Collection[str] = ()) -> str | None:
        """A batch of `n` questions that was sent since a moment (UTC) and is not `known`: its id was lost in a kill."""
        with self._explained():
            for batch in self._client.messages.batches.list(limit=20):
                made = batch.created_at.replace(tzinfo=None)
                if made < since.replace(microsecond=0):
                    break
                if batch.id not in known and sum(batch.request_counts.to_dict().values()) == n:  # type: ignore[arg-type]
                    return batch.id
        return None

    def batch_ended(self, batch: str) -> bool:
        """Whether all answers of a batch are there."""
        with self._explained():
            return self._client.messages.batches.retrieve(batch).processing_status == "ended"

    def cancel_batch(self, batch: str) -> None:
        """Ask for no further answers; what was answered is paid and can be collected."""
        with self._explained():
            self._client.messages.batches.cancel(batch)

    def batch_replies(self, batch: str, model: str) -> Iterator[tuple[str, Reply | None]]:
        """Per id what came back; None for a question that was called off before it was asked."""
        with self._explained():
            for entry in self._client.messages.batches.results(batch):
                yield str(getattr(entry, "custom_id", "")), _batch_reply(entry, model)

    @contextlib.contextmanager
    def _explained(self) -> Generator[None]:
        library = self._library
        try:
            yield
        except library.APIStatusError as problem:
            raise ModelError(*_REFUSED.get(problem.status_code, _fault(problem.status_code))) from None
        except library.APIConnectionError:
            raise ModelError(
                "the provider could not be reached", "Continue the run later: nothing is paid twice."
            ) from None
        except (library.AnthropicError, ValueError, TypeError, AttributeError):
            raise ModelError("the answer could not be read", "Continue the run later: nothing is paid twice.") from None


def _batch_reply(entry: Any, model: str) -> Reply | None:
    """One answer of a batch; one that cannot be read is a failure of its own and takes no other with it."""
    kind = getattr(getattr(entry, "result", None), "type", "")
    if kind == "canceled":
        return None
    if kind == "expired":
        return Reply(failure="timed out")
    if kind != "succeeded":
        return Reply(failure=_batch_fault(getattr(entry, "result", None)))
    try:
        reply = _reply(entry.result.message, model)
    except (ValueError, TypeError, AttributeError):
        return Reply(failure="the answer could not be read", may_be_paid=True)
    return reply._replace(dollars=None if reply.dollars is None else reply.dollars * BATCH_SHARE)


def _batch_fault(result: Any) -> str:
    kind = str(getattr(getattr(getattr(result, "error", None), "error", None), "type", ""))
    words = {
        "overloaded_error": "overloaded",
        "rate_limit_error": "rate limited",
        "invalid_request_error": "the request was refused (400)",
    }
    return words.get(kind, "a fault of the provider")


def _reply(message: Any, model: str) -> Reply:
    usage = message.usage
    plain, out = int(usage.input_tokens or 0), int(usage.output_tokens or 0)
    written, read = int(usage.cache_creation_input_tokens or 0), int(usage.cache_read_input_tokens or 0)
    dollars = price(plain + CACHE_WRITE * written + CACHE_READ * read, out, model)
    text = "".join(block.text for block in message.content if block.type == "text")
    return Reply(text, message.stop_reason, plain + written + read, out, dollars)


def _without_key(problem: Exception) -> Exception:
    return RuntimeError(type(problem).__name__)
