"""Links to failure categories that were merged or split: they show the ones that hold the traces now, and say so."""

from core.workflows import taxonomy
from core.workflows.taxonomy import Followed
from pages.ui import filters
from pages.ui.store import the_store

KEY = "followed categories"


def follow_merges() -> list[Followed]:
    """Write the categories that hold the traces now into the address; returns what has to be said about it."""
    asked = filters.asked_slice()
    now, followed = taxonomy.follow_merges(the_store(), asked)
    ids = (now.category, now.primary)
    if followed:
        params = now.to_params()
        filters.put_settings(category=params.get("category"), primary=params.get("primary"))
        filters.keep(KEY, (ids, followed))
    kept: tuple[object, list[Followed]] = filters.remember(KEY, ((), []))
    return kept[1] if kept[0] == ids else []
