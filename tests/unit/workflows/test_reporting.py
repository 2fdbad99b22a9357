"""The report: every number with what it is of, pinned to an event, and nothing in it but text."""

import html
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from core.metrics import rate_of
from core.model import LabelState
from core.slice import Slice
from core.store.connection import Store
from core.workflows.documents import Heading, Link, Paragraph, Quote, Table, as_html, as_markdown, plain
from core.workflows.pinning import newest_event, pin
from core.workflows.reporting import Asked, View, make_report, said
from core.workflows.reviewing import record_label
from core.workflows.sampling import load_sample
from core.workflows.wording import Words, make_category
from tests.conftest import Cli, new_trace
from tests.unit.workflows.test_estimating import fill
from tests.unit.workflows.test_exporting import store_traces

HOSTILE = (
    '<script>alert(1)</script><img src="http://bad.example/a.png"> ![x](http://bad.example/b.png) | a\n# b "\' &lt;'
)


class Seen(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "action")]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def measured_store(fresh_store: Store) -> Store:
    fill(fresh_store)
    return fresh_store


def test_a_report_says_what_fails_where_and_whether_the_judge_can_be_trusted(small_store: Store) -> None:
    page = Seen(make_report(small_store, Slice(), min_n=1, address="http://127.0.0.1:8501").html())
    for words in (
        "All 12 traces.",
        "4 of 8 · 50 % (22–78 %) of labelled traces failed. Labels by ana",
        "Most frequent failures, of 4 failed traces",
        "2 of 4 · 50 % (15–85 %)",
        "Not sorted yet",
        "Judge strict, version v1 catches failures: 2 of 3 · 67 % (21–94 %); keeps passes: 2 of 3 · 67 % (21–94 %). "
        "Left out: 3 unlabelled, 1 deferred, 1 without a judgment, 1 judge failures.",
        "wrong date, and rude",
        f"event {newest_event(small_store)}",
        "judge strict@v1",
    ):
        assert words in page.text, words
    assert page.addresses == [f"http://127.0.0.1:8501/?as_of={newest_event(small_store)}&min_n=1"]
    assert "script" not in page.tags


def test_a_report_speaks_of_the_judge_in_view_and_of_its_corrected_share(measured_store: Store) -> None:
    page = Seen(make_report(measured_store, Slice(), view=View(judge="overall@1")).html())
    assert "Judge overall, version 1 catches failures" in page.text
    assert "the judge says 400 of 500 · 80 % (76–83 %); corrected for its errors 85 % (" in page.text
    assert "Held against the labels" in page.text


def test_a_judge_that_cannot_be_spoken_of_is_said_and_nothing_is_corrected_without_reason(fresh_store: Store) -> None:
    load_sample(fresh_store)
    first = Seen(make_report(fresh_store, Slice(), view=View(judge="overall@1"), address="http://x.example").html())
    assert "Judge overall, version 1 catches failures: 15 of 44" in first.text
    assert "no corrected figure. " in first.text
    assert "&judge=overall%401" in first.addresses[0].replace("?judge", "&judge")
    asked = Slice().with_judge_verdict("overall@3", "fail")
    refused = Seen(make_report(fresh_store, asked, view=View(judge="overall@1")).html())
    assert "Judge overall, version 3" in refused.text
    assert "Judge overall@1 is not spoken of" in refused.text


def test_a_report_of_each_page_holds_what_it_shows_and_leads_back(fresh_store: Store) -> None:
    load_sample(fresh_store)
    table = Asked("scenario", "persona")
    pivot = View(path="pivot", settings={"rows": ["scenario"], "cols": ["persona"]}, table=table)
    page = Seen(make_report(fresh_store, Slice(), view=pivot, address="http://x.example").html())
    assert "Failed, by scenario and persona" in page.text
    assert "Of traces labelled pass or fail. The worst first" in page.text
    assert "44 of 120 · 37 % (29–46 %)" in page.text
    assert "92 unlabelled" in page.text
    assert page.addresses[0].startswith("http://x.example/pivot?rows=scenario&cols=persona&as_of=")
    counted = View(path="pivot", table=Asked("scenario", only_traces=True))
    assert "Number of traces by scenario" in Seen(make_report(fresh_store, Slice(), view=counted).html()).text
    corrected = View(path="pivot", table=Asked("scenario", of="corrected overall@3"))
    assert " % corrected (" in Seen(make_report(fresh_store, Slice(), view=corrected).html()).text
    refused = View(path="pivot", table=Asked("category", of="corrected overall@3"))
    assert (
        "Traces without a label have neither a failure category"
        in Seen(make_report(fresh_store, Slice(), view=refused).html()).text
    )
    trust = View(path="trust", judge="overall@3", by="scenario")
    words = Seen(make_report(fresh_store, Slice(), view=trust).html()).text
    assert "The judge by scenario" in words
    mention = View(path="failures", any_mention=True)
    assert "under every category it carries" in Seen(make_report(fresh_store, Slice(), view=mention).html()).text


def test_a_report_of_a_slice_says_which_and_links_to_it(small_store: Store) -> None:
    page = Seen(make_report(small_store, Slice().with_value("feature", "search"), address="https://pf.example/").html())
    assert "5 of 12 traces: feature is search." in page.text
    assert page.addresses[0].startswith("https://pf.example/?as_of=")
    assert page.addresses[0].endswith("&d.feature=search")
    assert "few" in page.text  # 4 labelled traces are under the smallest n


