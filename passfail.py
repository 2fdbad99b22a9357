"""The command `passfail`, from a checkout and from an installed wheel alike.

`core` and `pages` lie beside this file in both places, so its own folder goes first on the path.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from core.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
