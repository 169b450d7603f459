"""Which functions of the product write money or states, and which of them verbs of the machine reach.

Read from the source: a function writes when it, or what it calls in `tcma.mdf`, adds, changes or
deletes rows, or notes something in the history.
"""

import ast
from functools import cache
from pathlib import Path

from tests.domain.mdf.verbs import doing, world
from tests.services import ROOT

AREA = "tcma.mdf"
ADDS = {"add", "add_all", "delete", "merge"}
STATEMENTS = {"insert", "update", "delete"}
NOTES = {"audit", "store_document", "next_reference"}


def modules():
    """Return the tree of each module of the area, by its name."""
    files = sorted((ROOT / AREA.replace(".", "/")).rglob("*.py"))
    names = (".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files)
    return {name: ast.parse(file.read_text()) for name, file in zip(names, files, strict=True)}


def imported(tree):
    """Return what each name of a module stands for, where it comes from the area."""
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(AREA)
        for alias in node.names
    }


def called(function, known, module):
    """Return the full names of what a function names of the area."""
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{known.get(node.value.id, '?')}.{node.attr}"
        elif isinstance(node, ast.Name):
            yield known.get(node.id, f"{module}.{node.id}")


def writes_itself(function):
    for node in ast.walk(function):
        ends = node.targets if isinstance(node, ast.Assign) else ()
        if any(isinstance(each, ast.Attribute) for each in ends):
            return True
        if isinstance(node, ast.Call):
            name = node.func
            if isinstance(name, ast.Name) and name.id in STATEMENTS | NOTES:
                return True
            if isinstance(name, ast.Attribute) and name.attr in NOTES:
                return True
            on = name.value if isinstance(name, ast.Attribute) else None
            if isinstance(on, ast.Attribute) and on.attr == "session" and name.attr in ADDS:
                return True
    return False


@cache
def area():
    """Return by full name each function of the area, and what it calls there."""
    functions, calls = {}, {}
    for module, tree in modules().items():
        known = imported(tree)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                name = f"{module}.{node.name}"
                functions[name] = node
                calls[name] = set(called(node, known, module))
    return functions, {name: some & set(functions) for name, some in calls.items()}


def reached(begin):
    """Return whatever is called on the way from these functions."""
    _, calls = area()
    found, left = set(), list(begin)
    while left:
        name = left.pop()
        if name not in found and name in calls:
            found.add(name)
            left.extend(calls[name])
    return found


def verbs():
    """Return the public functions that take a `work` and write."""
    functions, calls = area()
    found, new = set(), {name for name, node in functions.items() if writes_itself(node)}
    while new:
        found |= new
        new = {name for name, some in calls.items() if some & found} - found
    return {
        name
        for name in found
        if not functions[name].name.startswith("_")
        and any(each.arg == "work" for each in functions[name].args.args)
    }


def in_the_machine():
    """Return what the verbs of the machine reach, and what its place is built with."""
    trees = [ast.parse(Path(module.__file__).read_text()) for module in (doing, world)]
    return reached({name for tree in trees for name in called(tree, imported(tree), "")})
