"""The demo world's ground: one vendor, its partners and people, campaigns, lists, a fund."""

import tomllib
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from tcma.accounts import actions as accounts
from tcma.contacts import imports
from tcma.contacts.rules import LawfulBasis
from tcma.db.work import Work
from tcma.delivery import house_sender
from tcma.delivery.actions import ensure_sender
from tcma.demo.customers import CUSTOMERS, add_customers
from tcma.demo.kinds import open_kinds
from tcma.demo.past import partner_id_of
from tcma.demo.people import OTHER_OWNERS, PARTNER_PEOPLE, VENDOR_PEOPLE, DemoPerson
from tcma.drawing import keys as image_keys
from tcma.guidance.actions import nudge as remind
from tcma.library import actions as library
from tcma.library import importer
from tcma.mdf.funds import opening
from tcma.mdf.funds.opening import FundPlan
from tcma.money import Money
from tcma.partners import actions as partners
from tcma.partners import brand, vendor_facts
from tcma.partners.actions import Firm
from tcma.partners.models import Partner
from tcma.partners.rules import EnrolmentState, PartnerKind, Tier
from tcma.permissions import Principal, Role

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "brand_assets" / "samples"
LOGOS = ROOT / "brand_assets" / "logos"
CAMPAIGNS = (
    ("cloud-migration", 0),
    ("backup-recovery", 6),
    ("managed-workplace", 13),
    ("security-assessment", 41),
    ("ai-ready-data", 48),
    ("second-life", 55),
    ("briefing-series", 62),
    ("renewal-upsell", 90),
)
"""What the vendor offers, newest first, and how many days ago it was published."""
TERRITORIES = (
    ("GB-N", "Northern England", "GB", ("FW", "LS", "BD", "HX", "HD", "WF", "YO", "M", "L")),
    ("GB-M", "Midlands", "GB", ("B", "CV", "DE", "LE", "NG")),
    ("DE", "Germany", "DE", ()),
    ("AT", "Austria", "AT", ()),
    ("US-OH", "Ohio", "US", ("43", "44", "45")),
    ("US-IN", "Indiana", "US", ("46", "47")),
    ("US-KY", "Kentucky", "US", ("40", "41", "42")),
    ("FR", "France", "FR", ()),
    ("CA-QC", "Québec", "CA", ("G", "H", "J")),
    ("AU", "Australia", "AU", ()),
    ("NZ", "New Zealand", "NZ", ()),
    ("NO", "Norway", "NO", ()),
    ("IS", "Iceland", "IS", ()),
    ("AE", "Emirates", "AE", ()),
    ("SA", "Saudi Arabia", "SA", ()),
    ("JO", "Jordan", "JO", ()),
    ("JP", "Japan", "JP", ()),
)
JOINED_DAYS = {"pellworth": 12}
"""How many days ago a partner joined: Pellworth is new, and the others are not any more."""
LONG_AGO = 400
CURRENCIES = {"GB": "GBP", "DE": "EUR", "US": "USD", "FR": "EUR", "AU": "AUD", "NO": "NOK",
              "AE": "AED", "JP": "JPY"}  # fmt: skip
ADDRESS = "Keystone House, 0 Arch Lane, Nether Fenwick FW0 0ZZ, United Kingdom"
FALLBACK = "partners@mail.corbelane.example"
FUNDS = (
    ("Corbelane growth", Money(40_000_00, "GBP"), (("fenwright", 3_200), ("ridgeline", 1_200))),
    ("Corbelane growth, euro area", Money(60_000_00, "EUR"),
     (("nordhagener", 8_000), ("helianthe", 4_500))),
)  # fmt: skip


def build_ground(work: Work) -> UUID:
    """Make everything that stands still; return the vendor."""
    vendor_id = _vendor(work)
    for person in VENDOR_PEOPLE:
        _join(work, person, vendor_id=vendor_id)
    for code, name, country, postcodes in TERRITORIES:
        partners.save_territory(
            work,
            code=code,
            name=name,
            country=country,
            postcodes=postcodes,
            vendor_id=vendor_id,
        )
    for folder in sorted(SAMPLES.iterdir()):
        if (folder / "kit.toml").is_file():
            _partner(work, vendor_id, folder)
    _ridgeline(work, vendor_id)
    for slug, days in CAMPAIGNS:
        then = replace(work, now=work.now - timedelta(days=days))
        folder = ROOT / "campaign_templates" / slug
        imported = importer.import_folder(then, vendor_id, folder, is_checked=True)
        library.publish(then, version_id=imported.version_id)
        if slug == "managed-workplace":
            _picture_keys(then, vendor_id, imported.campaign_id)
    _funds(work, vendor_id)
    return vendor_id


