"""Hand-made traces for the component tests: ordinary, hostile, long and broken ones."""

import json
from typing import Any

BEACON = "http://beacon.invalid"


def message(role: str, text: str, **over: Any) -> dict[str, Any]:
    """One message with every field present."""
    return {
        "role": role,
        "name": None,
        "text": text,
        "tool_calls": [],
        "tool_call_id": None,
        "error": False,
        **over,
    }


def call(call_id: str, name: str, **arguments: Any) -> dict[str, str]:
    """One tool call with its arguments as JSON text."""
    return {"id": call_id, "name": name, "arguments": json.dumps(arguments)}


def trace(trace_id: str, messages: list[dict[str, Any]], **over: Any) -> dict[str, Any]:
    """One trace payload as pages send it."""
    record = json.dumps({"id": trace_id, "messages": messages}, default=str)
    return {
        "id": trace_id,
        "started_at": "2026-11-22T14:05:00Z",
        "duration_ms": 4200,
        "chips": [
            {"label": "feature", "value": "booking", "href": "?d.feature=booking"},
            {"label": "scenario", "value": "no match", "href": "?d.scenario=no+match"},
            {"label": "persona", "value": "new", "href": "?d.persona=new"},
        ],
        "messages": messages,
        "input": None,
        "output": None,
        "error": None,
        "record": record,
        "record_bytes": len(record.encode()),
        "system_prompt_count": 1480,
        **over,
    }


SYSTEM = "You are the assistant of a hair salon. " + "Be kind and brief, never promise a time that is not free. " * 40
SLOTS = [{"start": f"2026-11-2{day}T14:30", "stylist": name} for day, name in ((4, "Mira"), (5, "Tom"), (6, "Mira"))]


def ordinary(trace_id: str = "7f3a") -> dict[str, Any]:
    """System prompt, user, two calls (one failed), markdown answer."""
    return trace(
        trace_id,
        [
            message("system", SYSTEM),
            message(
                "user",
                "I need to move my Friday appointment to next week, any afternoon after 3.\nCan you do that?",
            ),
            message(
                "assistant",
                "Let me look at the calendar.",
                tool_calls=[
                    call("c1", "find_slots", **{"from": "2026-11-23", "to": "2026-11-27", "after": "13:00"}),
                    call(
                        "c2",
                        "find_customer",
                        phone="+49 170 000000",
                        options={"fuzzy": True, "fields": ["name", "visits"]},
                        note="The customer wrote from a number that is not in the list of known numbers yet.",
                    ),
                ],
            ),
            message("tool", json.dumps(SLOTS), name="find_slots", tool_call_id="c1"),
            message(
                "tool",
                "TimeoutError: customer service did not answer in 5 s",
                name="find_customer",
                tool_call_id="c2",
                error=True,
            ),
            message(
                "assistant",
                "## Done\nI have **moved** your appointment to *Tuesday 24 November* at `14:30`.\n\n"
                "| day | time | stylist |\n|---|---|---|\n| Tue 24 | 14:30 | Mira |\n| Wed 25 | 14:30 | Tom |\n\n"
                "1. Confirm by e-mail\n2. Cancel the old one\n   - no fee\n   - no call needed\n\n"
                "See [our rules](https://salon.example/rules) or the picture ![map](https://salon.example/map.png).\n\n"
                '```json\n{"booked": true}\n```',
            ),
            message("user", "That is before 3, I said after 3."),
            message("assistant", "You are right, I am sorry. Wednesday at 15:30 is free as well. Shall I take it?"),
        ],
        outcome=[
            {"label": "Booking created", "value": "no", "address": None},
            {"label": "E-mail sent", "value": "yes", "address": None},
            {"label": "CRM record", "value": "", "address": f"https://crm.example/records/{trace_id}?from=x%2Fy"},
        ],
        context=[
            {"label": "Customer tier", "value": "gold", "address": None},
            {"label": "Time at the salon", "value": "Sunday 22 November, 14:05", "address": None},
            {"label": "Calendar of that week", "value": "", "address": "https://calendar.example/2026-W48"},
        ],
        facts_hidden=1,
    )


