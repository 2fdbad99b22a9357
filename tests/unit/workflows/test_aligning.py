"""The alignment spreadsheet goes out and comes back without loss; what an expert changed becomes labels, never blind ones."""

import csv
import io
from pathlib import Path

import pytest

from core.errors import InputError, NotFoundError, UsageError
from core.importers import Source
from core.model import LabelState
from core.slice import Slice
from core.store.connection import Store
from core.store.drafts import Draft
from core.workflows.aligning import align
from core.workflows.exploring import read_trace
from core.workflows.exporting import export_bytes
from core.workflows.reviewing import keep_draft, record_label
from core.workflows.trusting import measure_trust
from tests.conftest import JUDGE, Cli
from tests.unit.workflows.test_category_judges import DATES, SAID, add_judge, category_id

Rows = dict[str, dict[str, str]]


def exported(store: Store) -> Rows:
    data = export_bytes(store, "alignment", Slice(), "csv", judge=JUDGE)[0].decode()
    return {row["trace"]: row for row in csv.DictReader(io.StringIO(data))}


def written(found: Rows) -> Source:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(next(iter(found.values()))))
    writer.writeheader()
    writer.writerows(found.values())
    return Source.from_bytes("alignment.csv", out.getvalue().encode())


def label_events(store: Store) -> list[bytes]:
    return [export_bytes(store, what, Slice(), "jsonl")[0] for what in ("labels", "judgments")]


@pytest.mark.parametrize("format_name", ["csv", "xlsx"])
def test_out_and_in_again_adds_nothing_whoever_brings_it(small_store: Store, format_name: str) -> None:
    record_label(
        small_store, trace_id="t03", state=LabelState.FAIL, labeler="ana", critique="=1+1, 'x'\r\n\x0b" + "é" * 15_000,
        revised_response="@now\n" + "z" * 19_000,
    )  # fmt: skip
    before = label_events(small_store)
    for by in ("ana", "bo"):
        data, name = export_bytes(small_store, "alignment", Slice(), format_name, judge=JUDGE)
        with Source.from_bytes(name, data) as source:
            done = align(small_store, source, judge="strict", by=by)
        assert (done.read, done.unchanged, done.labels, done.bad, done.ignored) == (6, 6, 0, [], [])
    assert label_events(small_store) == before


def test_what_was_changed_becomes_labels_in_sight_of_the_judge_and_leaves_the_agreement_as_it_was(
    small_store: Store,
) -> None:
    keep = measure_trust(small_store, Slice(), judge=JUDGE).whole.counts
    found = exported(small_store)
    found["t04"] |= {"expert verdict": "Good", "expert critique": "I was too strict", "better answer": ""}
    found["t01"] |= {"better answer": "Hello, and yes."}
    done = align(small_store, written(found), judge=JUDGE, by=" ana ")
    assert (done.read, done.labels, done.unchanged, done.empty, done.bad) == (6, 2, 4, 0, [])
    seen = read_trace(small_store, "t04")
    assert seen.label is not None
    assert (seen.label.state, seen.label.critique) == (LabelState.PASS, "I was too strict"), "it is the present word"
    assert [(x.state, x.saw_judge) for x in seen.labels] == [(LabelState.FAIL, False), (LabelState.PASS, True)]
    assert measure_trust(small_store, Slice(), judge=JUDGE).whole.counts == keep, "the blind ones go on counting"
    again = align(small_store, written(found), judge=JUDGE, by="ana")
    assert (again.labels, again.unchanged) == (0, 6)
    data, name = export_bytes(small_store, "alignment", Slice(), "xlsx", judge=JUDGE)
    assert align(small_store, Source.from_bytes(name, data), judge=JUDGE, by="ana").unchanged == 6


def test_agreement_is_computed_and_what_was_typed_otherwise_is_said(small_store: Store) -> None:
    found = exported(small_store)
    found["t01"] |= {"agree": "false"}
    found["t04"] |= {"agree": "maybe", "judge verdict": "fail"}
    done = align(small_store, written(found), judge=JUDGE, by="ana")
    assert (done.labels, done.unchanged, done.bad) == (0, 6, [])
    lines = {trace: place for place, trace in enumerate(found, 2)}
    assert done.ignored == [
        (lines["t01"], "agree «false»: it is computed, and is true"),
        (lines["t04"], "judge verdict «fail»: the judge said pass"),
        (lines["t04"], "agree «maybe»: it is computed, and is false"),
    ]


