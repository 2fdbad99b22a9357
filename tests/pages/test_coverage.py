"""Coverage: what each combination holds, the empty and thin ones marked, and every number with its traces."""

from tests.pages.conftest import OpenPage, links
from tests.pages.numbers import wrong_links


def said(app: object) -> list[str]:
    return [text.value.replace("\u00a0", " ").replace("*", "") for text in app.markdown]  # type: ignore[attr-defined]


def test_the_table_counts_traces_and_verdicts(small_app: OpenPage) -> None:
    app = small_app("coverage", rows="feature", cols="persona", min_n="2")
    table = app.dataframe[0].value
    assert list(table["name"]) == ["search", "booking", "chat", "(missing)", "all"]
    assert list(table["all"])[-1] == "12 · 8"
    assert any(
        "0 of 6 combinations have no trace; 4 are thin: fewer than 2 judged traces" in text for text in said(app)
    )


def test_an_empty_combination_stands_out_and_opens_nothing(small_app: OpenPage) -> None:
    app = small_app("coverage", rows="feature", cols="persona", model="m-1", cell="booking|regular")
    assert any("booking × regular: 1 trace, 0 judged" in text for text in said(app))
    app = small_app("coverage", rows="feature", cols="persona", model="m-2", cell="chat|regular")
    assert any("chat × regular: no trace" in text for text in said(app))
    assert "0 empty" in app.dataframe[0].value.to_numpy()


def test_the_cell_of_the_address_opens_its_traces(small_app: OpenPage) -> None:
    app = small_app("coverage", rows="feature", cols="persona", cell="search|new")
    assert any("search × new: 3 traces, 2 judged" in text for text in said(app))
    assert {"Open 3 traces", "2 judged", "Review those without a label"} <= links(app).keys()
    assert wrong_links(app) == []


def test_a_column_total_and_the_missing_value_have_their_traces(small_app: OpenPage) -> None:
    for cell in ("*|new", "|regular", "*|*"):
        app = small_app("coverage", rows="feature", cols="persona", cell=cell)
        assert wrong_links(app) == []
        assert any(label.startswith("Open ") for label in links(app)), cell
