"""The mapping file: what it says, that it can be written again, and how mistakes are named."""

import pytest

from core.errors import InputError
from core.importers import Mapping
from core.importers.mapping_fields import LabelFields, TraceFields
from core.importers.paths import AnyOf
from tests.unit.importers.samples import FIXTURES

CONTRACT = """
format = "csv"
records = "items"
[trace]
id = "id"
session = "conversation_id"
started_at = "created_at"
input = "prompt"
output = "completion"
messages = "messages"
model = "model"
[dimensions]
feature = "metadata.feature"
[[label]]
labeler = "expert-1"
verdict = "final_label"
pass = ["1_full_compliance", 1, true]
fail = ["2_full_refusal", 0, false]
critique = "notes"
categories = "failure_modes"
saw_judge = false
[[judgment]]
judge = "gpt-4"
version = "v1"
verdict = "gpt4_label"
pass = ["PASS"]
fail = ["FAIL"]
critique = "gpt4_reason"
"""
RICH = """
[trace]
id = ["@file", "id"]
input = { any = ["a", "b.\\"c.d\\"", ["e", "f"]] }
where = { kind = "trace" }
[dimensions]
"name with space" = "x"
team = "=core \\"team\\" \\\\ ü"
[outcome]
"E-mail sent" = "result.mail"
"CRM ü" = "https://crm.example/{id}"
[context]
Tier = "user.tier"
[[label]]
labeler_path = "reviewer"
where = { source = ["expert", "human"], "meta.n" = 1, done = true }
each = "annotations"
verdict = ["a1", "a2", "a3"]
pass = ["yes", 1.5]
fail = ["no"]
rule = "majority"
at = "^.created"
saw_judge = "seen"
[[label]]
relative_to = "gpt-4"
verdict = "accepted"
same = [true]
opposite = [false]
[[label]]
critique = ["z_note", "Notes"]
[[judgment]]
judge_path = "@key"
version_path = "v"
each = "scores"
verdict = "value"
pass = ["C"]
fail = ["I"]
id = "run"
"""


def test_the_example_of_the_contract_is_read_as_it_says() -> None:
    mapping = Mapping.from_toml(CONTRACT)
    assert (mapping.format, mapping.records) == ("csv", "items")
    assert mapping.trace.session == "conversation_id"
    assert mapping.dimensions == (("feature", "metadata.feature"),)
    assert mapping.labels[0].passes == ("1_full_compliance", 1, True)
    assert mapping.labels[0].passes[2] is True
    assert mapping.judgments[0].version == "v1"


@pytest.mark.parametrize("text", [CONTRACT, RICH, "", "[trace]\n"])
def test_a_mapping_can_be_written_and_read_again(text: str) -> None:
    mapping = Mapping.from_toml(text)
    written = mapping.to_toml()
    assert Mapping.from_toml(written) == mapping
    assert Mapping.from_toml(written).to_toml() == written


