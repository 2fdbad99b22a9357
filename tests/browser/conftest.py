"""A real Chromium, and servers of the product with the sample."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

import pytest

from tests.browser.product import ARGUMENTS, PATIENCE, ROOT, Server, Tab, find_chromium
from tests.browser.visits import Visits

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect: Any = playwright.expect
"""What is expected of a page is waited for: a browser draws after the press that asks for it."""
expect.set_options(timeout=PATIENCE)

OPENED = pytest.StashKey[list[Tab]]()
"""The tabs of a test."""

OpenTab = Callable[..., Tab]
StartServer = Callable[..., Server]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """What stood in each tab belongs to what is said of a test that failed."""
    report: Any = yield
    if call.when == "call" and report.failed:
        for tab in item.stash.get(OPENED, []):
            with suppress(Exception):
                report.sections.append((f"Tab at {tab.page.url}", tab.text()))
    return report


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where Chromium is: $CHROMIUM or one on the PATH."""
    found = find_chromium()
    if not found:
        pytest.skip("no Chromium found; set CHROMIUM to its path")
    return found


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Any]:
    """One Chromium for all tests of this process: what it has compiled of Streamlit is compiled once."""
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=chromium_path, args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def start_server(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartServer]:
    """Starts servers, each with a database of its own; at the end none of them may have complained."""
    started: list[Server] = []

    def start(*, demo: bool = True) -> Server:
        server = Server(tmp_path_factory.mktemp("server"), demo=demo)
        started.append(server)
        server.start()
        return server

    yield start
    for server in started:
        server.stop()
    complaints = "\n".join(line for server in started for line in server.complaints())
    assert not complaints, complaints


@pytest.fixture(scope="module")
def server(start_server: StartServer) -> Server:
    """One server with the sample for all tests of a file, which only read."""
    return start_server()


@pytest.fixture(scope="session")
def visits(browser: Any) -> Visits:
    """Pages of this Chromium, each for somebody who was never here."""
    return Visits(browser)


@pytest.fixture
def open_tab(browser: Any, visits: Visits, server: Server, request: pytest.FixtureRequest) -> Iterator[OpenTab]:
    """Opens tabs, each of somebody else unless it is `beside` another one; at the end none of them may have asked another
    host for anything, and no script may have failed."""
    opened = request.node.stash[OPENED] = list[Tab]()
    begun: list[Any] = []

    def open_(path: str | None = None, *, of: Server | None = None, beside: Tab | None = None, **options: Any) -> Tab:
        page = visits.begin(**options) if beside is None else beside.context.new_page()
        if beside is None:
            begun.append(page)
        tab = Tab(browser, of or server, page=page)
        opened.append(tab)
        if path is not None:
            tab.open(path)
        return tab

    yield open_
    for tab in opened:
        tab.close()
    for page in begun:
        visits.end(page)
    for tab in opened:
        tab.check()


class Sample(NamedTuple):
    """What stands in the files of the sample, counted from the files themselves."""

    traces: list[dict[str, Any]]
    labels: dict[str, dict[str, Any]]
    judgments: dict[str, dict[str, dict[str, Any]]]
    """By version, then by trace."""

    def count(self, verdict: str | None = None, **dimensions: str | None) -> int:
        """Traces with these values, and with this verdict of the expert; «labelled» for either."""
        return sum(
            all(trace.get(name) == value for name, value in dimensions.items())
            and (verdict is None or verdict in (self.verdict(trace["id"]), self.verdict(trace["id"]) and "labelled"))
            for trace in self.traces
        )

    def verdict(self, trace_id: str) -> str | None:
        """What the expert says of a trace."""
        return self.labels[trace_id]["verdict"] if trace_id in self.labels else None


@pytest.fixture(scope="session")
def sample() -> Sample:
    def lines(name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (ROOT / "data" / name).read_text().splitlines()]

    judgments: dict[str, dict[str, dict[str, Any]]] = {}
    for row in lines("judgments.jsonl"):
        judgments.setdefault(row["version"], {})[row["trace_id"]] = row
    return Sample(lines("traces.jsonl"), {row["trace_id"]: row for row in lines("labels.jsonl")}, judgments)
