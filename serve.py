"""The server around `app.py`: on this machine only unless asked, with security headers, and nothing sent elsewhere."""

import errno
import gc
import ipaddress
import logging
import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Generator, Iterable, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import uvicorn
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import UsageError
from core.slice import Slice
from core.workflows.exploring import describe
from core.workflows.judging import end_runs
from core.workflows.opening import DEFAULT_DATABASE, Store, told
from core.workflows.sampling import load_sample
from core.workflows.watching import SECONDS_TO_END, FolderWatch, watching
from pages.ui import no_such_page, starting

APP: Final = Path(__file__).resolve().with_name("app.py")
SAMPLE_DATABASE: Final = Path("passfail-sample.duckdb")
HOSTS_VARIABLE: Final = "PASSFAIL_ALLOWED_HOSTS"
"""Further names under which a server opened with --host may be reached, separated by commas."""
SECONDS_FOR_ANSWERS: Final = 60
"""How long a server that ends waits for what a judge is answering: as long as an answer may take."""
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")

# What the pages need, and nothing from anywhere else: a trace that names a picture or a page fetches nothing.
CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",  # the components of Streamlit compile expressions
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "frame-src 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
    )
)
HEADERS: Final = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
)


class Guard:
    """Middleware: refuses requests under a foreign host name, says which pages there are not, and puts the security
    headers on every answer."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str], pages: Iterable[str]) -> None:
        self.app = app
        self.hosts = frozenset(host.lower() for host in hosts)
        self.pages = frozenset(pages)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a websocket's host is checked by Streamlit from the same list."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _put_headers(message)
            await send(message)

        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        if host_name(headers.get(b"host", "")) not in self.hosts:
            refusal = PlainTextResponse("This server is not known under that name.", status_code=400)
            await refusal(scope, receive, send_with_headers)
            return
        if no_such_page.is_missing(scope["path"], headers.get(b"accept", ""), self.pages):
            missing = HTMLResponse(no_such_page.draw(scope["path"]), status_code=404)
            await missing(scope, receive, send_with_headers)
            return
        await self.app(scope, receive, send_with_headers)


def serve(
    *,
    host: str = "127.0.0.1",
    port: int = 8501,
    db: Path,
    open_browser: bool,
    demo: bool,
    watch: FolderWatch | None = None,
    every: float = 10,
) -> int:
    """Serve the dashboard until it is told to stop; returns 0. With `watch`, what is put into that folder is imported.

    With `demo` and no database named, `passfail-sample.duckdb` in this folder is used; the sample is loaded where
    the database holds no trace.

    Raises:
        UsageError: the port is taken, or the host is no address of this machine.
        StoreBusyError: another process holds the database.
        StoreUnreadableError: the database is newer than this program, damaged, or no database.
    """
    if demo and db == DEFAULT_DATABASE:
        db = SAMPLE_DATABASE
    os.environ["PASSFAIL_DB"] = str(db.absolute())
    listening = bind(host, port)
    with listening, _closing_store():
        _prepare(demo=demo)
        port = listening.getsockname()[1]
        config = uvicorn.Config(
            _app(host, port),
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=SECONDS_TO_END,
            ws_max_size=_largest_message(),
        )
        address = f"http://{address_host(host)}:{port}"
        print(f"passfail shows {db.name} at {address} (Ctrl+C ends it)", file=sys.stderr, flush=True)  # noqa: T201
        if open_browser:
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
        gc.freeze()  # what was loaded stays
        gc.enable()  # passfail.py turned it off
        threading.Thread(target=starting.warm_up, daemon=True).start()
        with watching(watch, _live_store, every):
            _run(uvicorn.Server(config), listening)
        end_runs(_live_store(), SECONDS_FOR_ANSWERS, told=sys.stderr.write)
    return 0


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens on this address.

    Raises:
        UsageError: the port is taken, or the host is no address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name != "nt":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(2048)
    except OSError as problem:
        listening.close()
        if problem.errno in (errno.EADDRINUSE, errno.EACCES):
            raise UsageError(
                f"Port {port} is not free: another program uses it.", "Stop that one, or choose another with --port."
            ) from problem
        raise UsageError(
            f"This machine has no address {host[:80]}.", "Leave out --host to be reached from this machine only."
        ) from problem
    listening.setblocking(False)
    return listening


def allowed_hosts(host: str) -> list[str]:
    """The names under which the server may be reached: this machine, and where it is open to others its own names."""
    names = [*LOOPBACK]
    if host not in LOOPBACK:
        own = socket.gethostname()
        names += [host, own, socket.getfqdn(), *_addresses(own)]
    names += [name.strip() for name in os.environ.get(HOSTS_VARIABLE, "").split(",")]
    return list(dict.fromkeys(name.lower() for name in names if name))


def host_name(header: str) -> str:
    """The name in a Host header, without port and brackets."""
    text = header.strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0]


def address_host(host: str) -> str:
    """How a host stands in an address that a person on this machine can open."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 - the words for «every address», not a choice
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _prepare(*, demo: bool) -> None:
    """Open the database before anybody asks for a page, so that what is wrong with it is said here; fill an empty one if asked."""
    store = _live_store()
    for sentence in told(store):
        sys.stderr.write(f"{sentence}\n")
    if demo and describe(store, Slice()).total == 0:
        load_sample(store)


def _app(host: str, port: int) -> ASGIApp:
    """The Streamlit app with its configuration, read from beside `app.py` wherever the program was started."""
    import streamlit as st
    from streamlit import config as settings
    from streamlit.runtime.pages_manager import PagesManager
    from streamlit.web import bootstrap

    from pages.ui.frame import PLACES, show_problem

    hosts = allowed_hosts(host)
    settings._main_script_path = str(APP)  # pyright: ignore[reportPrivateUsage]
    bootstrap.load_config_options(
        {
            "server.address": host,
            "server.port": port,
            "server.headless": True,
            "server.allowedHosts": hosts,
            "server.fileWatcherType": "none",
            "browser.gatherUsageStats": False,
            "browser.serverAddress": address_host(host),
            "global.developmentMode": False,
        }
    )
    # `pages/` is a package of ours. Without this, the first address opened on a fresh server is looked up in it as if
    # it were Streamlit's own folder of pages, and «Page not found» stands over the page.
    PagesManager.uses_pages_directory = False
    starting.look_for_no_components()
    logging.getLogger("streamlit").setLevel(logging.WARNING)
    guard = Middleware(Guard, hosts=hosts, pages=[place.path for place in PLACES])
    return st.App(APP, middleware=[guard], on_script_error=show_problem)


def _run(server: uvicorn.Server, listening: socket.socket) -> None:
    """Serve until Ctrl+C or a request to end; both end it cleanly."""

    def told_to_end(*_: object) -> None:
        raise KeyboardInterrupt

    former = signal.signal(signal.SIGTERM, told_to_end)
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, former)


def _live_store() -> Store:
    from pages.ui.store import live_store

    return live_store()


@contextmanager
def _closing_store() -> Generator[None]:
    """Let the database go at the end, whatever comes."""
    from pages.ui.store import close_store

    try:
        yield
    finally:
        close_store()


def _largest_message() -> int:
    from streamlit import config

    return int(config.get_option("server.maxMessageSize")) * 1_000_000


def _addresses(name: str) -> list[str]:
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(name, None)}
    except OSError:
        return []
    return sorted(address for address in found if _is_address(address))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _put_headers(message: MutableMapping[str, Any]) -> None:
    kept = [(name, value) for name, value in message.get("headers", ()) if name.lower() not in dict(HEADERS)]
    message["headers"] = [*kept, *HEADERS]