def test_a_report_says_where_real_and_synthetic_are_mixed(small_store: Store) -> None:
    assert "mixed" not in Seen(make_report(small_store, Slice()).html()).text
    store_traces(small_store, *(new_trace(origin="synthetic", dimensions={"feature": "chat"}) for _ in range(3)))
    words = "Real and synthetic traces are mixed here (12 and 3): rates of the two can differ."
    assert words in Seen(make_report(small_store, Slice()).html()).text
    for slice_ in (Slice().with_value("origin", "real"), Slice().with_value("feature", "search")):
        assert "mixed" not in Seen(make_report(small_store, slice_).html()).text


def test_a_report_of_a_pinned_store_stays_the_same(small_store: Store) -> None:
    event = newest_event(small_store)
    before = make_report(small_store, Slice()).markdown()
    record_label(small_store, trace_id="t05", state=LabelState.FAIL, labeler="ana", critique="no")
    after = make_report(pin(small_store, event), Slice()).markdown()
    made = re.compile(r"Made .*? UTC")
    assert made.sub("", after) == made.sub("", before)
    assert made.sub("", make_report(small_store, Slice()).markdown()) != made.sub("", before)


def test_whatever_was_written_stands_in_a_report_as_text(small_store: Store) -> None:
    record_label(small_store, trace_id="t05", state=LabelState.FAIL, labeler=f"ana {HOSTILE}"[:80], critique=HOSTILE)
    make_category(small_store, Words(name=HOSTILE.replace("\n", " ")), by="ana", trace_ids=["t05"])
    report = make_report(small_store, Slice(), min_n=1, address='javascript:alert(1)//"><script>')
    page = Seen(report.html())
    allowed = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "span", "br", "blockquote"}
    assert page.tags <= allowed | {"table", "thead", "tbody", "tr", "th", "td"}
    assert page.addresses == []
    assert HOSTILE in page.text
    assert not re.search(r"(?<!\\)[<!\[]", re.sub(r"^> ", "", report.markdown(), flags=re.MULTILINE))


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("![a](http://b.example)", "\\!\\[a\\]\\(http\\://b.example\\)"),
        ("a | b\nc", "a \\| b c"),
        ("1. one", "1\\. one"),
        ("<b>", "\\<b\\>"),
        ("order 1480: refund", "order 1480: refund"),
    ],
)
def test_markdown_draws_text_as_typed(typed: str, written: str) -> None:
    assert plain(typed) == written


def test_every_kind_of_block_is_written_in_both_forms() -> None:
    blocks = [
        Heading("H"),
        Paragraph("P"),
        Quote("Q", "S"),
        Table(("a", "b"), [("1", "2")]),
        Link("L", "https://x.example/"),
    ]
    page = as_html("T & T", blocks)
    assert "<title>T &amp; T</title>" in page
    assert "default-src 'none'" in html.unescape(page)
    assert as_markdown("T", blocks) == (
        "# T\n\n## H\n\nP\n\n> Q\n>\n> S\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\nL <https://x.example/>\n"
    )


@pytest.mark.parametrize(
    ("k", "n", "words"),
    [
        (18, 60, "18 of 60 · 30 % (20–43 %)"),
        (0, 0, "—"),
        (2, 7, "2 of 7 · few"),
        (999, 1000, "999 of 1,000 · 99.9 % (99.4–99.9 %)"),
    ],
)
def test_a_rate_in_a_report(k: int, n: int, words: str) -> None:
    assert said(rate_of(k, n), min_n=10) == words


def test_the_command_writes_a_file_by_its_ending(small_database: Path, tmp_path: Path, cli: Cli) -> None:
    ran = cli("report", "--out", tmp_path / "r.html", "--where", "feature=search", "--json")
    assert (ran.code, ran.json["format"]) == (0, "html")
    assert "5 of 12 traces: feature is search." in (tmp_path / "r.html").read_text()
    assert cli("report", "--out", tmp_path / "r.md").code == 0
    assert (tmp_path / "r.md").read_text().startswith("# What is failing, and where\n")
    assert cli("report").out.startswith("# What is failing, and where\n")
    assert cli("report", "--as-of", 1).code == 0
    table = cli("report", "--rows", "feature", "--of", "strict").out
    assert "## Failed, by feature" in table
    assert "/pivot?rows=feature&cols=none&of=strict%40v1" in table
    assert "Left out: 1 without a judgment" in table
    judged = cli("report", "--judge", "strict", "--by", "persona").out
    assert "### The judge by persona" in judged
    assert "/trust?judge=strict%40v1&by=persona&" in judged
    for wrong in (("--judge", "nobody"), ("--cols", "feature"), ("--by", "persona"), ("--rows", "no such")):
        assert cli("report", *wrong).code == 2, wrong
    for wrong in (("--out", tmp_path / "r.pdf"), ("--json",), ("--out", tmp_path / "none" / "r.md")):
        assert cli("report", *wrong).code == 2


def test_an_empty_store_has_a_report(fresh_store: Store) -> None:
    assert "None of 0 traces is labelled yet." in make_report(fresh_store, Slice()).html()


def test_a_report_names_the_split_that_the_judge_was_checked_on(small_store: Store) -> None:
    with small_store.write() as cursor:
        cursor.execute(
            "insert into splits select nextval('event_number'), trace_key, if(id < 't05', 'train', 'dev'), now()::timestamp from traces"
        )
    words = as_markdown("T", make_report(small_store, Slice(), min_n=1, address="http://x").blocks)
    assert "catches failures on the dev split:" in words
    assert "in another split" in words


def test_a_sealed_test_split_is_said_to_be_sealed(small_store: Store) -> None:
    with small_store.write() as cursor:
        cursor.execute(
            "insert into splits select nextval('event_number'), trace_key, 'test', now()::timestamp from traces"
        )
    words = as_markdown("T", make_report(small_store, Slice(split=("test",)), min_n=3, address="http://x").blocks)
    assert "the test split is sealed for this version" in words
    assert "min_n=3" in words
