"""A small world with sensible defaults: vendors, partners, people, and principals by name."""

import io
import itertools
from dataclasses import replace
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw
from sqlalchemy import insert

from tcma.accounts import actions as accounts
from tcma.accounts.models import Membership, UserAccount
from tcma.accounts.passwords import hash_password
from tcma.accounts.rules import AccountState, MembershipState
from tcma.contacts import actions as contacts
from tcma.contacts.rules import LawfulBasis
from tcma.leads.models import Lead
from tcma.library import actions as library
from tcma.library import copies, importer
from tcma.partners import actions as partners
from tcma.partners import brand
from tcma.partners.rules import EnrolmentState, PartnerKind, Tier
from tcma.permissions import SYSTEM, Principal, Role

TEMPLATES = Path(__file__).parent.parent / "campaign_templates"
_numbers = itertools.count(1)
PASSWORD = "correct horse battery"

FULL_PROFILE = {
    "name": "Fenwright Cloud Services",
    "legal_name": "Fenwright Cloud Services Ltd",
    "address": "Unit 4, Osier Wharf, Nether Fenwick FW0 0ZZ, United Kingdom",
    "person": "Maren Holloway",
    "role": "Client Director",
    "primary": "#123B7A",
    "phone": "+44 113 496 0142",
    "site": "https://fenwright.example",
    "privacy_url": "https://fenwright.example/privacy",
}


def acting(work, principal):
    """The same transaction, acted on by somebody else."""
    return replace(work, principal=principal)


def a_vendor(work, *, name="Corbelane", **facts):
    """A vendor's id; GBP, London."""
    firm = {
        "name": name,
        "legal_name": f"{name} Systems Ltd",
        "country": "GB",
        "zone": "Europe/London",
        "locale": "en-GB",
        "currency": "GBP",
    } | facts
    return partners.create_vendor(acting(work, SYSTEM), partners.Firm(**firm))


def a_partner(
    work,
    vendor_id,
    *,
    name=None,
    tier=Tier.GOLD,
    kind=PartnerKind.MSP,
    territories=(),
    profile=True,
    **facts,
):
    """An active partner's id, its profile complete unless `profile` is False."""
    name = name or f"Partner {next(_numbers)}"
    firm = {
        "name": name,
        "legal_name": f"{name} Ltd",
        "country": "GB",
        "zone": "Europe/London",
        "locale": "en-GB",
        "currency": "GBP",
    } | facts
    house = acting(work, SYSTEM)
    for code in territories:
        partners.save_territory(house, code=code, name=code, country=code[:2], vendor_id=vendor_id)
    partner_id = partners.create_partner(
        house,
        partners.Firm(**firm),
        tier=tier,
        kind=kind,
        territories=territories,
        vendor_id=vendor_id,
    )
    partners.change_enrolment(house, partner_id=partner_id, state=EnrolmentState.ACTIVE)
    if profile:
        fields = FULL_PROFILE | {"name": name, "legal_name": firm["legal_name"]}
        brand.save_profile(house, partner_id=partner_id, fields=fields)
    return partner_id


def a_user(work, role, *, name=None, email=None, vendor_id=None, partner_id=None, password=None):
    """A member who has joined, as a principal. Signs in with `password` or PASSWORD."""
    name = name or f"Person {next(_numbers)}"
    email = email or f"{name.split()[0].lower()}.{next(_numbers)}@people.example"
    invitation = accounts.invite(
        acting(work, SYSTEM),
        email=email,
        name=name,
        role=role,
        vendor_id=vendor_id,
        partner_id=partner_id,
    )
    member = work.session.get_one(Membership, invitation.membership_id)
    user = work.session.get_one(UserAccount, invitation.user_id)
    user.password_hash = user.password_hash or hashed(password or PASSWORD)
    user.state, member.state = AccountState.ACTIVE, MembershipState.ACTIVE
    work.session.flush()
    return Principal(
        user_id=invitation.user_id,
        name=name,
        role=role,
        vendor_id=vendor_id,
        partner_id=partner_id,
    )


