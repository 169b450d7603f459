"""Where a report's number leads: the list that holds exactly its rows, in the reader's audience."""

from collections.abc import Mapping
from typing import Final

from flask import current_app, url_for

from tcma.reporting.figures import Opens

PAGES: Final[Mapping[str, Mapping[str, str]]] = {
    "console": {
        "people": "console.launch_people",
        "leads": "console.lead_index",
        "opportunities": "console.opportunity_index",
        "requests": "console.request_index",
        "claims": "console.claim_index",
        "fund": "console.fund_index",
        "ledger": "console.fund_index",
        "launches": "console.launch_index",
    },
    "desk": {
        "leads": "desk.lead_index",
        "requests": "desk.request_index",
        "claims": "desk.claim_index",
        "fund": "desk.fund_show",
        "ledger": "desk.fund_show",
        "launches": "desk.launch_index",
        "partner": "desk.partner_show",
    },
    "studio": {},
}
NAMED: Final[Mapping[str, str]] = {"fund": "ref", "ledger": "ref", "partner": "slug"}
"""Lists whose page is about one thing: the filter that is part of its address."""
LISTED: Final = frozenset({"sent", "failed", "skipped", "uncertain", "cancelled", "waiting"})
"""States of people that the page of a launch can list."""
REPORTS: Final[Mapping[str, str]] = {"campaign": "launches", "partner": "launches"}


def address(opens: Opens | None, audience: str) -> str:
    """Return the address of the rows behind a number, empty where this audience has no such list."""
    if opens is None:
        return ""
    filters = dict(opens.filters)
    if opens.what == "report":
        return report_address(filters, audience)
    page = PAGES[audience].get(opens.what, "")
    if opens.what == "people" and ("launch" not in filters or filters["state"] not in LISTED):
        return ""
    if opens.what == "people":
        filters["ref"] = filters.pop("launch")
    if opens.what in NAMED and audience == "desk":
        filters = {NAMED[opens.what]: filters.pop(next(iter(filters)))} if filters else {}
    return address_of(page, filters)


def report_address(filters: Mapping[str, str], audience: str) -> str:
    """Return the report about one launch, campaign or partner."""
    if "launch" in filters:
        return address_of(f"{audience}.launch_report", {"ref": filters["launch"]})
    for about, name in REPORTS.items():
        if about in filters:
            return address_of(f"{audience}.report_show", {"name": name, about: filters[about]})
    return ""


def address_of(endpoint: str, values: Mapping[str, str]) -> str:
    """Return the address of a page, empty when this product has none of that name."""
    if endpoint not in current_app.view_functions:
        return ""
    return url_for(endpoint, **dict(values))
