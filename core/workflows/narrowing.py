"""Make a slice narrower for one number, and refuse what no link could say."""

from dataclasses import dataclass

from core.errors import NotFoundError, UsageError
from core.model import MISSING
from core.slice import FIELDS, NOT_SORTED, Slice
from core.store import dimensions, labels, settings
from core.store.connection import Cursor
from core.store.pivots import CATEGORY, EXPERT, FAILED, dimension_of
from core.store.verdicts import CategoryOf, find_about, find_category_of


def check_axes(cursor: Cursor, *names: str | None) -> None:
    """Refuse axes that the store does not know.

    Raises:
        NotFoundError: no such dimension.
    """
    known = [*dimensions.find_dimensions(cursor), CATEGORY]
    for name in names:
        if name is not None and dimension_of(name) not in known and name not in FIELDS:
            raise NotFoundError(f"There is no dimension «{name[:80]}».", f"Known: {', '.join(known)}.")


def check_judge(slice_: Slice, source: str, *, compared: bool) -> None:
    """Refuse to count one judge's verdicts in a slice that asks for those of another: no link could say both.

    Raises:
        UsageError: the slice speaks of another judge version.
    """
    asked = slice_.judge if slice_.judge_verdict else slice_.disagree if compared else None
    if source != EXPERT and asked is not None and asked != source:
        raise UsageError(
            f"The filter asks what judge {asked[:80]} says; judge {source[:80]} cannot be counted in it.",
            "Take the condition on the judge out of the filter.",
        )


def check_scope(cursor: Cursor, slice_: Slice, *refs: str) -> CategoryOf | None:
    """The one failure category that all these judge versions look for; None where they judge the whole.

    Raises:
        UsageError: they look for different things, for a category that is gone, or for another one than the slice asks of.
    """
    found = [find_category_of(cursor, ref) for ref in refs]
    for ref, category in zip(refs, found, strict=True):
        if category is not None and not category.name:
            raise UsageError(
                f"Judge {ref[:80]} looks for a failure category that was merged or removed.",
                "No trace carries it any more. Write a judge for the category that holds its traces now.",
            )
        if category is not None and slice_.category_verdict and slice_.of_category != category.id:
            raise UsageError(
                f"Judge {ref[:80]} looks for the failure category {category.name[:80]}; the filter asks what the expert "
                "says of another one.",
                "Take that condition out of the filter.",
            )
    if any(category != found[0] for category in found):
        said = [f"{ref[:80]} for {c.name[:80] if c else 'any failure'}" for ref, c in zip(refs, found, strict=True)]
        raise UsageError(
            f"These judges do not look for the same: {', '.join(said)}.",
            "Compare versions that look for the same: only then is one right where the other is wrong.",
        )
    return found[0]


def id_of(category: CategoryOf | None) -> int | None:
    """The number of a failure category; None where there is none."""
    return None if category is None else category.id


def in_words(category: CategoryOf | None) -> tuple[str, str]:
    """Which traces a judge of this failure category, or of the whole, should fail, and which it should pass."""
    if category is None:
        return "traces the expert failed", "traces the expert passed"
    return f"traces the expert sorted into {category.name}", f"labelled traces without {category.name}"


def blind_slice(cursor: Cursor, slice_: Slice) -> Slice:
    """The traces of a slice with a blind label of the one person whose labels count.

    Raises:
        UsageError: several people labelled, none is the principal expert and none was named.
    """
    names = [labeler.labeler for labeler in labels.find_labelers(cursor)]
    principal = settings.find_setting(cursor, settings.PRINCIPAL)
    if slice_.labeler is None and principal is None and len(names) > 1:
        raise UsageError(
            f"{len(names)} people labelled: {', '.join(names)}.",
            "Say whose labels count with --labeler, or choose the principal expert.",
        )
    return slice_.blind()


