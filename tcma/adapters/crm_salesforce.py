"""Salesforce by its REST API: a token by client credentials, records put by an external id.

The account needs one text field `tcma_ref` on Lead and on Opportunity, marked External ID and Unique;
the API calls it `tcma_ref__c`. A put is a PATCH under that id, so putting twice is putting once.
"""

from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from tcma.adapters.crm_talk import asked, read, text_of
from tcma.ports import CrmAccess, CrmError, CrmFault, CrmKind, CrmRecord, CrmSeen, HttpAnswer, Web

VERSION = "v62.0"
KEY = "tcma_ref__c"
OBJECTS = {CrmKind.LEAD: "Lead", CrmKind.DEAL: "Opportunity"}
LIMIT_WAIT_S = 900
REDIRECTS = 300
"""From here on an answer is no success: Salesforce says 300 when a key stands for several records."""
CONVERTED = "CANNOT_UPDATE_CONVERTED_LEAD"
WHOSE = "SELECT Name FROM Organization"
NUMBERS = frozenset({"Amount"})


class SalesforceCrm:
    """One org. `tokens` outlive it: what was let in once is not asked to sign in for each batch."""

    def __init__(self, web: Web, access: CrmAccess, tokens: MutableMapping[str, str]) -> None:
        self._web, self._access, self._tokens = web, access, tokens

    def check(self) -> str:
        """Say which org it is, after looking whether both objects have our field."""
        for name in OBJECTS.values():
            told = self._ask("GET", f"sobjects/{name}/describe")
            fields = {each["name"]: each for each in (read(told) or {}).get("fields", [])}
            key = fields.get(KEY)
            if key is None or not (key.get("externalId") and key.get("unique")):
                what = "has no field" if key is None else "does not mark as External ID and Unique"
                raise CrmError(
                    CrmFault.INVALID,
                    f"{name} {what} {KEY}.",
                    remedy=f"In Setup, Object Manager, {name}, Fields & Relationships, add a Text"
                    " field tcma_ref of 30 letters, tick External ID and Unique, and let the run-as"
                    " user of the app edit it.",
                )
        found = read(self._ask("GET", "query?q=" + quote(WHOSE)))
        rows = (found or {}).get("records") or [{}]
        return text_of(rows[0].get("Name")) or self._access.url

    def put(self, record: CrmRecord) -> str:
        """Make or change the record under our key."""
        name = OBJECTS[record.kind]
        fields: dict[str, Any] = {
            key: float(value) if key in NUMBERS else value for key, value in record.fields.items()
        }
        path = f"sobjects/{name}/{KEY}/{quote(record.key, safe='')}"
        answer = self._answered("PATCH", path, body=fields)
        if _first(answer).get("errorCode") == CONVERTED:
            return ""  # a lead that was converted there is finished, and nobody may write it
        if answer.status >= REDIRECTS:
            raise _refused(answer)
        return text_of((read(answer) or {}).get("id"))

    def seen(
        self, kind: CrmKind, keys: Sequence[str], fields: Sequence[str]
    ) -> Mapping[str, CrmSeen]:
        """Return the records under our keys, by one query."""
        listed = ", ".join("'" + key.replace("\\", "").replace("'", "") + "'" for key in keys)
        columns = ", ".join(dict.fromkeys(["Id", KEY, "Owner.Name", *fields]))
        soql = f"SELECT {columns} FROM {OBJECTS[kind]} WHERE {KEY} IN ({listed})"  # noqa: S608 - SOQL; the keys are ours
        found = read(self._ask("GET", "query?q=" + quote(soql))) or {}
        return {
            text_of(row.get(KEY)): CrmSeen(
                text_of(row.get("Id")),
                {name: text_of(row.get(name)) for name in fields},
                text_of((row.get("Owner") or {}).get("Name")),
            )
            for row in found.get("records", [])
        }

    def _ask(self, method: str, path: str) -> HttpAnswer:
        """Ask, and raise whatever is no success."""
        answer = self._answered(method, path)
        if answer.status >= REDIRECTS:
            raise _refused(answer)
        return answer

    def _answered(self, method: str, path: str, *, body: Any = None) -> HttpAnswer:
        """Ask with the token there is; once more with a new one when it has expired."""
        token = self._tokens.get(self._access.key) or self._sign_in()
        answer = self._said(method, path, token, body)
        if answer.status == 401:
            self._tokens.pop(self._access.key, None)
            answer = self._said(method, path, self._sign_in(), body)
        return answer

    def _said(self, method: str, path: str, token: str, body: Any) -> HttpAnswer:
        url = f"{self._access.url}/services/data/{VERSION}/{path}"
        return asked(self._web, method, url, token=token, body=body)

    def _sign_in(self) -> str:
        form = urlencode({"grant_type": "client_credentials", **self._access.secrets})
        answer = asked(self._web, "POST", f"{self._access.url}/services/oauth2/token", form=form)
        told = read(answer)
        if answer.status != 200 or not isinstance(told, dict) or not told.get("access_token"):
            said = told.get("error_description", "") if isinstance(told, dict) else ""
            raise CrmError(
                CrmFault.DENIED,
                f"It does not let us in: {said or answer.status}.",
                remedy="Check the address of your org (My Domain), consumer key and secret, and that"
                " the app allows the client credentials flow and names a user to run as.",
            )
        token = str(told["access_token"])
        self._tokens[self._access.key] = token
        return token


def _first(answer: HttpAnswer) -> dict[str, Any]:
    """Return the first fault of an answer; empty when it tells none."""
    told = read(answer)
    return told[0] if isinstance(told, list) and told and isinstance(told[0], dict) else {}


def _refused(answer: HttpAnswer) -> CrmError:
    """Return what an answer that is no success means."""
    first = _first(answer)
    code, words = text_of(first.get("errorCode")), text_of(first.get("message"))
    words = words or f"It answered {answer.status}."
    if code == "REQUEST_LIMIT_EXCEEDED":
        return CrmError(
            CrmFault.BUSY, "Its limit of requests a day is used up.", wait_s=LIMIT_WAIT_S
        )
    if answer.status in {401, 403}:
        return CrmError(
            CrmFault.DENIED, words,
            remedy="Let the run-as user of the app read and edit Lead and Opportunity by the API.",
        )  # fmt: skip
    if answer.status == REDIRECTS or code == "DUPLICATES_DETECTED":
        return CrmError(
            CrmFault.DUPLICATE, "It has this record more than once." if code == "" else words,
            remedy="Merge them there, or let the duplicate rule allow saving; then send it again.",
        )  # fmt: skip
    names = ", ".join(map(str, first.get("fields") or []))
    return CrmError(
        CrmFault.INVALID,
        f"{words} ({names})" if names else words,
        remedy="Give the field a default, or leave it out, in the fields below; then send it again.",
    )
