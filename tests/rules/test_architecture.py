"""The parts of the architecture that import-linter cannot see: single files, sizes, words in the source."""

import ast
import functools
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.rules import readme

ROOT = Path(__file__).resolve().parents[2]
TOP = [ROOT / name for name in ("app.py", "serve.py", "passfail.py")]
MODULES = [*TOP, *sorted(ROOT.glob("core/**/*.py")), *sorted(ROOT.glob("pages/**/*.py"))]
PAGES = sorted(ROOT.glob("pages/*/page.py"))
FOLDERS = sorted(path for path in ROOT.glob("pages/*/") if path.name != "__pycache__")

ONLY_IN = {
    "anthropic": ("core/judge/providers/anthropic.py",),
    "duckdb": ("core/store/",),
    "openpyxl": ("core/exporters/", "core/importers/"),
    "pandas": ("core/exporters/", "pages/"),
    "plotly": ("pages/",),
    "starlette": ("serve.py",),
    "streamlit": ("app.py", "serve.py", "pages/"),
    "uvicorn": ("serve.py",),
}
APP_MAY_IMPORT = (
    *("streamlit", "pages", "core.workflows"),
    *("core.model", "core.slice", "core.metrics", "core.errors"),
)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def source_of(path: Path) -> str:
    return path.read_text("utf-8")


@functools.cache
def nodes_of(path: Path) -> list[ast.AST]:
    """Every part of the file's source."""
    return list(ast.walk(ast.parse(source_of(path))))


def imports_of(path: Path) -> Iterator[str]:
    """Every module the file imports, with the names taken from it: `core.slice`, `core.slice.Slice`."""
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = f"{'.' * node.level}{node.module or ''}"
            yield from (f"{module}.{alias.name}" for alias in node.names)


def is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def files_of_the_repository() -> list[Path]:
    """What is committed or about to be; without git, everything but what tools leave behind."""
    if (ROOT / ".git").exists() and shutil.which("git"):
        command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
        return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    hidden = {".venv", "__pycache__", "build", "dist"}
    return [path for path in ROOT.rglob("*") if path.is_file() and not hidden & set(path.parts)]


def test_the_app_imports_only_pages_and_what_pages_may_use() -> None:
    strangers = [
        module
        for module in imports_of(ROOT / "app.py")
        if module.split(".")[0] not in sys.stdlib_module_names
        and not any(is_within(module, allowed) for allowed in APP_MAY_IMPORT)
    ]
    assert strangers == []


def test_the_app_stays_under_60_lines() -> None:
    assert len(source_of(ROOT / "app.py").splitlines()) < 60


def test_a_page_is_thin() -> None:
    assert [name_of(page) for page in PAGES if len(source_of(page).splitlines()) >= 120] == []
    tries = [name_of(page) for page in PAGES for node in nodes_of(page) if isinstance(node, ast.Try | ast.TryStar)]
    assert tries == [], "errors are shown once, by app.py"


def test_a_page_is_named_in_the_app() -> None:
    app = source_of(ROOT / "app.py")
    folders = [page.parent.name for page in PAGES]
    assert [name for name in folders if f"pages/{name}/page.py" not in app and f"pages.{name}" not in app] == []


def test_a_folder_of_pages_is_a_package_with_a_page_or_the_shared_widgets() -> None:
    assert [name_of(folder) for folder in FOLDERS if not (folder / "__init__.py").exists()] == []
    assert [folder.name for folder in FOLDERS if not (folder / "page.py").exists()] == ["ui"]


def test_only_the_filters_touch_the_state_of_the_session_and_the_address() -> None:
    state = ("session_state", "query_params")
    touching = {
        name_of(module)
        for module in MODULES
        if any(isinstance(node, ast.Attribute) and node.attr in state for node in nodes_of(module))
        or any(imported.endswith(state) for imported in imports_of(module))
    }
    assert touching == {"pages/ui/filters.py"}


def test_a_library_is_imported_only_where_it_belongs() -> None:
    strangers = [
        f"{name_of(module)}: {imported}"
        for module in MODULES
        for imported in imports_of(module)
        if (library := imported.split(".")[0]) in ONLY_IN and not name_of(module).startswith(ONLY_IN[library])
    ]
    assert strangers == []


def test_a_module_is_one_concept_of_readable_size_that_says_its_job() -> None:
    assert [name_of(module) for module in MODULES if len(source_of(module).splitlines()) > 300] == []
    assert [name_of(module) for module in MODULES if not readme.first_sentence(module)] == []
    vague = {"common", "helpers", "info", "manager", "misc", "utils"}
    assert [name_of(module) for module in MODULES if module.stem in vague] == []


def test_untrusted_text_is_never_drawn_as_html() -> None:
    switches = {"unsafe_allow_html", "unsafe_allow_javascript"}
    found = [
        f"{name_of(module)}:{node.lineno}"
        for module in MODULES
        for node in nodes_of(module)
        if isinstance(node, ast.Call) and any(word.arg in switches for word in node.keywords)
    ]
    assert found == []


def test_a_script_sets_text_and_never_html() -> None:
    drawing = re.compile(r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write)\b")
    scripts = sorted(ROOT.glob("pages/**/*.js"))
    assert scripts
    assert [name_of(script) for script in scripts if drawing.search(source_of(script))] == []


def test_no_file_names_a_path_of_one_machine_or_a_registry() -> None:
    # Bracketed so that this file does not find itself.
    places = r"(?<![\w.])/(r[o]ot|w[o]rk|f[a]rm|h[o]me/[a-z]|U[s]ers/[a-z])"
    registries = r"py[p]i\.org|python[h]osted\.org|registry\.np[m]js\.org|deb\.deb[i]an\.org"
    forbidden = re.compile(f"{places}\\w*/|{registries}".encode())
    found = [name_of(path) for path in files_of_the_repository() if forbidden.search(path.read_bytes())]
    assert found == []


def test_no_database_and_no_lock_file_is_part_of_the_repository() -> None:
    names = [name_of(path) for path in files_of_the_repository()]
    locks = ("uv.lock", "poetry.lock", "Pipfile.lock", "package-lock.json")
    assert [name for name in names if name.endswith((".duckdb", ".duckdb.wal", *locks))] == []


def test_the_map_in_the_readme_is_up_to_date() -> None:
    assert readme.main(["--check"]) == 0
