"""Mailed links answered in front of Flask: the pixel, the click, the one-click stop.

No database on this path. A token is checked, a hit is on disk, then the answer leaves; whatever is
not plainly good goes on to the pages behind, which know how to refuse it.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

import structlog

from tcma.delivery.links import Purpose, arriving
from tcma.errors import NotFound
from tcma.ports import Hit, HitKind
from tcma.tracking.networks import network_of
from tcma.web.hits import Hits
from tcma.wiring import Services

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = structlog.get_logger(__name__)
PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
LARGEST_STOP = 2_000
"""Octets of a one-click request (RFC 8058); a larger body is something else."""
ONE_CLICK = b"List-Unsubscribe"
STOPPED = b"Stopped.\n"
HEADERS = [("Cache-Control", "no-store, private"), ("X-Content-Type-Options", "nosniff")]


class MailedLinks:
    """WSGI: good tokens are answered here, everything else by `app`."""

    def __init__(self, app: WSGIApplication, services: Services, hits: Hits) -> None:
        self._app = app
        self._services, self._hits, self._targets = services, hits, hits.targets
        self._signer = services.site.signer
        self._answers = {
            "/o/": (Purpose.OPEN, self._opened),
            "/c/": (Purpose.CLICK, self._clicked),
            "/n/": (Purpose.UNSEEN, self._unseen),
            "/u/": (Purpose.UNSUBSCRIBE, self._stopped),
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path = environ["PATH_INFO"]
        known = self._answers.get(path[:3])
        if known is None:
            return self._app(environ, start_response)
        purpose, answer = known
        try:
            message_id, slot, mailing_id = self._signer.read_message_token(purpose, path[3:])
        except NotFound:
            return self._app(environ, start_response)
        try:
            answered = answer(environ, start_response, (message_id, slot, mailing_id))
        except OSError:
            log.exception("a hit that no file takes goes to the database at once")
            answered = None
        return self._app(environ, start_response) if answered is None else answered

    def _opened(
        self, environ: WSGIEnvironment, start_response: StartResponse, link: tuple[int, int, int]
    ) -> Iterable[bytes] | None:
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return None
        self._write(HitKind.OPEN, environ, link)
        body = PIXEL if environ["REQUEST_METHOD"] == "GET" else b""
        start_response(
            "200 OK",
            [*HEADERS, ("Content-Type", "image/gif"), ("Content-Length", str(len(PIXEL)))],
        )
        return (body,)

    def _clicked(
        self, environ: WSGIEnvironment, start_response: StartResponse, link: tuple[int, int, int]
    ) -> Iterable[bytes] | None:
        _, slot, mailing_id = link
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"} or not mailing_id:
            return None
        target = self._targets.of(mailing_id, slot)
        if target is None:
            return None
        self._write(HitKind.CLICK, environ, link)
        token = environ["PATH_INFO"][3:]
        where = arriving(target, token, public_url=self._services.site.public_url)
        return _away(start_response, where)

    def _unseen(
        self, environ: WSGIEnvironment, start_response: StartResponse, link: tuple[int, int, int]
    ) -> Iterable[bytes] | None:
        """Answer the link that no person sees as any other: it leads where the first one leads."""
        message_id, slot, mailing_id = link
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"} or not mailing_id:
            return None
        self._write(HitKind.UNSEEN, environ, (message_id, 0, mailing_id))
        target = self._targets.of(mailing_id, slot)
        return _away(start_response, target or self._services.site.public_url)

    def _stopped(
        self, environ: WSGIEnvironment, start_response: StartResponse, link: tuple[int, int, int]
    ) -> Iterable[bytes] | None:
        length = environ.get("CONTENT_LENGTH") or "0"
        if (
            environ["REQUEST_METHOD"] != "POST"
            or not length.isdigit()
            or int(length) > LARGEST_STOP
        ):
            return None
        body = environ["wsgi.input"].read(int(length))
        environ["wsgi.input"] = io.BytesIO(body)
        if body and ONE_CLICK not in body:
            return None  # the page's own button: the page answers
        self._write(HitKind.STOP, environ, link)
        start_response(
            "200 OK",
            [
                *HEADERS,
                ("Content-Type", "text/plain; charset=utf-8"),
                ("Content-Length", str(len(STOPPED))),
            ],
        )
        return (STOPPED,)

    def _write(self, kind: HitKind, environ: WSGIEnvironment, link: tuple[int, int, int]) -> None:
        agent = environ.get("HTTP_USER_AGENT", "").encode("latin-1", "replace")
        files = self._hits.stops if kind is HitKind.STOP else self._hits.files
        files.write(
            Hit(
                kind,
                link[0],
                link[1],
                self._services.clock.now(),
                environ["REQUEST_METHOD"],
                agent.decode(errors="replace"),
                network_of(self._signer, environ.get("REMOTE_ADDR", "")),
            )
        )


def _away(start_response: StartResponse, where: str) -> Iterable[bytes]:
    start_response(
        "302 Found",
        [
            *HEADERS,
            ("Location", where),
            ("Referrer-Policy", "no-referrer"),
            ("Content-Length", "0"),
        ],
    )
    return (b"",)
