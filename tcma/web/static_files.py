"""Serves the built bundle under hashed names, for a year, and notices when it is built anew."""

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from whitenoise import WhiteNoise

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

A_YEAR = 31_536_000
PREFIX = "/static/"


class StaticFiles:
    """WSGI: files of `folder` under /static/, everything else from `app`.

    Pages take their addresses from the manifest, so the files are listed again whenever the
    manifest changes: a running server never names a file that it does not serve.
    """

    def __init__(self, app: "WSGIApplication", folder: Path) -> None:
        self._app, self._folder = app, folder
        self._lock = threading.Lock()
        self._listed = self._stamp()
        self._files = self._list()

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        if environ["PATH_INFO"].startswith(PREFIX) and self._stamp() != self._listed:
            with self._lock:
                self._listed, self._files = self._stamp(), self._list()
        answer: Iterable[bytes] = self._files(environ, start_response)
        return answer

    def _stamp(self) -> int:
        try:
            return (self._folder / "manifest.json").stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def _list(self) -> WhiteNoise:
        files = WhiteNoise(self._app, max_age=A_YEAR, immutable_file_test=lambda *_: True)
        if self._folder.exists():
            files.add_files(str(self._folder), prefix=PREFIX)
        return files
