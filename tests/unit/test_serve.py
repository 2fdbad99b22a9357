"""The server around the app: where it listens, whom it answers, how it ends."""

import asyncio
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from core.errors import UsageError
from core.workflows.opening import open_store
from core.workflows.watching import list_taken
from serve import Guard, address_host, allowed_hosts, bind, host_name
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("localhost:8501", "localhost"),
        ("LOCALHOST", "localhost"),
        ("127.0.0.1:80", "127.0.0.1"),
        ("[::1]:8501", "::1"),
        ("evil.example", "evil.example"),
        ("", ""),
    ],
)
def test_the_name_in_a_host_header(header: str, name: str) -> None:
    assert host_name(header) == name


def test_a_server_for_this_machine_is_known_by_no_other_name() -> None:
    assert allowed_hosts("127.0.0.1") == ["localhost", "127.0.0.1", "::1"]


def test_an_open_server_is_known_by_the_names_it_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSFAIL_ALLOWED_HOSTS", "passfail.example, Other.example")
    names = allowed_hosts("0.0.0.0")
    assert {"localhost", socket.gethostname().lower(), "passfail.example", "other.example"} <= set(names)


def test_an_address_that_can_be_opened_on_this_machine() -> None:
    assert [address_host(host) for host in ("127.0.0.1", "0.0.0.0", "::", "::1")] == [
        "127.0.0.1",
        "127.0.0.1",
        "127.0.0.1",
        "[::1]",
    ]


def test_a_port_in_use_is_said_in_a_sentence() -> None:
    with bind("127.0.0.1", 0) as held:
        port = held.getsockname()[1]
        with pytest.raises(UsageError, match=f"Port {port} is not free"):
            bind("127.0.0.1", port)


def test_a_host_that_is_not_of_this_machine_is_said_in_a_sentence() -> None:
    with pytest.raises(UsageError, match="no address"):
        bind("203.0.113.7", 0)


def answer(host: str, path: str = "/", accept: str = "text/html") -> tuple[int, dict[bytes, bytes], bytes]:
    """Status, headers and text of an answer behind the guard, to a request under this host name."""

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-frame-options", b"SAMEORIGIN")]})
        await send({"type": "http.response.body", "body": b""})

    sent: list[Any] = []

    async def ask() -> None:
        async def receive() -> Any:
            return {"type": "http.request"}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "GET", "path": path, "headers": []}
        scope["headers"] = [(b"host", host.encode()), (b"accept", accept.encode())]
        await Guard(app, ["localhost", "::1"], ["", "traces"])(scope, receive, send)

    with ThreadPoolExecutor(1) as thread:  # where a browser is driven, this thread has a loop already
        thread.submit(asyncio.run, ask()).result()
    assert len({name for name, _ in sent[0]["headers"]}) == len(sent[0]["headers"]), "a header stands twice"
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]


@pytest.mark.parametrize(
    ("host", "status"), [("localhost:8501", 200), ("[::1]:1", 200), ("evil.example", 400), ("", 400)]
)
def test_only_known_names_are_answered_and_every_answer_is_hardened(host: str, status: int) -> None:
    got, headers, _ = answer(host)
    assert got == status
    policy = headers[b"content-security-policy"].decode()
    for directive in ("img-src 'self' data: blob:", "frame-ancestors 'none'", "object-src 'none'", "base-uri 'self'"):
        assert directive in policy
    assert "http" not in policy
    assert headers[b"x-frame-options"] == b"DENY"
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert headers[b"referrer-policy"] == b"no-referrer"


@pytest.mark.parametrize(
    ("path", "accept", "status"),
    [
        ("/", "text/html", 200),
        ("/traces", "text/html,*/*", 200),
        ("/traces/", "text/html", 200),
        ("/nosuchpage", "text/html", 404),
        ("/traces/nosuchpage", "text/html", 404),
        ("/_stcore/health", "text/html", 200),
        ("/media/0a1b", "text/html", 200),
        ("/favicon.png", "text/html", 200),
        ("/nosuchpage", "*/*", 200),
    ],
)
def test_an_address_without_a_page_is_told_so_with_the_way_home(path: str, accept: str, status: int) -> None:
    got, headers, body = answer("localhost", path, accept)
    assert got == status
    assert b"frame-ancestors 'none'" in headers[b"content-security-policy"]
    if status == 404:
        assert f"There is no page “{path}” here." in body.decode()
        assert '<a href="/">Home</a>' in body.decode()


def test_the_address_that_is_repeated_to_its_reader_is_escaped_and_cut() -> None:
    _, _, body = answer("localhost", f"/<script>{'x' * 500}")
    assert b"<script>" not in body
    assert len(body) < 2000


Running = tuple["subprocess.Popen[str]", str]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """A server started in an empty folder, with its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(ROOT / "passfail.py"), "serve", "--demo", "--no-browser", "--port", str(port)]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    said = next((line for line in process.stderr if line.startswith("passfail shows")), "")
    assert "passfail-sample.duckdb at http://127.0.0.1:" in said
    yield process, f"http://127.0.0.1:{port}"
    process.kill()
    process.communicate()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_from_any_folder_and_ends_cleanly_when_told(
    how: signal.Signals, running: Running, tmp_path: Path
) -> None:
    process, address = running
    with urllib.request.urlopen(f"{address}/traces?verdict=fail", timeout=30) as page:
        assert page.status == 200
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    with urllib.request.urlopen(f"{address}/_stcore/health", timeout=30) as health:
        assert health.read() == b"ok"
    foreign = urllib.request.Request(address, headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(foreign, timeout=30)
    process.send_signal(how)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert {path.name for path in tmp_path.iterdir()} == {"passfail-sample.duckdb", "passfail-sample.duckdb.journal"}


def test_it_imports_what_is_put_into_a_watched_folder_and_ends_cleanly(tmp_path: Path) -> None:
    folder, database = tmp_path / "logs", tmp_path / "watched.duckdb"
    folder.mkdir()
    (folder / "one.jsonl").write_text('{"id": "a", "input": "q", "output": "r"}\n')
    command = [sys.executable, str(ROOT / "passfail.py"), "serve", "--no-browser", "--port", free_port()]
    process = subprocess.Popen(
        [*command, "--db", str(database), "--watch", str(folder), "--every", "0.2"], stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    assert any(line.startswith("passfail shows") for line in process.stderr)
    journal = database.with_name("watched.duckdb.wal")
    deadline = time.monotonic() + 40
    size = journal.stat().st_size if journal.exists() else 0
    while time.monotonic() < deadline and (not journal.exists() or journal.stat().st_size == size):
        time.sleep(0.2)
    time.sleep(1)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 0, said
    assert "Traceback" not in said
    store = open_store(database)
    try:
        assert [(taken.file, taken.added) for taken in list_taken(store)] == [("one.jsonl", 1)]
    finally:
        store.close()


def free_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])
