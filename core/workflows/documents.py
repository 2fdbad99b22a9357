"""A document of a few kinds of blocks, written as one HTML page or as Markdown: every text in it stands as it was typed.

The page needs nothing from anywhere: no script, no picture, no font; its own policy forbids them too.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; margin-top: 2rem; } h3 { font-size: 1.05rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid #7f8c99; }
blockquote { margin: .5rem 0; padding: 0 0 0 .75rem; border-left: 3px solid #7f8c99; white-space: pre-wrap; overflow-wrap: anywhere; }
.small { font-size: 13px; opacity: .8; } td { overflow-wrap: anywhere; }
@media print { body { margin: 0; max-width: none; } }
""".strip()
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~$&])")
_LINE_MARK = re.compile(r"^([ \t]*\d*)([-=.])")
_AUTOLINK = re.compile(r"(?i)\b(https?|ftp|mailto|www)([:.])")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 2 or 3."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; small for what stands back."""

    text: str
    small: bool = False


@dataclass(frozen=True, slots=True)
class Quote:
    """What somebody wrote, and where it stands."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its column names."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Link:
    """An address; one that is not http or https is written and leads nowhere."""

    text: str
    address: str


Block = Heading | Paragraph | Quote | Table | Link


def as_html(title: str, blocks: Sequence[Block]) -> str:
    """The document as one page."""
    body = "\n".join(_html(block) for block in blocks)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>
{STYLE}
</style>
</head>
<body>
<h1>{escape(title)}</h1>
{body}
</body>
</html>
"""


def as_markdown(title: str, blocks: Sequence[Block]) -> str:
    """The document as Markdown."""
    return "\n\n".join([f"# {plain(title)}", *(_markdown(block) for block in blocks)]) + "\n"


def plain(text: str) -> str:
    """A text in one line of Markdown that draws it as typed: no links, pictures, marks or HTML."""
    line = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return _AUTOLINK.sub(r"\1\\\2", _LINE_MARK.sub(r"\1\\\2", line))


def is_web(address: str) -> bool:
    """Whether an address may stand in a link."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _html(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Paragraph(text, small):
            return f'<p class="small">{escape(text)}</p>' if small else f"<p>{escape(text)}</p>"
        case Quote(text, source):
            return f'<blockquote>{escape(text)}<br><span class="small">{escape(source)}</span></blockquote>'
        case Table(columns, rows):
            head = "".join(f"<th>{escape(name)}</th>" for name in columns)
            lines = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>\n" for row in rows)
            return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{lines}</tbody>\n</table>"
        case Link(text, address):
            shown = escape(address)
            return (
                f'<p>{escape(text)} <a href="{shown}">{shown}</a></p>'
                if is_web(address)
                else f"<p>{escape(text)} {shown}</p>"
            )


def _markdown(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"{'#' * level} {plain(text)}"
        case Paragraph(text, _):
            return plain(text)
        case Quote(text, source):
            return f"> {plain(text)}\n>\n> {plain(source)}"
        case Table(columns, rows):
            lines = [columns, ["---"] * len(columns), *rows]
            return "\n".join(
                f"| {' | '.join(cell if place == 1 else plain(cell) for cell in line)} |"
                for place, line in enumerate(lines)
            )
        case Link(text, address):
            shown = f"<{address}>" if is_web(address) and not set(address) & set("<> \n") else plain(address)
            return f"{plain(text)} {shown}"
