"""Which encoding a file is in: from its byte order mark, else from where its zero bytes stand, else UTF-8."""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")


def sniff(data: bytes) -> tuple[str, int]:
    """The encoding of a text that begins with `data`, and how many bytes its mark takes."""
    for mark, name in BOMS:
        if data.startswith(mark):
            return name, len(mark)
    if (len(data) >= 2 and len(data) % 2 == 0) or len(data) >= 4:
        zeros = tuple(byte == 0 for byte in data[:4])
        if zeros[:2] == (False, True) and zeros[2:4] in ((False, True), ()):
            return "utf-16-le", 0
        if zeros[:2] == (True, False) and zeros[2:4] in ((True, False), ()):
            return "utf-16-be", 0
    return "utf-8", 0


def is_legacy(data: bytes) -> bool:
    """True where bytes above 127 mostly do not form UTF-8: an old one-byte encoding."""
    high = len(_HIGH.findall(data))
    if not high:
        return False
    good = sum(len(sequence) for sequence in _MULTIBYTE.findall(data))
    return good < high - good


def decode_head(data: bytes) -> str | None:
    """The text of a file's first bytes, however damaged, or None where they are not text."""
    encoding, skip = sniff(data)
    body = data[skip:]
    if encoding == "utf-8" and body[:4096].count(0) > max(32, len(body[:4096]) // 10):
        return None
    text = body.decode("cp1252" if encoding == "utf-8" and is_legacy(body) else encoding, "replace")
    control = sum(1 for char in text[:4096] if char < " " and char not in "\t\r\n\f\x1b")
    return None if control > max(8, len(text[:4096]) // 20) else text


def utf8_lines(stream: BinaryIO, encoding: str, skip: int) -> Iterator[bytes]:
    """Lines of a file in another encoding as UTF-8, each with its newline; what cannot be decoded stays invalid."""
    stream.read(skip)
    decoder = codecs.getincrementaldecoder(encoding)(errors="surrogatepass")
    rest = ""
    while True:
        block = stream.read(1 << 20)
        try:
            text = rest + decoder.decode(block, final=not block)
        except UnicodeDecodeError:
            text, block = rest + "\udcff", b""
        lines = text.split("\n")
        rest = lines.pop()
        for line in lines:
            yield (line + "\n").encode("utf-8", "surrogatepass")
        if not block:
            break
    if rest:
        yield rest.encode("utf-8", "surrogatepass")
