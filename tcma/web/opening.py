"""Where a report's number leads: the list that holds exactly its rows, in the reader's audience."""

from collections.abc import Mapping
from typing import Any, Final

from flask import current_app, url_for

from tcma.permissions import Permission
from tcma.reporting.figures import Opens
from tcma.reporting.rows import KINDS, PEOPLE_FACETS
from tcma.web.unit_of_work import work

LISTS: Final[Mapping[str, str]] = {
    "requests": "request_index",
    "claims": "claim_index",
    "fund": "fund_show",
    "ledger": "fund_ledger",
    "partner": "partner_show",
}
"""Lists with a page of their own that takes the figure's filters."""
NAMED: Final[Mapping[str, str]] = {"fund": "ref", "ledger": "ref", "partner": "slug"}
"""Pages about one thing: the filter that is part of their address."""
NEEDS: Final[Mapping[str, Permission]] = {
    "launches": Permission.LAUNCH_READ,
    "leads": Permission.LEAD_READ,
    "opportunities": Permission.LEAD_READ,
    "people": Permission.LAUNCH_READ,
    "stages": Permission.FUND_READ,
    "measures": Permission.FUND_READ,
    "requests": Permission.FUND_READ,
    "claims": Permission.FUND_READ,
    "fund": Permission.FUND_READ,
    "ledger": Permission.FUND_READ,
    "partner": Permission.PARTNERS_READ,
    "report": Permission.REPORT_READ,
}
WITH_REASONS: Final = frozenset({"sent", "failed", "skipped", "uncertain", "cancelled", "waiting"})
"""States of people that the page of a launch lists, each with why."""


def address(opens: Opens | None, audience: str, *, period: str = "all") -> str:
    """Return the address of the rows behind a number, empty where this reader may not list them."""
    if opens is None or not work().principal.may(NEEDS[opens.what]) or audience == "studio":
        return ""
    filters = dict(opens.filters)
    if opens.what == "report":
        return report_address(filters, audience, period)
    if opens.what == "people":
        return people_address(filters, audience)
    if opens.what in KINDS:
        return address_of(
            f"{audience}.report_rows", {"what": opens.what, "period": period} | filters
        )
    if opens.what == "fund" and audience == "console":
        return address_of("console.fund_index", {})
    if opens.what in NAMED:
        filters = {NAMED[opens.what]: filters[opens.what if opens.what == "partner" else "fund"]}
    return address_of(f"{audience}.{LISTS[opens.what]}", filters)


def people_address(filters: Mapping[str, str], audience: str) -> str:
    """Return the people of one launch; nobody but the partner may list them."""
    if audience != "console" or "launch" not in filters:
        return ""
    if filters["state"] in WITH_REASONS:
        others = {key: value for key, value in filters.items() if key != "launch"}
        return address_of("console.launch_people", {"ref": filters["launch"]} | others)
    if filters["state"] in PEOPLE_FACETS:
        return address_of("console.report_rows", {"what": "people"} | dict(filters))
    return ""


def report_address(filters: Mapping[str, str], audience: str, period: str) -> str:
    """Return the report about one launch, or the launches of one campaign or partner."""
    if "launch" in filters:
        may = work().principal.may(Permission.LAUNCH_READ)
        return address_of(f"{audience}.launch_report", {"ref": filters["launch"]}) if may else ""
    named = {"name": "launches", "period": period}
    return address_of(f"{audience}.report_show", named | dict(filters)) if filters else ""


def address_of(endpoint: str, values: Mapping[str, Any]) -> str:
    """Return the address of a page, empty when this product has none of that name."""
    if endpoint not in current_app.view_functions:
        return ""
    return url_for(endpoint, **dict(values))
