"""Batches of questions to Claude: half the price, up to a day. All but sending one is free and done again where it fails."""

import threading
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from core.judge.providers.anthropic import TRIES, Claude, read_reply
from core.judge.providers.base import BATCH_SHARE, Reply, Request, Wait


class Batches:
    """The batches of a connection; `wait` is called off where nobody waits for an answer any more.

    Every method raises ModelError where the provider refuses, or fails again and again.
    """

    def __init__(self, claude: Claude, wait: Wait) -> None:
        self._claude, self._wait = claude, wait
        self._held = claude.client.messages.batches

    def send(self, requests: Mapping[str, Request]) -> str | None:
        """Send questions, by ids of one's own, and return the id of the batch; None where the waiting was called off.

        It is sent again only where the provider surely did not take it: two batches would both be paid.
        """
        listed: list[Any] = [{"custom_id": name, "params": request.params()} for name, request in requests.items()]
        return self._claude.repeat(lambda: self._held.create(requests=listed).id, self._wait, pays=True)

    def find(self, since: datetime, n: int, known: Collection[str] = ()) -> list[str]:
        """Batches of `n` questions that were sent since a moment (UTC) and are not `known`, the newest first.

        One whose id was lost is among them, and whoever else uses the key may have sent the others: only `names` tells.
        None of them where the waiting was called off.
        """

        def look() -> list[str]:
            found: list[str] = []
            for batch in self._held.list(limit=20):
                if batch.created_at.replace(tzinfo=None) < since.replace(microsecond=0):
                    break
                if batch.id not in known and _size(batch) == n:
                    found.append(batch.id)
            return found

        return self._claude.repeat(look, self._wait) or []

    def names(self, batch: str) -> set[str] | None:
        """What the questions of a batch were called by who sent it; none where its answers are not kept any more.

        None while it has not ended, since until then the provider does not say; and where the waiting was called off.
        """

        def read() -> set[str] | None:
            held = self._held.retrieve(batch)
            if held.processing_status != "ended":
                return None
            if held.results_url is None:
                return set()
            found = {str(entry.custom_id) for entry in self._held.results(batch)}
            if len(found) < _size(held):
                raise ValueError(len(found))
            return found

        return self._claude.repeat(read, self._wait)

    def ended(self, batch: str) -> bool:
        """Whether all answers of a batch are there; False too where the waiting was called off."""
        return bool(self._claude.repeat(lambda: self._held.retrieve(batch).processing_status == "ended", self._wait))

    def cancel(self, batch: str) -> None:
        """Ask for no further answers; what was answered is paid and can be collected. Nothing calls this off."""
        self._claude.repeat(lambda: self._held.cancel(batch), threading.Event().wait, tries=TRIES)

    def replies(self, batch: str, model: str) -> dict[str, Reply | None] | None:
        """Per id what came back, None for a question that was called off; no dictionary where the waiting was called off.

        A list that is shorter than the batch broke off on its way: it is asked for again, since what it lacks was paid.
        """

        def read() -> dict[str, Reply | None]:
            n = _size(self._held.retrieve(batch))
            found = {str(entry.custom_id): _read_entry(entry, model) for entry in self._held.results(batch)}
            if len(found) < n:
                raise ValueError(len(found))
            return found

        return self._claude.repeat(read, self._wait)


def _size(batch: Any) -> int:
    return sum(batch.request_counts.to_dict().values())


def _read_entry(entry: Any, model: str) -> Reply | None:
    """One answer of a batch; one that cannot be read is a failure of its own and takes no other with it."""
    kind = getattr(getattr(entry, "result", None), "type", "")
    if kind == "canceled":
        return None
    if kind == "expired":
        return Reply(failure="timed out")
    if kind != "succeeded":
        return Reply(failure=_fault(getattr(entry, "result", None)))
    try:
        reply = read_reply(entry.result.message, model)
    except (ValueError, TypeError, AttributeError):
        return Reply(failure="the answer could not be read", may_be_paid=True)
    return reply._replace(dollars=None if reply.dollars is None else reply.dollars * BATCH_SHARE)


def _fault(result: Any) -> str:
    kind = str(getattr(getattr(getattr(result, "error", None), "error", None), "type", ""))
    words = {
        "overloaded_error": "overloaded",
        "rate_limit_error": "rate limited",
        "invalid_request_error": "the request was refused (400)",
    }
    return words.get(kind, "a fault of the provider")
