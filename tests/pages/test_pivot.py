"""The pivot: its table, its evidence, its address."""

import pytest

from pages.pivot.place import read, written
from tests.conftest import JUDGE
from tests.pages.conftest import OpenPage, address, links, notices
from tests.pages.numbers import counted_links, wrong_links
from tests.pages.test_home import plain_labels, said


def test_the_table_says_k_of_n_with_interval_few_and_none(sample_app: OpenPage) -> None:
    app = sample_app("pivot", rows="scenario", cols="persona")
    table = app.dataframe[0].value
    rows = {row["name"][0]: [str(cell).replace("\u00a0", " ") for cell in row] for _, row in table.iterrows()}
    assert rows["no match"][1] == "77 % · 17 of 22 (57–90)"
    assert rows["multiple matches"][1] == "1 of 3 · few"
    assert rows["invalid data"][1] == "—"
    assert rows["all"][-1] == "37 % · 44 of 120 (29–46)"
    assert "Failed of labelled traces, by scenario and persona. 120 labelled of 212." in said(app)
    assert "92 unlabelled" in plain_labels(app)
    assert [button.label for button in app.get("download_button")] == [
        *("CSV", "JSONL", "Parquet", "Excel"),
        *("Report (Markdown)", "Report"),
    ]
    assert wrong_links(app) == []


def test_a_cell_of_the_address_opens_with_its_evidence(sample_app: OpenPage) -> None:
    app = sample_app("pivot", rows="scenario", cols="persona", cell="no match|new")
    assert "no match × new: 17 of 22 failed · 77 % (57–90 %)" in said(app)
    assert {"Open these 17 failed traces", "Open all 22 labelled"} < set(plain_labels(app))
    assert wrong_links(app) == []
    critiques = [m.value for m in app.markdown if m.value.startswith(":red[✗ fail]")]
    assert len(critiques) == 10


def test_a_cell_of_the_judge_and_one_against_the_expert(small_app: OpenPage) -> None:
    for show in ("failed", "disagreements", "caught", "kept", "traces"):
        app = small_app("pivot", rows="feature", cols="none", of=JUDGE, show=show, cell="search|*")
        assert wrong_links(app) == []
        assert [label for label, n, _ in counted_links(app) if n], show
    app = small_app("pivot", rows="feature", cols="persona", of=JUDGE, show="caught", cell="*|*")
    assert "all × all: 2 of 3 caught" in said(app)
    assert "Open 1 failure it missed" in plain_labels(app)


@pytest.mark.parametrize("cell", ["search\\|all|small", "\\*|*", "|", "*|huge", "billing|large"])
def test_any_value_can_stand_in_the_address(messy_app: OpenPage, cell: str) -> None:
    app = messy_app("pivot", rows="topic", cols="size", cell=cell)
    assert notices(app) == [] or cell == "|"
    assert wrong_links(app) == []


@pytest.mark.parametrize("value", [None, "", "a", "*", "\\", "|", "a|b", "\\|", "\\*", "**", "a\nb", "é|"])
def test_a_place_is_read_as_it_was_written(value: str | None) -> None:
    assert read(written(value, "x")) == (value, "x")
    assert read(written("x", value)) == ("x", value)
    assert read("no bar at all") is None


def test_what_is_gone_is_named(small_app: OpenPage) -> None:
    assert any("cell" in n for n in notices(small_app("pivot", cell="weather|new")))
    assert any("rows: weather" in n for n in notices(small_app("pivot", rows="weather")))
    assert any("of: nobody@1" in n for n in notices(small_app("pivot", of="nobody@1")))


def test_with_few_labels_it_says_what_helps(small_app: OpenPage) -> None:
    app = small_app("pivot", rows="feature")
    assert "Every cell has fewer than 10 traces to count. Choose one dimension, or review more." in notices(app)
    assert "Review 25 traces" in plain_labels(app)
    assert notices(small_app("pivot", rows="feature", cols="none", min_n="1")) == []


def test_without_verdicts_it_says_so(small_app: OpenPage) -> None:
    app = small_app("pivot", verdict="unlabelled", rows="persona", cols="none")
    assert "No verdicts in this slice." in notices(app)


def test_categories_can_be_counted_by(small_app: OpenPage) -> None:
    app = small_app("pivot", rows="category", cols="feature", min_n="1", cell="dates|*")
    table = app.dataframe[0].value
    assert list(table["name"]) == ["dates", "invented", "tone", "not sorted yet", "all"]
    assert wrong_links(app) == []
    assert "rows add to more than the total" in said(app)


def test_choosing_rows_and_columns_is_written_into_the_address(small_app: OpenPage) -> None:
    app = small_app("pivot")
    app.selectbox(key="set.rows").set_value("feature").run()
    assert address(app)["rows"] == ["feature"]
    app.selectbox(key="set.of").set_value(JUDGE).run()
    assert address(app)["of"] == [JUDGE]
    assert "Failed of traces with a verdict of judge strict v1" in said(app)


def test_a_measure_that_needs_a_judge_is_not_offered_without_one(small_app: OpenPage) -> None:
    assert small_app("pivot").selectbox(key="set.show").options == ["failed", "number of traces"]
    offered = small_app("pivot", of=JUDGE).selectbox(key="set.show").options
    assert offered == ["failed", "number of traces", "disagreements", "caught failures", "kept passes"]


def test_without_a_principal_expert_a_judge_is_not_held_against_several(messy_app: OpenPage) -> None:
    offered = messy_app("pivot", of="overall@1").selectbox(key="set.show").options
    assert offered == ["failed", "number of traces"]
    offered = messy_app("pivot", of="overall@1", labeler="ben").selectbox(key="set.show").options
    assert "kept passes" in offered


def test_a_slice_of_one_judge_offers_only_that_one(messy_app: OpenPage) -> None:
    app = messy_app("pivot", judge="overall@1", judge_verdict="fail")
    assert app.selectbox(key="set.of").options == ["expert verdict", "judge overall 1", "judge overall 1, corrected"]


def test_links_keep_the_smallest_n(small_app: OpenPage) -> None:
    app = small_app("pivot", rows="feature", cols="none", cell="search|*", min_n="3")
    opened = next(target for label, target in links(app).items() if label.startswith("Open these"))
    assert "min_n=3" in opened
