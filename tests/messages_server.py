"""A real HTTP server on this machine that speaks the wire format of the Messages API: what it says is set by the test.

`python -m tests.messages_server PORT DELAY` serves verdicts in a process of its own, for measurements.
"""

import json
import random
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

JUDGE_FAULTS = (
    *("400", "429", "500", "529", "timeout", "truncated", "garbage", "no JSON", "verdict missing", "verdict unknown"),
    *("refusal", "cut off"),
)
"""Ways in which a question of a judge can go wrong."""
ENDPOINTS = {
    ("POST", ""): "messages", ("POST", "count_tokens"): "count_tokens", ("POST", "batches"): "create",
    ("GET", "batches"): "list", ("GET", "batches/*"): "retrieve", ("GET", "batches/*/results"): "results",
    ("POST", "batches/*/cancel"): "cancel",
}  # fmt: skip
TRACE = re.compile(r"^<trace>\n(.*)\n</trace>\nJudge this trace", re.DOTALL)


def shown_trace(body: dict[str, Any]) -> dict[str, Any]:
    """What a judge is shown; the request must have the structure that every request has."""
    (system,) = body["system"]
    assert system["cache_control"] == {"type": "ephemeral"}
    assert [message["role"] for message in body["messages"]] == ["user"]
    said = body["messages"][0]["content"]
    assert (said.count("<trace>"), said.count("</trace>")) == (1, 1)
    schema = body["output_config"]["format"]["schema"]
    assert list(schema["properties"]) == ["critique", "verdict"]
    found = TRACE.match(said)
    assert found is not None
    return json.loads(found[1])


def verdict_on(body: dict[str, Any]) -> str:
    """An answer that says which trace it is about: a fail where the trace holds the word «wrong»."""
    shown = json.dumps(shown_trace(body), sort_keys=True)
    verdict = "fail" if "wrong" in shown else "pass"
    return json.dumps({"critique": f"of {hash_of(shown)}", "verdict": verdict})


def hash_of(shown: str) -> str:
    return f"{sum(shown.encode()) % 1_000_003}-{len(shown)}"


class MessagesServer(ThreadingHTTPServer):
    """Answers every question with `status` and `text`, after `delay` seconds; keeps what it was asked.

    With `answer` the text depends on the question; `faults` is the share of questions that go wrong, in every way. `wrong`
    says for an endpoint what goes wrong with its next calls, one after the other: a status, «dropped» (no answer), «truncated»
    (an answer that breaks off), «few» (results without the last line) or «taken» (dropped when it was done).
    """

    daemon_threads = True
    request_queue_size = 64
    status = 200
    text = "{}"
    stop_reason = "end_turn"
    delay = 0.0
    answer: Callable[[dict[str, Any]], str] | None = None
    faults = 0.0
    kinds: tuple[str, ...] = JUDGE_FAULTS
    timeout_seconds = 1.0
    retry_after = "0"
    tokens = (1000, 100)
    cached = (0, 0)
    """Tokens of the prompt that were put into the provider's cache, and found there, beside those."""
    batch_seconds = 0.0
    malformed: tuple[str, ...] = ()
    """What is wrong with the first answers of each batch: «no usage», «no text»."""
    keeps_bodies = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.calls = 0
        self.paid = 0
        self.told: Counter[str] = Counter()
        self.batches: dict[str, dict[str, Any]] = {}
        self.wrong: dict[str, list[str]] = {}
        self.heard: list[tuple[str, float]] = []
        self.chance = random.Random(5)
        self.lock = threading.Lock()
        self.at_once = self.most_at_once = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def moments(self, endpoint: str) -> list[float]:
        """When an endpoint was called, in seconds."""
        return [at for name, at in self.heard if name == endpoint]

    def message(self, text: str, stop_reason: str) -> dict[str, Any]:
        return {
            "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-5-5",
            "content": [{"type": "text", "text": text}], "stop_reason": stop_reason, "stop_sequence": None,
            "usage": {
                "input_tokens": self.tokens[0], "output_tokens": self.tokens[1],
                "cache_creation_input_tokens": self.cached[0], "cache_read_input_tokens": self.cached[1],
            },
        }  # fmt: skip

    def batch(self, name: str) -> dict[str, Any]:
        held = self.batches[name]
        ended = time.monotonic() - held["began"] >= self.batch_seconds
        n = len(held["requests"])
        counts = {
            "processing": 0 if ended else n,
            "succeeded": n if ended else 0,
            "errored": 0,
            "canceled": 0,
            "expired": 0,
        }
        return {
            "id": name, "type": "message_batch", "processing_status": "ended" if ended else "in_progress",
            "request_counts": counts, "created_at": held["at"].isoformat(), "expires_at": (held["at"] + timedelta(1)).isoformat(),
            "ended_at": None, "archived_at": None, "cancel_initiated_at": None,
            "results_url": f"{self.address}/v1/messages/batches/{name}/results" if ended else None,
        }  # fmt: skip


