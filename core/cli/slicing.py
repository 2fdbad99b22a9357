"""The slice options of a command as a `Slice`, names looked up in the database."""

from argparse import Namespace
from dataclasses import replace
from datetime import datetime

from core.cli.output import Output
from core.errors import NotFoundError, UsageError
from core.slice import FIELDS, JUDGE_VERDICTS, NOT_SORTED, Slice, parse_moment
from core.workflows import categorising, exploring, trusting
from core.workflows.opening import Store
from core.workflows.pivoting import judge_ref


def slice_of(store: Store, args: Namespace, output: Output) -> Slice:
    """The slice that the options ask for; a value that no trace has is said on stderr.

    Raises:
        UsageError: an option that does not have its form.
        NotFoundError: no such dimension, judge or failure category.
    """
    chosen = Slice(
        verdict=tuple(dict.fromkeys(args.verdict)),
        search=args.search,
        since=_moment("--since", args.since),
        until=_moment("--until", args.until),
        category=tuple(_category(store, name) for name in dict.fromkeys(args.in_category)),
    )
    chosen = _with_judges(store, chosen, args)
    chosen = _with_conditions(chosen, args.where)
    _check_dimensions(store, chosen)
    for stale in [] if chosen.is_all else exploring.describe(store, chosen).stale:
        output.note(f"No trace here has this: {stale.words}.")
    return chosen


def split_pair(words: str, option: str) -> tuple[str, str]:
    """KEY and VALUE of KEY=VALUE; the key ends at the first equals sign."""
    key, sign, value = words.partition("=")
    if not sign or not key.strip("! "):
        raise UsageError(
            f"{option} {words[:80]} is not of the form KEY=VALUE.", f"For example: {option} feature=search."
        )
    return key, value


def _with_conditions(chosen: Slice, conditions: list[str]) -> Slice:
    asked: dict[tuple[str, bool], list[str]] = {}
    for words in conditions:
        key, value = split_pair(words, "--where")
        asked.setdefault((key.rstrip("!").strip(), key.endswith("!")), []).append(value)
    for (key, negated), values in asked.items():
        chosen = chosen.with_values(key, tuple(dict.fromkeys(values)), negated=negated)
    return chosen


def _with_judges(store: Store, chosen: Slice, args: Namespace) -> Slice:
    if not args.judge_verdict and not args.disagree:
        return chosen
    known = [summary.version.ref for summary in trusting.list_judges(store)]
    verdicts: dict[str, list[str]] = {}
    for words in args.judge_verdict:
        name, sign, verdict = words.rpartition("=")
        if not sign or verdict not in JUDGE_VERDICTS:
            allowed = ", ".join(f"{name or 'JUDGE'}={v}" for v in JUDGE_VERDICTS[:3])
            raise UsageError(f"--judge-verdict {words[:80]} cannot be read.", f"Use one of: {allowed}.")
        verdicts.setdefault(judge_ref(known, name), []).append(verdict)
    if len(verdicts) > 1:
        raise UsageError("--judge-verdict names several judges.", "Ask for one judge version at a time.")
    ref = next(iter(verdicts), None)
    said = [] if ref is None else verdicts[ref]
    disagree = judge_ref(known, args.disagree) if args.disagree else None
    return replace(chosen, judge=ref, judge_verdict=tuple(dict.fromkeys(said)), disagree=disagree)


def _check_dimensions(store: Store, chosen: Slice) -> None:
    known = exploring.list_dimensions(store) if chosen.dimensions else []
    for condition in chosen.dimensions:
        if condition.key not in known:
            names = ", ".join([*known, *FIELDS])
            raise NotFoundError(f"There is no dimension «{condition.key[:80]}».", f"Known: {names}.")


def _category(store: Store, name: str) -> int:
    try:
        return categorising.category_named(store, name).id
    except NotFoundError:
        if name == "none":
            return NOT_SORTED
        raise


def _moment(option: str, words: str | None) -> datetime | None:
    if words is None:
        return None
    try:
        return parse_moment(words)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{option} {words[:40]} is no date or time.", "Write it as 2026-11-22 or 2026-11-22T14:30Z."
        ) from None
