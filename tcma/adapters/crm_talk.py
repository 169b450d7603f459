"""JSON to a CRM through the house's one way out: what an answer means, whoever gave it."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tcma.errors import TcmaError
from tcma.ports import CrmError, CrmFault, HttpAnswer, HttpRequest, Web

LONGEST_WAIT_S = 3_600
BUSY = (429, 503)


def asked(  # noqa: PLR0913 - what a request is made of
    web: Web,
    method: str,
    url: str,
    *,
    token: str = "",
    body: Any = None,
    form: str = "",
    headers: Mapping[str, str] | None = None,
) -> HttpAnswer:
    """Ask once; CrmError when nobody answers or the other side is busy or broken."""
    told = {"accept": "application/json", "user-agent": "tcma", **(headers or {})}
    payload = b""
    if token:
        told["authorization"] = f"Bearer {token}"
    if body is not None:
        told["content-type"], payload = "application/json", json.dumps(body).encode()
    if form:
        told["content-type"], payload = "application/x-www-form-urlencoded", form.encode()
    try:
        answer = web.ask(HttpRequest(method, url, told, payload))
    except TcmaError as error:
        raise CrmError(CrmFault.AWAY, error.message, remedy=error.remedy or "") from error
    if answer.status in BUSY:
        raise CrmError(
            CrmFault.BUSY, "It asks us to wait.", wait_s=_wait(answer.headers.get("retry-after"))
        )
    if answer.status >= 500:
        raise CrmError(CrmFault.AWAY, f"It answered {answer.status}.")
    return answer


def read(answer: HttpAnswer) -> Any:
    """Return the JSON of an answer, numbers as they stand; None when there is none."""
    try:
        return json.loads(answer.body, parse_float=Decimal) if answer.body.strip() else None
    except (ValueError, UnicodeDecodeError):
        return None


def text_of(value: Any) -> str:
    """Return a value of a CRM as text; nothing is empty."""
    return "" if value is None else str(value)


def _wait(said: str | None) -> int:
    """Return the seconds of a Retry-After, a minute when it tells none we understand."""
    return min(int(said), LONGEST_WAIT_S) if said and said.strip().isdigit() else 60
