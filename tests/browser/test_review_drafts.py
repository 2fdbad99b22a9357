"""What is typed is on the server within two seconds: while somebody goes on typing, and when they leave the page."""

import pytest

from core.workflows.exploring import read_trace
from core.workflows.opening import open_store
from tests.browser.conftest import OpenTab, StartServer, expect
from tests.browser.product import Server
from tests.browser.test_review_by_keyboard import Expert

pytestmark = pytest.mark.timeout(300)
WEB = "/review?d.channel=web+chat"
TYPE_STEADILY = """() => {
  const find = (root, what) => root.querySelector(what) ?? [...root.querySelectorAll('*')]
    .filter(node => node.shadowRoot).map(node => find(node.shadowRoot, what)).find(Boolean)
  const box = find(document, '.panel textarea')
  window.typed = []
  setInterval(() => {
    box.value += 'x'
    box.dispatchEvent(new Event('input', {bubbles: true}))
    window.typed.push(performance.now())
  }, 100)
}"""
TYPED_BEFORE = "ago => window.typed.filter(at => at <= performance.now() - ago).length"


@pytest.fixture(scope="module")
def server(start_server: StartServer) -> Server:
    """A server of its own: what is labelled here stays in its database."""
    return start_server()


def test_at_most_two_seconds_of_steady_typing_are_missing_elsewhere(open_tab: OpenTab) -> None:
    noa = Expert(open_tab(), "Noa")
    noa.start(WEB, size=5)
    noa.press("2")
    again = Expert(open_tab(), "Noa")
    again.page.goto(noa.page.url)
    again.page.get_by_text("Asked once, before the first verdict.").wait_for()
    noa.page.evaluate(TYPE_STEADILY)
    noa.page.wait_for_timeout(5000)
    wanted = noa.page.evaluate(TYPED_BEFORE, 2000)
    again.say_who()
    found = again.page.locator(".panel textarea").input_value()
    assert len(found) >= wanted > 10
    assert set(found) == {"x"}
    assert noa.page.locator(".panel textarea").input_value().startswith(found), "nothing was typed over"


def test_a_click_that_leads_away_takes_the_last_words_and_the_last_verdict_along(
    server: Server, open_tab: OpenTab
) -> None:
    oda = Expert(open_tab(), "Oda")
    oda.start(WEB, size=5)
    queue = oda.page.url
    trace = oda.at()
    oda.press("2")
    oda.page.keyboard.type("It gave up after one search.")
    oda.page.locator(".st-key-nav").get_by_role("link", name="Traces").click()  # at once, within the 0.8 s
    oda.tab.heading("Traces")
    assert oda.page.evaluate("location.pathname") == "/traces"
    reader = Expert(open_tab(), "Oda")
    reader.page.goto(queue)
    reader.say_who()
    assert reader.at() == trace
    expect(reader.page.locator(".panel textarea")).to_have_value("It gave up after one search.")
    reader.press("2", "Control+Enter")
    reader.page.locator(".st-key-nav").get_by_role("link", name="Home").click()
    reader.tab.heading("What is failing")
    server.stop()
    store = open_store(server.db)
    said = [label.critique for label in read_trace(store, trace).history if label.labeler == "Oda"]
    store.close()
    server.start()
    assert said == ["It gave up after one search."]
