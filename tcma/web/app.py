"""create_app(services): the three consoles and the public pages as one WSGI application."""

from pathlib import Path
from typing import TYPE_CHECKING, cast

from flask import Flask, Response, request
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from tcma.config import Settings
from tcma.web import errors, frame, host_guard, kept_pages, kit, reading
from tcma.web.blueprints import BLUEPRINTS
from tcma.web.guards import csrf, limiter
from tcma.web.hits import Hits
from tcma.web.mailed_links import MailedLinks
from tcma.web.policy import CSP
from tcma.web.reading import language, reader
from tcma.web.static_files import StaticFiles
from tcma.web.unit_of_work import services
from tcma.wiring import Services

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

BUILT = Path(__file__).parent.parent / "built" / "static"
LARGEST_UPLOAD = 25 * 1024 * 1024
LARGEST_LIST = (200 * 1024 + 64) * 1024
"""A million people and the form around them; only the one form that takes lists may be so large."""


def create_app(installed: Services, *, limits: bool = True) -> Flask:
    """Return the application of one installation. `limits=False` only for load tests."""
    return install(routed(installed.settings, limits=limits), installed)


def routed(settings: Settings, *, limits: bool = True) -> Flask:
    """Return the application with its routes and templates, of no installation yet."""
    app = Flask(__name__, static_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret,
        SESSION_COOKIE_NAME="tcma_form",
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=LARGEST_UPLOAD,
        WTF_CSRF_TIME_LIMIT=None,
        RATELIMIT_ENABLED=limits,
        RATELIMIT_STORAGE_URI=settings.redis_url or "memory://",
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    kit.install(app.jinja_env, asset=kit.assets_of(BUILT), reader=reader, language=language)
    kept_pages.keep(app.jinja_env)
    host_guard.install(app)
    app.before_request(let_lists_in)
    csrf.init_app(app)
    limiter.init_app(app)
    errors.install(app)
    frame.install(app)
    reading.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.after_request(add_headers)
    return app


def install(app: Flask, installed: Services) -> Flask:
    """Let a routed application serve an installation."""
    app.extensions["tcma"] = installed
    hits = app.extensions["tcma.hits"] = Hits(installed)
    app.wsgi_app = in_front(app.wsgi_app, installed, hits)  # type: ignore[method-assign, assignment]
    return app


def in_front(pages: "WSGIApplication", installed: Services, hits: Hits) -> "WSGIApplication":
    """Return the pages with what stands before them: the proxy's word on who asks for which host, then
    mailed links and files.
    """
    front = MailedLinks(StaticFiles(pages, BUILT), installed, hits)
    whole: WSGIApplication = host_guard.OnOwnHost(front, pages, installed.site.public_url)
    return ProxyFix(whole, x_for=1, x_proto=1, x_host=1) if installed.settings.https else whole


def hits_of(app: Flask) -> Hits:
    """Return what came back by mailed links to this application: whoever serves it starts it."""
    return cast(Hits, app.extensions["tcma.hits"])


def let_lists_in() -> None:
    """Let a list of people be larger than any other upload; before anything reads the form."""
    if request.endpoint == "console.import_create":
        request.max_content_length = LARGEST_LIST


def add_headers(response: Response) -> Response:
    """Add the security headers; a view that set its own policy keeps it."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CSP)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(), microphone=()")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if services().settings.https:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    return response
