"""Asks a time authority over HTTP (RFC 3161, section 3.4), through the one way out."""

from dataclasses import dataclass

from tcma.errors import Unavailable
from tcma.ports import HttpRequest, Web
from tcma.sealed import stamps

ASKS, ANSWERS = "application/timestamp-query", "application/timestamp-reply"
GOOD = 200


@dataclass(frozen=True, slots=True)
class HttpAuthority:
    """The authority at `url`, trusted by its root certificates (PEM)."""

    web: Web
    url: str
    roots: bytes

    def stamp(self, content: bytes) -> stamps.Stamped:
        """Return the stamp of `content`, checked to the root; Unavailable without a good answer."""
        asked, nonce = stamps.question(content)
        headers = {"Content-Type": ASKS, "Accept": ANSWERS, "Content-Length": str(len(asked))}
        answer = self.web.ask(HttpRequest("POST", self.url, headers, asked))
        if answer.status != GOOD:
            raise _no_stamp(f"it answers {answer.status}")
        try:
            stamps.read(answer.body, content, stamps.roots_of(self.roots), nonce=nonce)
        except stamps.NotStamped as why:
            raise _no_stamp(str(why)) from None
        return stamps.Stamped(answer.body, self.roots)


def _no_stamp(why: str) -> Unavailable:
    return Unavailable(
        f"The time authority gave no stamp: {why}.",
        code="stamp.unavailable",
        remedy="Look at TCMA_TSA_URL and TCMA_TSA_CERTIFICATE.",
    )
