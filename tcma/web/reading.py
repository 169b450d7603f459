"""Who reads this page: the language, and the locale, zone and instant that filters write for."""

from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel import Locale
from flask import Flask, Response, g, request

from tcma.web.auth import who
from tcma.web.filters import Reader
from tcma.web.unit_of_work import services
from tcma.words import LANGUAGES, PSEUDO, SOURCE

LOCALES: Final = {
    "en": "en-GB",
    "de": "de-DE",
    "fr": "fr-FR",
    "es": "es-ES",
    "ja": "ja-JP",
    PSEUDO: PSEUDO,
}
"""What visitors read who chose a language, or whose browser names one."""
COOKIE: Final = "tcma_language"


def reader() -> Reader:
    """Return who reads this page: the person's locale and zone, else the page's, else the browser's."""
    now = services().clock.now()
    person = who() if request else None
    if person is None:
        locale = g.get("locale") or visitors_locale()
        return Reader(locale=locale, zone=ZoneInfo(g.get("zone", "UTC")), now=now)
    return Reader(locale=person.locale, zone=ZoneInfo(person.zone), now=now)


def language() -> str:
    """Return the language this page is told in: the reader's where we ship it, else English.

    The vendor's side reads English with its own formats: desk and studio are not translated yet.
    """
    person = who() if request else None
    if person is None:
        return language_of(g.get("locale") or visitors_locale())
    return language_of(person.locale) if person.principal.partner_id else SOURCE


def language_of(locale: str) -> str:
    """Return the language of a locale where we ship it, else English."""
    if locale == PSEUDO:
        return PSEUDO
    spoken = locale.partition("-")[0]
    return spoken if spoken in LANGUAGES else SOURCE


def visitors_locale() -> str:
    """Return the locale of somebody who is not signed in: chosen in the foot, else asked by the browser."""
    if not request:
        return LOCALES[SOURCE]
    chosen = request.args.get("speak") or request.cookies.get(COOKIE, "")
    if chosen not in LOCALES:
        chosen = request.accept_languages.best_match(LANGUAGES) or SOURCE
    return LOCALES[chosen]


def keep_choice(response: Response) -> Response:
    """Keep the language that a visitor chose in the foot (`?speak=fr`) for the next pages."""
    chosen = request.args.get("speak", "")
    if chosen in LOCALES:
        response.set_cookie(
            COOKIE,
            chosen,
            max_age=31_536_000,
            httponly=True,
            samesite="Lax",
            secure=services().settings.https,
        )
    return response


def language_choices() -> list[tuple[str, str]]:
    """Return the languages we ship, each in its own words."""
    return [(code, str(Locale.parse(code).get_display_name()).capitalize()) for code in LANGUAGES]


def language_href(code: str) -> str:
    """Return the address of this page in another language."""
    return f"{request.path}?{urlencode({**request.args.to_dict(), 'speak': code})}"


def install(app: Flask) -> None:
    """Let visitors choose."""
    app.jinja_env.globals.update(language_choices=language_choices, language_href=language_href)
    app.after_request(keep_choice)
