"""Keeps the catalogs of translators in step with the sources, and says what a translation lacks."""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment
from jinja2.ext import extract_from_ast

from tcma.web.wording import MARKS, can_be_marked
from tcma.words import LANGUAGES, SOURCE, catalog_path, holes

ROOT: Final = Path(__file__).resolve().parents[2]
TEMPLATES: Final = ROOT / "tcma" / "web" / "templates"
TRANSLATED: Final = tuple(each for each in LANGUAGES if each != SOURCE)
DOORS: Final = "tcma/web/wording.py"
"""Where texts arrive from the marks of templates, as values."""
CLOSE: Final = 0.75
"""How alike a changed message is to the one it replaces; its translation is kept as fuzzy."""
_CHURN = re.compile(
    rb'^"(POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team).*\n',
    re.MULTILINE,
)

Marked = tuple[str, str | tuple[str, str], str]
"""Where a message stands, the message (or one and several), its context."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one translation."""

    language: str
    message: str
    words: str

    def __str__(self) -> str:
        return f"{self.language}: {self.words}: {self.message!r}"


def marked() -> Iterator[Marked]:
    """Every marked text of the product, in the order of its files."""
    for path in sorted((ROOT / "tcma").rglob("*.py")):
        if "migrations" not in path.parts:
            yield from in_python(path.read_text(), str(path.relative_to(ROOT)))
    for path in sorted(TEMPLATES.rglob("*.html")):
        yield from in_template(path.read_text(), str(path.relative_to(ROOT)))


