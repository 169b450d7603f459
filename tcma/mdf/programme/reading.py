"""Reads a programme file into its dated versions; finds everything that is wrong with it, by line."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision, is_currency

from tcma.errors import Invalid
from tcma.mdf.programme import sections
from tcma.mdf.programme.days import WEEKDAYS, WorkCalendar, known_regions
from tcma.mdf.programme.document import FIXED, KINDS, Programme, worth_of_point
from tcma.mdf.programme.sheet import Reading, Sheet, load
from tcma.rendering.findings import Finding, Severity, nearest

MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september",
          "october", "november", "december")  # fmt: skip


@dataclass(frozen=True, slots=True)
class ProgrammeFile:
    """All versions of one programme, oldest first."""

    versions: tuple[Programme, ...]

    def at(self, day: date) -> Programme:
        """Return the version in force on `day`; before the first there is the first."""
        begun = [one for one in self.versions if one.since is None or one.since <= day]
        return begun[-1] if begun else self.versions[0]


class ProgrammeRefused(Invalid):
    """A programme that cannot be used; `findings` say where and why."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        first, more = findings[0], len(findings) - 1
        place = f"{first.file}:{first.line}" if first.line else first.file
        message = f"{place}: {first.message}" + (f" (and {more} more)" if more else "")
        super().__init__(message, code="config.programme", remedy=first.remedy or None)


def read(source: str, file: str = "programme.toml") -> ProgrammeFile:
    """Return the versions of a programme; ProgrammeRefused when anything stops it."""
    found, findings = check(source, file)
    stops = tuple(one for one in findings if one.severity is Severity.ERROR)
    if stops or found is None:
        raise ProgrammeRefused(stops)
    return found