def _vendor(work: Work) -> UUID:
    vendor_id = partners.create_vendor(
        work,
        Firm(
            name="Corbelane",
            legal_name="Corbelane Systems Ltd",
            country="GB",
            zone="Europe/London",
            locale="en-GB",
            currency="GBP",
            slug="corbelane",
        ),
    )
    brand.save_vendor_brand(
        work,
        vendor_id=vendor_id,
        logo=_file(LOGOS, "corbelane.png"),
        logo_white=_file(LOGOS, "corbelane-white.png"),
    )
    ada = Principal(user_id=None, name="tcma", role=Role.ADMINISTRATOR, vendor_id=vendor_id)
    own = replace(work, principal=ada)
    facts = vendor_facts.facts_of(work.session, vendor_id)
    vendor_facts.save_facts(own, replace(facts, address=ADDRESS))
    house_sender.set_house_sender(own, from_name="Corbelane", from_address=FALLBACK)
    return vendor_id


def _file(folder: Path, name: str) -> bytes | None:
    path = folder / name
    return path.read_bytes() if name and path.is_file() else None


def _partner(work: Work, vendor_id: UUID, folder: Path) -> None:
    kit = tomllib.loads((folder / "kit.toml").read_text(encoding="utf-8"))
    codes = {code for code, *_ in TERRITORIES}
    then = work.now - timedelta(days=JOINED_DAYS.get(kit["slug"], LONG_AGO))
    partner_id = partners.create_partner(
        replace(work, now=then),
        Firm(
            name=kit["name"],
            legal_name=kit["legal_name"].replace("\u00ad", ""),
            country=kit["country"],
            zone=kit["zone"],
            locale=kit["locale"],
            currency=CURRENCIES[kit["country"]],
            slug=kit["slug"],
        ),
        tier=Tier(kit["tier"].lower()),
        kind=PartnerKind(kit["type"].lower()),
        territories=[code for code in kit["territory"] if code in codes],
        vendor_id=vendor_id,
    )
    partners.change_enrolment(
        _acting(work, vendor_id), partner_id=partner_id, state=EnrolmentState.ACTIVE
    )
    brand.save_profile(
        work,
        partner_id=partner_id,
        fields=_profile(kit),
        logo=_file(folder, kit.get("logos", {}).get("colour", "")),
        logo_white=_file(folder, kit.get("logos", {}).get("white", "")),
    )
    for person in (*PARTNER_PEOPLE, *OTHER_OWNERS):
        if person.side == kit["slug"]:
            _join(work, person, partner_id=partner_id)
    _senders(work, vendor_id, partner_id, kit["name"], kit["sender"])
    if kit["slug"] in JOINED_DAYS:
        remind(replace(work, now=reminder_of(work.now)), (vendor_id, partner_id))
    if kit["slug"] in CUSTOMERS:
        add_customers(work, partner_id, CUSTOMERS[kit["slug"]])


def reminder_of(now: datetime) -> datetime:
    """Return a working day's afternoon in London, morning in Ohio, five days ago or a little more."""
    then = (now - timedelta(days=5)).replace(hour=15, minute=0)
    return then - timedelta(days=max(0, then.weekday() - 4))


def _profile(kit: dict[str, Any]) -> dict[str, str]:
    sender = kit["sender"]
    return {
        "name": kit["name"],
        "short_name": kit.get("short_name", ""),
        "legal_name": kit["legal_name"],
        "address": kit["address"],
        "person": sender["person"],
        "role": sender["role"],
        "primary": kit["colours"]["primary"],
        "accent": kit["colours"].get("accent", ""),
        "phone": kit.get("phone", ""),
        "site": kit.get("site", ""),
        "privacy_url": kit.get("privacy_url", ""),
        "imprint_url": kit.get("imprint_url", ""),
        "registration": kit.get("registration", ""),
        "language": kit["language"],
    }


def _acting(work: Work, vendor_id: UUID) -> Work:
    manager = Principal(
        user_id=None, name="Set-up", role=Role.CHANNEL_MANAGER, vendor_id=vendor_id, via="demo"
    )
    return replace(work, principal=manager)


def _picture_keys(work: Work, vendor_id: UUID, campaign_id: UUID) -> None:
    """Two programs that draw one campaign's pictures; nobody kept their keys."""
    author = Principal(
        user_id=None, name="Vera Amsel", role=Role.VENDOR_MARKETER, vendor_id=vendor_id, via="demo"
    )
    own = replace(work, principal=author)
    image_keys.make_key(own, name="Partner portal, banners", campaign_id=campaign_id)
    image_keys.make_key(own, name="Marketing dashboard", campaign_id=campaign_id, only_reads=True)


