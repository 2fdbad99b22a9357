"""The command `passfail`, from a checkout and from an installed wheel alike.

`core`, `pages` and `serve.py` lie beside this file in both places, so its own folder goes first on the path.
"""

import gc
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from core import cli

__all__ = ["main"]


def main(argv: list[str] | None = None) -> int:
    """Run the command line; what it needs to start the dashboard is imported only when it does."""
    return cli.main(argv, serve=_serve)


def _serve(**options: Any) -> int:
    # A start makes next to no garbage, and looking for it takes a tenth of its time; `serve` turns it on again.
    gc.disable()

    from serve import serve

    code = serve(**options)
    # Everything is written and the database closed. A page may still be drawn on a thread inside a library, and an
    # interpreter that ends under it aborts.
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
