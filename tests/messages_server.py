"""A real HTTP server on this machine that speaks the wire format of the Messages API: what it says is set by the test."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class MessagesServer(ThreadingHTTPServer):
    """Answers every question with `status` and `text`, after `delay` seconds; keeps what it was asked."""

    daemon_threads = True
    status = 200
    text = "{}"
    stop_reason = "end_turn"
    delay = 0.0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: MessagesServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.asked.append(json.loads(body))
        self.server.keys.append(self.headers.get("authorization"))
        time.sleep(self.server.delay)
        if self.server.status == 200:
            said: dict[str, Any] = {
                "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-5-5",
                "content": [{"type": "text", "text": self.server.text}], "stop_reason": self.server.stop_reason,
                "stop_sequence": None, "usage": {"input_tokens": 10, "output_tokens": 5},
            }  # fmt: skip
        else:
            said = {"type": "error", "error": {"type": "api_error", "message": "no"}}
        sent = json.dumps(said).encode()
        try:
            self.send_response(self.server.status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)
        except OSError:
            return  # whoever asked has stopped waiting

    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def messages_server() -> Iterator[MessagesServer]:
    server = MessagesServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