def check(source: str, file: str) -> tuple[ProgrammeFile | None, list[Finding]]:
    """Return the programme, None when it cannot be used, and all that was found, by line."""
    values, reading = load(source, file)
    if not values:
        if not reading.findings:
            Sheet({}, reading).wrong("name", "The file is empty.", 'begin with name = "…"')
        return None, reading.findings
    changes = values.pop("change", [])
    top = Sheet({"change": changes}, reading).tables("change")
    versions = [_version(Sheet(values, reading))]
    for number, change in enumerate(top):
        since = change.values.get("from")
        if not isinstance(since, date) and not isinstance(since, str):
            change.wrong("from", "A change says from when it counts.", "write from = 2026-07-01")
            continue
        values = merged(values, change.values)
        under = tuple(("change", n) for n in range(number, -1, -1))
        versions.append(_version(Sheet(values, reading, under=(*under, ()))))
    if top:
        _in_order(versions, top[-1])
    unique = list(dict.fromkeys(reading.findings))
    unique.sort(key=lambda one: (one.line, one.severity))
    wrong = any(one.severity is Severity.ERROR for one in unique)
    return None if wrong else ProgrammeFile(tuple(versions)), unique


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return `old` with what `new` says: tables are joined, everything else is replaced."""
    both = dict(old)
    for key, value in new.items():
        had = both.get(key)
        joined = isinstance(value, dict) and isinstance(had, dict)
        both[key] = merged(had or {}, value) if joined else value
    return both


def _in_order(versions: list[Programme], sheet: Sheet) -> None:
    days = [one.since or date.min for one in versions]
    if any(later <= earlier for earlier, later in itertools.pairwise(days)):
        sheet.wrong(
            "from", "Versions count from later and later days.", "put them in order of “from”"
        )


def _version(sheet: Sheet) -> Programme:
    name = sheet.text("name", needed=True)
    kind = sheet.choice("kind", KINDS, "discretionary")
    currency = _currency(sheet)
    calendar = _calendar(sheet)
    month = sheet.choice("year_starts", MONTHS, "january")
    activities = sections.activities(sheet)
    programme = Programme(
        name=name,
        kind=kind,
        since=sheet.day("from"),
        currency=currency,
        about=sheet.text("about"),
        calendar=calendar,
        year_starts=MONTHS.index(month) + 1,
        point=sheet.amount("point") or Decimal(1),
        eligibility=sections.eligibility(sheet.table("partner"), sheet),
        share=sections.share(sheet.table("share")),
        request=sections.request(sheet.table("request")),
        approval=sections.approval(sheet.table("approval")),
        claim_approval=sections.claim_approval(sheet.table("claim_approval")),
        claim=sections.claim(sheet.table("claim")),
        invoice=sections.invoice(sheet.table("invoice"), calendar.region),
        fund=sections.fund(sheet.table("fund")),
        accrual=sections.accrual(sheet.table("accrual")) if "accrual" in sheet.values else None,
        eligible=sheet.table("costs").texts("eligible"),
        ineligible=sheet.table("costs").texts("ineligible"),
        caps=tuple(sections.cap(each, n, activities) for n, each in enumerate(sheet.tables("cap"))),
        proofs=tuple(sections.proof(each) for each in sheet.tables("proof")),
        proof_names_claim=sheet.table("files").flag("name_the_claim"),
        proof_formats=sections.formats(sheet.table("files")),
        activities=activities,
        own=tuple(sections.own_rule(each, n) for n, each in enumerate(sheet.tables("rule"))),
        curable=sections.curable(sheet.table("curable")),
    )
    _closed(sheet.table("costs"), "eligible", "ineligible")
    _closed(sheet.table("files"), "name_the_claim", "formats")
    sheet.done()
    _sense(programme, sheet)
    return programme


def _closed(sheet: Sheet, *known: str) -> None:
    sheet.used.update(known)
    sheet.done()


def _currency(sheet: Sheet) -> str:
    currency = sheet.text("currency").upper()
    if currency and not is_currency(currency):
        sheet.wrong("currency", f"“{currency}” is not a currency.", 'write currency = "EUR"')
        return ""
    return currency


def _calendar(sheet: Sheet) -> WorkCalendar:
    zone = sheet.text("zone", "UTC")
    if not _is_zone(zone):
        remedy = nearest(zone, {"Europe/London", "Europe/Berlin", "America/New_York", "Asia/Tokyo"})
        sheet.wrong("zone", f"“{zone}” is not a time zone.", remedy)
        zone = "UTC"
    region = sheet.text("region")
    if region and region not in known_regions():
        near = {one for one in known_regions() if one.startswith(region[:2])}
        remedy = nearest(region, near or {"GB", "GB-ENG", "DE", "US", "XECB"})
        sheet.wrong("region", f"There is no calendar for “{region}”.", remedy)
        region = ""
    named = [day.casefold() for day in sheet.texts("weekend")]
    weekend = frozenset(WEEKDAYS.index(day) for day in named if day in WEEKDAYS)
    if len(weekend) != len(named) or len(weekend) == len(WEEKDAYS):
        sheet.wrong("weekend", "A weekend names days.", 'write weekend = ["friday", "saturday"]')
    return WorkCalendar(
        zone=zone,
        region=region,
        weekend=weekend if "weekend" in sheet.values else None,
        closed=sheet.days("closed"),
        open=sheet.days("worked"),
        day_ends=sheet.clock("day_ends"),
    )


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _sense(programme: Programme, sheet: Sheet) -> None:
    if programme.kind == "accrued" and programme.accrual is None:
        sheet.wrong("kind", "An accrued fund says how it builds.", "add [accrual] with percent = 2")
    if programme.kind == FIXED and programme.fund.per_partner is None:
        sheet.wrong("kind", "A fixed fund says how much.", 'add [fund] with per_partner = "2000"')
    if not worth_of_point(programme.point):
        sheet.wrong("point", "A point is worth little money.", 'write point = "0.10"')
    _lengths(programme, sheet)
    if not programme.calendar.region and _counts_working_days(programme):
        sheet.doubt(
            "region",
            "Working days are counted without public holidays.",
            'add region = "GB-ENG", or the country where the fund is run',
        )
    fund = programme.fund
    if fund.starts_on and fund.ends_on and fund.ends_on < fund.starts_on:
        sheet.table("fund").wrong("ends_on", "The fund ends before it starts.", "swap the days")


def _counts_working_days(programme: Programme) -> bool:
    terms = (
        *programme.request.deadline,
        *programme.claim.deadline,
        *programme.claim.opens,
        *(term for each in programme.activities.values() for term in each.deadline),
    )
    return any(term.span and term.span.unit == "working day" for term in terms)


def _lengths(programme: Programme, sheet: Sheet) -> None:
    if not programme.currency:
        return
    digits = get_currency_precision(programme.currency)
    sums = {
        "request": (programme.request.minimum, programme.request.maximum),
        "claim": (programme.claim.minimum,),
        "approval": (
            programme.approval.automatic_up_to,
            *(level.up_to for level in programme.approval.levels),
        ),
        "claim_approval": tuple(level.up_to for level in programme.claim_approval.levels),
        "fund": (programme.fund.per_partner,),
        "cap": tuple(cap.amount for cap in programme.caps),
        "activity": tuple(
            each
            for one in programme.activities.values()
            for each in (one.fixed, one.minimum, one.maximum)
        ),
    }
    for key, amounts in sums.items():
        for amount in amounts:
            if amount is not None and -int(amount.normalize().as_tuple().exponent) > digits:
                words = f"{amount} has more than {digits} digits after the point."
                sheet.wrong(key, words, f"{programme.currency} has {digits}; round it")


__all__ = ["ProgrammeFile", "ProgrammeRefused", "Reading", "check", "merged", "read"]
