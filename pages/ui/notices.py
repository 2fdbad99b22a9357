"""What a page says when something is missing, wrong or needs care: the words of each notice, once.

Text of users stands in them escaped and cut. Actions are drawn by the caller, beside the notice.
"""

import re

import streamlit as st

from core.errors import AppError

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~$&])")
_DIRECTIVE = re.compile(r":(?=[A-Za-z0-9_+\-]*[:\[/])")
_LINE_MARK = re.compile(r"^([ \t]*\d*)([-=.])", re.MULTILINE)
_AUTOLINK = re.compile(r"(?i)\b(https?|ftp|mailto|www)(?=[:.])")
_ADDRESS = re.compile(r"(?<=[\w.%+-])@(?=[\w-]+\.\w)")
_WORD_JOINER = "\u2060"


def escape(text: str) -> str:
    """Text of a user as markdown that draws it as typed: no links, images, colours, icons, formulas or HTML."""
    plain = _SPECIAL.sub(r"\\\1", text)
    plain = _LINE_MARK.sub(r"\1\\\2", plain)
    plain = _AUTOLINK.sub(r"\1" + _WORD_JOINER, plain)
    plain = _ADDRESS.sub("@" + _WORD_JOINER, plain)
    return _DIRECTIVE.sub(r"\\:", plain)


def cut(text: str, size: int = 80) -> str:
    """One line of at most `size` characters."""
    line = " ".join(text.split())
    return line if len(line) <= size else f"{line[: size - 1].rstrip()}…"


def quoted(text: str, size: int = 80) -> str:
    """A user's text for a notice: cut and escaped."""
    return escape(cut(text, size))


