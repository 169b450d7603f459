"""One field for everything: a reference jumps to its page, words find five of each kind."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.contacts import queries as contacts
from tcma.errors import NotFound
from tcma.launches import queries as launches
from tcma.leads import queries as leads
from tcma.library import queries as library
from tcma.mdf import queries as mdf
from tcma.mdf.funds import views as fund_views
from tcma.partners import queries as partners
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.opening import address_of
from tcma.web.public import public
from tcma.web.public.help_pages import TOPICS
from tcma.web.unit_of_work import work
from tcma.words import say

EACH: Final = 5
LONGEST: Final = 200
REFERENCE: Final = re.compile(r"(LCH|LEAD|OPP|MDF|CLM|PAY)-\d{4}-\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found."""

    text: str
    href: str
    small: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Five of a kind; `more` is the list with the same words, empty when all are shown."""

    title: str
    hits: tuple[Hit, ...]
    more: str = ""


@public.get("/search")
@allows(Permission.ACCOUNT_SELF)
def search() -> ResponseReturnValue:
    """Jump to a reference, or show what the words find; others' rows do not exist."""
    wanted = request.args.get("q", "").replace("\0", "").strip()[:LONGEST]
    if REFERENCE.fullmatch(wanted):
        there = page_of_reference(wanted.upper())
        if there:
            return redirect(there)
    groups = [g for g in groups_of(wanted) if g.hits] if wanted else []
    return render_template("public/search.html", wanted=wanted, groups=groups)


def page_of_reference(ref: str) -> str:
    """Return the address of a reference this person may see, empty for none."""
    session, principal = work().session, work().principal
    side = "console" if principal.partner_id else "desk"
    launch_page = "console.launch_show" if side == "console" else "desk.launch_report"
    kinds: Mapping[str, tuple[Permission, Callable[[], object], str]] = {
        "LCH": (Permission.LAUNCH_READ, lambda: launches.launch_id_of(session, principal, ref), launch_page),
        "LEAD": (Permission.LEAD_READ, lambda: leads.lead_by_ref(session, principal, ref),
                 f"{side}.lead_show"),
        "MDF": (Permission.FUND_READ, lambda: mdf.request_by_ref(session, principal, ref),
                f"{side}.request_show"),
        "CLM": (Permission.FUND_READ, lambda: mdf.claim_by_ref(session, principal, ref),
                f"{side}.claim_show"),
        "PAY": (Permission.PAYMENT_MAKE, lambda: mdf.batch_by_ref(session, principal, ref),
                "desk.payment_show"),
    }  # fmt: skip
    kind = ref.partition("-")[0]
    if kind == "OPP":
        return lead_of_opportunity(ref)
    permission, look_up, endpoint = kinds[kind]
    if not principal.may(permission):
        return ""
    try:
        look_up()
    except NotFound:
        return ""
    return address_of(endpoint, {"ref": ref})


def lead_of_opportunity(ref: str) -> str:
    """Return the page of the lead an opportunity came from, empty when it is not this person's."""
    session, principal = work().session, work().principal
    if not principal.may(Permission.LEAD_READ):
        return ""
    side = "console" if principal.partner_id else "desk"
    after: str | None = None
    while True:
        page = leads.opportunities(session, principal, after=after)
        for row in page.rows:
            if row.ref == ref:
                return address_of(f"{side}.lead_show", {"ref": row.lead_ref})
        if page.next is None:
            return ""
        after = page.next


def groups_of(wanted: str) -> list[Group]:
    """Return what the words find, kind by kind, as far as this role may read."""
    principal = work().principal
    found = [campaigns(wanted)] if principal.may(Permission.CAMPAIGN_READ) else []
    if principal.partner_id and principal.may(Permission.CONTACTS_MANAGE):
        found.append(people(wanted))
    if principal.vendor_id and principal.may(Permission.PARTNERS_READ):
        found.append(firms(wanted))
    if principal.may(Permission.LEAD_READ):
        found.append(lead_hits(wanted))
    if principal.may(Permission.LAUNCH_READ):
        found.append(launch_hits(wanted))
    if principal.may(Permission.FUND_READ):
        found.append(funds(wanted))
    return [*found, help_hits(wanted)]


