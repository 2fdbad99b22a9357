"""A search in the text of traces as SQL: a fixed fragment with bound parameters."""

import re


def search(text: str, *, blind: bool) -> tuple[str, list[object]]:
    """In what was said or in a critique, whatever the case; an RE2 match of the escaped words is faster here than ILIKE."""
    pattern = "(?is)" + re.escape(text) if text.isascii() else f"(?is){_escape_unicode(text)}"
    if blind:
        return "regexp_matches(t.text, ?) or t.id = ?", [pattern, text]
    sql = """regexp_matches(t.text, ?) or t.id = ? or t.trace_key in
        (select trace_key from current_labels where critique is not null and regexp_matches(critique, ?))"""
    return sql, [pattern, text, pattern]


def _escape_unicode(text: str) -> str:
    return "".join(re.escape(character) if character.isascii() else character for character in text)
