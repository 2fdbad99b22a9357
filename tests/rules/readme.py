"""The map of the folders in README.md, written from the docstrings of the packages.

`python -m tests.rules.readme` writes it; with `--check` it only says whether it is up to date.
"""

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
BEGIN = "<!-- map: begin; written by `make fix` from the docstrings -->"
END = "<!-- map: end -->"

FILES = ("app.py", "serve.py", "passfail.py")
PACKAGES = ("core", "pages")


def first_sentence(module: Path) -> str:
    """The first sentence of a module's docstring, on one line; empty when it has none."""
    docstring = ast.get_docstring(ast.parse(module.read_text("utf-8"))) or ""
    paragraph = " ".join(docstring.split("\n\n")[0].split())
    sentence, stop, _ = paragraph.partition(". ")
    return sentence + stop.strip()


def rows() -> list[tuple[str, str]]:
    """Each part of the application with what it is for: files, then each package with what is in it."""
    found = [(name, first_sentence(ROOT / name)) for name in FILES if (ROOT / name).exists()]
    for package in PACKAGES:
        found.append((f"{package}/", first_sentence(ROOT / package / "__init__.py")))
        for part in sorted((ROOT / package).iterdir(), key=lambda part: (part.is_dir(), part.name)):
            if part.is_dir() and (part / "__init__.py").exists():
                page = part / "page.py"
                source = page if page.exists() else part / "__init__.py"
                found.append((f"{package}/{part.name}/", first_sentence(source)))
            elif part.suffix == ".py" and part.name != "__init__.py":
                found.append((f"{package}/{part.name}", first_sentence(part)))
    return found


def with_map(readme: str) -> str:
    """The README with its map replaced by the one the docstrings give."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    lines = "".join(f"| `{name}` | {sentence} |\n" for name, sentence in rows())
    return f"{before}{BEGIN}\n| where | what |\n|---|---|\n{lines}{END}{after}"


def main(arguments: list[str]) -> int:
    """Write the map, or with `--check` compare it."""
    present = README.read_text("utf-8")
    if BEGIN not in present or END not in present:
        print(f"README.md lacks the lines {BEGIN} and {END}", file=sys.stderr)
        return 1
    wanted = with_map(present)
    if wanted == present:
        return 0
    if "--check" in arguments:
        print("The map of the folders in README.md is out of date; `make fix` writes it.", file=sys.stderr)
        return 1
    README.write_text(wanted, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
