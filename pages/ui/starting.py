"""What lets the first page come sooner after a start."""

import contextlib
import gc
import importlib
import inspect
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING

import pages

if TYPE_CHECKING:
    from streamlit.components.v2.manifest_scanner import ComponentManifest


def look_for_no_components() -> None:
    """Without this, Streamlit reads the metadata of every installed package for components: a fifth of a second here.

    The two of ours come from `pages/ui/components`.
    """
    with contextlib.suppress(ImportError):
        from streamlit.components.v2 import manifest_scanner

        manifest_scanner.scan_component_manifests = _no_components


def _no_components(max_workers: int | None = None) -> "list[tuple[ComponentManifest, Path]]":  # noqa: ARG001 - as it is called
    return []


def warm_up() -> None:
    """Import what the pages need while the browser still fetches the app: the first page then waits for less."""
    for module in pkgutil.walk_packages(pages.__path__, "pages."):
        if not module.name.endswith(".page"):  # a script, run by Streamlit
            importlib.import_module(module.name)
    # Streamlit asks for the stack once, when it first draws something, and that looks up the file of every module.
    inspect.stack()
    # Streamlit collects garbage after every run of a page, and nothing else goes on meanwhile: a tenth of a second
    # each time, nearly all of it spent on what was imported and stays.
    gc.freeze()
