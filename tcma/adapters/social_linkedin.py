"""LinkedIn: posts of an organisation, with a picture, by the Posts and Images API."""

import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

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

VERSION = "202601"
"""Month of the API; LinkedIn keeps each for a year."""
LATEST = 20
_RESERVED = re.compile(r"([\\|{}@\[\]()<>#*_~])")
SCOPES = "w_organization_social and r_organization_social"


class LinkedinPosts:
    """One organisation's page."""

    def __init__(self, web: Web, access: SocialAccess) -> None:
        self._web, self._access = web, access
        self._owner = f"urn:li:organization:{access.account}"

    def check(self) -> str:
        """Say the organisation's name; DENIED when the token may not read its posts."""
        self._latest(count=1)
        told = self._ask("GET", f"rest/organizations/{quote(self._access.account, safe='')}")
        return str(told.get("localizedName") or self._access.account)

    def publish(self, draft: SocialDraft) -> SocialPublished:
        """Upload the picture, then publish: only the second can be lost."""
        post: dict[str, Any] = {
            "author": self._owner,
            "commentary": little_text(draft.words),
            "visibility": "PUBLIC",
            "distribution": {
                "feedDistribution": "MAIN_FEED",
                "targetEntities": [],
                "thirdPartyDistributionChannels": [],
            },
            "lifecycleState": "PUBLISHED",
            "isReshareDisabledByAuthor": False,
        }
        if draft.picture:
            post["content"] = {"media": {"id": self._uploaded(draft.picture), "altText": draft.alt}}
        answer = self._said("POST", "rest/posts", post, publishes=True)
        if answer.status >= 300:
            raise refused(answer)
        number = answer.headers.get("x-restli-id", "")
        if not number:
            raise SocialError(SocialFault.LOST, "It took the post and did not say which it is.")
        return published(number)

    def find(self, words: str, *, since: datetime) -> SocialPublished | None:
        """Look through the organisation's latest posts."""
        wanted = little_text(words)
        earliest = since.timestamp() * 1000
        for row in self._latest(count=LATEST):
            if row.get("commentary") == wanted and int(row.get("createdAt", 0)) >= earliest:
                return published(str(row.get("id")))
        return None

    def remove(self, number: str) -> None:
        """Delete a post."""
        answer = self._said(
            "DELETE", f"rest/posts/{quote(number, safe='')}", None, method_of="DELETE"
        )
        if answer.status >= 300 and answer.status != 404:
            raise refused(answer)

    def _latest(self, *, count: int) -> list[dict[str, Any]]:
        author = quote(self._owner, safe="")
        path = f"rest/posts?author={author}&q=author&count={count}&sortBy=CREATED"
        answer = self._said("GET", path, None, method_of="FINDER")
        if answer.status >= 300:
            raise refused(answer)
        return list(read(answer).get("elements", []))

    def _uploaded(self, picture: bytes) -> str:
        begun = {"initializeUploadRequest": {"owner": self._owner}}
        told = self._ask("POST", "rest/images?action=initializeUpload", begun).get("value", {})
        place, number = str(told.get("uploadUrl", "")), str(told.get("image", ""))
        if not self._is_theirs(place):
            raise SocialError(
                SocialFault.INVALID, "It named a place for the picture that is not its own."
            )
        headers = {
            "authorization": f"Bearer {self._access.token}",
            "content-type": "application/octet-stream",
        }
        answer = asked(self._web, "PUT", place, headers=headers, body=picture)
        if answer.status >= 300:
            raise refused(answer)
        return number

    def _is_theirs(self, place: str) -> bool:
        """Whether a place may see the token: the host that is asked, or another of LinkedIn's."""
        host = urlsplit(place).hostname or ""
        return host == urlsplit(self._access.url).hostname or host.endswith(".linkedin.com")

    def _ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = self._said(method, path, body)
        if answer.status >= 300:
            raise refused(answer)
        return read(answer)

    def _said(
        self, method: str, path: str, body: Any, *, publishes: bool = False, method_of: str = ""
    ) -> HttpAnswer:
        headers = {
            "authorization": f"Bearer {self._access.token}",
            "linkedin-version": VERSION,
            "x-restli-protocol-version": "2.0.0",
        }
        if method_of:
            headers["x-restli-method"] = method_of
        if body is not None:
            headers["content-type"] = "application/json"
        payload = json.dumps(body).encode() if body is not None else b""
        url = f"{self._access.url}/{path}"
        return asked(self._web, method, url, headers=headers, body=payload, publishes=publishes)


def little_text(words: str) -> str:
    """Return words as LinkedIn's little text format writes them: its own signs escaped."""
    return _RESERVED.sub(r"\\\1", words)


def published(number: str) -> SocialPublished:
    """Return a post by its URN."""
    return SocialPublished(number, f"https://www.linkedin.com/feed/update/{number}/")


def refused(answer: HttpAnswer) -> SocialError:
    """Return what an answer that is no success means."""
    words = str(read(answer).get("message") or f"It answered {answer.status}.")
    if answer.status in {401, 403}:
        return SocialError(
            SocialFault.DENIED,
            words,
            remedy=f"Make a new token with the scopes {SCOPES}, as somebody who manages the page,"
            " and put it in anew.",
        )
    return SocialError(SocialFault.INVALID, words, remedy="Change the post and send it again.")
