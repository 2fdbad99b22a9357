"""Runs the app on a database of hand-made traces, page by page, without a browser."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.workflows.sampling import load_sample
from pages.ui.starting import look_for_no_components
from pages.ui.store import DATABASE_VARIABLE, close_store
from tests.conftest import ROOT
from tests.pages.reading import read_all
from tests.pages.samples import made
from tests.unit.workflows.messy import fill_messy


@pytest.fixture(scope="session", autouse=True)
def no_components_are_looked_for() -> None:
    """As the server does it."""
    look_for_no_components()


Address = dict[str, list[str]]
OpenPage = Callable[..., AppTest]


@pytest.fixture
def small_app(small_database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    """Opens a page (its folder) at an address, on the traces of `SMALL`."""
    yield from opener(small_database, monkeypatch)


@pytest.fixture
def read_app(small_database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    """As `small_app`, but every trace was opened by somebody, so that failures may be named."""
    yield from opener(made(small_database, read_all), monkeypatch)


@pytest.fixture(scope="session")
def sample_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the sample, made once: copy it."""
    return made(tmp_path_factory.mktemp("sample") / "passfail.duckdb", load_sample)


@pytest.fixture
def sample_database(database: Path, sample_file: Path) -> Path:
    """A file with the sample, which nobody holds."""
    shutil.copyfile(sample_file, database)
    return database


@pytest.fixture
def sample_app(sample_database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    yield from opener(sample_database, monkeypatch)


@pytest.fixture(scope="session")
def messy_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with every shape that breaks counts, made once: copy it."""
    return made(tmp_path_factory.mktemp("messy") / "passfail.duckdb", fill_messy)


@pytest.fixture
def messy_app(database: Path, messy_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    shutil.copyfile(messy_file, database)
    yield from opener(database, monkeypatch)


@pytest.fixture
def empty_app(database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    """Opens a page on a database without traces."""
    yield from opener(database, monkeypatch)


registered: dict[Any, Any] = {}
"""The pages of the app, known once it ran: a page is then opened as from a link, without another page before it."""


def opener(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    monkeypatch.setenv(DATABASE_VARIABLE, str(path))
    monkeypatch.setenv("PASSFAIL_RAISE", "1")

    def open_page(page: str = "home", **address: str | list[str]) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
        for name, value in address.items():
            app.query_params[name.replace("__", ".")] = [value] if isinstance(value, str) else value
        if not registered:
            app.run()
            registered.update(app._registered_pages)
        app._registered_pages = registered
        return (app if page == "home" else app.switch_page(f"pages/{page}/page.py")).run()

    yield open_page
    close_store()


def sentence(app: AppTest) -> str:
    """What the frame says of the slice, without its marks."""
    said = [element.value for element in app.markdown if "traces" in element.value or "trace." in element.value]
    return said[0].replace("*", "").replace("\\", "")


def notices(app: AppTest) -> list[str]:
    """The titles of all notices, or their text where they have no title, without the backslashes of markdown."""
    found: list[Any] = [*app.error, *app.warning, *app.info, *app.success]
    return [(getattr(notice.proto, "title", "") or notice.value).replace("\\", "") for notice in found]


def address(app: AppTest) -> Address:
    """The address after the run."""
    return {name: [value] if isinstance(value, str) else list(value) for name, value in app.query_params.items()}


def name_field(app: AppTest) -> Any:
    """The field in which a page asks on the spot who is there."""
    return next(field for field in app.text_input if (field.key or "").startswith("ask.person."))


def links(app: AppTest) -> dict[str, str]:
    """Every link of the page by its label: the page it opens with its parameters."""
    found = [element.proto for element in app.get("page_link")]
    return {link.label: f"{link.page}?{link.query_string}" for link in found}
