"""`passfail judge check`: a gate for a pipeline, by the lower bound of what the judge catches and keeps."""

from argparse import Namespace
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as Xml

from core.cli.agreement_shapes import scope_line
from core.cli.database import database_path, opened
from core.cli.output import Output, one_line, percent
from core.cli.slicing import slice_of
from core.errors import InputError, UsageError
from core.metrics import Rate
from core.workflows.trust import LEFT_OUT_WORDS
from core.workflows.trusting import measure_trust


class _Gate(NamedTuple):
    name: str
    words: str
    rate: Rate
    least: float | None

    @property
    def met(self) -> bool:
        """Where nothing was counted, nothing is known: that is not enough."""
        return self.least is None or (self.rate.low is not None and self.rate.low >= self.least)


def run_judge_check(args: Namespace, output: Output) -> int:
    """Hold a judge version against the expert; 1 where a bound is under what was asked for."""
    if args.min_caught is None and args.min_kept is None:
        raise UsageError("Nothing is asked for.", "Give --min-caught, --min-kept, or both.")
    with opened(database_path(args)) as store:
        slice_ = slice_of(store, args, output)
        trust = measure_trust(store, slice_, judge=args.judge, labeler=args.labeler, split=args.split)
    if not trust.groups:
        raise UsageError(
            "The test split is sealed: it was not opened for this judge.",
            "Open it once on the page Trust, or check on dev.",
        )
    whole = trust.groups[0]
    gates = [
        _Gate("caught failures", "failures of the expert", whole.caught_failures, args.min_caught),
        _Gate("kept passes", "passes of the expert", whole.kept_passes, args.min_kept),
    ]
    if args.junit is not None:
        _write_junit(args.junit, trust.judge, trust.split, gates)
    met = all(gate.met for gate in gates)
    if output.json:
        shapes = {g.name.replace(" ", "_"): {**g.rate._asdict(), "least": g.least, "met": g.met} for g in gates}
        judge, _, version = trust.judge.rpartition("@")
        about = {
            "category": None if trust.category is None else trust.category.name,
            "unsorted": trust.left_out.unsorted,
            "left_to_people": {why: n for why, n, _ in trust.left_to_people},
        }
        output.document({"judge": judge, "version": version, **about, "split": trust.split, "met": met, **shapes})
    else:
        if trust.category is not None:
            output.line(scope_line(trust))
        unsorted = trust.left_out.unsorted
        left = [f"{unsorted:,} {LEFT_OUT_WORDS['unsorted']}"] if unsorted else []
        left += [f"{n:,} {one_line(why)}" for why, n, _ in trust.left_to_people]
        if left:
            output.line(f"Left out: {', '.join(left)}.")
        for gate in gates:
            output.line(_sentence(gate))
    return 0 if met else 1


def _sentence(gate: _Gate) -> str:
    rate = gate.rate
    said = f"{gate.name}: {rate.k:,} of {rate.n:,}, {percent(rate.rate, rate.low, rate.high)}"
    if gate.least is None:
        return f"{said}."
    return f"{said}; asked for is {percent(gate.least)} at least: {'met' if gate.met else 'not met'}."


def _write_junit(path: Path, judge: str, split: str, gates: list[_Gate]) -> None:
    asked = [gate for gate in gates if gate.least is not None]
    failures = sum(not gate.met for gate in asked)
    suite = Xml.Element(
        "testsuite", name=f"passfail judge check {judge} on {split}", tests=str(len(asked)), failures=str(failures)
    )
    for gate in asked:
        case = Xml.SubElement(suite, "testcase", classname=judge, name=gate.name)
        if not gate.met:
            Xml.SubElement(case, "failure", message=_sentence(gate))
    try:
        Xml.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)
    except OSError as problem:
        raise InputError(f"{path.name} cannot be written: {problem.strerror}.") from None
