"""Import: files are checked before anything is stored, and what was not read can be seen."""

import gzip
import json
from typing import Any

from streamlit.testing.v1 import AppTest

from core.slice import Slice
from core.workflows.exploring import describe
from core.workflows.importing import list_imports
from pages.ui.store import the_store
from tests.pages.conftest import OpenPage, address, links, notices

WORDS = ("good", "bad", "meh")
MIXED = "\n".join(
    json.dumps(
        {
            "id": f"m{n}",
            "input": f"question {n}",
            "output": f"answer {n}",
            "feature": "ab"[n % 2],
            "label": WORDS[n % 3],
        }
    )
    for n in range(12)
)
BROKEN = f'{MIXED}\n{{"id": broken\n'
RATED = "id,question,answer,score\n" + "\n".join(
    f"r{n},what is the number {n} good for,it is good for counting to {n},{n % 2}" for n in range(10)
)


def buttons(app: AppTest) -> dict[str, Any]:
    return {button.key: button for button in app.button if button.key}


def uploaded(app: AppTest, *files: tuple[str, str | bytes]) -> AppTest:
    given = [(name, text.encode() if isinstance(text, str) else text, "text/plain") for name, text in files]
    return app.file_uploader[0].set_value(given).run()


def test_a_file_is_recognised_and_nothing_is_stored_before_the_button(empty_app: OpenPage) -> None:
    app = uploaded(empty_app("import_logs"), ("mixed.jsonl", MIXED))
    assert any("In 12 records: 12 traces, 8 expert labels" in text.value for text in app.markdown)
    assert buttons(app)["import"].label == "Import 12 traces"
    assert any("meh (4)" in caption.value.replace("\\", "") for caption in app.caption)
    assert list_imports(the_store()) == []


def test_the_import_tells_what_it_did_and_links_to_it(empty_app: OpenPage) -> None:
    app = buttons(uploaded(empty_app("import_logs"), ("mixed.jsonl", BROKEN)))["import"].click().run()
    assert links(app)["12 new"].endswith("traces?import=1")
    assert describe(the_store(), Slice(import_id=1)).n == 12
    reasons = list(app.dataframe[0].value["Reason"])
    assert sum("not valid JSON" in reason for reason in reasons) == 1
    assert sum('"meh"' in reason for reason in reasons) == 4
    assert {button.label for button in app.get("download_button")} >= {"Download as CSV", "Download as JSONL"}
    buttons(app)["see"].click().run()
    assert address(app) == {"import": ["1"]}


def test_bad_lines_are_named_before_the_import(empty_app: OpenPage) -> None:
    app = uploaded(empty_app("import_logs"), ("mixed.jsonl", BROKEN))
    assert "1 of 13 lines were not read." in notices(app)
    assert "line 13" in app.warning[0].value


def test_a_log_whose_answers_are_not_found_warns_until_their_column_is_chosen(empty_app: OpenPage) -> None:
    rows = [{"id": n, "prompt": f"q {n}", "antwoord_tekst": f"a {n}"} for n in range(4)]
    app = uploaded(empty_app("import_logs"), ("log.jsonl", "".join(f"{json.dumps(row)}\n" for row in rows)))
    (warned,) = [one.value for one in app.warning if "No answer was found in 4 of the 4" in one.value]
    assert "Columns not used: antwoord\\_tekst" in warned
    (output,) = [box for box in app.selectbox if box.label == "output comes from"]
    output.select("antwoord_tekst").run()
    assert not [one for one in app.warning if "No answer" in one.value]
    (output,) = [box for box in app.selectbox if box.label == "output comes from"]
    output.select("").run()
    assert [one for one in app.warning if "No answer" in one.value]


def test_importing_again_adds_nothing(empty_app: OpenPage) -> None:
    app = empty_app("import_logs")
    for _ in range(2):
        buttons(uploaded(app, ("mixed.jsonl", MIXED)))["import"].click().run()
        said = notices(app)
        buttons(app)["more"].click().run()
    assert "Nothing new." in said
    assert [one.added for one in list_imports(the_store())] == [0, 12]


