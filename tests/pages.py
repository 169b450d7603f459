"""Pages as people ask for them: an app over a test's world, and visitors who sign in to it."""

import re
import threading
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from urllib.parse import urlsplit

from flask import session
from flask_wtf.csrf import generate_csrf
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import select
from waitress.server import create_server

from tcma.accounts.models import UserAccount
from tcma.accounts.queries import memberships
from tcma.accounts.sessions import open_session
from tcma.adapters.dns import Dns
from tcma.adapters.egress import Egress
from tcma.adapters.mail_smtp import SmtpRelay
from tcma.config import Settings
from tcma.permissions import SYSTEM
from tcma.web.app import hits_of, install, routed
from tcma.web.auth import COOKIE
from tcma.wiring import Services

ROUTED: dict = {}
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def services_of(db, folder, *, relay=None, names=None, web=None):
    """The installation of a test's world (`db`), as the app and the jobs take it."""
    journals = Path(folder) / "journals"
    journals.mkdir(parents=True, exist_ok=True)
    settings = Settings(
        database_url=db.url,
        redis_url=None,
        files_url=f"file:{folder}/files",
        smtp_url="smtp://127.0.0.1:1",
        public_url=db.site.public_url,
        secret=db.site.secret,
        data=Path(folder),
        port=8000,
    )
    return Services(
        settings=settings,
        engine=db.engine,
        clock=db.clock,
        site=db.site,
        files=db.files,
        queue=db.queue,
        relay=relay or SmtpRelay(settings.smtp_url),
        journals=journals,
        names=names or Dns(("127.0.0.1:1",), patience=0.2),
        web=web or Egress(),
    )


def app_of(db, folder, **parts):
    """The web application over a test's world, without limits per address."""
    return app_over(services_of(db, folder, **parts))


def app_over(services):
    """An application of its own over services; what all have alike, its routes and compiled pages, is
    made once per process.
    """
    key = services.settings.secret, services.settings.https
    if key not in ROUTED:
        ROUTED[key] = routed(services.settings, limits=False)
    app = copy(ROUTED[key])
    app.extensions = dict(app.extensions)
    return install(app, services)


@contextmanager
def served(app, *, port=0):
    """A web application on a real server, for browsers; yields its address."""
    server = create_server(
        app,
        host="127.0.0.1",
        port=port,
        threads=4,
        outbuf_overflow=1 << 27,  # nothing spills into a file that a browser leaves open
        inbuf_overflow=1 << 27,
    )
    thread = threading.Thread(target=_serve, args=(server,), daemon=True)
    thread.start()
    hits_of(app).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    hits_of(app).stop()
    thread.join(5)


def port_of(services):
    """The port that an installation's public address names."""
    return urlsplit(services.site.public_url).port


def _serve(server):
    try:
        server.run()
    except OSError:
        return


class Page:
    """One answer: `status`, `text`, `tree`, `location`."""

    def __init__(self, response, path):
        self.response = response
        self.path = path
        self.status = response.status_code
        self.headers = response.headers
        self.data = response.get_data()
        response.close()
        self.is_html = response.mimetype == "text/html"
        self.tree = LexborHTMLParser(self.data.decode()) if self.is_html else None

    @property
    def text(self):
        return self.data.decode()

    @property
    def words(self):
        """What is written in the page's main part, spaces made one."""
        main = self.tree.css_first("main")
        return " ".join((main or self.tree.body).text(separator=" ").split())

    @property
    def location(self):
        """Where it sends to, as a local address."""
        parts = urlsplit(self.headers.get("Location", ""))
        return parts.path + (f"?{parts.query}" if parts.query else "")

    @property
    def heading(self):
        return self.tree.css_first("h1").text(strip=True)

    def all(self, selector):
        return [" ".join(each.text(separator=" ").split()) for each in self.tree.css(selector)]

    def links(self, selector="a[href]"):
        return [each.attributes["href"] for each in self.tree.css(selector)]

    def faults(self):
        """What every page must hold, as a list of what this one does not."""
        found = []
        if len(self.tree.css("h1")) != 1:
            found.append(f"{len(self.tree.css('h1'))} h1")
        if not (self.tree.css_first("title") and self.tree.css_first("title").text(strip=True)):
            found.append("no title")
        if self.tree.css("[style]") or self.tree.css("main style"):
            found.append("inline style")
        if [each for each in self.tree.css("script") if "src" not in each.attributes]:
            found.append("inline script")
        names = {
            " ".join(each.text(separator=" ").split())
            for each in self.tree.css("main .btn-primary")
        }
        if len(names) > 1:
            found.append(f"primary acts: {sorted(names)}")
        return found


class Visitor:
    """Somebody with a browser: `visitor.get(path)`, `visitor.post(path, **fields)`."""

    def __init__(self, app, email=None, *, password=None):
        self.client = app.test_client()
        self.csrf = ""
        if password:
            self.sign_in(email, password)
        elif email:
            self.seat(email, app)

    def sign_in(self, email, password):
        page = self.post("/sign-in", email=email, password=password)
        assert page.status == 302, page.text
        self.csrf = ""

    def seat(self, email, app):
        """Sit down with the session that the form opens; its password alone takes 40 ms by design."""
        with app.extensions["tcma"].transaction(SYSTEM) as work:
            user_id = work.session.scalar(select(UserAccount.id).where(UserAccount.email == email))
            sides = memberships(work.session, user_id)
            token = open_session(work, user_id=user_id, membership_id=sides[0].id)
        self.client.set_cookie(COOKIE, token)

    def get(self, path, **options):
        """Ask for a page; a page of ours that lacks what every page must hold fails the test."""
        page = Page(self.client.get(path, **options), path)
        if page.is_html and page.status == 200 and page.tree.css_first("#main"):
            assert page.faults() == [], (path, page.faults())
        return page

    def post(self, path, *, follow=False, **fields):
        """Send a form, its token included; files as (BytesIO, name)."""
        if not self.csrf:
            self.csrf = self._handed()
        response = self.client.post(path, data={"csrf_token": self.csrf, **fields})
        page = Page(response, path)
        if follow and page.status in (302, 303):
            return self.get(page.location)
        return page

    def post_without_token(self, path, **fields):
        return Page(self.client.post(path, data=fields), path)

    def _handed(self):
        """The token that the forms of this visitor carry, without a page around it."""
        app = self.client.application
        with self.client.session_transaction() as kept, app.test_request_context():
            session.update(kept)
            token = generate_csrf()
            kept.update(session)
        return token

    def _token(self):
        for path in ("/you", "/sign-in"):
            found = TOKEN.search(self.client.get(path).get_data(as_text=True))
            if found:
                return found[1]
        raise AssertionError("no form with a token")
