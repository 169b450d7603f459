"""Menus per audience, each entry with its permission; an entry a role may not open is absent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tcma.permissions import Permission, Principal, Role
from tcma.words import say

P = Permission


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a menu."""

    label: str
    href: str
    icon: str
    permission: P
    on_phone: bool = True
    count: int = 0
    current: bool = False


RAILS: Mapping[str, tuple[Entry, ...]] = {
    "console": (
        Entry(say("Home"), "/console", "home", P.ACCOUNT_SELF),
        Entry(say("Library"), "/console/library", "layout-grid", P.CAMPAIGN_READ),
        Entry(say("Launches"), "/console/launches", "send", P.LAUNCH_READ),
        Entry(say("Leads"), "/console/leads", "inbox", P.LEAD_READ),
        Entry(say("Contacts"), "/console/contacts", "users", P.CONTACTS_MANAGE, on_phone=False),
        Entry(say("Funds"), "/console/funds", "wallet", P.FUND_READ),
        Entry(say("Reports"), "/console/reports", "chart-bar", P.REPORT_READ, on_phone=False),
    ),
    "studio": (
        Entry(say("Campaigns"), "/studio", "layout-grid", P.CAMPAIGN_AUTHOR),
        Entry(say("Journeys"), "/studio/journeys", "route", P.CAMPAIGN_AUTHOR),
        Entry(say("Results"), "/studio/results", "chart-bar", P.CAMPAIGN_AUTHOR),
        Entry(say("Picture API"), "/studio/picture-api", "photo", P.CAMPAIGN_AUTHOR),
    ),
    "desk": (
        Entry(say("Queue"), "/desk", "list-check", P.PARTNERS_READ),
        Entry(say("Partners"), "/desk/partners", "users", P.PARTNERS_READ),
        Entry(say("Funds"), "/desk/funds", "wallet", P.FUND_READ),
        Entry(say("Requests"), "/desk/fund-requests", "file-text", P.FUND_READ, on_phone=False),
        Entry(say("Claims"), "/desk/claims", "receipt", P.FUND_READ, on_phone=False),
        Entry(say("Payments"), "/desk/payments", "cash", P.PAYMENT_MAKE, on_phone=False),
        Entry(say("Finance"), "/desk/finance", "building-bank", P.PAYMENT_MAKE, on_phone=False),
        Entry(say("Leads"), "/desk/leads", "inbox", P.LEAD_ASSIGN, on_phone=False),
        Entry(say("Rules"), "/desk/rules", "list-details", P.FUND_READ, on_phone=False),
        Entry(say("Launches"), "/desk/launches", "send", P.LAUNCH_READ, on_phone=False),
        Entry(say("Reports"), "/desk/reports", "report-analytics", P.REPORT_READ),
        Entry(say("People"), "/desk/people", "user-cog", P.PEOPLE_MANAGE, on_phone=False),
        Entry(say("Senders"), "/desk/senders", "mail-check", P.PARTNERS_READ, on_phone=False),
        Entry(say("Settings"), "/desk/settings", "settings", P.VENDOR_EDIT, on_phone=False),
        Entry(say("Health"), "/desk/health", "heartbeat", P.SYSTEM_HEALTH, on_phone=False),
    ),
}

FEET: Mapping[str, tuple[Entry, ...]] = {
    "console": (
        Entry(say("Search"), "/search", "search", P.ACCOUNT_SELF),
        Entry(say("Notices"), "/notices", "bell", P.ACCOUNT_SELF),
        Entry(say("Brand profile"), "/console/brand", "palette", P.BRAND_EDIT),
        Entry(say("People"), "/console/people", "user-cog", P.PEOPLE_MANAGE),
        Entry(say("Help"), "/help", "help-circle", P.ACCOUNT_SELF),
    ),
    "studio": (
        Entry(say("Search"), "/search", "search", P.ACCOUNT_SELF),
        Entry(say("Notices"), "/notices", "bell", P.ACCOUNT_SELF),
        Entry(say("Help"), "/help", "help-circle", P.ACCOUNT_SELF),
    ),
    "desk": (
        Entry(say("Search"), "/search", "search", P.ACCOUNT_SELF),
        Entry(say("Notices"), "/notices", "bell", P.ACCOUNT_SELF),
        Entry(say("Help"), "/help", "help-circle", P.ACCOUNT_SELF),
    ),
}

BELONG = (
    ("/console/fund-requests", "/console/funds"),
    ("/console/claims", "/console/funds"),
    ("/console/joint-plans", "/console/funds"),
    ("/desk/joint-plans", "/desk/funds"),
    ("/desk/programme", "/desk/partners"),
    ("/desk/terms", "/desk/partners"),
    ("/desk/announcements", "/desk/partners"),
    ("/console/news", "/console"),
    ("/console/terms", "/console"),
    ("/console/opportunities", "/console/leads"),
    ("/desk/opportunities", "/desk/leads"),
    ("/console/campaigns", "/console/library"),
    ("/console/imports", "/console/contacts"),
    ("/console/stop-list", "/console/contacts"),
    ("/console/senders", "/console/brand"),
    ("/console/social", "/console/brand"),
    ("/console/page-hosts", "/console/brand"),
)
"""Pages below another entry than their address says."""

AUDIENCE_WORDS = {"console": say("Partner console"), "studio": say("Studio"), "desk": say("Desk")}


def rail(audience: str, principal: Principal, path: str, counts: Mapping[str, int]) -> list[Entry]:
    """Return the rail of an audience for one person; `counts` are things that need an act."""
    entries = [e for e in RAILS[audience] if principal.may(e.permission)]
    if principal.role is Role.ADMINISTRATOR:
        entries += [e for e in RAILS["studio"] if audience == "desk"][:1]
    path = next((home for part, home in BELONG if _within(path, part)), path)
    in_foot = any(_within(path, e.href) for e in FEET[audience])
    here = max((e.href for e in entries if _within(path, e.href)), key=len, default="")
    here = "" if in_foot else here
    return [replace(e, count=counts.get(e.label, 0), current=e.href == here) for e in entries]


def foot(audience: str, principal: Principal, path: str) -> list[Entry]:
    """Return the foot of the rail."""
    path = next((home for part, home in BELONG if _within(path, part)), path)
    return [
        replace(e, current=_within(path, e.href))
        for e in FEET[audience]
        if principal.may(e.permission)
    ]


def _within(path: str, href: str) -> bool:
    return path == href or path.startswith(href + "/")