def test_what_one_and_zero_mean_is_asked_and_not_guessed(empty_app: OpenPage) -> None:
    app = uploaded(empty_app("import_logs"), ("rated.csv", RATED))
    assert any("Say which values of score mean pass" in warning.value for warning in app.warning)
    passes = next(box for box in app.multiselect if box.label == "Pass means")
    passes.select("1").run()
    next(box for box in app.multiselect if box.label == "Fail means").select("0").run()
    assert any("10 judge verdicts" in text.value or "10 expert labels" in text.value for text in app.markdown)
    buttons(app)["import"].click().run()
    assert sum(one.labels_added + one.judgments_added for one in list_imports(the_store())) == 10


def test_a_field_and_a_dimension_can_be_chosen(empty_app: OpenPage) -> None:
    app = uploaded(empty_app("import_logs"), ("mixed.jsonl", MIXED))
    next(box for box in app.selectbox if box.label == "output comes from").select("feature").run()
    dimensions = next(box for box in app.multiselect if box.label.startswith("Dimensions"))
    dimensions.unselect("feature").run()
    mapping = next(area for area in app.text_area if area.label.startswith("Mapping")).value
    assert 'output = "feature"' in mapping
    assert "[dimensions]" not in mapping


def test_the_mapping_can_be_edited_as_text_and_a_mistake_is_explained(empty_app: OpenPage) -> None:
    app = uploaded(empty_app("import_logs"), ("mixed.jsonl", MIXED))

    def text() -> Any:
        return next(area for area in app.text_area if area.label.startswith("Mapping"))

    held = text().value
    text().input(held.replace('input = "input"', 'input = "output"')).run()
    assert next(box for box in app.selectbox if box.label == "input comes from").value == "output"
    text().input("[trace\n").run()
    assert "not valid TOML" in notices(app)[0]
    assert buttons(app)["import"].disabled
    assert text().value == "[trace\n", "what was typed stays, to be mended"
    text().input(held).run()
    assert not buttons(app)["import"].disabled


def test_several_files_also_gzipped_make_one_import(empty_app: OpenPage) -> None:
    files = (("a.jsonl", MIXED), ("b.csv.gz", gzip.compress(RATED.encode())))
    app = uploaded(empty_app("import_logs"), *files)
    assert buttons(app)["import"].label == "Import 2 files"
    buttons(app)["import"].click().run()
    assert [(one.files, one.added) for one in list_imports(the_store())] == [(["a.jsonl", "b.csv.gz"], 22)]


def test_two_files_of_one_name_are_each_read_as_they_were_checked(empty_app: OpenPage) -> None:
    first = "id,question,answer,label\n1,what?,that,pass\n2,why?,because,fail\n"
    second = "key,prompt,completion,verdict\n7,when?,then,fail\n8,where?,there,pass\n"
    app = uploaded(empty_app("import_logs"), ("export.csv", first), ("export.csv", second))
    buttons(app)["import"].click().run()
    assert [(one.added, one.bad) for one in list_imports(the_store())] == [(4, 0)]


def test_a_file_that_is_not_recognised_leaves_the_others_importable(empty_app: OpenPage) -> None:
    app = uploaded(empty_app("import_logs"), ("traces.dat", bytes(range(256)) * 20), ("mixed.jsonl", MIXED))
    assert "traces.dat was not recognised." in [title.replace("\\", "") for title in notices(app)]
    assert any("Not imported as it is: traces.dat" in caption.value for caption in app.caption)
    buttons(app)["import"].click().run()
    assert list_imports(the_store())[0].files == ["mixed.jsonl"]


def test_an_empty_file_is_said_to_be_empty(empty_app: OpenPage) -> None:
    app = uploaded(empty_app("import_logs"), ("empty.jsonl", ""))
    assert any("has no lines" in title or "not recognised" in title for title in notices(app))
    assert buttons(app)["import"].disabled


def test_past_imports_are_listed(small_app: OpenPage) -> None:
    app = small_app("import_logs")
    assert list(app.dataframe[0].value["Files"]) == ["small.jsonl"]


def test_the_sample_is_offered_to_an_empty_database_alone(empty_app: OpenPage, small_app: OpenPage) -> None:
    assert "Look at the sample" not in [button.label for button in small_app("import_logs").button]