HOSTILE = [
    '<script>window.pwned = 1</script><img src=x onerror="window.pwned = 2"><svg onload="window.pwned = 3"></svg>',
    f'![beacon]({BEACON}/a.png) <img src="{BEACON}/b.png"> <iframe src="{BEACON}/c"></iframe>',
    f'[click](javascript:window.pwned=4) [out]({BEACON}/d) <a href="{BEACON}/e">e</a> <{BEACON}/f>',
    f"<style>@import url({BEACON}/g.css); body{{background:url({BEACON}/h.png)}}</style>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg== ![d](data:image/svg+xml;base64,PHN2Zy8+)",
    "{{constructor.constructor('window.pwned = 5')()}} ${window.pwned = 6} <%= 7 %> {% raw %}",
    "abc \u202egnp.exe\u202c and \u2066isolated\u2069, NUL \x00 and bell \x07 and \x1b[31mred\x1b[0m",
    f'<link rel="stylesheet" href="{BEACON}/i.css"><meta http-equiv="refresh" content="0;url={BEACON}/j"><base href="{BEACON}/">',
    "x" * 200_000,
    "**bold" * 4000 + "[" * 4000 + "`" * 4001 + "|" * 4000,
    "\ud800 lone surrogate, مرحبا بالعالم, שלום, 👩‍👩‍👧‍👦",
    "__proto__ constructor toString <textarea></textarea><template><b>x</b></template>",
]


def hostile(trace_id: str = "hostile") -> dict[str, Any]:
    """Everything that ever broke a log viewer, in every field."""
    evil = HOSTILE[0]
    deep = "[" * 3000 + "]" * 3000
    messages = [message(role, text) for text in HOSTILE for role in ("user", "assistant")]
    messages += [
        message("system", evil + HOSTILE[1]),
        message(evil, "a role that is a script", name=evil),
        message(
            "assistant",
            "",
            tool_calls=[{"id": evil, "name": evil, "arguments": json.dumps({evil: evil, "url": f"{BEACON}/k.png"})}],
        ),
        message("tool", json.dumps({"__proto__": {"x": 1}, evil: [evil, HOSTILE[1]]}), tool_call_id=evil),
        message("assistant", "", tool_calls=[{"id": "deep", "name": "deep", "arguments": deep}]),
        message("tool", evil, tool_call_id="nobody"),
        None,
        message(
            "assistant",
            "",
            tool_calls=[{"id": "n", "name": "no_result", "arguments": '{"n": 123456789012345678901234567890}'}],
        ),
    ]
    return trace(
        trace_id,
        messages,
        chips=[
            {"label": evil, "value": HOSTILE[1], "href": "javascript:window.pwned=8"},
            {"label": "away", "value": "x" * 300, "href": f"{BEACON}/chip"},
            {"label": "slashes", "value": "\u202eevil", "href": "//beacon.invalid/chip2"},
            {"label": "good", "value": "yes", "href": "?d.good=yes"},
        ],
        outcome=[
            {"label": evil, "value": HOSTILE[1], "address": "javascript:window.pwned=9"},
            {"label": "data", "value": "", "address": "data:text/html,<script>window.pwned=10</script>"},
            {"label": "away", "value": "", "address": "//beacon.invalid/k"},
            None,
        ],
        context=[{"label": HOSTILE[1], "value": evil, "address": None}],
        error=evil,
        record=evil + HOSTILE[1] + "y" * 100_000,
    )


def long(trace_id: str = "long") -> dict[str, Any]:
    """120 messages, one of 8,340 characters, one word found in the middle."""
    messages = [message("user" if i % 2 == 0 else "assistant", f"Message number {i + 1}.") for i in range(120)]
    messages[1]["text"] = ("A long answer. " * 600)[:8340]
    messages[60]["text"] = "Please give me a re**fund** now. Refund, REFUND."
    return trace(trace_id, messages)


def without_messages(trace_id: str = "plain") -> dict[str, Any]:
    """Only input and output."""
    return trace(trace_id, [], input="What is 2 + 2?", output="4", started_at=None, duration_ms=None, chips=[])


def rtl(trace_id: str = "rtl") -> dict[str, Any]:
    """Right-to-left text."""
    return trace(
        trace_id,
        [
            message("user", "مرحبا، أريد تغيير موعدي إلى الأسبوع القادم."),
            message("assistant", "בוודאי, מתי נוח לך?"),
        ],
    )


def queue(size: int = 25) -> list[dict[str, Any]]:
    """Review items, each trace with its own number in the text."""
    items: list[dict[str, Any]] = []
    for i in range(size):
        one = ordinary(f"trace-{i + 1:02d}")
        one["messages"][1]["text"] = f"Request {i + 1}: move my appointment."
        items.append({"trace": one, "label": None, "draft": None, "history": []})
    return items
