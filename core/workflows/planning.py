"""What a queue shall be: ways to choose with their shares, before anything is drawn."""

from dataclasses import dataclass
from typing import NamedTuple

from core.errors import UsageError
from core.store import dimensions
from core.store.connection import Cursor
from core.workflows.strategies import BY_NAME, Strategy

BLIND_NAME = "Mixed, shown blind"
LEAST_MIXED_IN = 20
"""Of a queue chosen by what a judge says, so much in a hundred is drawn without a look at the judge: to keep it blind."""


class Part(NamedTuple):
    """A strategy and how much of the queue it draws, in a hundred."""

    strategy: str
    share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a queue shall be: its parts, and for those that need it the dimensions to look at."""

    parts: tuple[Part, ...] = (Part("random", 100),)
    by: tuple[str, ...] = ()
    equal: bool = True
    """Of strata: the same number from each; else in proportion to their size."""

    @property
    def strategies(self) -> list[Strategy]:
        """The strategies of its parts."""
        return [BY_NAME[part.strategy] for part in self.parts]

    @property
    def by_chance(self) -> bool:
        """Whether every label speaks for all traffic."""
        return all(strategy.by_chance for strategy in self.strategies)

    @property
    def name(self) -> str:
        """The queue as a whole in words that tell nothing of any one trace."""
        if any(strategy.by_judge for strategy in self.strategies):
            return BLIND_NAME
        names = [strategy.name for strategy in self.strategies]
        if "stratified" in names and self.by:
            how = "equal" if self.equal else "in proportion"
            names[names.index("stratified")] = f"random by {self.by[0]}, {how}"
        elif "thin cells" in names and self.by:
            names[names.index("thin cells")] = f"few labels by {' × '.join(self.by)}"
        words = " and ".join(names)
        return words[:1].upper() + words[1:]


RANDOM = Plan()
UNUSUAL = Plan(parts=(Part("outliers", 100),))
CHECK_JUDGE = Plan(parts=(Part("judge says fail", 50), Part("random", 50)))


def mixed_plan(
    looked_for: list[str], *, share: int, by: tuple[str, ...], strata: str | None, equal: bool
) -> Plan | None:
    """A queue of which `share` in a hundred is drawn by chance, by `strata` if named, the rest by what is looked for;
    None where it would tell what the judge says, or where thin cells lack a dimension.
    """
    chance = [Part("stratified" if strata else "random", share)] if share else []
    each = (100 - share) / len(looked_for) if looked_for else 0
    rest = [Part(name, round(each)) for name in looked_for] if share < 100 else []
    by_judge = any(BY_NAME[name].by_judge for name in looked_for)
    if (by_judge and share < LEAST_MIXED_IN) or ("thin cells" in looked_for and not by):
        return None
    # The first dimension is that of the strata.
    ordered = (strata, *(name for name in by if name != strata)) if strata else by
    return Plan(parts=(*chance, *rest), by=ordered, equal=equal)


def check_plan(cursor: Cursor, plan: Plan) -> None:
    """Refuse what cannot be drawn, or would tell the reviewer what the judge says.

    Raises:
        UsageError: an unknown strategy or dimension, none where one is needed, or a judge's verdicts alone.
    """
    unknown = [part.strategy for part in plan.parts if part.strategy not in BY_NAME]
    if unknown or not plan.parts:
        raise UsageError(
            f"There is no way to draw called «{', '.join(unknown)[:80]}».", f"Known: {', '.join(BY_NAME)}."
        )
    known = dimensions.find_dimensions(cursor)
    gone = [name for name in plan.by if name not in known]
    needs_one = any(part.strategy in ("stratified", "thin cells") for part in plan.parts)
    if gone or (needs_one and not plan.by):
        raise UsageError("This way to draw needs a dimension of the traces.", f"Known: {', '.join(known) or 'none'}.")
    by_judge = any(strategy.by_judge for strategy in plan.strategies)
    unmarked = sum(part.share for part in plan.parts if not BY_NAME[part.strategy].by_judge)
    if by_judge and unmarked < LEAST_MIXED_IN:
        raise gives_away()


def gives_away() -> UsageError:
    """What is wrong with a queue in which every trace has the same verdict of the judge."""
    return UsageError(
        "A queue of nothing but one verdict of the judge would give that verdict away.",
        f"Draw at least {LEAST_MIXED_IN} in a hundred of it at random, from traces that are still to be judged.",
    )
