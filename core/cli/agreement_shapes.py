"""The JSON shape of `passfail agreement`."""

from collections.abc import Mapping

from core.cli.shapes import Shape
from core.metrics import Rate
from core.workflows.anchoring import Steadiness
from core.workflows.biasing import LookRow, LookTable
from core.workflows.estimating import Estimate
from core.workflows.knowing import Known
from core.workflows.sealing import Seal
from core.workflows.trusting import Trust, TrustGroup
from core.workflows.varying import Change


def agreement_shape(
    trust: Trust, seal: Seal, estimate: Estimate, looks: list[LookTable], marks: Mapping[str, int], flips: Steadiness,
    changes: list[Change], known: Known | None,
) -> Shape:  # fmt: skip
    """A judge version against an expert: counts, the seal of the test split, causes, errors by look, corrected share, of the
    traces it was asked about again those it both passed and failed, by kind of change how many verdicts flip between a trace
    and a variant of it, and beside them what it says of known answers. Where it looks for one failure category, that is
    named: pass and fail are then said of it alone.
    """
    judge, _, version = trust.judge.rpartition("@")
    return {
        "judge": judge,
        "version": version,
        "category": None if trust.category is None else trust.category.name,
        "labeler": trust.labeler,
        "split": trust.split,
        "sealed": trust.sealed,
        "groups": [_group_shape(group) for group in trust.groups],
        "left_out": trust.left_out._asdict(),
        "left_to_people": {why: n for why, n, _ in trust.left_to_people},
        "test_split": _seal_shape(seal),
        "disagreements": trust.differ,
        "causes": {mark: n for mark, n in marks.items() if n},
        "looks": [_look_shape(table, row) for table in looks for row in table.rows],
        "corrected": _corrected_shape(estimate),
        "known": None
        if known is None
        else {
            "good_passed": rate_shape(known.good),
            "bad_failed": rate_shape(known.bad),
            "judge_failure": known.failures,
            "no_judgment": known.without,
            "sealed": known.sealed,
        },
        "flips": {**rate_shape(flips.flipped), "fewest": flips.fewest, "most": flips.most},
        "variants": [_change_shape(change) for change in changes],
    }


def _change_shape(change: Change) -> Shape:
    return {
        "change": change.name or None,
        "pairs": change.pairs,
        "flipped": rate_shape(change.flipped),
        "to_pass": change.to_pass,
        "to_fail": change.to_fail,
    }


def scope_line(trust: Trust) -> str:
    """Of a judge of one failure category what counts as a failure and as a pass, in a sentence."""
    failures, passes = trust.in_words
    return (
        f"It looks for one failure category alone: caught failures are of the {failures}, kept passes of the {passes}."
    )


def _seal_shape(seal: Seal) -> Shape:
    """Whether the test split is open for this version, how often it was opened for its judge, and seen before it."""
    return {
        "open": seal.opened is not None,
        "openings_of_judge": len(seal.of_judge),
        "openings_of_other_judges": seal.of_others,
        "already_seen": seal.already_seen,
    }


def _look_shape(table: LookTable, row: LookRow) -> Shape:
    return {
        "table": table.title,
        "look": row.name,
        "false_passes": rate_shape(row.false_passes),
        "false_fails": rate_shape(row.false_fails),
    }


def _corrected_shape(estimate: Estimate) -> Shape:
    """The share of passes among unlabelled real traces: as judged, and corrected; null with the reason where refused. A
    pass of a judge of one failure category is a trace free of it.
    """
    found, counts = estimate.corrected, None if estimate.trust is None else estimate.trust.whole.counts
    return {
        "judged": rate_shape(found.raw),
        "rate": found.rate,
        "low": found.low,
        "high": found.high,
        "split": estimate.split,
        "sample": estimate.sample,
        "compared": 0 if counts is None else counts.n,
        "overall_error": estimate.overall,
        "draws": found.draws,
        "dropped": found.dropped,
        "refused": estimate.refusal,
    }


def _group_shape(group: TrustGroup) -> Shape:
    return {
        "value": group.value,
        **group.counts._asdict(),
        "n": group.counts.n,
        "kept_passes": rate_shape(group.kept_passes),
        "caught_failures": rate_shape(group.caught_failures),
        "agreement": rate_shape(group.agreement),
        "kappa": group.kappa,
        "false_alarms": rate_shape(group.false_alarms),
        "fail_precision": rate_shape(group.fail_precision),
    }


def rate_shape(rate: Rate) -> Shape:
    """k of n with share and interval."""
    return {"k": rate.k, "n": rate.n, "rate": rate.rate, "low": rate.low, "high": rate.high}
