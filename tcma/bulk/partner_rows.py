"""Rows that found partners: what each would be, the invitation, and the way back before anybody joined."""

import re
from collections.abc import Sequence
from uuid import UUID

from babel import Locale, UnknownLocaleError
from babel.numbers import is_currency
from sqlalchemy import exists, or_, select

from tcma.accounts.enlisting import Invited
from tcma.bulk.files import Kind
from tcma.bulk.models import BulkFile, BulkRow
from tcma.bulk.reading import Columns
from tcma.clock import zones
from tcma.contacts.rules import normal_address
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.delivery import notices
from tcma.errors import Conflict, Invalid
from tcma.leads.models import Lead
from tcma.mdf.models.funding import FundAllocation
from tcma.partners import many, queries
from tcma.partners.actions import Firm
from tcma.partners.by_name import enrolled_by_name
from tcma.partners.many import Standing
from tcma.partners.models import Enrolment, Partner
from tcma.partners.rules import EnrolmentState, PartnerKind, Tier
from tcma.permissions import Permission

COLUMNS = Columns(
    {
        "reference": ("reference", "ref", "id", "partner id", "number", "account number"),
        "name": ("name", "partner", "partner name", "company", "account"),
        "legal_name": ("legal name", "registered name"),
        "country": ("country", "country code"),
        "zone": ("time zone", "timezone", "zone"),
        "locale": ("language", "locale"),
        "currency": ("currency",),
        "tier": ("tier", "level"),
        "kind": ("kind", "type", "partner type"),
        "territories": ("territories", "territory", "region"),
        "person": ("contact", "person", "contact name", "owner"),
        "email": ("email", "e mail", "mail", "email address", "contact email"),
    },
    needed=("reference", "name"),
)
COUNTRIES = Locale("en").territories
ALPHA_2 = 2
LISTED = re.compile(r"\s*[;,|]\s*")


def judge(work: Work, made: BulkFile, rows: Sequence[BulkRow]) -> None:
    """Say of each row what stands in its way, and fill what it leaves open from the vendor's own facts."""
    house = queries.vendor(work.session, made.vendor_id)
    areas = {each.code for each in queries.territories(work.session, made.vendor_id)}
    known = enrolled_by_name(work.session, made.vendor_id)
    ended = _ended(work, made)
    seen: set[str] = set()
    for row in rows:
        row.partner_id = ended.get(row.reference)
        row.cells = filled(row.cells, house)
        name = row.cells["name"].casefold()
        row.fault = fault_of(row.cells, areas)
        if not row.fault and name in known:
            row.fault = f"{row.cells['name']} is your partner already."
        elif not row.fault and name in seen:
            row.fault = "This partner stands further up in the file."
        seen.add(name)


def filled(cells: dict[str, str], house: queries.OrganisationView) -> dict[str, str]:
    """Return a row with what it leaves open: the vendor's country, zone, language and currency."""
    said = {name: cells.get(name, "") for name in COLUMNS.names}
    country = said["country"].upper() or house.country
    at_home = country == house.country
    return said | {
        "legal_name": said["legal_name"] or said["name"],
        "country": country,
        "zone": said["zone"].replace(" ", "_") or (house.zone if at_home else ""),
        "locale": said["locale"].replace("_", "-") or house.locale,
        "currency": said["currency"].upper() or house.currency,
        "tier": said["tier"].casefold() or Tier.SILVER.value,
        "kind": said["kind"].casefold() or PartnerKind.VAR.value,
        "territories": ", ".join(areas_of(said["territories"])),
    }


def areas_of(said: str) -> list[str]:
    """Return the codes of territories in a cell, which stand between commas or semicolons."""
    return [code.upper() for code in LISTED.split(said) if code]


def fault_of(cells: dict[str, str], areas: set[str]) -> str:
    """Return the first thing that is wrong with a row, as a sentence; empty when it is good."""
    unknown = sorted(set(areas_of(cells["territories"])) - areas)
    country, zone, email = cells["country"], cells["zone"], cells["email"]
    checks = (
        (cells["name"], "The name is missing."),
        (
            len(country) == ALPHA_2 and country in COUNTRIES,
            f"“{country}” is no country: write two letters, as in GB.",
        ),
        (zone, "The time zone is missing: write it as in Europe/Berlin."),
        (zone in zones(), f"“{zone}” is no time zone: write it as in Europe/Berlin."),
        (
            _is_locale(cells["locale"]),
            f"“{cells['locale']}” is no language: write it as in de-DE.",
        ),
        (
            is_currency(cells["currency"]),
            f"“{cells['currency']}” is no currency: write three letters, as in EUR.",
        ),
        (cells["tier"] in set(Tier), f"“{cells['tier']}” is no tier: {', '.join(Tier)}."),
        (
            cells["kind"] in set(PartnerKind),
            f"“{cells['kind']}” is no kind: {', '.join(PartnerKind)}.",
        ),
        (not unknown, f"There is no territory {', '.join(unknown)}."),
        (
            bool(cells["person"]) == bool(email),
            "Write both the person and the e-mail address, or neither.",
        ),
        (not email or _is_address(email), f"“{email}” is no e-mail address."),
    )
    return next((words for good, words in checks if not good), "")