def campaigns(wanted: str) -> Group:
    """Find campaigns."""
    principal = work().principal
    rows = library.library_for(work().session, principal, search=wanted, today=work().now.date())
    hits = tuple(Hit(c.name, campaign_address(c), c.audience) for c in rows[:EACH])
    more = len(rows) > EACH and principal.partner_id is not None
    return Group(say("Campaigns"), hits, address_of("console.library_index", {"q": wanted}) * more)


def campaign_address(card: library.CampaignCard) -> str:
    """Return where this person looks at a campaign, empty for a role that has no such page."""
    principal = work().principal
    if principal.partner_id:
        slugs = {"vendor": card.vendor_slug, "slug": card.slug}
        return address_of("console.campaign_show", slugs)
    may = principal.may(Permission.CAMPAIGN_AUTHOR)
    return url_for("studio.campaign_show", slug=card.slug) if may else ""


def people(wanted: str) -> Group:
    """Find a partner's own contacts."""
    session, principal = work().session, work().principal
    page = contacts.contacts(session, principal, now=work().now, search=wanted)
    sign = work().site.signer.public_number
    hits = tuple(
        Hit(
            f"{row.first_name} {row.last_name}".strip() or row.address,
            address_of("console.contact_show", {"name": sign("contact", row.id)}),
            ", ".join(filter(None, (row.company, row.address))),
        )
        for row in page.rows[:EACH]
    )
    more = len(page.rows) > EACH
    return Group(say("People"), hits, address_of("console.contact_index", {"q": wanted}) * more)


def firms(wanted: str) -> Group:
    """Find a vendor's partners."""
    page = partners.partners(work().session, work().principal, search=wanted)
    hits = tuple(
        Hit(row.name, address_of("desk.partner_show", {"slug": row.slug}), row.tier.value.title())
        for row in page.rows[:EACH]
    )
    more = len(page.rows) > EACH
    return Group(say("Partners"), hits, address_of("desk.partner_index", {"q": wanted}) * more)


def lead_hits(wanted: str) -> Group:
    """Find leads by firm."""
    side = "console" if work().principal.partner_id else "desk"
    page = leads.leads(work().session, work().principal, wanted=wanted)
    hits = tuple(
        Hit(row.company, address_of(f"{side}.lead_show", {"ref": row.ref}),
            f"{row.ref}, {row.campaign}")
        for row in page.rows[:EACH]
    )  # fmt: skip
    more = len(page.rows) > EACH
    return Group(say("Leads"), hits, address_of(f"{side}.lead_index", {"q": wanted}) * more)


def launch_hits(wanted: str) -> Group:
    """Find launches by name, reference or partner."""
    mine = work().principal.partner_id is not None
    page = launches.launches(work().session, work().principal, search=wanted)
    endpoint = "console.launch_show" if mine else "desk.launch_report"
    hits = tuple(
        Hit(row.name, address_of(endpoint, {"ref": row.ref}),
            row.ref if mine else f"{row.ref}, {row.partner_name}")
        for row in page.rows[:EACH]
    )  # fmt: skip
    listed = "console.launch_index" if mine else "desk.launch_index"
    more = len(page.rows) > EACH
    return Group(say("Launches"), hits, address_of(listed, {"q": wanted}) * more)


def funds(wanted: str) -> Group:
    """Find funds by name or reference."""
    session, principal, now = work().session, work().principal, work().now
    begin = wanted.casefold()
    if principal.partner_id:
        wallet = address_of("console.fund_index", {})
        mine = fund_views.wallet(session, principal, now=now)
        listed = [(f.name, wallet, f.ref) for f in mine]
    else:
        listed = [
            (f.name, address_of("desk.fund_show", {"ref": f.ref}), f.ref)
            for f in fund_views.funds(session, principal, now=now)
        ]
    hits = [Hit(*row) for row in listed if begin in f"{row[0]} {row[2]}".casefold()]
    return Group(say("Funds"), tuple(hits[:EACH]))


def help_hits(wanted: str) -> Group:
    """Find topics of help."""
    begin = wanted.casefold()
    hits = [
        Hit(each.title, url_for("public.help_show", topic=each.slug), each.about)
        for each in TOPICS
        if begin in f"{each.title} {each.about}".casefold()
    ]
    return Group(say("Help"), tuple(hits[:EACH]))
