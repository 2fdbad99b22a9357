"""Who speaks: the names of the four roles, and conversations written as one text."""

import re
from typing import Any

from core.importers.texts import scalar_text
from core.model import Message

ROLES = {
    "human": "user",
    "ai": "assistant",
    "model": "assistant",
    "bot": "assistant",
    "agent": "assistant",
    "gpt": "assistant",
    "chatbot": "assistant",
    "function": "tool",
    "ipython": "tool",
    "developer": "system",
    "customer": "user",
    "caller": "user",
    "client": "user",
}
"""Other names of the four roles."""
SAID = frozenset(("user", "assistant", "system", "tool"))
_WORDS = ("USER|HUMAN|CUSTOMER|CALLER|CLIENT|AGENT|ASSISTANT|AI|BOT|CHATBOT|SYSTEM|TOOL|FUNCTION|"
          "User|Human|Customer|Caller|Client|Agent|Assistant|Bot|Chatbot|System|Tool|Function")  # fmt: skip
_TURN = re.compile(rf"(?:^|\n|\s\|\s)\s{{0,4}}({_WORDS})(?: \(([^()\n]{{1,80}})\))?:\s*")
_REPEATED = re.compile(r"(.)\1+")


def role_of(name: Any) -> str:
    """A role under its common name; a doubled letter is no other role."""
    text = scalar_text(name).strip()
    small = text.lower()
    if small in SAID:
        return small
    known = ROLES.get(small)
    if known:
        return known
    for role in ("user", "assistant", "system", "tool"):
        if _REPEATED.sub(r"\1", small) == _REPEATED.sub(r"\1", role):
            return role
    return text or "user"


def is_transcript(text: str) -> bool:
    """True for a text of at least two turns, each led by who speaks."""
    return _TURN.match(text) is not None and len(_TURN.findall(text)) > 1


def read_transcript(text: str) -> tuple[Message, ...]:
    """A conversation written as one text; any other text is one user message."""
    if not is_transcript(text):
        return (Message("user", text),)
    turns = list(_TURN.finditer(text))
    out: list[Message] = []
    for turn, following in zip(turns, [*turns[1:], None], strict=True):
        said = text[turn.end() : following.start() if following else len(text)].strip()
        out.append(Message(role_of(turn[1]), said, turn[2]))
    return tuple(out)