def untold_slice(cursor: Cursor, slice_: Slice, *refs: str) -> Slice:
    """The traces of a slice that none of these judge versions is shown as an example."""
    return slice_.not_told_to(*(ref for ref in refs if find_about(cursor, ref)[1]))


def judge_ref(refs: list[str], wanted: str) -> str:
    """`NAME@VERSION` for a judge named with or without its version; without one the newest.

    Raises:
        NotFoundError: no such judge or version.
    """
    if wanted in refs:
        return wanted
    of_name = [ref for ref in refs if ref.rpartition("@")[0] == wanted]
    if not of_name:
        raise NotFoundError(f"There is no judge «{wanted[:80]}».", f"Known: {', '.join(refs) or 'none yet'}.")
    return of_name[-1]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """How a cell of a pivot narrows its slice."""

    slice_: Slice
    rows: str
    cols: str | None
    of: str
    measure: str
    category_ids: dict[str, int]
    about: int | None = None
    """The failure category that the judge version looks for, where it is held against the expert."""

    def shows(self, axis: str | None, value: str | None) -> bool:
        """A slice that names values of an axis shows those values only, even where traces have several."""
        if axis is None or value is None:
            return True
        if axis == CATEGORY:
            return not self.slice_.category or self._category(value) in self.slice_.category
        named = self.slice_.values_of(dimension_of(axis))
        return not named or value in named

    def inside(self, row: str | None, col: str | None) -> Slice:
        """All traces of a combination."""
        return self._with(self._with(self.slice_, self.rows, row), self.cols, col)

    def without_category(self, row: str | None, col: str | None) -> Slice | None:
        """The combination without its failure category, where that is what its rate is of."""
        outer = self.outer(row, col)
        return None if outer is None else self.inside(*outer)

    def hits(self, inside: Slice) -> Slice:
        """The hits of the measure among these traces."""
        if self.measure == "disagreements":
            return self.compared(inside).with_disagreement(self.of)
        if self.measure == FAILED:
            return inside.with_verdict("fail") if self.of == EXPERT else inside.with_judge_verdict(self.of, "fail")
        verdict = "fail" if self.measure == "caught" else "pass"
        return inside.with_verdict(verdict, about=self.about).with_judge_verdict(self.of, verdict)

    def bad(self, inside: Slice) -> Slice:
        """What is bad among these traces: the hits, or what the judge missed or flagged wrongly."""
        if self.measure == "caught":
            return inside.with_verdict("fail", about=self.about).with_judge_verdict(self.of, "pass")
        if self.measure == "kept":
            return inside.with_verdict("pass", about=self.about).with_judge_verdict(self.of, "fail")
        return self.hits(inside)

    def compared(self, inside: Slice) -> Slice:
        """The traces among these that the measure speaks of."""
        if self.measure == FAILED:
            both = ("pass", "fail")
            return inside.with_verdict(*both) if self.of == EXPERT else inside.with_judge_verdict(self.of, *both)
        verdicts = {"disagreements": ("pass", "fail"), "caught": ("fail",), "kept": ("pass",)}[self.measure]
        return inside.with_verdict(*verdicts, about=self.about).with_judge_verdict(self.of, "pass", "fail")

    def outer(self, row: str | None, col: str | None) -> tuple[str | None, str | None] | None:
        """For a cell of a failure category the total it is a share of; None for every other cell."""
        if self.measure != FAILED:
            return None
        if self.rows == CATEGORY and row is not None:
            return (None, col)
        if self.cols == CATEGORY and col is not None:
            return (row, None)
        return None

    def _with(self, slice_: Slice, axis: str | None, value: str | None) -> Slice:
        if axis is None or value is None:
            return slice_
        if axis == CATEGORY:
            return slice_.with_category(self._category(value))
        return slice_.with_value(dimension_of(axis), value)

    def _category(self, value: str) -> int:
        return NOT_SORTED if value == MISSING else self.category_ids[value]
