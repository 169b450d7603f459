"""No file outgrows a reader's patience, and every module says what is decided in it."""

import ast

import pytest

from tests.architecture.sources import ROOT, name_of, python_files, tree_of

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
MADE = "tcma/db/migrations/versions"
NAMELESS = {"utils", "helpers", "common", "manager", "service", "services", "data", "info", "misc"}
OURS = python_files("tcma", "workers", "tests", "brand_assets")
HAND_WRITTEN = [path for path in OURS if MADE not in name_of(path)]


def test_no_file_is_longer_than_400_lines():
    pages = [
        *HAND_WRITTEN,
        *(ROOT / "tcma/web").rglob("*.html"),
        *(ROOT / "tcma/web").rglob("*.css"),
    ]
    long = {
        name_of(path): lines
        for path in pages
        if "built" not in path.parts
        and (lines := len(path.read_text().splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_no_function_is_longer_than_60_lines():
    long = {
        f"{name_of(path)}:{node.name}": node.end_lineno - node.lineno + 1
        for path in HAND_WRITTEN
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno >= LONGEST_FUNCTION
    }
    assert long == {}


def test_every_module_says_what_is_decided_there():
    silent = [
        name_of(path)
        for path in python_files("tcma", "workers", "brand_assets")
        if MADE not in name_of(path)
        and path.read_text().strip()
        and not ast.get_docstring(tree_of(path))
    ]
    assert silent == []


@pytest.mark.parametrize("word", sorted(NAMELESS))
def test_no_file_has_a_name_that_says_nothing(word):
    shipped = python_files("tcma", "workers")
    assert [name_of(path) for path in shipped if word in path.stem.split("_")] == []


def test_nothing_is_left_to_do():
    words = ("TO" + "DO", "FIX" + "ME", "Not" + "ImplementedError", "X" + "XX")
    files = [*OURS, *(ROOT / "tcma/web").rglob("*.html"), ROOT / "Makefile", ROOT / "compose.yaml"]
    found = [
        (name_of(path), word)
        for path in files
        if "built" not in path.parts
        for word in words
        if word in path.read_text()
    ]
    assert found == []
