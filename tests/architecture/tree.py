"""The README's tree, made from the first line of each module; `make tree` writes it."""

import ast
import sys

from tests.architecture.sources import ROOT, tree_of

BEGIN, END = "<!-- tree -->", "<!-- /tree -->"
SHOWN = ("tcma", "workers")
WIDTH = 26


def drawn():
    """The tree as text."""
    lines = []
    for folder in SHOWN:
        lines += _folder(ROOT / folder, depth=0)
    return "```text\n" + "\n".join(lines) + "\n```"


def _folder(folder, *, depth):
    lines = ["  " * depth + folder.name + "/"]
    entries = sorted(folder.iterdir(), key=lambda path: (path.is_dir(), path.name))
    for path in entries:
        if path.is_dir() and any(path.rglob("*.py")) and path.name not in {"built", "__pycache__"}:
            if path.name == "versions":
                continue
            lines += _folder(path, depth=depth + 1)
        elif path.suffix == ".py" and path.name != "__init__.py":
            lines.append(_line(path, depth=depth + 1))
    return lines


def _line(path, *, depth):
    first = (ast.get_docstring(tree_of(path)) or "").split("\n\n")[0].replace("\n", " ")
    name = "  " * depth + path.name
    return f"{name:<{WIDTH}} {first.split('. ')[0].rstrip('.')}"


def written(text):
    """The README with its tree replaced."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{drawn()}\n{END}{tail}"


if __name__ == "__main__":
    readme = ROOT / "README.md"
    if not readme.exists() or BEGIN not in readme.read_text():
        sys.exit(f"README.md has no {BEGIN} … {END} to fill")
    readme.write_text(written(readme.read_text()))
