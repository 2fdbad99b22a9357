"""The product as a person gets it: a server in a process of its own, and a tab of a real Chromium in front of it."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.browser.visits import LAPTOP

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run")
START = "import sys; sys.path.insert(0, sys.argv.pop(1)); import passfail; sys.exit(passfail.main(sys.argv[1:]))"
SECONDS_TO_START = 60
PATIENCE = 30_000
"""Milliseconds until something that should appear is said to be missing."""
READY = '[data-testid="stApp"][data-test-script-state="notRunning"][data-test-connection-state="CONNECTED"]'
EXPECTED = "^passfail shows |^Back from the journal: |The fragment with id .* does not exist anymore|Couldn't find fragment with id"
"""What the server may write to its log: where it is, what a kill had left in the journal alone, and that a click came
while the page was being drawn anew."""
PHONE = {"width": 390, "height": 844}

NAME_FIELD = "Your name, as it will stand beside your labels"

PAGES = {
    "/": "Home",
    "/traces": "Traces",
    "/review": "Review",
    "/failures": "Failures",
    "/pivot": "Pivot",
    "/coverage": "Coverage",
    "/judge": "Judge",
    "/trust": "Trust",
    "/monitor": "Monitor",
    "/import": "Import",
    "/settings": "Settings",
}


def find_chromium() -> str | None:
    """Where Chromium is: $CHROMIUM or one on the PATH."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


