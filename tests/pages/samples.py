"""Databases for the tests of these pages."""

from collections.abc import Callable
from pathlib import Path

from core.store.connection import Store
from core.workflows.opening import open_store


def made(path: Path, *fills: Callable[[Store], object]) -> Path:
    """A database filled by each of these, closed again."""
    store = open_store(path)
    for fill in fills:
        fill(store)
    store.close()
    return path
