"""What may be done in one place only: ask the time, commit, read the environment, count in floats."""

import ast
import re

from tests.architecture.sources import ROOT, name_of, python_files, tree_of

SHIPPED = [path for path in python_files("tcma", "workers") if "migrations" not in path.parts]
ASKS_THE_TIME = {"now", "utcnow", "today"}
MAY_COMMIT = {"tcma/db/session.py", "tcma/db/migrate.py"}
MAY_READ_THE_ENVIRONMENT = re.compile(
    r"tcma/(config|cli/\w+|web/wsgi|embedded/\w+)\.py|workers/(main|scheduler|postbox)\.py"
)
OPENS_HTTP = {"http.client", "urllib.request", "requests", "urllib3", "httpx", "aiohttp"}
OPENS_LINES = OPENS_HTTP | {"socket", "ssl"}
MAY_OPEN_HTTP = {"tcma/adapters/egress.py"}
MAY_OPEN_LINES = re.compile(
    r"tcma/(adapters/(egress|smtp_wire|mail_imap)|embedded/\w+|cli/(doctor|up))\.py|workers/office\.py"
)
IN_WHOLE_NUMBERS = re.compile(r"tcma/(money\.py|mdf/.*|reporting/metrics\.py)")


def calls(path):
    """(line, object, method) of every call `object.method(…)` in a file."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.lineno, ast.unparse(node.func.value), node.func.attr


def test_only_the_clock_asks_the_time():
    found = [
        f"{name_of(path)}:{line}"
        for path in SHIPPED
        if name_of(path) != "tcma/clock.py"
        for line, what, method in calls(path)
        if method in ASKS_THE_TIME and what.split(".")[-1] in {"datetime", "date"}
    ]
    assert found == []


def test_only_transaction_commits():
    found = [
        f"{name_of(path)}:{line}"
        for path in SHIPPED
        if name_of(path) not in MAY_COMMIT
        for line, what, method in calls(path)
        if method in {"commit", "rollback"}
    ]
    assert found == []


def test_a_flush_says_why():
    found = [
        f"{name_of(path)}:{line}"
        for path in SHIPPED
        for line, what, method in calls(path)
        if method == "flush"
        and "session" in what
        and "#" not in path.read_text().splitlines()[line - 1]
    ]
    assert found == []


def test_the_environment_is_read_at_the_edge():
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in SHIPPED
        if not MAY_READ_THE_ENVIRONMENT.fullmatch(name_of(path))
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.getenv"}
    ]
    assert found == []


def imports(path):
    """Every module a file imports, as it is named there."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)


def test_only_egress_asks_others_by_http():
    found = [
        (name_of(path), module)
        for path in SHIPPED
        for module in imports(path)
        if (module in OPENS_HTTP and name_of(path) not in MAY_OPEN_HTTP)
        or (module in OPENS_LINES and not MAY_OPEN_LINES.fullmatch(name_of(path)))
    ]
    assert found == []


def test_money_is_never_a_float():
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in SHIPPED
        if IN_WHOLE_NUMBERS.fullmatch(name_of(path))
        for node in ast.walk(tree_of(path))
        if (isinstance(node, ast.Name) and node.id == "float")
        or (isinstance(node, ast.Constant) and isinstance(node.value, float))
    ]
    assert found == []


def test_our_own_code_is_never_patched():
    patch = re.compile(r"""(mock\.)?patch\(\s*["'](tcma|workers)\.""")
    found = [
        name_of(path) for path in (ROOT / "tests").rglob("*.py") if patch.search(path.read_text())
    ]
    assert found == []


def test_t3_no_code_is_compared_by_equality_for_that_tells_how_much_of_it_was_right():
    codes = re.compile(r"\b(_?mac|digest|hexdigest|compare)\(")
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in SHIPPED
        if "hmac" in path.read_text()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Compare)
        and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops)
        and any(codes.search(ast.unparse(each)) for each in (node.left, *node.comparators))
    ]
    assert found == []
