"""The words of the command line; nothing heavy is imported here, so that help comes at once."""

import argparse
from argparse import SUPPRESS, ArgumentParser
from importlib import metadata
from pathlib import Path
from typing import Any, NoReturn

from core.cli.judge_words import add_judge_words
from core.errors import UsageError
from core.slice import JUDGE_VERDICTS, VERDICTS

PIVOT = "pivot"
WHAT = ("traces", "labels", "judgments", "categories", "assignments", "record", "regression", "alignment")
FORMATS = ("csv", "jsonl", "parquet", "xlsx")
SPLITS = ("train", "dev", "test", "all")
LABELS = ("pass", "fail", "defer")
EVERY = 10.0

DESCRIPTION = "Error analysis for products built on language models. Alone, passfail starts the dashboard."


class _Parser(ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}.", f"See {self.prog} --help.")


def build_parser() -> ArgumentParser:
    """Every command with its options."""
    parser = _Parser(prog="passfail", description=DESCRIPTION, parents=[_common_options()])
    parser.add_argument("--version", action="version", version=f"passfail {_version()}")
    parser.set_defaults(
        command="serve", db=None, json=False, host="127.0.0.1", port=8501, open_browser=True, demo=False,
        watch=None, every=EVERY,
    )  # fmt: skip
    commands = _Commands(parser.add_subparsers(metavar="COMMAND", parser_class=_Parser), "")
    sliced = _slice_options()
    _add_start(commands)
    _add_import(commands)
    _add_reading(commands, sliced)
    _add_monitor(commands, sliced)
    _add_judge(commands, sliced)
    _add_keeping(commands, sliced)
    return parser


class _Commands:
    """Adds commands that all take the common options."""

    def __init__(self, places: Any, prefix: str) -> None:
        self._places, self._prefix = places, prefix

    def add(self, name: str, words: str, *parents: ArgumentParser) -> ArgumentParser:
        description = f"{words[:1].upper()}{words[1:]}."
        parser: ArgumentParser = self._places.add_parser(
            name, help=words, description=description, parents=[_common_options(), *parents]
        )
        parser.set_defaults(command=f"{self._prefix}{name}")
        return parser


def _add_start(commands: _Commands) -> None:
    serve = commands.add("serve", "start the dashboard")
    serve.add_argument("--host", default=SUPPRESS, help="the address to listen on (127.0.0.1)")
    serve.add_argument("--port", default=SUPPRESS, type=_port, metavar="N", help="the port to listen on (8501)")
    serve.add_argument(
        "--no-browser", dest="open_browser", default=SUPPRESS, action="store_false", help="open no browser"
    )
    serve.add_argument("--demo", default=SUPPRESS, action="store_true", help="show the sample log")
    serve.add_argument(
        "--watch", default=SUPPRESS, type=Path, metavar="FOLDER", help="import what is put into this folder"
    )
    serve.add_argument(
        "--every", default=SUPPRESS, type=_seconds, metavar="S", help=f"look at it every S seconds ({EVERY:g})"
    )


def _add_import(commands: _Commands) -> None:
    read = commands.add("import", "bring logs, labels and judgments in")
    read.add_argument("files", nargs="+", metavar="FILE", help="files, folders, or - for standard input")
    _add_file_options(read)
    read.add_argument("--dry-run", action="store_true", help="say what would be stored and store nothing")
    read.add_argument("--strict", action="store_true", help="end with 1 where anything was not taken")
    commands.add("formats", "list the formats it reads and how each is recognised")
    watch = commands.add("watch", "import what is put into a folder, until it is told to stop")
    watch.add_argument("folder", type=Path, metavar="FOLDER")
    watch.add_argument("--every", type=_seconds, default=EVERY, metavar="S", help=f"look every S seconds ({EVERY:g})")
    watch.add_argument("--once", action="store_true", help="look once, at all files as they are, and end")
    _add_file_options(watch)


def _add_file_options(read: ArgumentParser) -> None:
    read.add_argument("--format", metavar="NAME", help="the format, where it is not recognised (see passfail formats)")
    read.add_argument(
        "--mapping", metavar="FILE.toml", type=Path, help="how columns become traces, labels and judgments"
    )
    read.add_argument(
        "--dimension",
        metavar="KEY=VALUE",
        type=_text,
        action="append",
        default=[],
        help="give every trace this dimension",
    )


