"""Puts the application inside one package, `passfail`, in the wheel.

It is a hook and not a `force-include` table because hatchling also copies such a table into an editable
install, where the copies would hide the files being worked on.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

IN_THE_WHEEL = {
    "passfail.py": "passfail/__init__.py",
    "app.py": "passfail/app.py",
    "serve.py": "passfail/serve.py",
    "core": "passfail/core",
    "pages": "passfail/pages",
    "data": "passfail/data",
    ".streamlit": "passfail/.streamlit",
}


class PutUnderPassfail(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            build_data["force_include"].update(IN_THE_WHEEL)