@cache
def hashed(password):
    """To hash one takes 40 ms by design, and most tests want three people of whom none signs in."""
    return hash_password(password)


def vera(work, vendor_id):
    """The vendor's marketer."""
    return a_user(work, Role.VENDOR_MARKETER, name="Vera", vendor_id=vendor_id)


def mira(work, vendor_id):
    """The vendor's channel manager."""
    return a_user(work, Role.CHANNEL_MANAGER, name="Mira", vendor_id=vendor_id)


def finn(work, vendor_id):
    """The vendor's finance."""
    return a_user(work, Role.FINANCE, name="Finn", vendor_id=vendor_id)


def ada(work, vendor_id):
    """The vendor's administrator."""
    return a_user(work, Role.ADMINISTRATOR, name="Ada", vendor_id=vendor_id)


def alice(work, partner_id):
    """The partner's owner."""
    return a_user(work, Role.OWNER, name="Alice", partner_id=partner_id)


def sam(work, partner_id):
    """The partner's seller."""
    return a_user(work, Role.SELLER, name="Sam", partner_id=partner_id)


def charlie(work, vendor_id):
    """The owner of another partner of the same vendor."""
    other = a_partner(work, vendor_id, name=f"Other {next(_numbers)}")
    return a_user(work, Role.OWNER, name="Charlie", partner_id=other)


def a_logo(*, colour="#123B7A", size=(640, 160), form="PNG"):
    """A plain logo as file bytes: a bar on nothing."""
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    ImageDraw.Draw(image).rectangle((0, 0, size[0] - 1, size[1] - 1), fill=colour)
    image.paste((0, 0, 0, 0), (size[0] // 3, size[1] // 4, size[0] // 2, size[1] // 2))
    out = io.BytesIO()
    (image if form == "PNG" else image.convert("RGB")).save(out, form)
    return out.getvalue()


def a_campaign(work, vendor_id, *, slug="cloud-migration", published=True):
    """A shipped campaign, imported and published: its Imported record. tests/library checks each whole."""
    house = acting(work, SYSTEM)
    imported = importer.import_folder(house, vendor_id, TEMPLATES / slug, is_checked=True)
    if published:
        library.publish(house, version_id=imported.version_id)
    return imported


def a_copy(work, partner_id, campaign):
    """The partner's copy of an imported campaign."""
    return copies.copy_of(acting(work, SYSTEM), campaign.campaign_id, partner_id=partner_id)


def a_list(work, partner_id, count=3, *, name="Customers", basis=LawfulBasis.CONSENT):
    """A list of so many people of the partner's: its id. Addresses are made of running numbers."""
    house = acting(work, SYSTEM)
    new = contacts.NewList(name=name, basis=basis)
    list_id = contacts.create_list(house, new, partner_id=partner_id)
    people = [
        contacts.capture_contact(
            house,
            partner_id=partner_id,
            address=f"reader{next(_numbers)}@readers.example",
            first_name="Astrid",
            last_name="Pell",
            company="Pellmoor Joinery",
        )
        for _ in range(count)
    ]
    contacts.add_to_list(house, list_id, people)
    return list_id


def waiting_leads(work, vendor_id, campaign_id, count, *, source_partner_id=None, **facts):
    """So many new leads, each of another company, that wait for routing: their ids."""
    rows = [
        {
            "ref": f"LEAD-B{next(_numbers)}",
            "vendor_id": vendor_id,
            "campaign_id": campaign_id,
            "source_partner_id": source_partner_id,
            "address": f"ida@firm{next(_numbers)}.example",
            "address_hash": next(_numbers).to_bytes(16),
            "first_name": "Ida",
            "last_name": "Brook",
            "company": "Brackwater Joinery",
            "phone": "",
            "country": "GB",
            "postcode": "FW1 2AB",
            "answers": {},
            "created_at": work.now,
        }
        | facts
        for _ in range(count)
    ]
    return list(work.session.scalars(insert(Lead).returning(Lead.id), rows))