def _add_reading(commands: _Commands, sliced: ArgumentParser) -> None:
    traces = commands.add("traces", "list the traces of a slice, newest first", sliced)
    traces.add_argument("--limit", metavar="N", type=_count, default=50, help="at most this many (50)")
    traces.add_argument("--offset", metavar="N", type=_count, default=0, help="leave out the first ones")
    pivot = commands.add("pivot", "count traces, verdicts and failures by one or two dimensions", sliced)
    pivot.add_argument("--rows", metavar="DIM|category", type=_text, required=True, help="what the rows are")
    pivot.add_argument("--cols", metavar="DIM|category", type=_text, help="what the columns are")
    pivot.add_argument(
        "--of",
        metavar="expert|[corrected ]JUDGE[@VERSION]",
        type=_text,
        default="expert",
        help="whose verdicts are counted (expert)",
    )
    agreement = commands.add("agreement", "hold a judge against an expert", sliced)
    agreement.add_argument(
        "--judge", metavar="JUDGE[@VERSION]", type=_text, required=True, help="the judge (its newest version)"
    )
    agreement.add_argument("--by", metavar="DIM", type=_text, help="one table for each value of a dimension too")
    agreement.add_argument("--labeler", metavar="NAME", type=_text, help="whose labels are the truth")
    agreement.add_argument("--split", choices=SPLITS, default="all", help="the traces of one split only (all)")
    failures = commands.add("failures", "list failure categories with their counts", sliced)
    failures.add_argument("--by", metavar="DIM", type=_text, help="once more for each value of a dimension")
    failures.add_argument(
        "--any-mention",
        action="store_true",
        help="count a trace under every category it carries, not only the primary one",
    )


def _add_monitor(commands: _Commands, sliced: ArgumentParser) -> None:
    monitor = commands.add(
        "monitor", "show the failure rate over time, the rules it must keep and their alerts", sliced
    )
    monitor.add_argument("--by", metavar="day|week|DIM", type=_text, default="week", help="what the windows are (week)")
    monitor.add_argument(
        "--of",
        metavar="expert|[corrected ]JUDGE[@VERSION]",
        type=_text,
        default="expert",
        help="whose verdicts (expert)",
    )
    monitor.add_argument("--check", action="store_true", help="end with 1 where a rule is broken")
    report = commands.add(
        "report", "write failure modes, worst slices, trust in the judge and examples to one file", sliced
    )
    report.add_argument("--out", metavar="FILE.html|FILE.md", type=Path, help="the file to write (Markdown on stdout)")
    report.add_argument("--min-n", metavar="N", type=_count, default=10, help="no share of fewer traces (10)")
    report.add_argument("--judge", metavar="JUDGE[@VERSION]", type=_text, help="the judge to speak of (the newest one)")
    report.add_argument("--by", metavar="DIM", type=_text, help="that judge once more for each value of a dimension")
    report.add_argument("--rows", metavar="DIM|category", type=_text, help="a table too: what its rows are")
    report.add_argument("--cols", metavar="DIM|category", type=_text, help="what its columns are")
    report.add_argument(
        "--of", metavar="expert|[corrected ]JUDGE[@VERSION]", type=_text, default="expert", help="its verdicts (expert)"
    )
    report.add_argument("--any-mention", action="store_true", help="count a trace under every category it carries")
    report.add_argument(
        "--address",
        metavar="URL",
        type=_text,
        default="http://127.0.0.1:8501",
        help="where the dashboard is, for the link",
    )


def _add_judge(commands: _Commands, sliced: ArgumentParser) -> None:
    judge = commands.add("judge", "write, run and check judges")
    places = judge.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)
    inside = _Commands(places, "judge ")
    _add_moment(inside.add("list", "list the judge versions with their counts"))
    show = inside.add("show", "show one judge version: model, settings, prompt, examples")
    show.add_argument("judge", metavar="JUDGE[@VERSION]", type=_text, help="the judge (its newest version)")
    _add_moment(show)
    add_judge_words(inside.add, sliced, text=_text, count=_count)


