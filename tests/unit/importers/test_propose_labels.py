"""Labels and judgments proposed from names and values: whose verdict it is and which way round, or none at all."""

import pytest

from core.importers.columns import read_columns, words_of
from tests.unit.importers.samples import record


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("问题", ("问题",)), ("Вопрос клиента", ("вопрос", "клиента")), ("質問_ID", ("質問", "id")),
        ("ερώτηση", ("ερώτηση",)), ("السؤال", ("السؤال",)), ("überPrüfung", ("über", "prüfung")),
        ("HTTPServer2Go", ("http", "server", "2", "go")), ("user-input", ("user", "input")),
    ],
)  # fmt: skip
def test_names_have_words_in_every_script(name: str, words: tuple[str, ...]) -> None:
    assert words_of(name) == words


def test_no_two_names_without_a_word_are_the_same() -> None:
    columns = read_columns([record({"🌱": 1, "🌍": 2, "?": 3})])
    assert len({column.key for column in columns}) == 3
