"""How columns become traces, dimensions, labels and judgments: the mapping file as a value."""

from dataclasses import dataclass, field, replace

from core.importers.mapping_fields import JudgmentFields, LabelFields, TraceFields
from core.importers.mapping_reading import read_mapping
from core.importers.mapping_writing import mapping_toml
from core.importers.paths import PathSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A whole mapping; `from_toml(m.to_toml()) == m`."""

    format: str | None = None
    records: str | None = None
    trace: TraceFields = field(default_factory=TraceFields)
    dimensions: tuple[tuple[str, PathSpec], ...] = ()
    labels: tuple[LabelFields, ...] = ()
    judgments: tuple[JudgmentFields, ...] = ()
    outcome: tuple[tuple[str, str], ...] = ()
    context: tuple[tuple[str, str], ...] = ()
    """Labels with the field or the address template that stands beside a trace."""

    @classmethod
    def from_toml(cls, text: str) -> "Mapping":
        """Read a mapping file; raises `InputError` saying what is wrong, where, and what to do."""
        return cls(**read_mapping(text))

    def to_toml(self) -> str:
        """The mapping file that reads as this mapping."""
        return mapping_toml(self)

    def with_dimensions(self, added: dict[str, str]) -> "Mapping":
        """This mapping with constant dimensions added, as `--dimension KEY=VALUE` asks for."""
        kept = tuple(pair for pair in self.dimensions if pair[0] not in added)
        return replace(self, dimensions=(*kept, *((name, f"={value}") for name, value in added.items())))