def _add_keeping(commands: _Commands, sliced: ArgumentParser) -> None:
    label = commands.add("label", "judge one trace")
    label.add_argument("trace_id", metavar="TRACE_ID", type=_text)
    label.add_argument("label", choices=LABELS, help="pass, fail, or defer to set it aside")
    label.add_argument("--critique", metavar="TEXT", type=_text, help="what went wrong; a fail needs it")
    label.add_argument(
        "--category", metavar="NAME", type=_text, nargs="+", action="extend", default=[], help="failure categories"
    )
    label.add_argument("--as", dest="labeler", metavar="NAME", type=_text, required=True, help="who gives the label")
    export = commands.add("export", "write traces, labels, categories, the regression set and more to a file", sliced)
    export.add_argument("what", choices=(*WHAT, PIVOT))
    export.add_argument("--format", choices=FORMATS, help="the format (by the ending of --out, else csv)")
    export.add_argument("--out", metavar="FILE", type=Path, help="the file to write (standard output)")
    export.add_argument("--history", action="store_true", help="labels: every event, not only the current ones")
    export.add_argument("--judge", metavar="JUDGE[@VERSION]", type=_text, help="alignment: the judge beside the expert")
    export.add_argument("--rows", metavar="DIM|category", type=_text, help="pivot: what the rows are")
    export.add_argument("--cols", metavar="DIM|category", type=_text, help="pivot: what the columns are")
    export.add_argument("--of", metavar="expert|JUDGE[@VERSION]", type=_text, help="pivot: whose verdicts (expert)")
    record = commands.add("record", "bring a spreadsheet of record back: its notes and its columns of 0 and 1")
    record.add_argument("file", metavar="FILE", type=Path, help="what `passfail export record` wrote, as CSV or XLSX")
    record.add_argument("--as", dest="labeler", metavar="NAME", type=_text, required=True, help="who changed it")
    record.add_argument("--strict", action="store_true", help="end with 1 where a row was not taken")
    align = commands.add("align", "bring an alignment spreadsheet back: what the expert changed in it becomes labels")
    align.add_argument("file", metavar="FILE", type=Path, help="what `passfail export alignment` wrote, as CSV or XLSX")
    align.add_argument(
        "--judge", metavar="JUDGE[@VERSION]", type=_text, required=True, help="the judge it was exported for"
    )
    align.add_argument(
        "--as", dest="labeler", metavar="NAME", type=_text, required=True, help="the expert who changed it"
    )
    align.add_argument("--strict", action="store_true", help="end with 1 where a row was not taken")
    backup = commands.add("backup", "copy the database to a new file")
    backup.add_argument("file", metavar="FILE", type=Path)
    restore = commands.add("restore", "bring a backup back; the present database is kept beside it")
    restore.add_argument("file", metavar="FILE", type=Path)
    commands.add("doctor", "check the database and say what was found")


def _common_options() -> ArgumentParser:
    """Made anew for each parser: argparse would share the defaults too, and the inner ones would win."""
    common = _Parser(add_help=False, argument_default=SUPPRESS)
    common.add_argument("--db", metavar="PATH", type=Path, help="the database (PASSFAIL_DB, else ./passfail.duckdb)")
    common.add_argument("--json", action="store_true", help="write one JSON document on stdout")
    return common


def _slice_options() -> ArgumentParser:
    parser = _Parser(add_help=False)
    group = parser.add_argument_group("slice", "Which traces: all conditions must hold; the same key again means «or».")
    add = group.add_argument
    add(
        "--where", metavar="KEY=VALUE", type=_text, action="append", default=[],
        help="a dimension or model, source, session, error, origin; KEY!=VALUE for not, KEY= for missing",
    )  # fmt: skip
    add("--since", metavar="TIME", help="started at this time or later (ISO 8601, UTC)")
    add("--until", metavar="TIME", help="started before this time")
    add("--search", metavar="TEXT", type=_text, default="", help="the text contains this, whatever the case")
    add("--verdict", choices=VERDICTS, action="append", default=[], help="the expert's verdict")
    add(
        "--judge-verdict", metavar=f"JUDGE={'|'.join(JUDGE_VERDICTS[:3])}", type=_text, action="append", default=[],
        help="what a judge says",
    )  # fmt: skip
    add("--disagree", metavar="JUDGE", type=_text, help="this judge and the expert disagree")
    add(
        "--category", dest="in_category", metavar="NAME", type=_text, action="append", default=[],
        help="carries this failure category",
    )  # fmt: skip
    _add_moment(parser)
    return parser


def _add_moment(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--as-of", metavar="EVENT", type=_count, help="show everything as it was right after this event"
    )


def _text(words: str) -> str:
    """Bytes of another encoding become a mark, since the store takes Unicode only."""
    return words.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _count(words: str) -> int:
    if not words.isascii() or not words.isdigit() or len(words) > 12:
        raise argparse.ArgumentTypeError(f"{words[:40]} is not a whole number from 0 on")
    return int(words)


def _seconds(words: str) -> float:
    if not words.isascii() or not words.replace(".", "", 1).isdigit() or not 0.1 <= float(words) <= 86_400:
        raise argparse.ArgumentTypeError(f"{words[:40]} is no number of seconds from 0.1 to 86400")
    return float(words)


def _port(words: str) -> int:
    if not words.isascii() or not words.isdigit() or int(words[:6]) > 65_535:
        raise argparse.ArgumentTypeError(f"{words[:40]} is not a port number")
    return int(words)


def _version() -> str:
    try:
        return metadata.version("passfail")
    except metadata.PackageNotFoundError:
        return "(not installed)"
