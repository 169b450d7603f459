"""HubSpot by its REST API, with the token of a private app: contacts by address, deals by our key.

The account needs one deal property `tcma_ref`, single-line text with unique values. A put is an upsert
by it, and tying a deal to its contact is a PUT, so doing either twice is doing it once.
"""

from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

from tcma.adapters.crm_talk import asked, read, text_of
from tcma.ports import CrmAccess, CrmError, CrmFault, CrmKind, CrmRecord, CrmSeen, HttpAnswer, Web

KEY = "tcma_ref"
OBJECTS = {CrmKind.LEAD: ("contacts", "email"), CrmKind.DEAL: ("deals", KEY)}
OWNER = "hubspot_owner_id"
MOST_KEYS = 100
SOME = 207
"""Some of a batch: of a read, that it has only these; of a put of one, that it was refused."""


class HubspotCrm:
    """One account."""

    def __init__(self, web: Web, access: CrmAccess, tokens: MutableMapping[str, str]) -> None:
        self._web, self._access, self._names = web, access, tokens

    def check(self) -> str:
        """Say which account it is, after looking whether deals have our property."""
        answer = self._said("GET", f"crm/v3/properties/deals/{KEY}", None)
        told = read(answer) or {}
        if answer.status == 404 or (answer.status == 200 and not told.get("hasUniqueValue")):
            raise CrmError(
                CrmFault.INVALID,
                f"Deals have no property {KEY} with unique values.",
                remedy="In Settings, Properties, Deal properties, create tcma_ref as a single-line"
                " text and tick that its values are unique.",
            )
        if answer.status != 200:
            raise _refused(answer)
        found = read(self._ask("GET", "account-info/v3/details")) or {}
        return f"account {text_of(found.get('portalId'))}"

    def put(self, record: CrmRecord) -> str:
        """Make or change the record under our key, and tie a deal to its contact."""
        kind, key = OBJECTS[record.kind]
        deal = record.kind is CrmKind.DEAL
        by = record.key if deal else record.fields.get(key, "")
        fields = {**record.fields, KEY: record.key} if deal else dict(record.fields)
        inputs = {"inputs": [{"idProperty": key, "id": by, "properties": fields}]}
        told = read(self._ask("POST", f"crm/v3/objects/{kind}/batch/upsert", body=inputs)) or {}
        theirs = text_of((told.get("results") or [{}])[0].get("id"))
        if deal and record.beside and theirs:
            path = f"crm/v4/objects/deals/{theirs}/associations/default/contacts/{record.beside}"
            self._ask("PUT", path)
        return theirs

    def seen(
        self, kind: CrmKind, keys: Sequence[str], fields: Sequence[str]
    ) -> Mapping[str, CrmSeen]:
        """Return the records under our keys, a hundred a request."""
        where, key = OBJECTS[kind]
        found: dict[str, CrmSeen] = {}
        for at in range(0, len(keys), MOST_KEYS):
            body = {
                "idProperty": key,
                "properties": list(dict.fromkeys([key, OWNER, *fields])),
                "inputs": [{"id": each} for each in keys[at : at + MOST_KEYS]],
            }
            answer = self._said("POST", f"crm/v3/objects/{where}/batch/read", body)
            if answer.status not in {200, SOME}:
                raise _refused(answer)
            told = read(answer) or {}
            for row in told.get("results", []):
                values = row.get("properties") or {}
                found[text_of(values.get(key))] = CrmSeen(
                    text_of(row.get("id")),
                    {name: text_of(values.get(name)) for name in fields},
                    self._owner(text_of(values.get(OWNER))),
                )
        return found

    def _owner(self, number: str) -> str:
        """Return an owner's name; the number where the token may not read owners."""
        if not number:
            return ""
        known = f"{self._access.key}:owner:{number}"
        if known not in self._names:
            answer = self._said("GET", f"crm/v3/owners/{number}", None)
            told = read(answer) if answer.status == 200 else None
            names = [text_of((told or {}).get(part)) for part in ("firstName", "lastName")]
            self._names[known] = " ".join(filter(None, names)) or number
        return self._names[known]

    def _ask(self, method: str, path: str, *, body: Any = None) -> HttpAnswer:
        answer = self._said(method, path, body)
        if answer.status == SOME or answer.status >= 300:
            raise _refused(answer)
        return answer

    def _said(self, method: str, path: str, body: Any) -> HttpAnswer:
        token = self._access.secrets["token"]
        return asked(self._web, method, f"{self._access.url}/{path}", token=token, body=body)


def _refused(answer: HttpAnswer) -> CrmError:
    """Return what an answer that is no success means."""
    told = read(answer)
    told = told if isinstance(told, dict) else {}
    inner = (told.get("errors") or [{}])[0]
    words = text_of(inner.get("message") or told.get("message")) or f"It answered {answer.status}."
    if answer.status in {401, 403}:
        return CrmError(
            CrmFault.DENIED,
            words,
            remedy="Make a new token of the private app and put it in below. It needs the scopes"
            " crm.objects.contacts and crm.objects.deals (read and write), crm.schemas.deals.read"
            " and crm.objects.owners.read.",
        )
    if answer.status == 409:
        return CrmError(
            CrmFault.DUPLICATE, words,
            remedy="Merge the two records there; then send it again.",
        )  # fmt: skip
    return CrmError(
        CrmFault.INVALID, words,
        remedy="Give the field a default, or leave it out, in the fields below; then send it again.",
    )  # fmt: skip
