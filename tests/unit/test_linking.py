"""Address templates: a value is one encoded piece of an address, and never more than that."""

import pytest

from core.linking import TemplateError, filled, places

CRM = "https://crm.example/records/{id}?tier={user.tier}"


def test_values_are_percent_encoded() -> None:
    values = {"id": "a/b?c#d &<\u00fc>", "user.tier": "gold"}
    assert filled(CRM, values.get) == "https://crm.example/records/a%2Fb%3Fc%23d%20%26%3C%C3%BC%3E?tier=gold"
    assert places(CRM) == ("id", "user.tier")


@pytest.mark.parametrize("value", ["https://evil.example/", "//evil.example", "\\evil", "@evil.example", "\n", "{id}"])
def test_no_value_changes_where_an_address_leads(value: str) -> None:
    address = filled("https://crm.example/{id}", {"id": value}.get)
    assert address is not None
    assert address.startswith("https://crm.example/")
    assert not set("/@\\\n{}") & set(address.removeprefix("https://crm.example/"))


@pytest.mark.parametrize("value", [None, "", ".", "..", "x" * 501])
def test_a_missing_value_or_one_that_leads_up_gives_no_address(value: str | None) -> None:
    assert filled("https://crm.example/all/{id}", {"id": value}.get) is None


def test_a_lone_surrogate_is_no_fault() -> None:
    assert filled("https://crm.example/{id}", {"id": "\ud800"}.get) == "https://crm.example/%3F"


def test_attributes_of_a_value_are_no_field() -> None:
    asked: list[str] = []
    assert filled("https://crm.example/{id.__class__}{id!r:>9}", asked.append) is None  # type: ignore[arg-type]
    assert asked == ["id.__class__"]


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("javascript://crm.example/%0aalert({id})", "only http"),
        ("file:///etc/{id}", "only http"),
        ("https://{host}/x", "host"),
        ("https://crm.{id}/x", "host"),
        ("https:///{id}", "host"),
        ("https://name:word@crm.example/{id}", "host"),
        ("https://crm.example/{id", "brace"),
        ("https://crm.example/a b/{id}", "space"),
        ('https://crm.example/"{id}', "sign"),
        ("https://[{id}", "no address"),
    ],
)
def test_what_is_no_template_says_why(template: str, why: str) -> None:
    with pytest.raises(TemplateError, match=why):
        places(template)