def _join(
    work: Work, person: DemoPerson, *, vendor_id: UUID | None = None, partner_id: UUID | None = None
) -> None:
    invitation = accounts.invite(
        work,
        email=person.email,
        name=person.name,
        role=person.role,
        vendor_id=vendor_id,
        partner_id=partner_id,
    )
    accounts.accept_invitation(work, token=invitation.token, password=person.password)


def _senders(
    work: Work, vendor_id: UUID, partner_id: UUID, name: str, sender: dict[str, str]
) -> None:
    address = f"{sender['from_local']}@{sender['domain']}"
    ensure_sender(work, from_name=name, from_address=address, partner_id=partner_id)
    ensure_sender(
        work,
        from_name=name,
        from_address=FALLBACK,
        partner_id=partner_id,
        vendor_id=vendor_id,
        reply_to=address,
        is_fallback=True,
    )


def _ridgeline(work: Work, vendor_id: UUID) -> None:
    """A second partner in the north, so that a lead without an answer has somewhere to go."""
    kit = {
        "name": "Ridgeline IT",
        "legal_name": "Ridgeline IT Ltd",
        "address": "Unit 0, Fell View, Upper Ridgeley LS0 0ZZ, United Kingdom",
        "language": "en",
        "site": "https://ridgeline.example",
        "privacy_url": "https://ridgeline.example/privacy",
        "phone": "+44 113 496 0177",
        "sender": {"person": "Ben Calder", "role": "Founder"},
        "colours": {"primary": "#3A3F6B"},
    }
    partner_id = partners.create_partner(
        replace(work, now=work.now - timedelta(days=LONG_AGO)),
        Firm(
            name="Ridgeline IT",
            legal_name="Ridgeline IT Ltd",
            country="GB",
            zone="Europe/London",
            locale="en-GB",
            currency="GBP",
            slug="ridgeline",
        ),
        tier=Tier.SILVER,
        kind=PartnerKind.VAR,
        territories=["GB-N"],
        vendor_id=vendor_id,
    )
    partners.change_enrolment(
        _acting(work, vendor_id), partner_id=partner_id, state=EnrolmentState.ACTIVE
    )
    brand.save_profile(work, partner_id=partner_id, fields=_profile(kit))
    for person in OTHER_OWNERS:
        if person.side == "ridgeline":
            _join(work, person, partner_id=partner_id)
    sender = {"from_local": "hello", "domain": "ridgeline.example"}
    _senders(work, vendor_id, partner_id, "Ridgeline IT", sender)


def start_imports(work: Work) -> list[UUID]:
    """Upload each sample partner's list, as its owner would; return the imports to run."""
    started = []
    for folder in sorted(SAMPLES.iterdir()):
        path = folder / "contacts.csv"
        partner_id = work.session.scalar(select(Partner.id).where(Partner.slug == folder.name))
        if partner_id is None or not path.is_file():
            continue
        import_id = imports.start(
            work, file_name=path.name, content=path.read_bytes(), partner_id=partner_id
        )
        imports.confirm(
            work,
            import_id,
            basis=LawfulBasis.CONSENT,
            source="demo world",
            evidence="Made with the demo world; all of them are invented.",
            list_name="People we met at the fair",
        )
        started.append(import_id)
    return started


def _funds(work: Work, vendor_id: UUID) -> None:
    begins, ends = fund_days(work.now.date())
    for name, total, parts in FUNDS:
        budget = opening.create_fund(
            work,
            FundPlan(
                name=f"{name} {ends.year}",
                total=total,
                starts_on=begins,
                ends_on=ends,
                share_bps=5_000,
            ),
            vendor_id=vendor_id,
        )
        for slug, major in parts:
            partner_id = partner_id_of(work, slug)
            opening.allocate(work, budget, partner_id, Money(major * 100, total.currency))
    open_kinds(work, vendor_id, begins, ends)


def fund_days(today: date) -> tuple[date, date]:
    """Return first and last day of a fund of one year in which all of the history has room.

    It ends with a month, 33 to 63 days from today.
    """
    after = (today.replace(day=1) + timedelta(days=95)).replace(day=1)
    while (after - today).days > 64:
        after = (after - timedelta(days=1)).replace(day=1)
    return after.replace(year=after.year - 1), after - timedelta(days=1)
