"""Run a judge version: on what, for how much, how far it is, and what gave no verdict."""

import json
from typing import Final

import streamlit as st

from core.errors import UsageError
from core.model import JudgeVersion
from core.slice import Slice
from core.workflows import judging
from core.workflows.judging import Prices, RunRow, RunState
from core.workflows.knowing import ALL_KNOWN, count_known
from core.workflows.splitting import look_at_splits
from core.workflows.trusting import JudgeSummary
from pages.judge import asking
from pages.judge.starting import Wish, ask_first, dollars
from pages.judge.strip import name_of
from pages.ui import filters, notices
from pages.ui.links import slice_link, trace_link
from pages.ui.notices import escape, plural, quoted
from pages.ui.rates import count
from pages.ui.store import the_store
from pages.ui.words import judge_words

SLICE, ANCHORS, KNOWN = "slice", "anchors", "known"
TARGETS: Final = ("dev", SLICE, "train", "test", ANCHORS, KNOWN)
WORDS: Final = {SLICE: "This slice", ANCHORS: "Anchors", KNOWN: "Known answers"}
SHOWN: Final = 5
ENDS: Final = {
    "ended": "Ended",
    "stopped": "Stopped",
    "cap": "Stopped at the cap",
    "broken": "Stopped",
    "interrupted": "Cut short when the program ended",
}


def draw(chosen: JudgeSummary) -> None:
    """Choose what it runs on, then its runs."""
    version = chosen.version
    if version.source == "imported":
        st.info(
            "Only its verdicts and their reasons were imported. Write a version in the first step, then run that.",
            title=f"{escape(judge_words(version.ref))}, cannot be run here.",
        )
        return
    if not (judging.has_key() or version.source == "code"):
        notices.no_key()
    with st.container(key="judge_target", horizontal=True, gap="medium", vertical_alignment="bottom"):
        targets = [target for target in TARGETS if target != KNOWN or count_known(the_store())]
        words = {target: WORDS.get(target) or name_of(target, version.ref) for target in targets}
        target = filters.choose("Run on", "on", targets, "dev", format_func=words.__getitem__, kind="segments")
        again, sample = _more(target)
        pressed = st.button("Estimate and run", type="primary", key="judge_run")
    state = look_at_splits(the_store())
    if target not in WORDS and not state.assigned:
        st.caption("No trace has a split yet: assign splits first.")
    if pressed:
        split = None if target in WORDS else target
        slice_ = filters.current_slice() if target == SLICE else ALL_KNOWN if target == KNOWN else Slice()
        asking.ask(Wish(version.ref, split, slice_, again, sample, target == ANCHORS))
    wish = asking.asked()
    if isinstance(wish, Wish) and wish.ref == version.ref:
        ask_first(wish)
    _runs(version)


def _more(target: str) -> tuple[int, int | None]:
    """How many times more each trace is judged, and of a hundred traces how many are (None: all)."""
    if target == ANCHORS:
        return 0, None
    again = st.number_input("Judge each again", min_value=0, max_value=10, value=0, key="judge_again", width=150,
                            help="So many times more, to see whether its verdicts hold. Repeats are counted nowhere else.")  # fmt: skip
    if target != SLICE:
        return int(again), None
    sample = st.number_input("Of a hundred traces", min_value=1, max_value=100, value=100, key="judge_sample", width=160,
                             help="A random sample, always the same one: enough for a corrected share of all.")  # fmt: skip
    return int(again), None if sample == 100 else int(sample)


@st.fragment(run_every="1s")
def _follow(version: JudgeVersion) -> None:
    """The runs while one is under way; the page is drawn once more when none is."""
    runs = _of(version.ref)
    if not any(run.live for run in runs):
        st.rerun()  # before anything is drawn: what is pressed here would be lost with this fragment
    for run in runs:
        _run(version, run)


def _runs(version: JudgeVersion) -> None:
    runs = _of(version.ref)
    if any(run.live for run in runs):
        _follow(version)
        return
    for run in runs:
        _run(version, run)


def _of(ref: str) -> list[RunState]:
    return [run for run in judging.list_runs(the_store(), limit=100) if run.row.ref == ref][:SHOWN]


def _run(version: JudgeVersion, run: RunState) -> None:
    row = run.row
    with st.container(key=f"run_{row.run_id}", border=True):
        st.markdown(_sentence(run))
        st.caption(asked_with(row))
        if row.reason:
            st.caption(f"Run before it was checked, says {quoted(row.made_by, 40)}: {escape(row.reason)}")
        if run.live:
            st.progress(row.done / row.total if row.total else 1.0)
        if row.detail and run.state in ("broken", "cap"):
            st.warning(escape(row.detail))
        prices = Prices(None, None) if run.live else _priced(version, run)
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            _actions(run, prices)
        if _is_used_up(run, prices):
            st.number_input(
                "Raise the cap to (dollars)", min_value=0.01, value=(row.cap or 1.0) * 2, key=_more_cap(run), width=220
            )
        _without_verdict(run)
        if row.flagged:
            with st.expander(f"{plural(row.flagged, 'trace')} seem to speak to the judge"):
                for trace_id, why in judging.list_flagged(the_store(), row.run_id):
                    with st.container(horizontal=True, gap="small"):
                        trace_link(trace_id, trace_id, Slice())
                        st.markdown(escape(why), width="content")


