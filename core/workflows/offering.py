"""What a queue from a slice would hold, so that a button can name the number that will be queued."""

from typing import Final, NamedTuple

from core.model import KNOWN, VARIANT_OF
from core.slice import Slice
from core.store import dimensions
from core.store.connection import Store
from core.store.variants import without_tests
from core.workflows.queueing import UNLABELLED, blind, count_open

USUAL_SIZE: Final = 25
"""Traces of a queue unless somebody asks for another number."""


class Offer(NamedTuple):
    """A slice to draw from, how many traces of it wait for this person, and how many of them a queue would hold."""

    slice: Slice
    left: int
    amount: int
    is_whole: bool
    """Whether it is drawn from the unlabelled traces of the whole project."""
    is_blinded: bool
    """Whether conditions on verdicts are left out of it, so that one judges blind."""


def offer_review(store: Store, asked: Slice, *, labeler: str, size: int = USUAL_SIZE) -> Offer:
    """The queue that Review offers for a slice: of all traces the unlabelled ones, else those not judged by this
    person; a slice that asks for verdicts is drawn from without asking for them.
    """
    whole = asked.is_all or asked == UNLABELLED
    drawn = UNLABELLED if whole else blind(asked)
    left = count_open(store, drawn, labeler=labeler)
    return Offer(drawn, left, min(left, size), whole, not whole and drawn != asked)


def drawn_from(store: Store, slice_: Slice) -> Slice:
    """What of a slice a draw can hit: variants and known answers are no traffic, and only drawn where it asks about them."""
    with store.read() as cursor:
        names = dimensions.find_dimensions(cursor)
    drawn = without_tests(slice_)
    if VARIANT_OF not in names:
        drawn = drawn.with_values(VARIANT_OF, slice_.values_of(VARIANT_OF))
    if KNOWN not in names:
        drawn = drawn.with_values(KNOWN, slice_.values_of(KNOWN), negated=True)
    return drawn
