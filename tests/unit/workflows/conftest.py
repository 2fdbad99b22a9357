"""What tests of runs of a judge begin with: an empty store, and a provider whom nobody waits for long."""

from collections.abc import Iterator

import pytest

from core.judge.providers import anthropic
from core.store.connection import IN_MEMORY, Store
from core.workflows import batching
from core.workflows.opening import open_store
from tests.messages_server import MessagesServer


@pytest.fixture
def server(provider: MessagesServer, monkeypatch: pytest.MonkeyPatch) -> MessagesServer:
    """The provider, whom nobody waits for long."""
    monkeypatch.setattr(anthropic, "SECONDS", 2.0)
    monkeypatch.setattr(anthropic, "FIRST_WAIT", 0.02)
    monkeypatch.setattr(batching, "POLL", 0.05)
    return provider


@pytest.fixture
def store() -> Iterator[Store]:
    """A store that holds nothing."""
    opened = open_store(IN_MEMORY)
    yield opened
    opened.close()