def test_rows_that_cannot_be_taken_are_named_with_what_to_do_and_the_others_are_taken(small_store: Store) -> None:
    found = exported(small_store)
    one, two, three, four, five, six = found.values()
    one["trace"] = "nowhere"
    two["expert verdict"] = "3 of 5"
    three |= {"expert verdict": "", "expert critique": "a word without a verdict"}
    four |= {"expert verdict": "bad", "expert critique": ""}
    five |= {"expert verdict": "bad", "expert critique": "x" * 20_001}
    six |= {"expert critique": "changed", "model response": "what it said last month"}
    found["more"] = six | {
        "trace": "t05",
        "expert verdict": "bad",
        "expert critique": "new",
        "model response": "answer to t05",
    }
    found["twice"] = found["more"] | {"expert critique": "other"}
    found["blank"] = dict.fromkeys(six, "") | {"trace": "t12"}
    done = align(small_store, written(found), judge=JUDGE, by="ana")
    assert (done.read, done.labels, done.unchanged, done.empty) == (9, 1, 0, 1)
    assert [line for line, _ in done.bad] == [2, 3, 4, 5, 6, 7, 9]
    for (_, reason), (what, remedy) in zip(
        done.bad,
        (
            ("no trace with the id «nowhere»", "import it first"), ("«3 of 5» is no verdict", "write pass or fail"),
            ("no verdict", "write pass or fail"), ("a fail without a critique", "write what went wrong"),
            ("20,001 characters", "shorten it"), ("not that of the trace now", "export the sheet again"),
            ("stands in line 8 already", "keep one of the two"),
        ),
        strict=True,
    ):  # fmt: skip
        assert what in reason
        assert remedy in reason


def test_what_somebody_was_typing_stays(small_store: Store) -> None:
    keep_draft(small_store, trace_id="t04", labeler="ana", draft=Draft("fail", "half a sentence"))
    found = exported(small_store)
    found["t04"] |= {"expert critique": "invented a flat"}
    assert align(small_store, written(found), judge=JUDGE, by="ana").labels == 1
    with small_store.read() as cursor:
        assert cursor.execute("select critique from drafts where labeler = 'ana'").fetchall() == [("half a sentence",)]


def test_other_files_other_judges_and_nobody_are_refused_and_nothing_changes(small_store: Store) -> None:
    before = label_events(small_store)
    sheet = export_bytes(small_store, "alignment", Slice(), "csv", judge=JUDGE)[0]
    with pytest.raises(InputError, match="no alignment spreadsheet: it lacks the column expert critique and"):
        align(small_store, Source.from_bytes("x.csv", b"trace,b\n1,2\n"), judge=JUDGE, by="ana")
    with pytest.raises(UsageError, match="name"):
        align(small_store, Source.from_bytes("x.csv", sheet), judge=JUDGE, by=" ")
    with pytest.raises(NotFoundError):
        align(small_store, Source.from_bytes("x.csv", sheet), judge="nobody", by="ana")
    assert label_events(small_store) == before
    add_judge(small_store, DATES, SAID, about=category_id(small_store, "dates"))
    with pytest.raises(UsageError, match="looks for one failure category"):
        align(small_store, Source.from_bytes("x.csv", sheet), judge=DATES, by="ana")


def test_the_command_line_takes_it_back(small_database: Path, cli: Cli, tmp_path: Path) -> None:
    out = tmp_path / "alignment.csv"
    assert cli("export", "alignment", "--judge", "strict", "--out", out).code == 0
    out.write_text(out.read_text().replace("invented a listing", "invented two listings"))
    ran = cli("align", out, "--judge", "strict", "--as", "ana", "--strict", "--json")
    assert (ran.code, ran.json["labels"], ran.json["unchanged"], ran.json["bad"], ran.json["saw_judge"]) == (
        0,
        1,
        5,
        0,
        True,
    )
    assert "in no agreement" not in cli("align", out, "--judge", "strict", "--as", "ana").out, "it adds nothing again"
    out.write_text(out.read_text().replace("t04,", "t99,"))
    worse = cli("align", out, "--judge", "strict", "--as", "ana", "--strict")
    assert (worse.code, "Not taken: line" in worse.err) == (1, True)
    assert cli("align", small_database, "--judge", "strict", "--as", "ana").code == 2


def test_a_row_that_goes_back_to_a_former_verdict_says_which_one_is_newer(small_store: Store) -> None:
    first = exported(small_store)
    there = {"t01": first["t01"] | {"expert verdict": "fail", "expert critique": "on second thought"}}
    assert align(small_store, written(there), judge=JUDGE, by="ana").labels == 1
    back = align(small_store, written({"t01": first["t01"]}), judge=JUDGE, by="ana")
    assert (back.labels, back.unchanged) == (0, 1)
    assert back.ignored == [(2, "ana has said fail since: change it in Review")]
