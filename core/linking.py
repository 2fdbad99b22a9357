"""Addresses of other systems for one trace: `https://crm.example/{id}`, filled in so that no value can lead elsewhere.

Only the standard library. A value becomes one percent-encoded piece; scheme and host stand in the template itself.
"""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import quote, urlsplit

LONGEST_VALUE: Final = 500
"""Characters of a value that an address may be filled with; a longer one is no name of anything."""
_PLACE: Final = re.compile(r"\{([^{}]+)\}")
_NOT_IN_ADDRESS: Final = re.compile(r"[\s\\<>\"`\x00-\x1f\x7f]")


class TemplateError(ValueError):
    """Why a text is no template of an address, as half a sentence."""


def is_address(text: str) -> bool:
    """Whether a text is meant as an address, and not as the name of a field."""
    return "://" in text


def places(template: str) -> tuple[str, ...]:
    """The fields that a template names, in their order.

    Raises:
        TemplateError: it is no http or https address, or a value could change its host.
    """
    parts = _PLACE.split(template)
    fixed, named = "".join(parts[::2]), tuple(parts[1::2])
    if "{" in fixed or "}" in fixed:
        raise TemplateError("a brace is not closed")
    if _NOT_IN_ADDRESS.search(fixed):
        raise TemplateError("it holds a space or a sign that no address has")
    try:
        split = urlsplit(_PLACE.sub("{}", template))
        host = split.hostname
    except ValueError:
        raise TemplateError("it is no address") from None
    if split.scheme not in ("http", "https"):
        raise TemplateError("only http:// and https:// are followed")
    if not host or "{" in split.netloc or "@" in split.netloc:
        raise TemplateError("its host has to be written out, without a name or password before it")
    return named


def filled(template: str, value_of: Callable[[str], str | None]) -> str | None:
    """The address with the values of the fields it names, percent-encoded; None where one is missing or would lead up.

    Raises:
        TemplateError: as `places`.
    """
    values: dict[str, str] = {}
    for name in places(template):
        value = value_of(name)
        if not value or len(value) > LONGEST_VALUE:
            return None
        values[name] = quote(value, safe="", errors="replace")
    address = _PLACE.sub(lambda found: values[found[1]], template)
    segments = urlsplit(address).path.split("/")
    return None if any(segment in (".", "..") for segment in segments) else address