def in_python(source: str, name: str) -> Iterator[Marked]:
    """Texts in `say("…")`, `say_n("…", "…", n)` and `say_as("context", "…")`. Raises ValueError for other calls."""
    if "from tcma.words import" not in source or name == DOORS:
        return
    calls = [
        (node.lineno, node.col_offset, node.func.id, node.args)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    for line, _, func, args in sorted(calls, key=lambda call: call[:2]):
        if func in ("say", "say_n", "say_as"):
            yield _call(func, args, f"{name}:{line}", name)


def _call(func: str, args: list[ast.expr], where: str, name: str) -> Marked:
    texts = [
        arg.value for arg in args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
    ]
    if len(texts) < (1 if func == "say" else 2):
        raise ValueError(
            f"{where}: {func}() takes its texts as literals; values go into {{placeholders}}"
        )
    if func == "say_n":
        return name, (texts[0], texts[1]), ""
    return (name, texts[0], "") if func == "say" else (name, texts[1], texts[0])


def in_template(source: str, name: str) -> Iterator[Marked]:
    """Texts in `_("…")`, `_n("…", "…", n)`, `_as("context", "…")` and `{% trans %}`."""
    env = Environment(autoescape=True)  # only parsed
    env.trim_blocks = env.lstrip_blocks = True
    can_be_marked(env)
    for line, func, found in sorted(
        extract_from_ast(env.parse(source), MARKS), key=lambda each: each[0]
    ):
        texts = [each for each in ((found,) if isinstance(found, str) else found or ()) if each]
        if not texts or (func in ("_n", "_as", "ngettext") and len(texts) < 2):
            raise ValueError(f"{name}:{line}: {func}() takes its texts as literals")
        if func in ("_n", "ngettext"):
            yield name, (texts[0], texts[1]), ""
        else:
            yield (name, texts[1], texts[0]) if func == "_as" else (name, texts[0], "")


def template() -> Catalog:
    """Return the messages of the product, untranslated."""
    made = Catalog(charset="utf-8")
    for where, message, context in marked():
        made.add(message, locations=[(where, 0)], context=context or None)
    return made


def kept(language: str) -> Catalog:
    """Return what translators have written so far."""
    path = catalog_path(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as stream:
        return read_po(stream, locale=language)


def updated(old: Catalog, sources: Catalog, language: str) -> Catalog:
    """Return the messages of the sources with their translations; a changed message keeps its as fuzzy."""
    new = Catalog(
        locale=language, project="tcma", version="1", header_comment="# The console, in the language of its readers.",
        fuzzy=False,
    )  # fmt: skip
    gone = {
        _name(each): each for each in old if each.id and each.string and not _found(sources, each)
    }
    for each in sources:
        if not each.id:
            continue
        before = _found(old, each)
        like = (
            None
            if before
            else next(iter(get_close_matches(_name(each), gone, n=1, cutoff=CLOSE)), None)
        )
        taken = before or (gone.pop(like) if like else None)
        fits = taken is not None and isinstance(taken.id, str) == isinstance(each.id, str)
        new.add(
            each.id,
            taken.string if taken is not None and fits else "",
            locations=sorted({(name, 0) for name, _ in each.locations}),
            flags=(set(taken.flags) & {"fuzzy"} if before else {"fuzzy"})
            if taken is not None and fits
            else (),
            user_comments=taken.user_comments if taken is not None else (),
            context=each.context,
        )
    return new


def _found(catalog: Catalog, message: Message) -> Message | None:
    return catalog.get(_name(message), message.context)


def _name(message: Message) -> str:
    return message.id if isinstance(message.id, str) else str(message.id[0])


def written(catalog: Catalog) -> bytes:
    """Return a catalog as its file, without what changes by itself."""
    out = BytesIO()
    write_po(out, catalog, width=0, include_lineno=False)
    return _CHURN.sub(b"", out.getvalue())


def faults(language: str) -> list[Fault]:
    """Return what is wrong with a language's translations; what is shipped is whole, so a missing one too."""
    catalog, found = kept(language), []
    for message in catalog:
        if not message.id:
            continue
        forms = _forms(message.string)
        if message.fuzzy or not any(forms):
            why = "changed since" if message.fuzzy else "missing"
            found.append(Fault(language, _name(message), why))
            continue
        found += [
            Fault(language, _name(message), words)
            for words in wrong(message, forms, catalog.num_plurals)
        ]
    return found


def _forms(string: Any) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string)


def wrong(message: Message, forms: tuple[str, ...], plurals: int) -> Iterator[str]:
    """Yield what differs between a message and its translation."""
    if isinstance(message.id, str):
        if holes(forms[0]) != holes(message.id):
            yield f"placeholders or tags differ in {forms[0]!r}"
        return
    if len(forms) != plurals or not all(forms):
        yield f"{plurals} plural forms are needed"
    wanted, counts = set(holes(message.id[1])) - {"n"}, "n" in holes(message.id[1])
    for form in forms:
        has = holes(form)
        if set(has) - {"n"} != wanted or (counts and "n" not in has and form is forms[-1]):
            yield f"placeholders or tags differ in {form!r}"


def out_of_step(language: str, sources: Catalog) -> list[str]:
    """Return the messages that a catalog lacks or should no longer have."""
    have = {(each.context, each.id) for each in kept(language) if each.id}
    need = {(each.context, each.id) for each in sources if each.id}
    return sorted(str(name) for _, name in have ^ need)


def done(catalog: Catalog) -> tuple[int, int]:
    """Return how many messages are translated, of how many."""
    all_of = [each for each in catalog if each.id]
    return sum(all(_forms(each.string)) and not each.fuzzy for each in all_of), len(all_of)


def main(arguments: Iterable[str]) -> int:
    """Bring the catalogs in step, or with `--check` say what they lack. Exit 1 for what must be mended."""
    sources, bad = template(), 0
    for language in TRANSLATED:
        if "--check" in arguments:
            lines = [f"{language}: out of step: {name}" for name in out_of_step(language, sources)]
            lines += map(str, faults(language))
            print("\n".join(lines[:200]), end="\n" if lines else "")
            bad += len(lines)
        else:
            path = catalog_path(language)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(written(updated(kept(language), sources, language)))
        said, needed = done(kept(language))
        print(f"{language}: {said} of {needed} messages, {100 * said // max(1, needed)} %")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
