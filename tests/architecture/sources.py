"""Our own Python files, read once, for the tests that look at them."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


@cache
def python_files(*folders):
    """Every Python file of ours below the folders, with its path from the root."""
    return tuple(
        path
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
        if not {"built", "__pycache__"} & set(path.parts)
    )


@cache
def tree_of(path):
    return ast.parse(path.read_text(), filename=str(path))


def name_of(path):
    return str(path.relative_to(ROOT))
