"""Work: what every verb is given: session, principal, the one instant, and the wakes it buffers."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from tcma.db.audit import AuditEntry
from tcma.errors import Forbidden
from tcma.ids import Signer
from tcma.jobs import Job, Wake, wake
from tcma.permissions import Permission, Principal
from tcma.ports import FileStore

_EACH = text("""
INSERT INTO audit_entry (at, actor_id, actor_name, via, verb, subject, subject_id, vendor_id,
  partner_id, detail)
SELECT :at, :actor_id, :actor_name, :via, :verb, :subject, each.subject_id, :vendor_id,
  each.partner_id, each.detail
FROM jsonb_to_recordset(CAST(:rows AS jsonb))
  AS each(subject_id text, partner_id uuid, detail jsonb)
""")


@dataclass(frozen=True, slots=True)
class Site:
    """The installation as verbs see it: its public address, its signature, its name for mail, and whether
    somebody takes in what is mailed to that name.
    """

    public_url: str
    signer: Signer
    secret: bytes
    mail_host: str = "mail.tcma.example"
    takes_mail: bool = False


@dataclass(slots=True)
class Work:
    """One transaction's worth of doing. `now` is the same for every row of one action."""

    session: Session
    principal: Principal
    now: datetime
    site: Site
    files: FileStore
    wakes: list[Wake] = field(default_factory=list)

    def require(self, permission: Permission) -> None:
        """Raise Forbidden unless the principal's role carries `permission`."""
        if not self.principal.may(permission):
            raise Forbidden("Your role cannot do this.", code=f"forbidden.{permission.value}")

    def wake(self, job: Job, **ids: UUID | int | str) -> None:
        """Send `job` after this transaction has committed, not before."""
        self.wakes.append(wake(job, **ids))

    def audit(
        self,
        verb: str,
        subject: str,
        subject_id: UUID | int | str,
        *,
        vendor_id: UUID | None = None,
        partner_id: UUID | None = None,
        **detail: Any,
    ) -> None:
        """Write who did what to which object; append-only."""
        row = self._audited(verb, subject, subject_id, vendor_id, partner_id)
        self.session.add(AuditEntry(**row, detail=detail))

    def audit_each(
        self,
        verb: str,
        subject: str,
        rows: Iterable[tuple[UUID, UUID | None, dict[str, Any]]],
        *,
        vendor_id: UUID,
    ) -> None:
        """Write the same of many objects, (object, partner, detail) each, in one statement."""
        told = [
            {
                "subject_id": str(each),
                "partner_id": str(partner_id) if partner_id else None,
                "detail": detail,
            }
            for each, partner_id, detail in rows
        ]
        if told:
            same = self._audited(verb, subject, "", vendor_id, None)
            self.session.execute(_EACH, same | {"rows": json.dumps(told)})

    def _audited(
        self,
        verb: str,
        subject: str,
        subject_id: UUID | int | str,
        vendor_id: UUID | None,
        partner_id: UUID | None,
    ) -> dict[str, Any]:
        return {
            "at": self.now,
            "actor_id": self.principal.user_id,
            "actor_name": self.principal.name,
            "via": self.principal.via,
            "verb": verb,
            "subject": subject,
            "subject_id": str(subject_id),
            "vendor_id": vendor_id or self.principal.vendor_id,
            "partner_id": partner_id or self.principal.partner_id,
        }
