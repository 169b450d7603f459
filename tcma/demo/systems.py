"""The demo's other systems: a partner's CRM as it stood yesterday, paused since, and the vendor's sheet."""

from collections.abc import Mapping, Sequence

from tcma.crm import actions
from tcma.crm.carrying import carry
from tcma.crm.rules import ConnectionState, System
from tcma.demo.past import Past, Side
from tcma.leads import crm_marks, handing_over
from tcma.ports import CrmError, CrmFault, CrmKind, CrmRecord, CrmSeen

REFUSES = 2
"""Which person is refused, so that the page shows what that looks like."""


class Yesterday:
    """A CRM that answers from memory and refuses one contact."""

    def __init__(self) -> None:
        self._kept: dict[tuple[CrmKind, str], CrmRecord] = {}

    def check(self) -> str:
        """Say whose it is."""
        return "account 4711"

    def put(self, record: CrmRecord) -> str:
        """Keep a record."""
        self._kept[record.kind, record.key] = record
        people = sum(kind is CrmKind.LEAD for kind, _ in self._kept)
        if record.kind is CrmKind.LEAD and people == REFUSES:
            raise CrmError(
                CrmFault.INVALID,
                "Property values were not valid: phone is too short.",
                remedy="Give the field a default, or leave it out, in the fields; then send it"
                " again.",
            )
        return str(80_000 + len(self._kept))

    def seen(
        self, kind: CrmKind, keys: Sequence[str], fields: Sequence[str]
    ) -> Mapping[str, CrmSeen]:
        """Return what is kept under these keys."""
        found = {key: self._kept.get((kind, key)) for key in keys}
        return {
            key: CrmSeen(key, {name: row.fields.get(name, "") for name in fields}, "Sana Iqbal")
            for key, row in found.items()
            if row
        }


def connect(past: Past, side: Side) -> None:
    """Connect a partner's CRM and bring it in step, twice: what was put is then read back."""
    web = past.services.web
    with past.by(side.owner) as work:
        token = {"token": "pat-eu1-made-up-for-the-demo"}
        ref = actions.connect(work, web, System.HUBSPOT, secrets=token)
        crm_marks.mark_all(work, ref)
    there = Yesterday()
    for _ in range(2):
        with past.house() as work:
            due = handing_over.take_due(work)
        for each in due:
            done = list(carry(there, each.fields, each.errands))
            with past.house() as work:
                handing_over.record(work, each, done)
        past.later(minutes=6)
    with past.by(side.owner) as work:
        actions.set_state(work, ref, ConnectionState.PAUSED)
    with past.by("mira") as work:
        actions.connect(work, web, System.SHEET, secrets={})
