"""The sandbox of the authors' Jinja: allow-listed filters, no globals, bounded output."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jinja2
from jinja2 import StrictUndefined
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from tcma.recent import MB, recalled
from tcma.rendering.findings import TemplateRefused, refusal

MOST_OUTPUT = 512 * 1024
MOST_FACTOR = 1000
FILTERS = frozenset(
    {
        "abs", "capitalize", "d", "default", "e", "escape", "first", "float", "forceescape", "int",
        "join", "last", "length", "count", "list", "lower", "replace", "reverse", "round", "safe",
        "sort", "striptags", "title", "trim", "truncate", "unique", "upper", "urlencode",
        "wordcount", "items", "batch", "slice",
    }
)  # fmt: skip
TESTS = frozenset(
    {
        "boolean", "defined", "divisibleby", "eq", "equalto", "even", "false", "ge", "gt", "in",
        "le", "lower", "lt", "mapping", "ne", "none", "number", "odd", "sameas", "sequence",
        "string", "true", "undefined", "upper", "iterable", "integer", "float", "==", "!=", ">",
        ">=", "<", "<=", "greaterthan", "lessthan",
    }
)  # fmt: skip


class AuthorEnvironment(ImmutableSandboxedEnvironment):
    """No globals, no attribute that starts with an underscore, no product that grows."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(
        self, context: jinja2.runtime.Context, operator: str, left: Any, right: Any
    ) -> Any:
        """Multiplication of small numbers only: text and lists cannot be blown up."""
        small = all(isinstance(x, int | float) and abs(x) <= MOST_FACTOR for x in (left, right))
        if operator == "*" and not small:
            message = "only small numbers may be multiplied"
            raise SecurityError(message)
        if operator == "**" or (operator == "%" and not isinstance(left, int | float)):
            message = f"the operator {operator} is not available"
            raise SecurityError(message)
        return super().call_binop(context, operator, left, right)

    def is_safe_callable(self, obj: Any) -> bool:
        """Only what we hand in for calling, loop helpers, and plain methods of values."""
        if getattr(obj, "__name__", "") in {"format", "format_map", "center", "ljust", "rjust"}:
            return False
        return super().is_safe_callable(obj)


def environment(files: Mapping[str, bytes]) -> AuthorEnvironment:
    """An environment that sees the given files and nothing else of the machine."""
    env = AuthorEnvironment(
        loader=jinja2.FunctionLoader(_loader(files)),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=200,
        auto_reload=False,
    )
    env.globals.clear()
    env.filters = {name: env.filters[name] for name in FILTERS if name in env.filters}
    env.tests = {name: env.tests[name] for name in TESTS if name in env.tests}
    return env


@dataclass(frozen=True, slots=True)
class FileSet:
    """The files of one version, told apart by their content hash."""

    content_hash: str
    files: Mapping[str, bytes] = field(compare=False, repr=False)


@recalled(most=24, octets=24 * MB)
def environment_of(version: FileSet) -> AuthorEnvironment:
    """The environment of a version, kept so that its templates are parsed once for all partners."""
    return environment(version.files)


def _loader(files: Mapping[str, bytes]) -> Callable[[str], tuple[str, str, None] | None]:
    def load(name: str) -> tuple[str, str, None] | None:
        data = files.get(name)
        if data is None:
            return None
        return data.decode("utf-8-sig").replace("\r\n", "\n"), name, None

    return load


def render(env: AuthorEnvironment, name: str, context: Mapping[str, Any]) -> str:
    """One template rendered, at most 512 kB of it.

    Raises `TemplateRefused` with file and line for a mistake and for what the sandbox forbids.
    """
    out: list[str] = []
    size = 0
    try:
        for part in env.get_template(name).generate(**context):
            out.append(part)
            size += len(part)
            if size > MOST_OUTPUT:
                break
    except Exception as problem:  # authors' code may raise anything; all of it is their finding
        raise _explained(problem, name) from problem
    if size > MOST_OUTPUT:
        raise refusal(
            name,
            "too_large",
            "The template grows beyond 512 kB.",
            remedy="shorten the loop or the texts",
        )
    return "".join(out)


def _explained(problem: Exception, name: str) -> TemplateRefused:
    file, line = _place(problem, name)
    text = str(problem) or type(problem).__name__
    match problem:
        case jinja2.TemplateNotFound():
            remedy = "name a file of this folder or of _shared/"
            return refusal(
                file, "missing_file", f"The file “{text}” is not there.", line=line, remedy=remedy
            )
        case jinja2.UndefinedError():
            return refusal(
                file,
                "undefined",
                f"{text}.",
                line=line,
                remedy="see “What a template may use” in campaign_templates/README.md",
            )
        case SecurityError():
            return refusal(
                file,
                "forbidden",
                f"Not allowed in a template: {text}.",
                line=line,
                remedy="templates may read the given values only",
            )
        case jinja2.TemplateSyntaxError():
            return refusal(
                file, "syntax", f"{text}", line=line, remedy="check the braces and block names"
            )
        case RecursionError():
            return refusal(file, "endless", "The template includes itself.", line=line)
        case _:
            return refusal(
                file,
                "failed",
                f"{type(problem).__name__}: {text}",
                line=line,
                remedy="the expression does not fit the value",
            )


def _place(problem: Exception, name: str) -> tuple[str, int]:
    """Where it happened: the campaign's own file rather than the shared part it called."""
    if isinstance(problem, jinja2.TemplateSyntaxError):
        return problem.name or name, problem.lineno
    places: list[tuple[str, int]] = []
    trace = problem.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if not file.endswith(".py"):
            places.append((file, trace.tb_lineno))
        trace = trace.tb_next
    own = [place for place in places if not place[0].startswith("_shared/")]
    return (own or places or [(name, 0)])[-1]


def trusted(text: str) -> Markup:
    """HTML that our own cleaning produced and templates may print as it is."""
    return Markup(text)  # noqa: S704 - only called on output of nh3 and of our own escaping
