"""The words of `passfail judge`: splits, versions, runs and the gate; nothing heavy is imported here."""

import argparse
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path

SPLITS = ("train", "dev", "test", "all")

Add = Callable[..., ArgumentParser]
Read = Callable[[str], object]


def add_judge_words(add: Add, sliced: ArgumentParser, *, text: Read, count: Read) -> None:
    """Every command that writes, runs or checks a judge."""
    split = add("split", "assign labelled traces to train, dev and test, once")
    split.add_argument("--shares", metavar="20/40/40", help="of a hundred to train, dev and test, from now on")
    split.add_argument("--dry-run", action="store_true", help="say how many would be assigned and assign none")
    split.add_argument("--as", dest="person", metavar="NAME", type=text, default="command line", help="who does it")
    save = add("save", "save a judge version from its slots, or a check in code from its settings")
    save.add_argument("judge", metavar="JUDGE", type=text, help="the name of the judge")
    save.add_argument(
        "file",
        metavar="FILE.json",
        type=Path,
        help="role, criterion, pass_means, ...; or check, and its settings; with category, the failure category it looks for",
    )
    save.add_argument("--as", dest="person", metavar="NAME", type=text, required=True, help="who saves it")
    estimate = add("estimate", "say what a run would take: traces, tokens, dollars", sliced)
    run = add("run", "run a judge version; what it has judged before is not paid again", sliced)
    for parser in (estimate, run):
        parser.add_argument("judge", metavar="JUDGE[@VERSION]", type=text, help="the judge (its newest version)")
        parser.add_argument(
            "--split", choices=SPLITS, default="dev", help="the traces of one split (dev), or all of the slice"
        )
        parser.add_argument(
            "--repeat", metavar="K", type=count, default=0, help="judge each trace K times more, to see flips"
        )
        parser.add_argument(
            "--sample", metavar="PERCENT", type=count, help="only a random sample, always the same one (1 to 99)"
        )
        parser.add_argument(
            "--anchors", action="store_true", help="the anchors, once more, to see drift (passfail judge anchors)"
        )
        parser.add_argument(
            "--known", action="store_true", help="the known answers: traces with the dimension known = good or bad"
        )
    run.add_argument("--batch", action="store_true", help="as a batch: half the price, up to a day")
    run.add_argument(
        "--reason", metavar="TEXT", type=text, help="why it may judge many traces before it was checked on dev or test"
    )
    run.add_argument("--as", dest="person", metavar="NAME", type=text, default="command line", help="who starts it")
    again = add("continue", "go on with a run that was stopped or cut short")
    again.add_argument("run", metavar="RUN", type=count, help="its number (passfail judge runs)")
    again.add_argument("--again", action="store_true", help="ask about its judge failures once more")
    for parser, all_of in ((run, ""), (again, " in all, what was spent before included (the cap it has)")):
        parser.add_argument(
            "--budget", metavar="DOLLARS", type=_dollars, help=f"stop at this, passed by one answer at most{all_of}"
        )
        parser.add_argument("--concurrency", metavar="N", type=count, default=16, help="questions at once (16)")
    add("runs", "list the newest runs")
    anchors = add("anchors", "show the anchors and what each run over them said, or choose them")
    anchors.add_argument(
        "judge", metavar="JUDGE[@VERSION]", type=text, nargs="?", help="the judge whose runs are shown"
    )
    anchors.add_argument(
        "--choose", metavar="N", type=count, help="choose N labelled traces as the anchors from now on"
    )
    anchors.add_argument("--as", dest="person", metavar="NAME", type=text, default="command line", help="who chooses")
    leave = add("leave", "show which traces are left to people, leave some to them, or use the judge on some again")
    leave.add_argument("judge", metavar="JUDGE", type=text, help="the judge, in all its versions")
    leave.add_argument("--value", metavar="KEY=VALUE", type=text, help="leave the traces with this value to people")
    leave.add_argument("--reason", metavar="TEXT", type=text, default="", help="why; leaving takes one")
    leave.add_argument("--again", metavar="KEY=VALUE", type=text, help="use the judge on these traces again")
    leave.add_argument("--as", dest="person", metavar="NAME", type=text, default="", help="who says so")
    check = add("check", "hold a judge against the expert and end with 1 where it falls short", sliced)
    check.add_argument("judge", metavar="JUDGE[@VERSION]", type=text, help="the judge (its newest version)")
    check.add_argument(
        "--min-caught", metavar="SHARE", type=_share, help="of the expert's failures, by the lower bound"
    )
    check.add_argument("--min-kept", metavar="SHARE", type=_share, help="of the expert's passes, by the lower bound")
    check.add_argument("--split", choices=SPLITS, default="dev", help="the traces of one split (dev)")
    check.add_argument("--labeler", metavar="NAME", type=text, help="whose labels are the truth")
    check.add_argument("--junit", metavar="FILE", type=Path, help="write the outcome as JUnit XML too")


def _dollars(words: str) -> float:
    return _number(words.removeprefix("$"), "an amount of dollars")


def _share(words: str) -> float:
    """0.8 or 80%."""
    value = _number(words.removesuffix("%"), "a share") / (100 if words.endswith("%") else 1)
    if value > 1:
        raise argparse.ArgumentTypeError(f"{words[:40]} is no share from 0 to 1")
    return value


def _number(words: str, what: str) -> float:
    try:
        value = float(words)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e9:
        raise argparse.ArgumentTypeError(f"{words[:40]} is not {what}")
    return value
