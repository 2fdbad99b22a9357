"""Whether the check of a judge is out of date, and whether a review is due: what changed since, counted."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from core.slice import day_text
from core.store import checks, settings
from core.store.checks import Newer, Shift, Traffic
from core.store.connection import Cursor, Store
from core.workflows.pinning import present

__all__ = ["ENOUGH_AGAIN", "Due", "Newer", "Shift", "Staleness", "Traffic", "review_due", "staleness", "unchecked"]

MANY_NEW = 100
"""Traces of a new cycle of reading (the sources name 100); for a judge they must be a quarter of those that were there when
it was checked, or clearly another mix of them."""
NEW_SHARE = 0.25
SHIFT = 0.1
"""By how much the share of a value must have changed."""
ENOUGH_AGAIN = 20
"""Labels, with a verdict of the judge each, that make a check a new one; half of all that it was compared on, where that is less."""
FEW_UNSEEN = 20
UNSEEN_SHARE = 0.1
WEEK = 7
WEEKLY = 20


class Since(NamedTuple):
    """A moment with the days and the traffic since."""

    at: datetime | None
    days: int | None
    traffic: Traffic


@dataclass(frozen=True, slots=True, kw_only=True)
class Staleness:
    """What changed since a judge version was last held against the expert."""

    judge: str
    version: str
    model: str | None
    checked: Since
    newer: Newer | None
    rubric: tuple[int, datetime] | None
    """A version of the rubric that was written since its labels were given, and when."""
    shift: Shift | None
    """The value whose share of the traffic changed most, where there is enough of it."""
    labelled: int
    """Blind labels given since these changes, where this version has a verdict too."""
    waiting: int
    """Such labels where it has none yet."""
    enough: int
    """Labels, with a verdict of this version each, that make a check a new one."""
    last_import: int | None
    """The newest import that brought traces since."""

    @property
    def model_changed(self) -> bool:
        """Whether a newer version runs on another model."""
        return self.newer is not None and self.newer.model != self.model

    @property
    def traffic_changed(self) -> bool:
        """Whether so much came since, or so much of another kind, that the check may not hold for it."""
        old, new, unseen = self.checked.traffic
        grown = new >= MANY_NEW and new >= NEW_SHARE * old
        return grown or self.shift is not None or (unseen >= FEW_UNSEEN and unseen >= UNSEEN_SHARE * new)

    @property
    def is_stale(self) -> bool:
        """Whether anything of it changed."""
        return self.newer is not None or self.rubric is not None or self.traffic_changed

    def reasons(self) -> list[str]:
        """What changed, each in words."""
        said: list[str] = []
        if self.newer is not None and self.model_changed:
            was, now = self.model or "not named", self.newer.model or "not named"
            said.append(f"the model changed from {was} to {now} on {day_text(self.newer.at)}")
        elif self.newer is not None:
            said.append(f"version {self.newer.version} was made on {day_text(self.newer.at)}")
        if self.rubric is not None:
            said.append(f"version {self.rubric[0]} of the rubric was written on {day_text(self.rubric[1])}")
        if self.traffic_changed:
            _, new, unseen = self.checked.traffic
            if self.shift is not None:
                name, value, before, after = self.shift
                was, now = (f"{(rate.rate or 0) * 100:.0f} %" for rate in (before, after))
                said.append(
                    f"{name} is {value[:60]} in {now} of the {new:,} traces that came since, and was in {was} before"
                )
                return said
            with_new = f", {unseen:,} of them with a value not seen before" if unseen else ""
            said.append(f"{new:,} traces came since{with_new}")
        return said

    @property
    def missing(self) -> int:
        """Labels that are still to be given before this version is checked again."""
        return max(0, self.enough - self.labelled - self.waiting)


class Due(NamedTuple):
    """How long the last review is ago, and how much came since; `size` traces are read a week."""

    since: Since
    is_due: bool
    size: int = WEEKLY


def staleness(store: Store, ref: str) -> Staleness | None:
    """What changed since this judge version (NAME@VERSION) was last checked; None where it never was."""
    judge, _, version = ref.rpartition("@")
    now = present(store)
    with store.snapshot() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        compared = checks.find_last_compared(cursor, ref, reference, enough=ENOUGH_AGAIN)
        if compared is None:
            return None
        event = compared.event
        checked, rubric = (
            _since(cursor, event, checks.moment_of(cursor, event), now),
            checks.find_rubric_after(cursor, compared.labels),
        )
        traffic = checked.traffic
        shift = (
            checks.find_shift(cursor, event, traffic, least=SHIFT)
            if traffic.old and traffic.new >= max(1, MANY_NEW)
            else None
        )
        arrived = checks.find_arrivals(cursor, event) if traffic.new else None
        changed = max(rubric[2] if rubric else 0, arrived[1] if arrived else 0)
        labelled, waiting = checks.count_compared_since(cursor, ref, reference, changed)
        return Staleness(
            judge=judge, version=version, model=checks.find_model(cursor, judge, version), checked=checked,
            newer=checks.find_newer(cursor, judge, version), rubric=rubric[:2] if rubric else None, shift=shift,
            labelled=labelled, waiting=waiting, enough=min(ENOUGH_AGAIN, compared.n // 2 + 1), last_import=arrived[0] if arrived else None,
        )  # fmt: skip


def unchecked(store: Store) -> set[str]:
    """The judge versions (NAME@VERSION) that were never held against the expert on traces whose verdicts may be shown."""
    with store.read() as cursor:
        return checks.find_unchecked(cursor, settings.find_setting(cursor, settings.PRINCIPAL))


def review_due(store: Store) -> Due | None:
    """Whether traces should be read again; None before the first verdict."""
    now = present(store)
    with store.read() as cursor:
        last = checks.find_last_review(cursor)
        if last is None:
            return None
        since = _since(cursor, *last, now)
    return Due(since, (since.days or 0) >= WEEK or since.traffic.new >= MANY_NEW)


def _since(cursor: Cursor, event: int, at: datetime | None, now: datetime) -> Since:
    days = None if at is None else max(0, (now - at).days)
    return Since(at, days, checks.count_traffic(cursor, event))
