"""Whatever is written can be read again: records in every format, mappings, keys, messages."""

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.importers import Extractor, Mapping, Record, Source, find_importer, propose
from core.importers.lines import parse_json
from core.importers.mapping_fields import JudgmentFields, LabelFields, TraceFields
from core.importers.messages import read_messages
from core.importers.paths import AnyOf, compile_path, quoted_key
from core.importers.texts import json_text
from core.importers.values import read_time
from core.model import BadLine, Message
from tests.unit.importers.samples import as_csv, as_json, as_jsonl, as_parquet, record

text = st.text(st.characters(codec="utf-8"), max_size=30)
cell = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=30)
scalar = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text
value = st.recursive(
    scalar, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4), max_leaves=15
)
table = st.lists(st.fixed_dictionaries({"id": cell, "input": cell, "größe": cell}), min_size=2, max_size=8)


def read(name: str, data: bytes, format_name: str) -> list[Any]:
    with Source.from_bytes(name, data) as source:
        items = list(find_importer(format_name).read(source))
    assert not [item for item in items if isinstance(item, BadLine)]
    return [item.value for item in items if isinstance(item, Record)]


@given(st.lists(st.dictionaries(text, value, max_size=5), min_size=1, max_size=6))
def test_any_objects_survive_json_lines(rows: list[dict[str, Any]]) -> None:
    assert read("log.jsonl", as_jsonl(rows), "jsonl") == rows


@given(st.lists(st.fixed_dictionaries({"id": text, "v": value}), min_size=1, max_size=6))
def test_any_objects_survive_a_json_document(rows: list[dict[str, Any]]) -> None:
    assert read("log.json", as_json(rows), "json") == rows


@given(table)
def test_any_cells_survive_a_csv(rows: list[dict[str, str]]) -> None:
    assert read("log.csv", as_csv(rows), "csv") == rows


@given(table)
@settings(max_examples=30)
def test_any_cells_survive_parquet(rows: list[dict[str, str]]) -> None:
    assert read("log.parquet", as_parquet(rows), "parquet") == rows


@given(value)
def test_json_text_says_what_the_value_was(original: Any) -> None:
    assert parse_json(json_text(original).encode()) == json.loads(json.dumps(original))


@given(st.integers())
def test_integers_of_any_length_are_exact(number: int) -> None:
    assert parse_json(b'{"n":%d}' % number) == {"n": number}


@given(st.binary(max_size=200))
def test_any_bytes_are_records_and_bad_lines_and_nothing_else(data: bytes) -> None:
    good = b'{"input": "x"}\n'
    with Source.from_bytes("log.jsonl", good + data + b"\n" + good) as source:
        items = list(find_importer("jsonl").read(source))
    assert all(isinstance(item, Record | BadLine) for item in items)
    assert items[0].line == 1
    assert isinstance(items[-1], Record)
    assert len(items) <= 2 + len([line for line in data.split(b"\n") if line])


@given(st.binary(max_size=200))
def test_any_bytes_can_be_read_as_a_csv(data: bytes) -> None:
    with Source.from_bytes("log.csv", b"a,b\n1,2\n" + data) as source:
        items = list(find_importer("csv").read(source))
    assert all(isinstance(item, Record | BadLine) for item in items)


@given(st.lists(text, min_size=1, max_size=4), value)
def test_any_keys_can_be_written_as_a_path(keys: list[str], original: Any) -> None:
    nested: Any = original
    for key in reversed(keys):
        nested = {key: nested}
    path = ".".join(map(quoted_key, keys))
    assert compile_path(path)(nested, record({})) == original


name = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(lambda s: bool(s.strip()))
key = name.map(quoted_key)
path = st.one_of(
    key, st.builds("{}.{}".format, key, key), st.sampled_from(["@file", "@line", ".", "=fixed", "a[0].b[*]"])
)
spec = st.recursive(
    path,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map(tuple)
        | st.lists(inner, min_size=1, max_size=3).map(lambda paths: AnyOf(tuple(paths)))
    ),
    max_leaves=4,
)
words = st.lists(text | st.integers(-(2**62), 2**62), max_size=3).map(tuple)
maybe = st.none() | spec
where = st.lists(
    st.tuples(key, st.lists(text | st.booleans(), min_size=1, max_size=2).map(tuple)),
    max_size=2,
    unique_by=lambda w: w[0],
).map(tuple)
labels = st.builds(
    LabelFields,
    verdict=maybe,
    passes=words.map(lambda ws: tuple(f"yes{w}" for w in ws)),
    fails=words.map(lambda ws: tuple(f"no{w}" for w in ws)),
    rule=st.just("majority"),
    critique=spec,
    where=where,
    each=st.none() | path,
    labeler=st.none() | name,
    categories=maybe,
    saw_judge=st.booleans() | path,
    at=maybe,
).map(lambda label: label if label.verdict is not None else LabelFields(critique=label.critique))
judgments = st.builds(JudgmentFields, judge=name, verdict=spec, rule=st.just("any_fail"), version=st.none() | name)
mappings = st.builds(
    Mapping,
    format=st.none() | name,
    trace=st.builds(TraceFields, id=maybe, input=maybe, messages=maybe, where=where),
    dimensions=st.lists(st.tuples(text, spec), max_size=3, unique_by=lambda d: d[0]).map(tuple),
    labels=st.lists(labels, max_size=2).map(tuple),
    judgments=st.lists(judgments, max_size=2).map(tuple),
)


@given(mappings)
def test_any_mapping_can_be_written_and_read_again(mapping: Mapping) -> None:
    assert Mapping.from_toml(mapping.to_toml()) == mapping


@given(mappings, value)
def test_extracting_never_raises(mapping: Mapping, original: Any) -> None:
    got = Extractor(mapping, file="f", folder="d").extract(record(original))
    assert got.bad is None or (got.trace is None and not got.labels and not got.judgments)


@given(st.lists(st.dictionaries(text, value, max_size=6), max_size=8))
def test_any_sample_has_a_proposal_that_can_be_used(rows: list[dict[str, Any]]) -> None:
    records = [record(row) for row in rows]
    mapping = propose(records, file="log").mapping
    assert Mapping.from_toml(mapping.to_toml()) == mapping
    extractor = Extractor(mapping)
    for item in records:
        extractor.extract(item)


@given(value)
def test_any_value_can_be_read_as_messages(original: Any) -> None:
    for message in read_messages(original):
        assert isinstance(message, Message)
        assert isinstance(message.text, str)


@given(st.lists(st.tuples(st.sampled_from(["user", "assistant", "system", "tool"]), text), max_size=6))
def test_plain_messages_are_kept_one_by_one(said: list[tuple[str, str]]) -> None:
    plain = [{"role": role, "content": words} for role, words in said]
    assert read_messages(plain) == tuple(Message(role, words) for role, words in said)
    assert read_messages(json.dumps(plain)) == read_messages(plain)


@given(
    st.datetimes(datetime.fromisoformat("1975-01-01"), datetime.fromisoformat("2200-01-01"), timezones=st.timezones())
)
def test_a_time_with_any_offset_is_the_same_moment(moment: datetime) -> None:
    expected = moment.astimezone(UTC).replace(tzinfo=None)
    assert read_time(moment.astimezone(UTC).isoformat()) == expected