def _is_locale(text: str) -> bool:
    try:
        Locale.parse(text, sep="-")
    except (ValueError, UnknownLocaleError):
        return False
    return True


def _is_address(text: str) -> bool:
    try:
        normal_address(text)
    except Invalid:
        return False
    return True


def _ended(work: Work, made: BulkFile) -> dict[str, UUID]:
    """Return the partners that came by an undone file, by reference: they come back as they were."""
    rows = work.session.execute(
        select(BulkRow.reference, BulkRow.partner_id)
        .join(
            Enrolment,
            (Enrolment.partner_id == BulkRow.partner_id)
            & (Enrolment.vendor_id == BulkRow.vendor_id),
        )
        .where(
            BulkRow.about == made.about,
            BulkRow.kind == made.kind,
            BulkRow.file_id != made.id,
            Enrolment.state == EnrolmentState.ENDED,
        )
        .order_by(BulkRow.id)
    )
    return {reference: partner_id for reference, partner_id in rows if partner_id}


def make(work: Work, made: BulkFile, rows: Sequence[BulkRow]) -> None:
    """Found and enrol the rows' partners, those of an undone file again, and invite whom they name."""
    new = [row for row in rows if row.partner_id is None]
    again = {row.partner_id: standing_of(row.cells) for row in rows if row.partner_id}
    if again:
        many.take_in_again(work, again)
    ids = many.found_each(work, [(firm_of(row.cells), standing_of(row.cells)) for row in new])
    for row, partner_id in zip(new, ids, strict=True):
        row.partner_id = partner_id
    _invite(work, made, [row for row in rows if row.cells["email"]])
    for row in rows:
        # Person and address live in their account from now on, not a second time here.
        row.cells = row.cells | {"person": "", "email": ""}


def firm_of(said: dict[str, str]) -> Firm:
    """Return the firm a row founds."""
    return Firm(
        name=said["name"],
        legal_name=said["legal_name"],
        country=said["country"],
        zone=said["zone"],
        locale=said["locale"],
        currency=said["currency"],
    )


def standing_of(said: dict[str, str]) -> Standing:
    """Return what a row's partner is to the vendor."""
    return Standing(
        Tier(said["tier"]), PartnerKind(said["kind"]), tuple(areas_of(said["territories"]))
    )


def _invite(work: Work, made: BulkFile, rows: Sequence[BulkRow]) -> None:
    people = [
        Invited(found(row.partner_id), row.cells["email"], row.cells["person"], row.cells["locale"])
        for row in rows
    ]
    told = [
        (
            notices.Reader(email=letter.email, name=letter.name, locale=letter.locale),
            f"{work.site.public_url}/i/{letter.token}",
            {
                "organisation": row.cells["name"],
                "invited_by": work.principal.name,
                "role": letter.role_words,
                "until": notices.when(letter.expires_at, row.cells["zone"]),
            },
        )
        for row, letter in zip(rows, many.invite_each(work, people), strict=True)
    ]
    notices.tell_each(work, "invitation", told, vendor_id=made.vendor_id)


def back(work: Work, made: BulkFile, rows: Sequence[BulkRow]) -> None:
    """End the enrolments and their open invitations; Conflict naming a partner that began already."""
    ids = [row.partner_id for row in rows]
    began = (
        select(Partner.name)
        .join(Enrolment, Enrolment.partner_id == Partner.id)
        .where(
            Enrolment.vendor_id == made.vendor_id,
            Partner.id.in_(ids),
            or_(
                Enrolment.state != EnrolmentState.INVITED,
                exists().where(
                    FundAllocation.partner_id == Partner.id,
                    FundAllocation.vendor_id == made.vendor_id,
                ),
                exists().where(Lead.partner_id == Partner.id, Lead.vendor_id == made.vendor_id),
            ),
        )
        .order_by(Partner.name)
    )
    names = list(work.session.scalars(began))
    if names:
        said = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        words = f"{said} began already: somebody joined, or there are funds or leads."
        raise Conflict(words, code="bulk.used", remedy="Suspend single partners on their pages.")
    many.uninvite_each(work, [found(each) for each in ids])


PARTNERS = Kind("partners", Permission.PARTNERS_MANAGE, COLUMNS, judge, make, back)
