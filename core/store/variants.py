"""Variants: traces made from another one by a change that must not change the verdict, with what a judge says of both."""

from typing import NamedTuple

from core.model import BAD, GOOD, KNOWN, MISSING, VARIANT, VARIANT_OF
from core.slice import Slice
from core.store.connection import Cursor
from core.store.traces import PREVIEW, chosen
from core.store.verdicts import version_ids

NAMED = (
    """select d.trace_key, v.value from trace_dimensions d join dimension_values v using (value_id) where v.name = ?"""
)

TESTS = f"""select trace_key from trace_dimensions join dimension_values using (value_id)
    where name = '{VARIANT_OF}' or (name = '{KNOWN}' and value in ('{GOOD}', '{BAD}'))"""  # noqa: S608 - fixed names
"""The traces that are variants or known answers: they are a test of judges, and no traffic."""

ANY = "select 1 from dimension_values where name = ? limit 1"

COUNTS_ORPHANS = f"select count(*) from ({NAMED}) o where o.value not in (select id from traces)"  # noqa: S608 - fixed fragments, bound values

PAIRS = f"""with said as materialized (
        select trace_key, passed, critique from shown_judgments where version_id in ({{version}})),
    shown as materialized (
        select unnest(examples) as id from judge_versions where version_id in ({{version}}))
    select coalesce(k.value, ''), b.id, t.id, left(b.input, {PREVIEW}), left(t.input, {PREVIEW}),
        jb.passed, jt.passed, jb.critique, jt.critique, b.id in (from shown) or t.id in (from shown)
    from ({NAMED}) o join traces t on t.trace_key = o.trace_key join traces b on b.id = o.value
        left join ({NAMED}) k on k.trace_key = t.trace_key
        left join said jb on jb.trace_key = b.trace_key left join said jt on jt.trace_key = t.trace_key
    where b.trace_key in ({{keys}}) and b.trace_key <> t.trace_key
    order by 1, b.started_at desc nulls last, b.id, t.id"""  # noqa: S608 - fixed fragments, bound values
"""What stands in place of each variant's kind of change, its base and itself; null where a judge said nothing that is shown,
and whether the judge was shown one of the two as an example."""


class VariantPair(NamedTuple):
    """A trace, a variant of it, and what one judge version says of both; `change` is the empty text where none was named."""

    change: str
    base_id: str
    variant_id: str
    base_input: str | None
    variant_input: str | None
    base_passed: bool | None
    variant_passed: bool | None
    base_critique: str | None
    variant_critique: str | None
    is_example: bool
    """Whether one of them stands in the judge's prompt, with what the expert said of it."""

    @property
    def is_judged(self) -> bool:
        """Whether the judge has a verdict on both."""
        return self.base_passed is not None and self.variant_passed is not None

    @property
    def is_flipped(self) -> bool:
        """Whether it says another thing of the variant."""
        return self.is_judged and self.base_passed != self.variant_passed


def without_tests(slice_: Slice) -> Slice:
    """A slice without the traces that are variants, unless it asks about variants, and likewise without known answers."""
    found = slice_ if _asks(slice_, VARIANT, VARIANT_OF) else slice_.with_values(VARIANT_OF, (MISSING,))
    return found if _asks(slice_, KNOWN) else found.with_values(KNOWN, (GOOD, BAD), negated=True)


def _asks(slice_: Slice, *names: str) -> bool:
    return any(slice_.values_of(name, negated=no) for name in names for no in (False, True))


def has_variants(cursor: Cursor) -> bool:
    """Whether any trace says that it is a variant."""
    return cursor.execute(ANY, [VARIANT_OF]).fetchone() is not None


def count_orphans(cursor: Cursor) -> int:
    """Variants of traces that are not here."""
    row = cursor.execute(COUNTS_ORPHANS, [VARIANT_OF]).fetchone()
    return 0 if row is None else int(row[0])


def find_variants(cursor: Cursor, ref: str, slice_: Slice, *, reference: str | None) -> list[VariantPair]:
    """Each variant of a trace of the slice, by kind of change, with what the judge version says of both."""
    keys, version = chosen(slice_, reference), version_ids(ref)
    sql = PAIRS.format(version=version.sql, keys=keys.sql)
    params = [*version.params, *version.params, VARIANT_OF, VARIANT, *keys.params]
    return [VariantPair(*row) for row in cursor.execute(sql, params).fetchall()]
