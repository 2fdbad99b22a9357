"""Variants: read from a log, twins of their trace, judged as if they were none, and counted by kind of change."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from core.judge.seen import ShownTrace, seen
from core.metrics import rate_of
from core.model import JudgmentRow, LabelState, Verdict
from core.slice import Slice
from core.splitting import Candidate, Shares, twins
from core.store.connection import Store
from core.store.ingest import Entry, ingest
from core.workflows.estimating import real
from core.workflows.exploring import describe, filter_options, list_traces
from core.workflows.pivoting import axes, pivot
from core.workflows.queueing import count_open, start_queue, trace_ids
from core.workflows.reviewing import record_label
from core.workflows.sealing import open_test
from core.workflows.splitting import assign_splits
from core.workflows.staling import staleness
from core.workflows.summarising import summarise
from core.workflows.trusting import measure_trust
from core.workflows.varying import list_variants, measure_variants
from tests.conftest import JUDGE, LABELLED_ON, Cli, new_trace
from tests.unit.importers.samples import extract

MADE = (
    # variant, of, change, what the judge says of it
    ("t01-name", "t01", "another name", "pass"),
    ("t02-name", "t02", "another name", "pass"),
    ("t03-name", "t03", "another name", "fail"),
    ("t03-long", "t03", "longer, no better", "pass"),
    ("t04-long", "t04", "longer, no better", None),
    ("t99-long", "t99", "longer, no better", "pass"),
    ("t06-odd", "t06", "", "fail"),
)


def fill_variants(store: Store) -> None:
    """Variants of the traces of `SMALL`, of which strict@v1 said pass (t01, t04, t06) or fail (t02, t03)."""
    add_variants(store, MADE)


def add_variants(store: Store, made: Sequence[tuple[str, str, str, str | None]]) -> None:
    """Variants with what strict@v1 says of them."""
    entries: list[Entry] = []
    for line, (name, base, change, verdict) in enumerate(made):
        told = {"variant_of": base} | ({"variant": change} if change else {})
        trace = new_trace(id=name, origin="synthetic", dimensions=told)
        row = JudgmentRow(trace_id=name, judge="strict", version="v1", verdict=Verdict(verdict)) if verdict else None
        entries.append(Entry("variants.jsonl", line, trace, [], [row] if row else []))
    with ingest(store) as running:
        running.add(entries)
        running.finish(files=["variants.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)


@pytest.fixture
def varied(small_store: Store) -> Store:
    fill_variants(small_store)
    return small_store


def test_flips_are_counted_by_kind_of_change(varied: Store) -> None:
    found = measure_variants(varied, Slice(), judge=JUDGE)
    held = {c.name: (c.pairs, c.flipped, c.to_pass, c.to_fail) for c in found.changes}
    assert held == {
        "another name": (3, rate_of(1, 3), 1, 0),
        "longer, no better": (2, rate_of(1, 1), 1, 0),
        "": (1, rate_of(1, 1), 0, 1),
    }
    assert (found.unjudged, found.orphans) == (1, 1)
    assert describe(varied, found.any_variant).n == len(MADE)
    assert found.changes[-1].name == "", "what has no name stands last"


def test_the_pairs_are_those_that_are_counted_and_the_slice_speaks_of_the_trace(varied: Store) -> None:
    flipped = list_variants(varied, Slice(), judge=JUDGE, only_flipped=True)
    assert [(p.base_id, p.variant_id) for p in flipped] == [
        ("t06", "t06-odd"),
        ("t02", "t02-name"),
        ("t03", "t03-long"),
    ]
    assert len(list_variants(varied, Slice(), judge=JUDGE)) == len(MADE) - 1
    named = list_variants(varied, Slice(), judge=JUDGE, change="another name")
    assert {pair.base_id for pair in named} == {"t01", "t02", "t03"}
    failed = measure_variants(varied, Slice().with_verdict("fail"), judge=JUDGE)
    assert {c.name: c.pairs for c in failed.changes} == {"another name": 1, "longer, no better": 2}


def test_without_variants_nothing_is_said(small_store: Store) -> None:
    found = measure_variants(small_store, Slice(), judge=JUDGE)
    assert (found.changes, found.unjudged, found.orphans) == ([], 0, 0)


def _ids(store: Store, sql: str) -> set[str]:
    with store.read() as cursor:
        return {row[0] for row in cursor.execute(sql).fetchall()}


def test_what_a_judge_says_of_a_variant_is_sealed_with_its_trace(varied: Store) -> None:
    """Nobody labelled the variants, so they have no split; those made from a variant go with it."""
    add_variants(varied, [("t03-far", "t03-name", "another name", "fail"), ("t99-far", "t99", "another name", "fail")])
    names = {name for name, *_ in MADE} | {"t03-far", "t99-far"}
    shown = "select id from shown_judgments join traces using (trace_key)"
    assert names - {"t04-long"} <= _ids(varied, shown)
    assign_splits(varied, by="ana", shares=Shares(0, 1, 99))
    test = _ids(varied, "select id from current_splits join traces using (trace_key) where split = 'test'")
    assert {"t01", "t02", "t03"} <= test
    said = Slice().with_judge_verdict(JUDGE, "pass", "fail")
    cells = pivot(varied, Slice(), rows="variant", of=JUDGE)
    assert {trace.row.id for trace in list_traces(varied, said).traces} & names == {"t99-long", "t99-far"}
    assert {cell.row: cell.counts.judged for cell in cells.inner if cell.row} == {
        "another name": 1,
        "longer, no better": 1,
    }
    assert not names & (test | _ids(varied, shown)) - {"t99-long", "t99-far"}
    pairs = list_variants(varied, Slice(), judge=JUDGE)
    assert {(p.base_passed, p.variant_passed, p.base_critique, p.variant_critique) for p in pairs} == {(None,) * 4}
    open_test(varied, JUDGE, by="ana")
    assert names - {"t04-long"} <= _ids(varied, shown)
    assert sum(c.flipped.n for c in measure_variants(varied, Slice(), judge=JUDGE).changes) == 6


def test_what_a_trace_was_made_from_is_sealed_with_it(varied: Store) -> None:
    record_label(varied, trace_id="t01-name", labeler="ana", state=LabelState.PASS, critique="as the other one")
    with varied.write() as cursor:
        cursor.execute(
            "insert into splits select nextval('event_number'), trace_key, 'test', now()::timestamp from traces where id = 't01-name'"
        )
    sealed = "select id from sealed_judgments join traces using (trace_key)"
    assert _ids(varied, sealed) == {"t01", "t01-name"}


def test_what_a_judge_says_of_a_copy_is_sealed_with_its_trace(small_store: Store) -> None:
    told = {"input": "question of t01", "output": "answer to t01"}
    copies = [new_trace(id=name, **told) for name in ("copy", "copy-of-a-variant")]
    empty = [new_trace(id=name, input=None, output=None, messages=()) for name in ("none", "none-too")]
    rows = [JudgmentRow(trace_id=t.id, judge="strict", version="v1", verdict=Verdict.PASS) for t in (*copies, *empty)]
    traces = (*copies, *empty, new_trace(id="t01", **told))
    with ingest(small_store) as running:
        running.add([Entry("copies.jsonl", None, trace, [], []) for trace in traces])
        running.add([Entry("copies.jsonl", None, None, [], rows)])
        running.finish(files=["copies.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)
    for name in ("t01", "none"):
        record_label(small_store, trace_id=name, labeler="ana", state=LabelState.PASS, critique="fine")
    with small_store.write() as cursor:
        cursor.execute(
            """insert into splits select nextval('event_number'), trace_key, 'test', now()::timestamp from traces
                where id in ('t01', 'none')"""
        )
    sealed = _ids(small_store, "select id from sealed_judgments join traces using (trace_key)")
    assert sealed == {"t01", "copy", "copy-of-a-variant", "none"}, "what says nothing is like nothing"


def test_a_pair_with_an_example_of_the_prompt_is_in_no_count(varied: Store) -> None:
    with varied.write() as cursor:
        cursor.execute("update judge_versions set examples = ['t03', 't01-name'] where judge = 'strict'")
    found = measure_variants(varied, Slice(), judge=JUDGE)
    assert {c.name: c.pairs for c in found.changes} == {"another name": 1, "longer, no better": 1, "": 1}
    assert found.examples == 3
    assert {p.base_id for p in list_variants(varied, Slice(), judge=JUDGE)} == {"t02", "t04", "t06"}


def test_variants_are_drawn_for_review_only_where_they_are_asked_for(varied: Store) -> None:
    drawn = trace_ids(varied, start_queue(varied, Slice(), size=20, labeler="ben"))
    assert (len(drawn), {name for name, *_ in MADE} & set(drawn)) == (12, set())
    assert count_open(varied, Slice(), labeler="ben") == 12
    asked = Slice().with_value("variant", "another name")
    assert sorted(trace_ids(varied, start_queue(varied, asked, size=20, labeler="ben"))) == [
        "t01-name",
        "t02-name",
        "t03-name",
    ]
    assert summarise(varied, Slice()).way.next.n == summarise(varied, Slice(import_id=1)).way.next.n


def test_what_is_a_test_of_judges_stands_behind_what_a_person_looks_for(varied: Store) -> None:
    assert list(filter_options(varied).dimensions) == ["persona", "feature", "variant_of", "variant"]
    assert [axis.name for axis in axes(varied)][:3] == ["persona", "feature", "variant"]
    for name, *_ in MADE:
        record_label(varied, trace_id=name, labeler="ana", state=LabelState.FAIL, critique="wrong")
    worst = summarise(varied, Slice(), min_n=1).worst
    assert worst
    assert {dimension for one in worst for dimension, _ in one.values} == {"feature", "persona"}


def test_variants_are_no_traffic_that_makes_a_check_old(small_store: Store) -> None:
    before = staleness(small_store, JUDGE)
    fill_variants(small_store)
    assert before is not None
    assert staleness(small_store, JUDGE) == before


def test_a_variant_is_synthetic_and_in_no_rate_before_it_is_labelled(varied: Store) -> None:
    before = measure_trust(varied, Slice(), judge=JUDGE).whole.counts
    assert before.n == 6
    assert describe(varied, real(Slice())).n == 12
    record_label(varied, trace_id="t01-name", labeler="ana", state=LabelState.PASS, critique="as the other one")
    assert measure_trust(varied, Slice(), judge=JUDGE).whole.counts.n == before.n + 1


def test_a_labelled_variant_goes_where_its_trace_went(varied: Store) -> None:
    assign_splits(varied, by="ana")
    for name, base, _, _ in MADE[:5]:
        record_label(varied, trace_id=name, labeler="ana", state=LabelState.FAIL, critique=f"as {base}")
    assign_splits(varied, by="ana")
    with varied.read() as cursor:
        found = dict(cursor.execute("select id, split from current_splits join traces using (trace_key)").fetchall())
    assert len({found[base] for _, base, _, _ in MADE[:5]}) > 1
    for name, base, _, _ in MADE[:5]:
        assert found[name] == found[base]


def test_a_variant_of_a_variant_goes_there_too_though_the_one_between_has_no_label(varied: Store) -> None:
    names = [f"{base}-far" for base in ("t01", "t02", "t03")]
    add_variants(varied, [(name, name.replace("far", "name"), "again", None) for name in names])
    add_variants(varied, [("t05-one", "t05-two", "", None), ("t05-two", "t05-one", "", None)])
    assign_splits(varied, by="ana", shares=Shares(33, 33, 34))
    for name in (*names, "t05-one"):
        record_label(varied, trace_id=name, labeler="ana", state=LabelState.FAIL, critique="as the first one")
    assign_splits(varied, by="ana")
    with varied.read() as cursor:
        found = dict(cursor.execute("select id, split from current_splits join traces using (trace_key)").fetchall())
    assert len({found[name[:3]] for name in names}) > 1
    assert [found[name] for name in names] == [found[name[:3]] for name in names]
    assert "t05-one" in found, "two that name each other end nowhere, and are read all the same"


def test_variants_of_one_trace_are_twins_though_it_is_not_there() -> None:
    def candidate(key: int, *of: str) -> Candidate:
        return Candidate(key=key, id=f"t{key}", passed=True, variant_of=of)

    groups = twins([candidate(1), candidate(2, "t1"), candidate(3, "gone"), candidate(4, "gone"), candidate(5, "t2")])
    assert sorted(sorted(t.key for t in group) for group in groups) == [[1, 2, 5], [3, 4]]


def test_no_judge_is_shown_that_a_trace_is_a_variant_or_what_is_known_of_it() -> None:
    shown = ShownTrace(
        input="q", dimensions={"variant": ("longer",), "variant_of": ("t1",), "known": ("bad",), "feature": ("x",)}
    )
    assert seen(shown, ("input", "d.variant", "d.variant_of", "d.known", "d.feature")) == {
        "input": "q",
        "dimensions": {"feature": ["x"]},
    }
    arm = ShownTrace(input="q", dimensions={"variant": ("B",)})
    assert seen(arm, ("input", "d.variant")) == {"input": "q", "dimensions": {"variant": ["B"]}}, "an experiment's"


def test_a_log_names_the_trace_that_a_variant_was_made_from() -> None:
    mapping = (
        '[trace]\nid = "id"\ninput = "q"\nvariant_of = "base"\nvariant = "change"\n[dimensions]\nvariant = "other"\n'
    )
    made = extract(mapping, {"id": "v1", "q": "Why?", "base": 7, "change": " a name ", "other": "x"}).trace
    assert made is not None
    assert (made.origin, sorted(made.dimensions)) == ("synthetic", [("variant", "a name"), ("variant_of", "7")])
    for base in ("", "t1"):
        plain = extract(mapping, {"id": "t1", "q": "Why?", "base": base, "other": "x"}).trace
        assert plain is not None
        assert (plain.origin, plain.dimensions) == ("real", (("variant", "x"),)), "what names itself was made from none"


def test_the_command_line_says_how_many_verdicts_flip(small_database: Path, cli: Cli, tmp_path: Path) -> None:
    lines = [{"id": f"{name}", "q": "Why?", "base": base, "change": change} for name, base, change, _ in MADE[:3]]
    log, mapping = tmp_path / "v.jsonl", tmp_path / "v.toml"
    log.write_text("\n".join(json.dumps(line | {"said": "PASS"}) for line in lines))
    mapping.write_text(
        '[trace]\nid = "id"\ninput = "q"\nvariant_of = "base"\nvariant = "change"\n'
        '[[judgment]]\njudge = "strict"\nversion = "v1"\nverdict = "said"\npass = ["PASS"]\nfail = ["FAIL"]\n'
    )
    assert cli("import", log, "--mapping", mapping, "--strict").code == 0
    (change,) = cli("agreement", "--judge", "strict", "--json").json["variants"]
    assert (change["change"], change["pairs"], change["to_pass"], change["to_fail"]) == ("another name", 3, 2, 0)
    assert (change["flipped"]["k"], change["flipped"]["n"]) == (2, 3)
    assert "Variants, another name: flipped 2 of 3" in cli("agreement", "--judge", "strict").out
