"""A vendor's own facts: its names, its postal address, the zone its days are counted in."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Integer, Uuid, column, exists, or_, select, table
from sqlalchemy.orm import Session

from tcma.clock import zones
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.partners import history
from tcma.partners.models import Vendor
from tcma.permissions import Permission
from tcma.words import say

LONGEST = 200
REACTION_SUMS = ("reaction_day", "reaction_change")
"""Where opens and clicks are summed by day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorFacts:
    """What its letters and pages say of a vendor. `address` is a postal one, on one line."""

    name: str
    legal_name: str
    address: str
    zone: str

    def checked(self) -> "VendorFacts":
        """Return itself with single spaces; Invalid with a sentence for every wrong fact."""
        clean = VendorFacts(
            **{name: " ".join(getattr(self, name).split()) for name in self.__slots__}
        )
        wrong = {
            name: words
            for name, words in (
                ("name", "Write the name."),
                ("legal_name", "Write the legal name."),
                ("address", "Write the postal address: law asks for it under a mail."),
            )
            if not getattr(clean, name)
        }
        for name in self.__slots__:
            if len(getattr(clean, name)) > LONGEST:
                wrong[name] = f"This is longer than {LONGEST} characters."
        if clean.zone not in zones():
            wrong["zone"] = "Choose a time zone."
        if wrong:
            raise Invalid(say("Some facts are missing."), code="vendor.facts", fields=wrong)
        return clean


def facts_of(session: Session, vendor_id: UUID) -> VendorFacts:
    """Return a vendor's facts as they stand."""
    row = found(session.get(Vendor, vendor_id))
    return VendorFacts(
        name=row.name,
        legal_name=row.legal_name,
        address=str(row.kit.get("address", "")),
        zone=row.zone,
    )


def zone_is_fixed(session: Session, vendor_id: UUID) -> bool:
    """Say whether days are counted in the zone already: from the first fund or open or click on."""
    funds = table("fund_budget", column("vendor_id", Uuid()))
    mails = table("mailing", column("id", Integer()), column("vendor_id", Uuid()))
    sums = [table(name, column("mailing_id", Integer())) for name in REACTION_SUMS]
    seen = [exists().where(each.c.mailing_id == mails.c.id) for each in sums]
    rests = (
        exists().where(funds.c.vendor_id == vendor_id),
        exists().where(mails.c.vendor_id == vendor_id, or_(*seen)),
    )
    return bool(session.scalar(select(or_(*rests))))


def save_facts(work: Work, facts: VendorFacts) -> bool:
    """Change the principal's vendor; False when nothing differs.

    Raises Conflict for another zone once days are counted in it: last days, days of results.
    """
    work.require(Permission.VENDOR_EDIT)
    clean = facts.checked()
    vendor_id = found(work.principal.vendor_id)
    row = found(work.session.get(Vendor, vendor_id, with_for_update=True))
    before = facts_of(work.session, vendor_id)
    if clean.zone != before.zone and zone_is_fixed(work.session, vendor_id):
        raise Conflict(
            say("The time zone stays: the days of your funds and results are counted in it."),
            code="vendor.zone",
        )
    row.name, row.legal_name, row.zone = clean.name, clean.legal_name, clean.zone
    row.kit = row.kit | {"address": clean.address}
    names = VendorFacts.__slots__
    return history.record(
        work,
        "vendor",
        vendor_id,
        {name: getattr(before, name) for name in names},
        {name: getattr(clean, name) for name in names},
    )
