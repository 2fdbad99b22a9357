"""Give failure categories their words: make one, name it anew, decide what is to be done about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import NotFoundError, UsageError
from core.model import DECISIONS, IMPACTS, Category
from core.store import categories, traces
from core.store.categories import Wording
from core.store.connection import Cursor, Store
from core.workflows.acting import Action, acting

MAX_WORDS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a category is called and how it is told from others."""

    name: str
    definition: str = ""
    fits_when: str = ""
    not_when: str = ""

    def checked(self) -> "Words":
        """The same without blanks around.

        Raises:
            UsageError: no name, or a text over the cap.
        """
        plain = Words(
            name=self.name.strip(), definition=self.definition.strip(),
            fits_when=self.fits_when.strip(), not_when=self.not_when.strip(),
        )  # fmt: skip
        if not plain.name:
            raise UsageError("A failure category needs a name.", "Write a short name for what goes wrong.")
        if max(map(len, (plain.name, plain.definition, plain.fits_when, plain.not_when))) > MAX_WORDS:
            raise UsageError(
                f"A text of a failure category has at most {MAX_WORDS} characters.", "Shorten it and save again."
            )
        return plain


def what_is_wrong(store: Store, words: Words, *, category_id: int | None = None, seen: Wording | None = None) -> str:
    """What keeps a category from being saved with these words, as a sentence; empty where nothing does.

    `seen` is the wording the editor started from: another one since then is not written over unseen.
    """
    if not words.name.strip():
        return "Write a short name for what goes wrong."
    if not words.definition.strip():
        return "Write one sentence that says when a trace belongs here."
    with store.read() as cursor:
        twin = categories.find_category(cursor, name=words.name)
        now = None if category_id is None else categories.find_wordings(cursor, category_id)[:1]
    if twin is not None and twin.id != category_id:
        return f"There is already a failure category «{twin.name}». Choose another name, or use that one."
    if seen is not None and now and now[0].event != seen.event:
        return f"This was changed in another window by {now[0].by}. It now reads: «{now[0].name}», {now[0].definition}"
    return ""


def make_category(store: Store, words: Words, *, by: str, trace_ids: Sequence[str] = ()) -> Action:
    """Make a category and put these traces into it.

    Raises:
        UsageError: no name, a text over the cap, or a name that another category has.
        NotFoundError: a trace that is not here.
    """
    with acting(store) as act:
        cursor = act.cursor
        made = add_worded(cursor, words, by)
        act.did(traces=put_all(cursor, trace_ids, made, by), category_id=made)
    return act.action


def reword(store: Store, category_id: int, words: Words, *, by: str) -> Action:
    """Give a category other words; its id, its links and its traces stay.

    Raises:
        UsageError: no name, a text over the cap, or a name that another category has.
        NotFoundError: no such category.
    """
    plain = words.checked()
    with acting(store) as act:
        cursor = act.cursor
        held = held_category(cursor, category_id)
        _refuse_twin(cursor, plain.name, held.id)
        categories.change_category(
            cursor, category_id, by=by, name=plain.name, definition=plain.definition, fits_when=plain.fits_when,
            not_when=plain.not_when,
        )  # fmt: skip
        act.did(category_id=category_id)
    return act.action


def decide(
    store: Store, category_id: int, *, by: str, status: str | None = None, owner: str | None = None,
    impact: str | None = None,
) -> Action:  # fmt: skip
    """Say what is to be done about a category, by whom, and how much it harms; None leaves a thing as it is.

    Raises:
        UsageError: a word that is none of `DECISIONS` or `IMPACTS`.
        NotFoundError: no such category.
    """
    if status not in (None, *DECISIONS) or impact not in (None, *IMPACTS) or len(owner or "") > 80:
        raise UsageError("This cannot be decided.", f"Decisions: {', '.join(DECISIONS)}. Impact: low, medium, high.")
    with acting(store) as act:
        cursor = act.cursor
        held_category(cursor, category_id)
        cleaned = None if owner is None else owner.strip()
        categories.change_category(cursor, category_id, by=by, status=status, owner=cleaned, impact=impact)
        act.did(category_id=category_id)
    return act.action


def remove_category(store: Store, category_id: int, *, by: str) -> Action:
    """Take away a category that holds no trace.

    Raises:
        UsageError: it holds traces.
        NotFoundError: no such category.
    """
    with acting(store) as act:
        cursor = act.cursor
        held = held_category(cursor, category_id)
        if n := len(categories.keys_in(cursor, category_id)):
            raise UsageError(
                f"«{held.name}» holds {n} traces.", "Merge it into another one, or take the traces out first."
            )
        categories.change_category(cursor, category_id, by=by, retired=True)
        act.did(category_id=category_id)
    return act.action


# ------------------------------------------------------------------------------ inside a transaction


def held_category(cursor: Cursor, category_id: int) -> Category:
    """A current category.

    Raises:
        NotFoundError: there is none of this id.
    """
    found = categories.find_category(cursor, category_id=category_id)
    if found is None:
        raise NotFoundError(f"There is no failure category number {category_id}.", "It may have been removed.")
    return found


def _refuse_twin(cursor: Cursor, name: str, category_id: int | None) -> None:
    twin = categories.find_category(cursor, name=name)
    if twin is not None and twin.id != category_id:
        raise UsageError(f"There is already a failure category «{twin.name}».", "Choose another name, or use that one.")


def add_worded(cursor: Cursor, words: Words, by: str, *, split_from: int | None = None) -> int:
    """Add a category with these words and return its id."""
    plain = words.checked()
    _refuse_twin(cursor, plain.name, None)
    return categories.add_category(
        cursor, name=plain.name, definition=plain.definition, fits_when=plain.fits_when, not_when=plain.not_when,
        by=by, split_from=split_from,
    )  # fmt: skip


def put_all(cursor: Cursor, trace_ids: Sequence[str], category_id: int, by: str) -> int:
    """Put these traces into a category; returns how many were not in it before."""
    keys = [category_key(cursor, trace_id, category_id) for trace_id in trace_ids]
    added = [categories.assign(cursor, trace_key=key, category_id=category_id, by=by) for key in keys]
    return sum(event is not None for event in added)


def category_key(cursor: Cursor, trace_id: str, category_id: int) -> int:
    """The key of a trace that is to go into a category.

    Raises:
        NotFoundError: no such trace or category.
    """
    key = traces.key_of(cursor, trace_id)
    if key is None:
        raise NotFoundError(
            f"Trace {trace_id[:80]} does not exist in this database.", "Open it again from the list of traces."
        )
    if categories.find_category(cursor, category_id=category_id) is None:
        raise NotFoundError(f"There is no failure category number {category_id}.", "It may have been removed.")
    return key
