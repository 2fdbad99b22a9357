"""Plan a run of a judge: which traces, what was judged before, tokens and price, before anything is sent."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from core.errors import UsageError
from core.judge import prompt
from core.judge.prompt import JudgeSpec
from core.judge.providers.anthropic import Claude, has_key
from core.judge.providers.base import BATCH_SHARE, Request, dollars_for
from core.judge.seen import ShownTrace, fenced, hash_of, seen, speaks_to_judge
from core.model import JudgeVersion
from core.slice import Slice
from core.store import checks, judging, judgments, settings, traces
from core.store.connection import Cursor, Store
from core.store.judging import Held
from core.store.traces import TraceRow
from core.workflows import targeting
from core.workflows.choosing_examples import as_shown
from core.workflows.drafting import spec_of
from core.workflows.knowing import ALL_KNOWN
from core.workflows.leaving import find_left_keys
from core.workflows.narrowing import check_scope, judge_ref

CHARACTERS_PER_TOKEN: Final = 3.3
USUAL_ANSWER: Final = 200
"""Tokens of a critique with its verdict, where the judge has not answered yet."""
SAMPLE: Final = 200
"""Traces that are read to estimate a price; of more, the others are taken to be like them."""
COUNTED: Final = 5
"""Traces whose tokens the provider counts, to see how many characters one has."""
AT_ONCE: Final = 32
"""Traces that are read together."""
MANY: Final = 100
"""Traces that nobody labelled: to judge so many is to use a judge, and no check of it."""
OUTSIDE_CONTENT: Final = ("error", "input", "output")
"""Fields that can change where the content of a trace does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run would do and what it would cost; dollars are None where the price of the model is not known."""

    version: JudgeVersion
    version_id: int
    target: str
    sample: int | None
    """Of a hundred traces, where only a random sample of the target is judged."""
    anchors: bool
    traces: int
    cached: int
    """Of them: with a verdict of this version for what they now say; they cost nothing."""
    items: tuple[tuple[int, int], ...]
    """Trace and repeat of every question."""
    tokens_in: int
    tokens_out: int
    counted: bool
    """Tokens as the provider counts them; else estimated from the length."""
    dollars: float | None
    most_dollars: float | None
    unchecked: int
    """Traces without a label that it would judge although it was never checked: from `MANY` on, a reason is asked for; else 0.
    A check in code says what it looks for, costs nothing and is asked for none."""
    left_to_people: int
    """Traces that nobody labelled and that it is not used on: they are not asked about."""
    flagged: int
    """Traces among those looked at that seem to speak to the judge."""
    looked_at: int

    @property
    def n(self) -> int:
        """Questions that would be asked."""
        return len(self.items)

    @property
    def batch_dollars(self) -> float | None:
        """The price as a batch, which takes up to a day."""
        return None if self.dollars is None else self.dollars * BATCH_SHARE


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One question, ready to be sent: the trace as it is now, and what of it is shown."""

    key: int
    repeat: int
    content_hash: int
    seen_hash: int
    shown: ShownTrace
    said: str
    flag: str | None


