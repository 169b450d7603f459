"""Facebook: posts of a page, with a photo, by the Graph API."""

from datetime import datetime
from secrets import token_hex
from typing import Any
from urllib.parse import quote, urlencode

from tcma.adapters.social_talk import asked, read
from tcma.ports import (
    HttpAnswer,
    SocialAccess,
    SocialDraft,
    SocialError,
    SocialFault,
    SocialPublished,
    Web,
)

VERSION = "v23.0"
LATEST = 20
DENIED_CODES = frozenset({10, 102, 190, 200})
"""No permission, session over, token over or not valid, permission missing."""
BUSY_CODES = frozenset({4, 17, 32, 613, 80001})
GONE_CODES = frozenset({100, 803})
SCOPES = "pages_manage_posts and pages_read_engagement"


class FacebookPage:
    """One page."""

    def __init__(self, web: Web, access: SocialAccess) -> None:
        self._web, self._access = web, access
        self._page = quote(access.account, safe="")

    def check(self) -> str:
        """Say the page's name; DENIED when the token may not read its posts."""
        self._latest(count=1, since=0)
        return str(self._ask("GET", f"{self._page}?fields=name").get("name") or self._page)

    def publish(self, draft: SocialDraft) -> SocialPublished:
        """Publish in one request: a photo with its words, or words alone."""
        if draft.picture:
            fields = {"message": draft.words, "alt_text_custom": draft.alt, "published": "true"}
            kind, body = multipart(fields, draft.picture)
            told = self._ask("POST", f"{self._page}/photos", body, kind=kind, publishes=True)
        else:
            body = urlencode({"message": draft.words}).encode()
            kind = "application/x-www-form-urlencoded"
            told = self._ask("POST", f"{self._page}/feed", body, kind=kind, publishes=True)
        number = str(told.get("post_id") or told.get("id") or "")
        if not number:
            raise SocialError(SocialFault.LOST, "It took the post and did not say which it is.")
        return published(number)

    def find(self, words: str, *, since: datetime) -> SocialPublished | None:
        """Look through the page's latest posts."""
        rows = self._latest(count=LATEST, since=int(since.timestamp()))
        found = next((row for row in rows if row.get("message") == words), None)
        return published(str(found["id"])) if found else None

    def remove(self, number: str) -> None:
        """Delete a post."""
        answer = self._said("DELETE", quote(number, safe="_"))
        if answer.status >= 300 and code_of(answer) not in GONE_CODES:
            raise refused(answer)

    def _latest(self, *, count: int, since: int) -> list[dict[str, Any]]:
        asks = urlencode({"fields": "id,message,created_time", "limit": count, "since": since})
        return list(self._ask("GET", f"{self._page}/published_posts?{asks}").get("data", []))

    def _ask(
        self, method: str, path: str, body: bytes = b"", *, kind: str = "", publishes: bool = False
    ) -> dict[str, Any]:
        answer = self._said(method, path, body, kind=kind, publishes=publishes)
        if answer.status >= 300:
            raise refused(answer)
        return read(answer)

    def _said(
        self, method: str, path: str, body: bytes = b"", *, kind: str = "", publishes: bool = False
    ) -> HttpAnswer:
        headers = {"authorization": f"Bearer {self._access.token}"}
        if kind:
            headers["content-type"] = kind
        url = f"{self._access.url}/{VERSION}/{path}"
        return asked(self._web, method, url, headers=headers, body=body, publishes=publishes)


def published(number: str) -> SocialPublished:
    """Return a post by its number, `page_post`."""
    return SocialPublished(number, f"https://www.facebook.com/{number}")


def multipart(fields: dict[str, str], picture: bytes) -> tuple[str, bytes]:
    """Return the content type and body of a form with a picture (RFC 7578)."""
    line = f"tcma{token_hex(12)}"
    parts = [
        f'--{line}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
        if value
    ]
    parts += [
        f'--{line}\r\nContent-Disposition: form-data; name="source"; filename="picture.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n".encode(),
        picture,
        f"\r\n--{line}--\r\n".encode(),
    ]
    return f"multipart/form-data; boundary={line}", b"".join(parts)


def error_of(answer: HttpAnswer) -> dict[str, Any]:
    """Return the error object of an answer."""
    told = read(answer).get("error")
    return told if isinstance(told, dict) else {}


def code_of(answer: HttpAnswer) -> int:
    """Return the Graph API's number of an error, 0 without one."""
    code = error_of(answer).get("code")
    return code if isinstance(code, int) else 0


def refused(answer: HttpAnswer) -> SocialError:
    """Return what an answer that is no success means."""
    words = str(error_of(answer).get("message") or f"It answered {answer.status}.")
    code = code_of(answer)
    if code in BUSY_CODES:
        return SocialError(SocialFault.BUSY, words, wait_s=300)
    if code in DENIED_CODES or answer.status in {401, 403}:
        return SocialError(
            SocialFault.DENIED,
            words,
            remedy=f"Make a new token of the page with {SCOPES}, and put it in anew.",
        )
    return SocialError(SocialFault.INVALID, words, remedy="Change the post and send it again.")