_PORTS: dict[int, bool] = {}
"""The ports that servers of this process had, and whether one has it now. They are used again: to a browser a server on the same
port is one it knows, and it compiles nothing anew."""


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Server:
    """`passfail serve` on a free port of this machine; it can be ended, killed and started again on its database."""

    def __init__(self, folder: Path, *, demo: bool = True) -> None:
        self.folder = folder
        self.db = folder / "passfail.duckdb"
        self.demo = demo
        self.log = folder / "server.log"
        self.port = next((port for port, held in _PORTS.items() if not held), None) or free_port()
        _PORTS[self.port] = True
        self.address = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        self.starts = 0

    def start(self) -> None:
        """Start it and wait until it says that it is well."""
        _PORTS[self.port] = True
        self.starts += 1
        command = [sys.executable, "-c", START, str(ROOT), "serve", "--db", str(self.db), "--port", str(self.port)]
        command += ["--no-browser", *(["--demo"] if self.demo else [])]
        ours = {name: value for name, value in os.environ.items() if not name.startswith(("PASSFAIL_", "STREAMLIT_"))}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=self.folder, env=ours, stdout=log, stderr=subprocess.STDOUT)
        for _ in range(SECONDS_TO_START * 20):
            if self._process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=1):
                    return
            except OSError:
                time.sleep(0.05)
        self.stop()
        raise AssertionError(f"the server did not start:\n{self.said()}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it, or kill it with SIGKILL."""
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
        _PORTS[self.port] = False

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It hears nothing and says nothing meanwhile."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def restart(self, how: signal.Signals = signal.SIGTERM) -> None:
        """A fresh server on the same database, under the same address."""
        self.stop(how)
        self.start()

    def run(self, *words: str) -> str:
        """What a command of the command line says about the database; the server must not hold it."""
        command = [sys.executable, "-c", START, str(ROOT), *words, "--db", str(self.db)]
        done = subprocess.run(command, cwd=self.folder, check=True, capture_output=True, text=True, timeout=60)
        return done.stdout

    def said(self) -> str:
        """What it wrote to its log."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def complaints(self) -> list[str]:
        """Every line of its log that tells of something wrong."""
        lines = [line for line in self.said().splitlines() if line.strip()]
        return [line for line in lines if not re.search(EXPECTED, line)]


class Tab:
    """One tab in a context of its own; what it asked of whom, what it complained of and what the server sent is kept."""

    def __init__(self, browser: Any, server: Server, *, page: Any = None, **options: Any) -> None:
        self.server = server
        self.owned = page is None
        self.page = page or browser.new_context(**({"viewport": LAPTOP, "timezone_id": "UTC"} | options)).new_page()
        self.context = self.page.context
        self.context.set_default_timeout(PATIENCE)
        self.foreign: list[str] = []
        self.errors: list[str] = []
        self.frames: list[bytes] = []
        """What came over the websocket, when `record()` was called before the page was opened."""
        self._listeners: list[tuple[str, Any]] = []
        self._listen("request", self._on_request)
        self._listen("websocket", lambda socket: self._on_address(socket.url))
        self._listen("pageerror", lambda error: self.errors.append(f"error: {error}"))
        self._listen("console", self._on_console)

    def _listen(self, event: str, heard: Any) -> None:
        self.page.on(event, heard)
        self._listeners.append((event, heard))

    def record(self) -> None:
        """Keep every message of the server from now on."""

        def kept(payload: Any) -> None:
            self.frames.append(payload if isinstance(payload, bytes) else payload.encode())

        self._listen("websocket", lambda socket: socket.on("framereceived", kept))

    def open(self, path: str = "/") -> Any:
        """Open an address by itself, as from a bookmark; a path of the server or a whole address."""
        self.page.goto(path if path.startswith("http") else f"{self.server.address}{path}")
        self.settled()
        return self.page

    def settled(self) -> None:
        """Wait until the page is drawn, and make sure that no error stands in it."""
        self.page.wait_for_function(DRAWN, timeout=PATIENCE, polling=100)
        assert self.page.get_by_text("could not be shown").count() == 0, f"{self.text()}\n{self.server.said()}"
        assert self.page.get_by_test_id("stException").count() == 0, self.text()
        assert self.page.get_by_text("Page not found").count() == 0

    def give_name(self, name: str) -> None:
        """Say in the frame who one is, and wait until the browser keeps it for its next page."""
        self.page.get_by_role("button", name="Who are you?").first.click()
        self.page.get_by_label(NAME_FIELD).filter(visible=True).first.fill(name)
        self.page.keyboard.press("Enter")
        self.page.wait_for_function("name => localStorage.getItem('passfail.person') === name", arg=name)
        self.settled()

    def charts(self) -> None:
        """Wait for the pictures too; what draws them is large and comes last."""
        self.page.locator('.stPrintGraphic [data-testid="stSkeleton"]').first.wait_for(state="detached")

    def text(self) -> str:
        """Everything a person can read on the page, no-break spaces as spaces."""
        return plain(self.page.locator("body").inner_text())

    def sentence(self) -> str:
        """The sentence under the filter bar."""
        words = self.page.locator(".st-key-sentence p").first
        words.wait_for()
        return plain(words.inner_text())

    def n(self) -> int:
        """How many traces the sentence says that one is looking at."""
        return first_number(self.sentence().removeprefix("All "))

    def says(self, words: str) -> None:
        """Wait until these words stand in the sentence."""
        self.page.locator(".st-key-sentence", has_text=words).wait_for()

    def notices(self) -> str:
        """The words of all notices on the page."""
        found = self.page.locator('[data-testid="stAlert"]:visible').all_inner_texts()
        return plain("\n".join(found))

    def copied_link(self) -> str:
        """Press «Copy link» and take the address out of the clipboard."""
        self.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=self.server.address)
        self.page.get_by_role("button", name="Copy link").click()
        self.page.get_by_role("button", name="Link copied").wait_for()
        return self.page.evaluate("navigator.clipboard.readText()")

    def heading(self, words: str) -> None:
        """Wait until the page with this title is drawn."""
        self.page.locator("h1", has_text=words).wait_for()
        self.settled()

    def back(self, title: str) -> None:
        """Go back as the browser does, to the page with this title."""
        self.page.go_back()
        self.heading(title)

    def click_cell(self, row: int, column: int, *, table: int = 0) -> None:
        """Click on a cell of a table with the mouse, and wait until it is the chosen one."""
        grid = self.page.locator('[data-testid="stDataFrame"]').nth(table)
        grid.locator('[role="gridcell"]').first.wait_for(state="attached")
        grid.scroll_into_view_if_needed()
        drawn = grid.locator('[data-testid="data-grid-canvas"]').evaluate(GEOMETRY)
        box = grid.bounding_box()
        assert box is not None
        x = sum(drawn["widths"][:column]) + drawn["widths"][column] / 2
        y = drawn["header"] + (row + 0.5) * drawn["row"]
        beyond = x + drawn["widths"][column] / 2 - box["width"] + 2
        if beyond > 0:  # the cell lies outside the window of the table
            grid.locator(".dvn-scroller").evaluate("(table, by) => { table.scrollLeft = by }", beyond)
            moved: float = grid.locator(".dvn-scroller").evaluate("table => table.scrollLeft")
            x -= moved
        # The table looks for the cell under the mouse when the mouse moves: a click from nowhere right after a redraw is lost.
        self.page.mouse.move(box["x"] + x, box["y"] + y - 2)
        self.page.mouse.move(box["x"] + x, box["y"] + y)
        self.page.mouse.click(box["x"] + x, box["y"] + y)
        grid.locator(f'[id="glide-cell-{column}-{row}"][aria-selected="true"]').wait_for(state="attached")

    def rows(self, table: int = 0) -> int:
        """How many rows a table has."""
        grid = self.page.locator('[data-testid="stDataFrame"]').nth(table).locator('[role="grid"]')
        return int(grid.get_attribute("aria-rowcount") or 1) - 1

    def cells(self, table: int = 0) -> dict[tuple[int, int], str]:
        """The text of a table by row and column, as a screen reader has it."""
        grid = self.page.locator('[data-testid="stDataFrame"]').nth(table)
        grid.locator('[role="gridcell"]').first.wait_for(state="attached")
        found = grid.locator('[role="gridcell"]').evaluate_all(CELLS)
        return {(row, column): plain(words) for row, column, words in found}

    def overflows(self) -> bool:
        """Whether the page itself can be scrolled sideways."""
        return self.page.evaluate("document.scrollingElement.scrollWidth > window.innerWidth")

    def close(self) -> None:
        """Hear nothing more of it; its context is closed if it was made for this tab."""
        for event, heard in self._listeners:
            self.page.remove_listener(event, heard)
        if self.owned:
            self.context.close()

    def check(self) -> None:
        """Nothing was asked of another host, and nothing broke."""
        assert self.foreign == [], self.foreign
        assert self.errors == [], self.errors

    def _on_request(self, request: Any) -> None:
        self._on_address(request.url)

    def _on_address(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme in ("http", "https", "ws", "wss", "ftp") and parts.netloc != f"127.0.0.1:{self.server.port}":
            self.foreign.append(address)

    def _on_console(self, message: Any) -> None:
        # Streamlit looks for its server under the path of the page first; that one does not answer.
        asked_beside = re.search(r"/[a-z]+/_stcore/", message.location.get("url", ""))
        # A server that is being started anew does not answer for a moment, on a busy machine for a longer one.
        away = re.search(
            r"ERR_CONNECTION_(REFUSED|RESET)|ERR_EMPTY_RESPONSE|No response received|not responding|when disconnected from server",
            message.text,
        ) or (self.server.starts > 1 and re.search("DoInitPings timed out|Connection timed out", message.text))
        if message.type == "error" and not asked_beside and not away:
            self.errors.append(f"console: {message.text}")


DRAWN = f"""() => {{
  const app = document.querySelector('{READY}')
  if (!app || app.querySelector('[data-testid="stSkeleton"]:not(.stPrintGraphic *)')) return false
  const tables = [...app.querySelectorAll('[data-testid="stDataFrame"]')].filter(table => table.checkVisibility())
  if (!tables.every(table => table.querySelector('[role="gridcell"]'))) return false
  return app.querySelector('h1, [data-testid="stAlert"]') !== null
}}"""
# A table is one canvas: where its cells lie is known only to the component that draws it.
GEOMETRY = """canvas => {
  let node = canvas[Object.keys(canvas).find(name => name.startsWith("__reactFiber"))]
  while (node) {
    const drawn = node.memoizedProps
    if (Array.isArray(drawn?.columns) && typeof drawn.columns[0]?.width === "number" && drawn.headerHeight) {
      return {widths: drawn.columns.map(one => one.width), header: drawn.headerHeight,
              row: typeof drawn.rowHeight === "function" ? drawn.rowHeight(0) : drawn.rowHeight}
    }
    node = node.return
  }
}"""
CELLS = """cells => cells.map(cell => {
  const [column, row] = cell.id.split("-").slice(-2).map(Number)
  return [row, column, cell.textContent]
})"""


def plain(text: str) -> str:
    """Text with ordinary spaces."""
    return text.replace("\u00a0", " ").replace("\u2060", "")


def first_number(text: str) -> int:
    """«1,480 of 2,000» as 1480.

    Raises:
        AssertionError: no number stands in the text.
    """
    found = re.search(r"\d[\d,]*", plain(text))
    if not found and " this " in text:
        return 1  # «Open this failed trace»
    assert found, f"no number in {text!r}"
    return int(found.group().replace(",", ""))
