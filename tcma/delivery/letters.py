"""A notice's words become a letter: subject, one heading, few lines, one button, why you get it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template

from tcma.words import in_language

FOLDER = Path(__file__).parent / "mail"
PARTS = 5


@dataclass(frozen=True, slots=True)
class Letter:
    """A finished notice."""

    subject: str
    html: str
    plain: str


@dataclass(frozen=True, slots=True)
class _Words:
    subject: str
    heading: str
    lines: str
    button: str
    why: str


def write_letter(  # noqa: PLR0913 - what a letter shows
    name: str,
    values: Mapping[str, str],
    *,
    house: str,
    url: str = "",
    foot: str = "",
    language: str = "en",
    more: Sequence[str] = (),
    way_out: tuple[str, str] = ("", ""),
) -> Letter:
    """Fill `mail/<name>.txt`, whose five parts stand between lines of `---`; in another `language`
    `mail/<name>.<language>.txt` where there is one.

    Values are text from people: they end up escaped in the HTML and on one line in the subject.
    Messages among them are told in the language. `more` are paragraphs below the template's lines,
    `way_out` words and address of a link at the foot.
    """
    spoken = language if (FOLDER / f"{name}.{language}.txt").exists() else "en"
    words = _words(name if spoken == "en" else f"{name}.{spoken}")
    values = {key: in_language(value, spoken) for key, value in values.items()}
    subject = _one_line(_filled(words.subject, values))
    heading = _one_line(_filled(words.heading, values))
    lines = [line for line in _filled(words.lines, values).splitlines() if line.strip()]
    lines += [_one_line(line) for line in more]
    button = _one_line(_filled(words.button, values))
    why = _one_line(_filled(words.why, values))
    leave, leave_url = in_language(way_out[0], spoken), way_out[1]
    html = _layout().render(
        subject=subject,
        heading=heading,
        lines=lines,
        button=button,
        why=why,
        house=house,
        url=url,
        foot=foot,
        language=spoken,
        leave=leave,
        leave_url=leave_url,
    )
    action = [f"{button}:", url, ""] if url else []
    plain = "\n".join(
        [
            heading,
            "=" * min(len(heading), 72),
            "",
            *lines,
            "",
            *action,
            "-- ",
            why,
            *([foot] if foot else []),
            *([f"{leave}: {leave_url}"] if leave_url else []),
            "",
        ]
    )
    return Letter(subject, html, plain)


@dataclass(frozen=True, slots=True)
class Told:
    """What a letter said, to be listed: one heading, its lines, one act."""

    heading: str
    lines: tuple[str, ...]
    button: str
    url: str


def read_letter(plain: str) -> Told:
    """Take the text part of a letter apart again, as `write_letter` put it together."""
    heading, _, rest = plain.partition("\n")
    body = rest.partition("\n\n")[2].rpartition("\n\n-- \n")[0]
    words, _, act = body.rpartition("\n\n")
    button, _, url = act.partition(":\n")
    if not url:
        words, button = body, ""
    return Told(heading, tuple(words.split("\n")), button, url)


@cache
def _words(name: str) -> _Words:
    parts = (FOLDER / f"{name}.txt").read_text("utf-8").split("\n---\n")
    if len(parts) != PARTS:
        raise ValueError(f"{name}.txt has {len(parts)} parts instead of {PARTS}")
    return _Words(*parts)


_TEXT = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True)  # noqa: S701 - plain text; the layout escapes


def _filled(source: str, values: Mapping[str, str]) -> str:
    clean = {name: _one_line(value) for name, value in values.items()}
    return _template(source).render(clean)


@cache
def _template(source: str) -> Template:
    return _TEXT.from_string(source)


@cache
def _layout() -> Template:
    environment = Environment(undefined=StrictUndefined, autoescape=True, trim_blocks=True)
    return environment.from_string((FOLDER / "layout.html").read_text("utf-8"))


def _one_line(text: str) -> str:
    return " ".join(text.split())