def _sentence(run: RunState) -> str:
    """«Running version 5 on dev: 26 of 40 · 24 judged · 2 judge failures · $0.27 of about $0.42 (cap $1.00) · 40 s left»."""
    row = run.row
    about = f" of about {dollars(row.estimate)}" if run.live and row.estimate is not None else ""
    others = round(row.spent - row.lost - row.dollars, 6)
    spent = f", of which {dollars(others)} went to another run" if others > 0 else ""
    cap = f" (cap {dollars(row.cap)}{spent})" if row.cap is not None else ""
    parts = [
        f"**{_word(run)}:** {escape(row.ref)} on {escape(row.target)}: {count(row.done)} of {count(row.total)}",
        f"{count(row.verdicts)} judged",
        plural(row.failures, "judge failure"),
        f"{dollars(row.dollars)}{about}{cap}",
        f"at most {dollars(row.lost)} more for answers that were lost when the program ended" if row.lost else "",
        f"{plural(row.cached, 'trace')} judged before" if row.cached else "",
        f"{plural(row.elsewhere, 'trace')} judged in another run since" if row.elsewhere else "",
        f"{run.seconds_left:,.0f} s left" if run.seconds_left is not None else "",
        "as a batch: the answers come together, within a day" if run.live and row.mode == "batch" else "",
    ]
    return " · ".join(part for part in parts if part)


def _word(run: RunState) -> str:
    if run.stopping:
        return "Stopping, the answers under way are waited for"
    return "Running" if run.live else ENDS[run.state]


def asked_with(row: RunRow) -> str:
    """«claude-sonnet-5-5 · at most 1,000 tokens · temperature and effort: the provider's own · anthropic 2.12.0»."""
    if row.model is None:
        return "A check in code."
    most: object = json.loads(row.settings).get("max_tokens")
    parts = [
        quoted(row.model, 80),
        f"answers of at most {most:,} tokens" if isinstance(most, int) else "",
        "temperature and effort: the provider's own, none is sent",
        quoted(row.library, 80) if row.library else "version of the library: not noted then",
    ]
    return " · ".join(part for part in parts if part)


def _actions(run: RunState, prices: Prices) -> None:
    row = run.row
    if run.live:
        st.button(
            "Stop", key=f"stop.{row.run_id}", help="What was judged is kept.", disabled=run.stopping,
            on_click=judging.stop_run, args=(the_store(), row.run_id),
        )  # fmt: skip
        return
    words = f"Continue the other {count(row.left)}{_for(prices.left)}"
    if row.left and st.button(words, key=f"continue.{row.run_id}", type="primary"):
        _go_on(run, again=False)
    words = f"Try these {count(row.failed)} again{_for(prices.failed)}"
    if row.failed and st.button(words, key=f"again.{row.run_id}"):
        _go_on(run, again=True)
    if row.verdicts:
        slice_link("Disagreements", "trust", Slice(), judge=row.ref, view="pairs")


def _priced(version: JudgeVersion, run: RunState) -> Prices:
    """What its buttons will cost: worked out once for as many questions as are left."""
    held = filters.remember("judge prices", dict[tuple[int, int, int], Prices]())
    asked = (run.row.run_id, run.row.left, run.row.failed)
    if asked not in held:
        held[asked] = judging.price_on(the_store(), version, run.row)
    return held[asked]


def _for(price: float | None) -> str:
    if price is None:
        return ", price not known"
    return f" for {'about ' * (price >= 0.01)}{dollars(price)}" if price else ""


def _is_used_up(run: RunState, prices: Prices) -> bool:
    """Whether the cap leaves nothing for one more question."""
    row = run.row
    n = row.left + row.failed
    if run.live or row.cap is None or not n:
        return False
    return run.state == "cap" or row.spent + ((prices.left or 0.0) + (prices.failed or 0.0)) / n > row.cap


def _go_on(run: RunState, *, again: bool) -> None:
    try:
        judging.continue_run(the_store(), run.row.run_id, again=again, cap=filters.state_of(_more_cap(run)))
    except UsageError as problem:
        notices.app_error(problem)
        return
    st.rerun()


def _more_cap(run: RunState) -> str:
    """The key of the field: each run has one of its own."""
    return f"judge_more_cap.{run.row.run_id}"


def _without_verdict(run: RunState) -> None:
    """N27 and the judge failures, each with its reason."""
    if not run.row.failures or run.live:
        return
    with st.expander(f"{plural(run.row.failures, 'judge failure')}: no verdict, in no rate"):
        for reason, n, ids in judging.list_failures(the_store(), run.row.run_id):
            with st.container(horizontal=True, gap="small"):
                st.markdown(f"**{escape(reason)}** · {count(n)}", width="content")
                for trace_id in ids[:8]:
                    trace_link(trace_id, trace_id, Slice())