def plural(n: int, noun: str) -> str:
    """«1 trace», «212 traces»."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


# ------------------------------------------------------------------------------ shared by every page


def no_traces_yet() -> None:
    """N1."""
    st.info("Import a log file, or look at the sample to see how this works.", title="No traces yet.")


def cannot_be_read(words: str) -> None:
    """A condition of the address whose value is no value of it at all."""
    st.warning(
        "A verdict is pass, fail, deferred or unlabelled; a date is written 2026-11-22. No rows are shown for it.",
        title=f"\u201c{quoted(words)}\u201d cannot be applied: it cannot be read.",
    )


def pinned(at: str, since: str) -> None:
    """N13: the address asks for a former state of the data; `since` says what came after it."""
    st.info(since, title=f"This link shows the data as of {escape(at)}.")


def only_the_newest(page: str) -> None:
    """A page that changes things stands in an address that is pinned to a moment."""
    st.warning("Nothing can be changed in the past.", title=f"{escape(page)} needs the newest data.")


def cannot_be_applied(words: str) -> None:
    """N14: a condition names a value that no trace has."""
    st.warning(
        "It may have been renamed or removed. No rows are shown for it.",
        title=f"\u201c{quoted(words)}\u201d cannot be applied: no trace has that value.",
    )


def category_followed(former: str, now: tuple[str, ...]) -> None:
    """A link named a failure category that was merged into another one, or split."""
    became = " and ".join(f"\u201c{quoted(name)}\u201d" for name in now)
    what = "was merged into" if len(now) == 1 else "was split into"
    st.info("The link shows what holds its traces now.", title=f"\u201c{quoted(former)}\u201d {what} {became}.")


def stale_setting(name: str, value: str, default: str) -> None:
    """N14 for a setting of a page."""
    st.warning(
        f"It may have been renamed or removed, or is no such value. In its place is shown: {quoted(default) or 'the usual'}.",
        title=f"\u201c{quoted(name)}: {quoted(value)}\u201d cannot be applied.",
    )


def judge_is_gone(name: str, value: str) -> None:
    """N14 for a setting that says whose verdicts are counted."""
    st.warning(
        "This judge version was removed, is newer than this link, or belongs to another database. No number of another one "
        "stands in its place.",
        title=f"\u201c{quoted(name)}: {quoted(value)}\u201d cannot be applied.",
    )


def nothing_matches(total: int, offer: tuple[str, int] | None) -> None:
    """N15, with the condition whose removal brings back the most."""
    body = f"{plural(total, 'trace')}, 0 with all conditions."
    if offer:
        body += f" Without \u201c{quoted(offer[0])}\u201d it would be {offer[1]:,}."
    st.info(body, title="No trace matches.")


def app_error(problem: AppError) -> None:
    """A problem the user can act on, in its own words."""
    st.error(escape(problem.remedy) or "Nothing was changed or lost.", title=escape(problem.message))


def seeing_not_noted(problem: AppError, *, hidden: bool) -> None:
    """N31 for what is only looked at: `hidden` where something is not shown because of it."""
    title = (
        "Verdicts are hidden: that you saw them cannot be stored."
        if hidden
        else "That you opened this trace was not stored."
    )
    why = " Labels you give later would pass for blind." if hidden else " It is shown all the same."
    st.error(f"{escape(str(problem))}{why}", title=title)


def page_failed(code: str) -> None:
    """N20."""
    st.error(
        f"Nothing was changed or lost. Reload; if it happens again, report the code {code} found in the server's log.",
        title="This page could not be shown.",
    )


def database_busy(problem: AppError) -> None:
    """N18: another process holds the database."""
    st.error(
        f"{escape(problem.remedy)} This page tries again every 5 s.",
        title=escape(problem.message),
    )


def mixed_origin(real: int, synthetic: int) -> None:
    """N32."""
    st.warning(
        f"{real:,} real and {synthetic:,} synthetic: rates of the two can differ, and are counted together.",
        title="Real and synthetic traces are mixed here.",
    )


def labels_wait(sentence: str) -> None:
    """The database was lost or is older than its journal."""
    st.warning(escape(sentence), title="Labels are safe in the journal, but not all of their traces are here.")


# ------------------------------------------------------------------------------ traces


def trace_large(size: str, shown: int) -> None:
    """N16."""
    st.warning(f"The first {shown:,} messages are shown.", title=f"This trace is very large ({size}).")


def no_such_trace(trace_id: str) -> None:
    """N17."""
    st.error(
        "The link may come from another database.",
        title=f"Trace {quoted(trace_id)} does not exist in this database.",
    )


def not_in_slice(trace_id: str) -> None:
    """N17b."""
    st.info(f"Trace {quoted(trace_id, 40)} is not part of this slice; it is shown because the link asks for it.")


def exported(n: int) -> None:
    """N11."""
    st.toast(f"Exported {plural(n, 'trace')}: exactly the rows of this slice.")


def exported_cells() -> None:
    """N11 of a pivot."""
    st.toast("Exported the cells of this table, with their totals and what each rate is of.")


def undone(trace_id: str) -> None:
    """N35."""
    st.toast(f"Undone: {quoted(trace_id, 40)} is unlabelled again.")


# ------------------------------------------------------------------------------ verdicts and failures


def no_verdicts(n: int) -> None:
    """N6."""
    st.info(
        f"{plural(n, 'trace')} match, none is labelled by an expert. "
        "Review 25 of them, or choose a judge under \u201cOf\u201d.",
        title="No verdicts in this slice.",
    )


def no_critiques() -> None:
    """N7."""
    st.info(
        "Categories grow from what the expert writes. Review some traces first; 30 are a good start.",
        title="No critiques yet.",
    )


def nothing_to_review(n: int) -> None:
    """N8."""
    st.success(
        f"All {plural(n, 'trace')} of this slice are labelled. Start a random queue, or clear the filter.",
        title="Nothing left to review here.",
    )


def picked_for_being_unusual() -> None:
    """N33."""
    st.warning(
        "Their failure rate says nothing about all traffic and is left out of it.",
        title="These traces were picked for being unusual.",
    )


# ------------------------------------------------------------------------------ judge


def no_key() -> None:
    """N23."""
    st.info(
        "Running the judge and suggesting groups with a model need `ANTHROPIC_API_KEY`. Everything else works.",
        title="No API key is set on the server.",
    )


def no_overlap(judged: int, labelled: int) -> None:
    """N30; the ways out stand under it."""
    st.info(
        f"The judge has {judged:,}, the expert {labelled:,}, none in common.",
        title="Judge and expert share no trace in this slice.",
    )


def unchecked_at_scale(n: int) -> None:
    """A judge that was never checked would be used on many traces."""
    st.warning(
        "Nobody knows how it errs. Run it on dev first, or say why it is used all the same: the reason is kept with the run.",
        title=f"It was never checked on dev or test, and would judge {plural(n, 'trace')} that nobody labelled.",
    )


def not_comparable(refused: AppError) -> None:
    """Why a judge cannot be held against the expert here, and what helps."""
    st.info(escape(refused.remedy or ""), title=escape(refused.message))


def check_out_of_date(changed: str, old: str) -> None:
    """N28: what changed, and what the numbers are for; both escaped."""
    st.warning(f"{changed}. The numbers here are for {old}.", title="This check is out of date.")


# ------------------------------------------------------------------------------ import


def not_recognised(file: str, formats: int) -> None:
    """N2."""
    st.error(
        f"It was compared with {formats} formats; none fits. Choose the format yourself, or map the columns by hand.",
        title=f"{quoted(file)} was not recognised.",
    )


def lines_not_read(bad: int, total: int, line: int | None, reason: str) -> None:
    """N3."""
    where = f"line {line:,}, " if line is not None else ""
    st.warning(
        f"First: {where}\u201c{quoted(reason, 120)}\u201d. The other {total - bad:,} can be imported.",
        title=f"{bad:,} of {plural(total, 'line')} were not read.",
    )


def nothing_new(n: int) -> None:
    """N4."""
    st.success(f"All {plural(n, 'trace')} were already here and are unchanged.", title="Nothing new.")
