"""The lines of `[outcome]` and `[context]`: a label, and the field or the address that it leads to."""

import re
from typing import Final

from core.importers.paths import PathError, compile_path
from core.linking import TemplateError, is_address, places

MOST_LINES: Final = {"outcome": 5, "context": 12}
LONGEST_LABEL: Final = 60
LONGEST_SOURCE: Final = 500
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_NOT_A_FIELD: Final = ("=", "@", "^", ".")


def problem_of(label: str, source: str) -> str | None:
    """What is wrong with a line, as half a sentence; None where it can be shown."""
    if not label.strip() or len(label) > LONGEST_LABEL:
        return f"the label needs 1 to {LONGEST_LABEL} characters"
    if not source.strip() or len(source) > LONGEST_SOURCE:
        return f"the field or address needs 1 to {LONGEST_SOURCE} characters"
    if "=" in label:
        return "a label has no equals sign"  # Settings writes them as lines of label = source
    if _CONTROL.search(label + source):
        return "a label and its field or address stand on one line, without control characters"
    try:
        fields = places(source) if is_address(source) else (source,)
    except TemplateError as problem:
        return str(problem)
    for name in fields:
        if name.startswith(_NOT_A_FIELD):
            return f"{name[:40]} is no field of the record"
        try:
            compile_path(name)
        except PathError as problem:
            return f"{name[:40]} is no field: {problem}"
    return None
