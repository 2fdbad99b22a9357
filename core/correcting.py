"""The true success rate behind a judge's verdicts, corrected for the judge's own errors; and whether two versions differ.

PASS is the positive class: kept passes is the TPR, caught failures the TNR.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from core.metrics import Rate, caught_failures, kept_passes, rate_of
from core.model import Confusion

DRAWS = 5_000
SEED = 45
NO_BETTER = "Cannot be corrected: the judge is not better than chance."
NO_FAILURE = "Cannot be corrected: none of the compared traces was failed by the expert."
NO_PASSED = "Cannot be corrected: none of the compared traces was passed by the expert."
NOTHING_JUDGED = "Cannot be corrected: the judge has no verdict on a trace without a label."


class Corrected(NamedTuple):
    """A share of passes as fractions: what the judge says (`raw`, k of n), and corrected with its 95 % interval.

    `low` and `high` are the 2.5 and 97.5 % points of the draws that could be corrected; `dropped` of `draws` could not.
    """

    raw: Rate
    rate: float | None
    low: float | None
    high: float | None
    draws: int
    dropped: int
    refusal: str | None = None

    @property
    def failed(self) -> Rate:
        """The same as a rate of failures: the judge's k of n, with the share and interval that hold for them."""
        k = self.raw.n - self.raw.k
        if self.rate is None or self.low is None or self.high is None:
            return Rate(k, self.raw.n, None, None, None, corrected=True)
        return Rate(k, self.raw.n, 1 - self.rate, 1 - self.high, 1 - self.low, corrected=True)


@dataclass(frozen=True, slots=True)
class Calibration:
    """How a judge errs, as the expert's blind labels show it, with draws of it for the interval."""

    counts: Confusion
    refusal: str | None
    tpr: Any
    """One kept-passes rate per draw that could be corrected."""
    tnr: Any
    draws: int
    dropped: int

    def correct(self, passed: int, judged: int) -> Corrected:
        """The share of passes among `judged` traces without a label, of which the judge passed `passed`.

        theta = (p + TNR - 1) / (TPR + TNR - 1), kept within 0 and 1 (Rogan and Gladen 1978, American Journal of
        Epidemiology 107, 71-76). For the interval all three shares are drawn anew: TPR and TNR from the labelled traces,
        p from those judged alone. One that left p as it was observed would be far too narrow.
        """
        raw = rate_of(passed, judged)
        refusal = self.refusal or (NOTHING_JUDGED if raw.rate is None else None)
        tpr, tnr = kept_passes(self.counts).rate, caught_failures(self.counts).rate
        if refusal or raw.rate is None or tpr is None or tnr is None:
            return Corrected(raw, None, None, None, 0, 0, refusal)
        chance = np.random.default_rng([SEED, passed, judged])
        shares: Any = chance.beta(passed + 0.5, judged - passed + 0.5, size=len(self.tpr))
        drawn: Any = np.clip((shares + self.tnr - 1) / (self.tpr + self.tnr - 1), 0.0, 1.0)
        low, high = (float(bound) for bound in np.quantile(drawn, (0.025, 0.975)))
        value = min(1.0, max(0.0, (raw.rate + tnr - 1) / (tpr + tnr - 1)))
        return Corrected(raw, value, min(low, value), max(high, value), self.draws, self.dropped)


def calibrate(counts: Confusion, *, draws: int = DRAWS) -> Calibration:
    """What is needed to correct a judge with these counts against the expert; the draws are the same each time.

    Both shares are drawn from their posterior with half a trace more of each kind (Jeffreys' prior): an error that was not
    seen among few labels can still be drawn, which a bootstrap of these labels cannot do. A draw no better than chance can
    correct nothing: it is dropped and counted. Why not the bootstrap: docs/decisions/0014.
    """
    tpr, tnr = kept_passes(counts).rate, caught_failures(counts).rate
    refusal = NO_FAILURE if tnr is None else NO_PASSED if tpr is None else None
    if refusal is None and tpr is not None and tnr is not None and tpr + tnr <= 1:
        refusal = NO_BETTER
    if refusal is not None:
        return Calibration(counts, refusal, np.empty(0), np.empty(0), 0, 0)
    chance = np.random.default_rng(SEED)
    kept: Any = chance.beta(counts.both_pass + 0.5, counts.judge_too_strict + 0.5, size=draws)
    caught: Any = chance.beta(counts.both_fail + 0.5, counts.judge_too_lenient + 0.5, size=draws)
    better: Any = kept + caught > 1
    return Calibration(counts, None, kept[better], caught[better], draws, draws - int(better.sum()))


def mcnemar(only_first: int, only_second: int) -> float:
    """The exact two-sided p value that two versions err equally often, from the traces on which just one is right.

    McNemar 1947, Psychometrika 12, 153-157, with the binomial distribution in place of the normal one.
    """
    n, fewer = only_first + only_second, min(only_first, only_second)
    ways = total = 1
    for k in range(1, fewer + 1):
        ways = ways * (n - k + 1) // k
        total += ways
    return min(1.0, 2 * total / 2**n)