@pytest.mark.parametrize("path", sorted((FIXTURES / "mappings").glob("*.toml")), ids=lambda path: path.stem)
def test_every_mapping_file_kept_here_can_be_written_and_read_again(path: object) -> None:
    mapping = Mapping.from_toml(path.read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    assert Mapping.from_toml(mapping.to_toml()) == mapping


def test_truth_values_and_numbers_stay_what_they_are() -> None:
    written = Mapping.from_toml(CONTRACT).to_toml()
    assert 'pass = ["1_full_compliance", 1, true]' in written


def test_paths_are_read_in_all_their_forms() -> None:
    mapping = Mapping.from_toml(RICH)
    assert mapping.trace.id == ("@file", "id")
    assert mapping.trace.input == AnyOf(("a", 'b."c.d"', ("e", "f")))
    assert mapping.labels[0].where == (("source", ("expert", "human")), ("meta.n", (1,)), ("done", (True,)))


def test_a_dotted_key_in_where_is_the_same_path() -> None:
    text = '[[label]]\ncritique = "c"\nwhere = { a."b.c".d = "" }\n'
    assert Mapping.from_toml(text).labels[0].where == (('a."b.c".d', ("",)),)


def test_fixed_dimensions_can_be_added() -> None:
    mapping = Mapping(dimensions=(("team", "x"), ("kept", "y"))).with_dimensions({"team": "core = us"})
    assert mapping.dimensions == (("kept", "y"), ("team", "=core = us"))


def test_a_mapping_is_a_value() -> None:
    assert hash(Mapping.from_toml(RICH)) == hash(Mapping.from_toml(RICH))
    assert Mapping(trace=TraceFields(id="a")) != Mapping(trace=TraceFields(id="b"))
    assert LabelFields(verdict="v").undecided
    assert not LabelFields(verdict="v", passes=("x",)).undecided


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("id = ", "not valid TOML"),
        ("formt = 'csv'", '"formt" in the mapping is not known'),
        ("format = 3", "format = 3 is no text"),
        ("[trace]\nidd = 'x'", '"idd" in [trace]'),
        ("[trace]\nid = 3", "[trace] id = 3 is no path"),
        ("[trace]\nid = 'a..b'", "[trace] id = 'a..b' is no path"),
        ("[trace]\nid = '@nowhere'", "@file, @folder, @line, @key"),
        ("[trace]\nid = []", "[trace] id = [] is no path"),
        ("[trace]\nid = { anyy = ['a'] }", "is no path"),
        ("trace = 'x'", "trace = 'x' is no table"),
        ("label = 'x'", "label = 'x' is no list of sections"),
        ("[dimensions]\nx = true", "[dimensions] x = True is no path"),
        ("[outcome]\nx = 3", "[outcome] x = 3: it is no text"),
        ("[context]\nx = 'a..b'", "a..b is no field"),
        ("[outcome]\n'a = b' = 'x'", "no equals sign"),
        ('[outcome]\n"a\\nb" = "x"', "on one line"),
        ("[outcome]\nCRM = 'ftp://x/{id}'", "only http:// and https://"),
        ("[outcome]\n" + "\n".join(f"x{n} = 'y'" for n in range(6)), "[outcome] has 6 lines"),
        ("[[label]]\nlabeler = 'me'", "[[label]] number 1 has neither verdict nor critique"),
        ("[[label]]\nverdict = 'v'\nlabeler = 'a'\nlabeler_path = 'b'", "both labeler and labeler_path"),
        ("[[label]]\nverdict = 'v'\npass = [1]\nfail = ['1']", "'1' in both pass and fail"),
        ("[[label]]\nverdict = 'v'\npass = [[1]]", "pass holds [1]"),
        ("[[label]]\nverdict = ['a', 'b']\npass = [1]", "several verdict columns but no rule"),
        ("[[label]]\nverdict = 'v'\nrule = 'most'", 'rule = "most" is not known'),
        ("[[label]]\nrelative_to = 'j'\nsame = [1]", "relative_to but no verdict"),
        ("[[label]]\nrelative_to = 'j'\nverdict = 'v'\npass = [1]", '"pass" in [[label]] number 1'),
        ("[[label]]\nverdict = 'v'\nsame = [1]", '"same" in [[label]] number 1'),
        ("[[label]]\nverdict = 'v'\nsaw_judge = 3", "saw_judge = 3"),
        ("[[label]]\nverdict = 'v'\nwhere = 'x'", "where = 'x' is no table"),
        ("[[label]]\nverdict = 'v'\n[[label]]\nverdct = 'v'", "[[label]] number 2"),
        ("[[judgment]]\njudge = 'j'", "[[judgment]] number 1 has no verdict"),
        ("[[judgment]]\nverdict = 'v'", "[[judgment]] number 1 has no judge"),
        ("[[judgment]]\njudge = ''\nverdict = 'v'", "judge = '' is no text"),
        ("[[judgment]]\njudge = 'j'\nverdict = 'v'\npass = [nan]", "pass holds nan"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_a_remedy(text: str, named: str) -> None:
    with pytest.raises(InputError) as refused:
        Mapping.from_toml(text)
    assert named in str(refused.value)
    assert refused.value.remedy
