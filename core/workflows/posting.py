"""Tell a webhook of an alert: one JSON document, to the one address that the environment names, and nowhere else."""

import ipaddress
import json
import logging
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

log = logging.getLogger(__name__)

VARIABLE: Final = "PASSFAIL_WEBHOOK"
SECONDS: Final = 5
NOT_ALLOWED: Final = "the address must begin with https://, or with http:// on this machine"


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """What was meant for one address is sent to no other."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def webhook() -> str | None:
    """The address that alerts are sent to, or None."""
    return os.environ.get(VARIABLE, "").strip() or None


def tell(document: Mapping[str, object]) -> tuple[str, str | None]:
    """Send a document; returns the host and what went wrong, None where it was taken. Never raises for the other side."""
    address = webhook() or ""
    try:
        parts = urlsplit(address)
        host = parts.hostname or "?"
    except ValueError:
        return "?", _failed("?", NOT_ALLOWED)
    if not is_allowed(parts):
        return host, _failed(host, NOT_ALLOWED)
    body = json.dumps(document, ensure_ascii=False).encode()
    request = urllib.request.Request(  # noqa: S310 - looked at above
        address, data=body, headers={"Content-Type": "application/json", "User-Agent": "passfail"}, method="POST"
    )
    try:
        with urllib.request.build_opener(_NoRedirects).open(request, timeout=SECONDS):
            return host, None
    except urllib.error.HTTPError as problem:
        problem.close()
        return host, _failed(host, f"it answered {problem.code}")
    except TimeoutError:
        return host, _failed(host, f"no answer within {SECONDS} s")
    except (OSError, HTTPException, ValueError) as problem:
        return host, _failed(host, str(getattr(problem, "reason", problem))[:120] or "it cannot be reached")


def is_allowed(parts: SplitResult) -> bool:
    """Whether an alert may go there: encrypted, or not off this machine."""
    if parts.scheme == "https":
        return bool(parts.hostname)
    if parts.scheme != "http" or not parts.hostname:
        return False
    if parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        return False


def _failed(host: str, problem: str) -> str:
    log.warning("an alert was not delivered to %s: %s", host, problem)
    return problem
