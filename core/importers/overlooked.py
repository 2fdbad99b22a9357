"""What a mapping leads past: paths found nowhere in a file, and columns filled too late to be proposed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from core.importers.base import Record
from core.importers.mapping import Mapping
from core.importers.mapping_fields import JudgmentFields, LabelFields
from core.importers.mapping_writing import TRACE_PATHS
from core.importers.paths import AnyOf, PathSpec, holds, is_empty
from core.importers.sections import Places, elements

NAMED_COLUMNS = 12
MOST_LATE = 1_000
"""Columns that are counted, since records may have keys without end."""
LOOKED_AT = 20
"""Records whose columns are named beside a path that was not found."""
_OF_SECTIONS = (
    *("labeler_path", "judge_path", "version_path", "relative_to_path", "saw_judge"),
    *("verdict", "critique", "categories", "at", "id"),
)


class _Wanted(NamedTuple):
    """One path as the mapping has it, and the single paths of which one must be there."""

    said: str
    paths: tuple[str, ...]


class Unfound:
    """The paths of a given mapping that no record of a file has led to yet."""

    def __init__(self, mapping: Mapping) -> None:
        trace = [(f"[trace] {name}", getattr(mapping.trace, name)) for name in TRACE_PATHS]
        trace += [("[trace] where", path) for path, values in mapping.trace.where if "" not in values]
        trace += [(f"[dimensions] {name}", path) for name, path in mapping.dimensions]
        groups = [_Group(None, trace)]
        for name, sections in (("label", mapping.labels), ("judgment", mapping.judgments)):
            for number, section in enumerate(sections, 1):
                at = f"[[{name}]]" if len(sections) == 1 else f"[[{name}]] number {number}"
                groups.append(_Group(section.each, _of_section(at, section)))
                groups[0].want(f"{at} each", section.each)
        self._groups = groups
        self._open = groups

    def look(self, record: Record) -> None:
        """Strike off what this record has; costs nothing once everything was found."""
        if self._open:
            self._open = [group for group in self._open if group.look(record)]

    def notes(self) -> list[str]:
        """A sentence for every path that was found nowhere."""
        return [note for group in self._groups for note in group.notes()]


class Late:
    """Columns that held nothing in the records a mapping was proposed from, and something afterwards."""

    def __init__(self, samples: Sequence[Record]) -> None:
        self._known = {
            key
            for record in samples
            if record.value.__class__ is dict
            for key, value in record.value.items()
            if not is_empty(value)
        }
        self._late: Counter[str] = Counter()

    def look(self, record: Record) -> None:
        """Count what this record has in such columns."""
        if record.value.__class__ is not dict or record.value.keys() <= self._known:
            return
        for key in record.value.keys() - self._known:
            if not is_empty(record.value[key]) and (key in self._late or len(self._late) < MOST_LATE):
                self._late[key] += 1

    def notes(self) -> list[str]:
        """One sentence with the columns and how many records fill them."""
        if not self._late:
            return []
        named = ", ".join(f"{key} ({n:,})" for key, n in self._late.most_common(NAMED_COLUMNS))
        more = ", …" if len(self._late) > NAMED_COLUMNS else ""
        return [
            f"not used, because empty in all records that the mapping was proposed from: {named}{more}. "
            "To have them read, name them in a mapping and import again."
        ]


class _Group:
    """Paths that start from the same values: the records, or the elements of `each`."""

    def __init__(self, each: str | None, named: list[tuple[str, PathSpec | None]]) -> None:
        self._each, self._getter = each, Places("", "").getter(each)
        self._left: list[_Wanted] = []
        self._seen = 0
        self._columns: dict[str, None] = {}
        for said, spec in named:
            self.want(said, spec)

    def want(self, said: str, spec: PathSpec | None) -> None:
        self._left += [_Wanted(said, paths) for paths in _single(spec)]

    def look(self, record: Record) -> bool:
        """False once there is nothing left to look for."""
        for value, place in [(record.value, record)] if self._getter is None else elements(self._getter, record):
            self._seen += 1
            if self._seen <= LOOKED_AT and value.__class__ is dict:
                self._columns.update(dict.fromkeys(value))
            self._left = [one for one in self._left if not any(holds(path, value, place) for path in one.paths)]
        return bool(self._left)

    def notes(self) -> Iterator[str]:
        if not self._seen:
            return
        where = ("element" if self._seen == 1 else "elements") + f" of {self._each}"
        if self._each is None:
            where = "record" if self._seen == 1 else "records"
        named = list(self._columns)[:NAMED_COLUMNS]
        more = ", …" if len(self._columns) > len(named) else ""
        for said, paths in self._left:
            path = " or ".join(f'"{path}"' for path in paths)
            columns = f"; columns: {', '.join(named)}{more}" if named else ""
            yield f"{said} = {path} was found in none of {self._seen:,} {where}{columns}. Check how it is written."


def _of_section(at: str, section: LabelFields | JudgmentFields) -> list[tuple[str, PathSpec | None]]:
    named: list[tuple[str, Any]] = [(f"{at} {name}", getattr(section, name, None)) for name in _OF_SECTIONS]
    named += [(f"{at} where", path) for path, values in section.where if "" not in values]
    return [(said, spec) for said, spec in named if not isinstance(spec, bool)]


def _single(spec: PathSpec | None) -> Iterator[tuple[str, ...]]:
    """The paths of which one each must be there; those that stand for a place or a constant need no looking for."""
    if spec is None:
        return
    if isinstance(spec, AnyOf):
        paths = tuple(path for part in spec.paths for inner in _single(part) for path in inner)
        if paths and not any(isinstance(part, str) and _always(part) for part in spec.paths):
            yield paths
    elif isinstance(spec, tuple):
        for part in spec:
            yield from _single(part)
    elif not _always(spec):
        yield (spec,)


def _always(path: str) -> bool:
    return path[:1] in ("@", "=") or path in (".", "^")
