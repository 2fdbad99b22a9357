"""The rubric: what pass and fail mean here, in versions; and the labels that were given under an older one."""

from core.errors import UsageError
from core.store import labels, rubrics, settings
from core.store.connection import Store
from core.store.rubrics import Rubric

__all__ = ["Rubric", "current_rubric", "list_rubrics", "save_rubric", "second_look_ids"]

LONGEST = 20_000


def current_rubric(store: Store) -> Rubric | None:
    """The version that holds now, or None where none was written yet."""
    return next(iter(list_rubrics(store)), None)


def list_rubrics(store: Store) -> list[Rubric]:
    """Every version, the newest first."""
    with store.read() as cursor:
        return rubrics.find_rubrics(cursor)


def save_rubric(
    store: Store, *, pass_means: str, fail_means: str, examples: str = "", change_note: str = "", by: str
) -> int:
    """Add a version and return its number; a text that is the same as the newest version adds nothing.

    Raises:
        UsageError: nobody's name, no word on what pass or fail means, or a text over the cap.
    """
    said = [text.strip() for text in (pass_means, fail_means, examples)]
    if not by.strip():
        raise UsageError("A rubric needs the name of who writes it.", "Say who you are, then save again.")
    if not said[0] or not said[1]:
        raise UsageError(
            "Say what a pass means and what a fail means.", "Both are needed: one sentence each is enough."
        )
    if max(map(len, said)) > LONGEST:
        raise UsageError(f"At most {LONGEST:,} characters are stored in each part.", "Shorten it and save again.")
    with store.write() as cursor:
        newest = next(iter(rubrics.find_rubrics(cursor)), None)
        if newest is not None and [newest.pass_means, newest.fail_means, newest.examples] == said:
            return newest.version
        return rubrics.add_rubric(
            cursor, pass_means=said[0], fail_means=said[1], examples=said[2], change_note=change_note.strip(),
            made_by=by.strip(),
        )  # fmt: skip


def second_look_ids(store: Store, person: str | None = None) -> list[str]:
    """The traces whose label by this person (by default the principal expert) is from before the rubric that holds
    now, the oldest label first."""
    with store.read() as cursor:
        newest = rubrics.newest_version(cursor)
        whose = person or settings.find_setting(cursor, settings.PRINCIPAL)
        return [] if newest is None else labels.find_older(cursor, labeler=whose, rubric_version=newest)
