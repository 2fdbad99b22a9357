"""Whether the check of a judge is out of date, and whether a review is due: what changed since, counted."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from core.slice import day_text
from core.store import checks, settings
from core.store.checks import Newer, Traffic
from core.store.connection import Cursor, Store
from core.workflows.pinning import present

__all__ = ["Due", "Newer", "Staleness", "Traffic", "review_due", "staleness", "unchecked"]

MANY_NEW = 100
"""Traces of a new cycle of reading (the sources name 100); for a judge they must be a quarter of what it was checked on."""
NEW_SHARE = 0.25
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
    """A version of the rubric that was written since, and when."""

    @property
    def model_changed(self) -> bool:
        """Whether a newer version runs on another model."""
        return self.newer is not None and self.newer.model != self.model

    @property
    def traffic_changed(self) -> bool:
        """Whether so much came since, or so much of another kind, that the check may not hold for it."""
        old, new, unseen = self.checked.traffic
        grown = new >= MANY_NEW and new >= NEW_SHARE * old
        return grown or (unseen >= FEW_UNSEEN and unseen >= UNSEEN_SHARE * new)

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
            with_new = f", {unseen:,} of them with a value not seen before" if unseen else ""
            said.append(f"{new:,} traces came since{with_new}")
        return said


class Due(NamedTuple):
    """How long the last review is ago, and how much came since; `size` traces are read a week."""

    since: Since
    is_due: bool
    size: int = WEEKLY


def staleness(store: Store, ref: str) -> Staleness | None:
    """What changed since this judge version (NAME@VERSION) was last checked; None where it never was."""
    judge, _, version = ref.rpartition("@")
    now = present(store)
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        event = checks.find_last_compared(cursor, ref, reference)
        if not event:
            return None
        return Staleness(
            judge=judge, version=version, model=checks.find_model(cursor, judge, version),
            checked=_since(cursor, event, checks.moment_of(cursor, event), now),
            newer=checks.find_newer(cursor, judge, version), rubric=checks.find_rubric_after(cursor, event),
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