def plan_run(
    store: Store,
    judge: str,
    *,
    split: str | None = "dev",
    slice_: Slice | None = None,
    repeats: int = 0,
    sample: int | None = None,
    anchors: bool = False,
) -> Plan:
    """A run on a split, or with `split` None on a slice; with `repeats` every trace is judged so many times more.

    A trace that has a verdict of this version for what it now shows is not asked about again; a judge failure is. What is left
    to people and not labelled is not asked about. With
    `sample` only so many of a hundred traces are judged, always the same ones and of new traces as many. With `anchors`
    it is a run on those: once for a trace without a verdict of this version, once more for the others.

    Raises:
        NotFoundError: no such judge, or no trace there.
        UsageError: the version was imported, so nothing is known that could be run; it looks for a failure category that is
            gone; or the anchors together with another choice of traces.
    """
    if anchors and (repeats or sample is not None or (slice_ is not None and not slice_.is_all)):
        raise UsageError(
            "The anchors are a choice of traces of their own.", "Leave out the slice, the sample and the repeats."
        )
    with store.snapshot() as cursor:
        ref = judge_ref(judgments.find_refs(cursor), judge)
        version = next(s.version for s in judgments.find_judges(cursor) if s.version.ref == ref)
        check_runnable(cursor, version)
        asked = targeting.inside(cursor, slice_, sample, anchors=anchors)
        found, target = targeting.find_target(cursor, None if anchors else split, asked)
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        people = find_left_keys(cursor, ref, reference=reference)
        keys = [key for key in found if key not in people]
        version_id = judging.find_version_id(cursor, ref) or 0
        cached = _cached(cursor, version, version_id, keys)
        left = [key for key in keys if key not in cached]
        items = [(key, 0) for key in left] + [(key, k) for k in range(1, repeats + 1) for key in keys]
        if anchors:
            items += [(key, 1) for key in keys if key in cached]
        wanted = [key for key, _ in items]
        asks = ready(cursor, version, [(key, 0) for key in wanted[:: max(1, len(wanted) // SAMPLE)][:SAMPLE]])
        usual = judging.mean_tokens_out(cursor, version.judge) or USUAL_ANSWER
        unchecked = 0 if version.source == "code" else _unchecked(cursor, ref, wanted)
    tokens_in, counted = _tokens_in(version, asks, len(items))
    tokens_out = round(usual * len(items)) if version.source == "run" else 0
    spec, model = spec_of(version), version.model or ""
    free = version.source == "code"
    most_out = (spec.max_tokens if spec else 0) * len(items)
    return Plan(
        version=version, version_id=version_id, target=target, sample=targeting.declared(asked),
        anchors=anchors, traces=len(keys), cached=0 if anchors else len(cached),
        items=tuple(items), tokens_in=tokens_in, tokens_out=tokens_out, counted=counted,
        dollars=0.0 if free else dollars_for(model, tokens_in, tokens_out),
        most_dollars=0.0 if free else dollars_for(model, tokens_in * 1.25, most_out),
        unchecked=unchecked, left_to_people=len(found) - len(keys), flagged=sum(ask.flag is not None for ask in asks), looked_at=len(asks),
    )  # fmt: skip


def _unchecked(cursor: Cursor, ref: str, keys: Sequence[int]) -> int:
    """How many traces without a label are asked about, where they are many and the version was never checked."""
    n = checks.count_unlabelled(cursor, keys)
    if n >= MANY:  # known answers are there to be tried on
        n = checks.count_unlabelled(cursor, sorted(set(keys) - set(traces.find_keys(cursor, ALL_KNOWN))))
    if n < MANY or all(checks.count_checked(cursor, ref, settings.find_setting(cursor, settings.PRINCIPAL))):
        return 0
    return n


def check_runnable(cursor: Cursor, version: JudgeVersion) -> None:
    """Refuse what cannot be run here, or what no verdict could be held against.

    Raises:
        UsageError: an imported version, or one that looks for a failure category that was merged or removed.
    """
    if version.source == "imported":
        raise UsageError(
            f"{version.ref[:80]} was imported: only its verdicts are here.",
            "Save a version on the page Judge, then run that.",
        )
    check_scope(cursor, Slice(), version.ref)


def ready(cursor: Cursor, version: JudgeVersion, items: Sequence[tuple[int, int]]) -> list[Ask]:
    """Questions (trace, repeat) with what is shown of each trace."""
    allowed = _fields(version)
    whole = {w.row.key: w for w in judging.find_shown(cursor, list(dict.fromkeys(key for key, _ in items)))}
    found: list[Ask] = []
    for key, repeat in items:
        if key in whole:
            shown, row = as_shown(whole[key]), whole[key].row
            said = prompt.user_text(shown, allowed) if version.source == "run" else fenced(seen(shown, allowed))
            flag = speaks_to_judge(shown, allowed) if version.source == "run" else None
            found.append(
                Ask(
                    key=key, repeat=repeat, content_hash=row.content_hash, seen_hash=hash_of(said), shown=shown,
                    said=said, flag=flag,
                )
            )  # fmt: skip
    return found


def read_ahead(store: Store, version: JudgeVersion, items: Sequence[tuple[int, int]]) -> Iterator[list[Ask]]:
    """Questions by the dozen; the next ones are read while these are asked, so that nobody waits for the disk."""

    def read(start: int) -> list[Ask]:
        with store.read() as cursor:
            return ready(cursor, version, items[start : start + AT_ONCE])

    with ThreadPoolExecutor(1, thread_name_prefix="judge-reads") as reader:
        coming: Future[list[Ask]] | None = None
        for start in range(0, len(items), AT_ONCE):
            following = reader.submit(read, start)
            if coming is not None:
                yield coming.result()
            coming = following
        if coming is not None:
            yield coming.result()


def request_of(version: JudgeVersion, spec: JudgeSpec, said: str) -> Request:
    """What is sent: the text of the version as it was saved, and this trace."""
    return Request(version.model or "", version.prompt or "", said, spec.max_tokens, prompt.SCHEMA)


def _fields(version: JudgeVersion) -> tuple[str, ...]:
    spec = spec_of(version)
    return ("messages", "tools", "input", "output", "error") if spec is None else spec.fields


def _cached(cursor: Cursor, version: JudgeVersion, version_id: int, keys: Sequence[int]) -> set[int]:
    held = {key: h for key, h in judging.find_held(cursor, version_id, keys).items() if h.has_verdict}
    allowed = _fields(version)
    exact = version.source == "code" or any(f in OUTSIDE_CONTENT or f.startswith("d.") for f in allowed)
    if exact:
        asks = {ask.key: ask.seen_hash for ask in ready(cursor, version, [(key, 0) for key in held])}
        return {key for key, h in held.items() if h.seen_hash == asks.get(key)}
    rows = traces.find_rows(cursor, list(held))
    return {row.key for row in rows if _same_content(held[row.key], row)}


def _same_content(held: Held, row: TraceRow) -> bool:
    return held.content_hash == row.content_hash


def _tokens_in(version: JudgeVersion, asks: Sequence[Ask], n: int) -> tuple[int, bool]:
    """Tokens of `n` questions like these; whether the provider counted them."""
    spec = spec_of(version)
    if spec is None or not asks:
        return 0, False
    sizes = [len(version.prompt or "") + len(ask.said) for ask in asks]
    per_token, counted = CHARACTERS_PER_TOKEN, False
    if has_key():
        with Claude(seconds=10.0) as claude:
            some = [(ask, claude.count_tokens(request_of(version, spec, ask.said))) for ask in asks[:COUNTED]]
        told = [(len(version.prompt or "") + len(ask.said), tokens) for ask, tokens in some if tokens]
        if told:
            per_token, counted = sum(size for size, _ in told) / sum(tokens for _, tokens in told), True
    return round(sum(sizes) / len(sizes) * n / per_token), counted