class _Handler(BaseHTTPRequestHandler):
    server: MessagesServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    """An answer is two writes, its head and its body: the second one would wait 40 ms for a sign that the first one came."""

    def _called(self) -> tuple[str, list[str], str]:
        """The endpoint, the parts of the address, and what shall go wrong."""
        parts = self.path.partition("?")[0].strip("/").split("/")[2:]
        name = ENDPOINTS[self.command, "/".join("*" if part.startswith("msgbatch_") else part for part in parts)]
        with self.server.lock:
            self.server.heard.append((name, time.monotonic()))
            planned = self.server.wrong.get(name)
            return name, parts, planned.pop(0) if planned else ""

    def _goes_wrong(self, wrong: str) -> bool:
        """Give the answer of a fault; False where there is none to give yet."""
        if wrong.isdecimal():
            self._send(int(wrong), {"type": "error", "error": {"type": "api_error", "message": "no"}})
        elif wrong == "dropped":
            self.close_connection = True
        elif wrong == "truncated":
            self._cut(b'{"custom_id": "a"}\n' * 4, whole=False)
        return wrong not in ("", "few", "taken")

    def do_GET(self) -> None:
        name, parts, wrong = self._called()
        if self._goes_wrong(wrong):
            return
        if name == "list":
            listed = [self.server.batch(name) for name in reversed(self.server.batches)]
            self._send(200, {"data": listed, "has_more": False, "first_id": None, "last_id": None})
        elif name == "results":
            held = [self._batched(request) for request in self.server.batches[parts[1]]["requests"]]
            held = held[:-1] if wrong == "few" else held
            for entry, wrong in zip(held, self.server.malformed, strict=False):
                if wrong == "no usage":
                    del entry["result"]["message"]["usage"]
                else:
                    entry["result"]["message"]["content"][0]["text"] = None
            self._send(200, "\n".join(map(json.dumps, held)).encode())
        else:
            self._send(200, self.server.batch(parts[1]))

    def do_POST(self) -> None:
        server = self.server
        body = json.loads(self.rfile.read(int(self.headers["content-length"])) or b"{}")
        name, parts, wrong = self._called()
        with server.lock:
            server.keys.append(self.headers.get("authorization"))
            if name != "count_tokens" and server.keeps_bodies:
                server.asked.append(body)
        if self._goes_wrong(wrong):
            return
        if name == "count_tokens":
            self._send(200, {"input_tokens": len(json.dumps(body)) // 3})
        elif name == "create":
            made = f"msgbatch_{len(server.batches) + 1}"
            server.batches[made] = {"requests": body["requests"], "at": datetime.now(UTC), "began": time.monotonic()}
            if wrong == "taken":
                self.close_connection = True
            else:
                self._send(200, server.batch(made))
        elif name == "cancel":
            self._send(200, server.batch(parts[1]))
        else:
            with server.lock:
                server.calls += 1
                server.at_once += 1
                server.most_at_once = max(server.most_at_once, server.at_once)
                fault = server.chance.choice(server.kinds) if server.chance.random() < server.faults else ""
                server.told[fault] += 1
            time.sleep(server.delay)
            with server.lock:
                server.at_once -= 1
            self._reply(body, fault)

    def _reply(self, body: dict[str, Any], fault: str) -> None:
        server = self.server
        good = server.text if server.answer is None else server.answer(body)
        tempting = json.dumps({"critique": "a fault is no verdict", "verdict": "pass"})
        if fault == "timeout":
            time.sleep(server.timeout_seconds)
        if fault in ("400", "429", "500", "529"):
            self._send(int(fault), {"type": "error", "error": {"type": "api_error", "message": tempting}})
        elif fault in ("truncated", "garbage"):
            self._cut(json.dumps(server.message(tempting, "end_turn")).encode(), whole=fault == "garbage")
        elif fault in ("refusal", "cut off"):
            self._send(200, server.message(tempting, "refusal" if fault == "refusal" else "max_tokens"))
        elif fault in ("no JSON", "verdict missing", "verdict unknown"):
            said = {"no JSON": "PASS", "verdict missing": '{"critique": "well"}'}.get(
                fault, tempting.replace("pass", "PASS")
            )
            self._send(200, server.message(said, "end_turn"))
        elif server.status != 200:
            self._send(server.status, {"type": "error", "error": {"type": "api_error", "message": "no"}})
        else:
            with server.lock:
                server.paid += 1
            self._send(200, server.message(good, server.stop_reason))

    def _batched(self, request: dict[str, Any]) -> dict[str, Any]:
        server = self.server
        with server.lock:
            fault = (
                server.chance.choice(("errored", "expired", "refusal"))
                if server.chance.random() < server.faults
                else ""
            )
        good = server.text if server.answer is None else server.answer(request["params"])
        if fault == "errored":
            error = {"type": "error", "error": {"type": "overloaded_error", "message": good}, "request_id": None}
            return {"custom_id": request["custom_id"], "result": {"type": "errored", "error": error}}
        if fault == "expired":
            return {"custom_id": request["custom_id"], "result": {"type": "expired"}}
        message = server.message(good, "refusal" if fault else server.stop_reason)
        return {"custom_id": request["custom_id"], "result": {"type": "succeeded", "message": message}}

    def _cut(self, whole_body: bytes, *, whole: bool) -> None:
        sent = whole_body[: len(whole_body) // 2]
        try:
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(sent) if whole else len(whole_body)))
            self.send_header("connection", "close")
            self.end_headers()
            self.wfile.write(sent)
        except OSError:
            pass
        self.close_connection = True

    def _send(self, status: int, said: Any) -> None:
        sent = said if isinstance(said, bytes) else json.dumps(said).encode()
        try:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(sent)))
            if status == 429:
                self.send_header("retry-after", self.server.retry_after)
            self.end_headers()
            self.wfile.write(sent)
        except OSError:
            self.close_connection = True  # whoever asked has stopped waiting

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


if __name__ == "__main__":
    alone = MessagesServer(int(sys.argv[1]))
    alone.delay, alone.answer, alone.keeps_bodies = float(sys.argv[2]), verdict_on, False
    print(alone.address, flush=True)
    alone.serve_forever()
