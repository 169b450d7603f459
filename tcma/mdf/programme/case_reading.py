"""Reads a case from JSON: a request, a claim, an accrual or an expiry; malformed is refused by place."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import is_currency

from tcma.mdf.programme.cases import (
    Activity,
    Approved,
    Case,
    Cost,
    Grant,
    Invoice,
    Shown,
    Spent,
)
from tcma.mdf.programme.conditions import number_of, slug
from tcma.mdf.programme.nodes import CaseRefused, Node
from tcma.money import Money

KINDS = ("request", "claim", "accrual", "expiry")
TOP = ("kind", "ref", "currency", "submitted_at", "judged_at", "title", "partner", "activity",
       "activities", "costs", "requested", "claimed", "share", "request", "invoices", "proofs",
       "fund", "history", "claims_before", "extension", "partner_pays", "purchases", "sales",
       "accrual_percent", "earned_on", "unspent", "carry_over", "results_at", "vendor", "fix_by",
       "facts", "settled_by")  # fmt: skip


def load(text: str, *, currency: str, zone: str) -> Case:
    """Read a case from JSON with exact numbers; CaseRefused names place and remedy."""
    try:
        values = json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except json.JSONDecodeError as problem:
        place = f"line {problem.lineno}, column {problem.colno}"
        raise CaseRefused(place, f"not JSON: {problem.msg}.", "mend this place") from None
    except RecursionError:
        raise CaseRefused("case", "nested too deep.", "write one object") from None
    if not isinstance(values, Mapping):
        raise CaseRefused("case", "a case is one object.", 'begin with {"kind": "claim"')
    return of(Node(values, "", zone, _currency(values, currency)))


def _no_number(word: str) -> Decimal:
    raise CaseRefused("case", f"“{word}” is not a number.", "write a number or leave it out")


def _currency(values: Mapping[str, Any], default: str) -> str:
    found = values.get("currency") or default
    if not isinstance(found, str) or not is_currency(found):
        remedy = 'write "currency": "GBP", or give the programme one'
        raise CaseRefused("currency", "the case names no currency.", remedy)
    if default and found != default:
        said = f"the case is in {found}, the programme in {default}."
        raise CaseRefused("currency", said, f"judge it by a programme in {found}")
    return found


def kind_of(values: Mapping[str, Any]) -> str:
    """Return what a case is about; CaseRefused when it does not say."""
    kind = values.get("kind")
    if kind not in KINDS:
        near = difflib.get_close_matches(slug(kind), KINDS, n=1)
        remedy = f"did you mean “{near[0]}”?" if near else f"use one of: {', '.join(KINDS)}"
        raise CaseRefused("kind", "a case says what it is about.", remedy)
    return str(kind)


def of(node: Node) -> Case:
    """Return the case an object describes."""
    node.known(*TOP, closed=True)
    kind = kind_of(node.values)
    at = node.instant("submitted_at", needed=True)
    assert at is not None
    base = Node(node.values, node.place, node.zone, node.currency)
    activities = _activities(base, needed=kind in {"request", "claim"})
    fund = node.child("fund")
    if fund:
        fund.known("available", "total", "used", "starts_on", "ends_on")
    return Case(
        kind=kind,
        ref=node.text("ref"),
        title=node.text("title"),
        currency=node.currency,
        at=at,
        judged_at=node.instant("judged_at") or at,
        partner=_partner(node),
        activities=activities,
        costs=_costs(node, "costs", None) or tuple(c for a in activities for c in a.costs),
        asked=node.money("claimed" if kind == "claim" else "requested"),
        share=node.percent("share"),
        plan=_plan(node),
        invoices=tuple(_invoice(each, activities) for each in node.children("invoices")),
        proofs=_proofs(node, activities),
        available=fund.money("available") if fund else None,
        fund_total=fund.money("total") if fund else None,
        fund_used=fund.money("used") if fund else None,
        fund_starts_on=fund.day("starts_on") if fund else None,
        fund_ends_on=fund.day("ends_on") if fund else None,
        fix_by=node.day("fix_by"),
        history=tuple(_spent(each) for each in node.children("history")),
        claims_before=_count(node, "claims_before"),
        extension=_grant(node, "extension"),
        carry_over=_grant(node, "carry_over"),
        partner_pays=node.money("partner_pays"),
        base=node.money("purchases") if "purchases" in node.values else node.money("sales"),
        rate=node.percent("accrual_percent"),
        earned_on=node.day("earned_on"),
        unspent=node.money("unspent"),
        results_at=node.instant("results_at"),
        facts=node.values,
    )


def _count(node: Node, key: str, default: int = 0) -> int:
    value = node.values.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise node.refuse(key, "this must be a whole number.", f'write "{key}": 1')
    return value


def _partner(node: Node) -> Mapping[str, Any]:
    partner = node.child("partner")
    if partner is None:
        return {}
    partner.known("name", "legal_name", "tier", "country", "status", "overdue", "tax_profile",
                  "bank_profile")  # fmt: skip
    for key in ("name", "legal_name", "tier", "country", "status"):
        partner.text(key)
    for key in ("overdue", "tax_profile", "bank_profile"):
        partner.flag(key)
    return partner.values


def _activities(node: Node, *, needed: bool) -> tuple[Activity, ...]:
    one = node.child("activity")
    rows = [one] if one else node.children("activities")
    if needed and not rows:
        remedy = 'write "activities": [{"type": "email", "starts_on": "…", "ends_on": "…"}]'
        raise node.refuse("activities", "there is no activity.", remedy)
    return tuple(_activity(row, n) for n, row in enumerate(rows))


def _activity(row: Node, number: int) -> Activity:
    row.known("type", "starts_on", "starts_at", "ends_on", "costs", "requested", "audience",
              "place", "format", "proofs", "facts")  # fmt: skip
    own = row.values.get("facts")
    starts_at = row.instant("starts_at")
    first = row.day("starts_on", needed=starts_at is None)
    if first is None:
        assert starts_at is not None
        first = starts_at.astimezone(ZoneInfo(row.zone)).date()
    return Activity(
        kind=slug(row.text("type", needed=True)),
        starts_on=first,
        ends_on=row.day("ends_on") or first,
        starts_at=starts_at,
        costs=_costs(row, "costs", number),
        asked=row.money("requested"),
        facts={**row.values, **own} if isinstance(own, Mapping) else row.values,
    )


def _costs(node: Node, key: str, activity: int | None) -> tuple[Cost, ...]:
    found = []
    for row in node.children(key):
        row.known("kind", "amount", "label", "activity")
        amount = row.money("amount")
        if amount is None:
            raise row.refuse("amount", "a cost has an amount.", 'write "amount": "1250.00"')
        at = _count(row, "activity") if activity is None else activity
        found.append(
            Cost(kind=slug(row.text("kind")), amount=amount, activity=at, label=row.text("label"))
        )
    return tuple(found)


def _plan(node: Node) -> Approved | None:
    plan = node.child("request")
    if plan is None:
        return None
    plan.known("ref", "submitted_at", "approved_at", "approved", "remaining", "share",
               "activities", "activity", "order_number")  # fmt: skip
    one = plan.child("activity")
    rows = [one] if one else plan.children("activities")
    return Approved(
        submitted_at=plan.instant("submitted_at"),
        approved_at=plan.instant("approved_at"),
        approved=plan.money("approved"),
        remaining=plan.money("remaining"),
        share=plan.percent("share"),
        activities=tuple(row.values for row in rows),
        facts=plan.values,
    )


def _invoice(row: Node, activities: tuple[Activity, ...]) -> Invoice:
    row.known("number", "issuer", "issued_on", "made_out_to", "country", "currency", "net", "tax",
              "total", "order_number", "lines", "already_in", "rate", "rate_from", "activity", "shows",
              "issuer_address", "tax_id", "terms")  # fmt: skip
    currency = row.text("currency").upper() or row.currency
    if not is_currency(currency):
        raise row.refuse("currency", "this is not a currency.", 'write "currency": "EUR"')
    own = replace(row, currency=currency)
    net, tax, total = own.money("net"), own.money("tax"), own.money("total")
    if net is None and total is None:
        raise row.refuse("net", "an invoice has a sum.", 'write "net": "1250.00", or "total"')
    at = _count(row, "activity")
    if activities and at >= len(activities):
        raise row.refuse("activity", f"there is no activity {at}.", "count from 0")
    return Invoice(
        number=row.text("number"),
        issuer=row.text("issuer"),
        issued_on=row.day("issued_on"),
        made_out_to=row.text("made_out_to"),
        country=row.text("country").upper(),
        currency=currency,
        net=net,
        tax=tax,
        total=total,
        order_number=row.text("order_number"),
        twin=row.text("already_in"),
        rate=_rate(row),
        costs=_costs(own, "lines", at) if _listed(row) else (),
        activity=at,
        facts=row.values,
    )


def _listed(row: Node) -> bool:
    lines = row.values.get("lines")
    return isinstance(lines, list) and any(isinstance(each, Mapping) for each in lines)


def _rate(row: Node) -> Decimal | None:
    value = row.values.get("rate")
    rate = number_of(value)
    if value is not None and (rate is None or rate <= 0):
        raise row.refuse("rate", "this is no exchange rate.", 'write "rate": "1.1712"')
    return rate


def _proofs(node: Node, activities: tuple[Activity, ...]) -> tuple[Shown, ...]:
    found = [_shown(row, None) for row in _rows(node)]
    one = node.child("activity")
    rows = [one] if one else node.children("activities")
    for n, row in enumerate(rows[: len(activities)]):
        found += [_shown(each, n) for each in _rows(row)]
    return tuple(found)


def _rows(node: Node) -> list[Node]:
    # A bare name is a proof of one file.
    value = node.values.get("proofs")
    if isinstance(value, list):
        value = [{"proof": each} if isinstance(each, str) else each for each in value]
        node = replace(node, values={"proofs": value})
    return node.children("proofs")


def _shown(row: Node, activity: int | None) -> Shown:
    row.known("proof", "files", "file", "format", "names", "activity")
    name, file = row.text("proof", needed=True), row.text("file")
    ending = file.rpartition(".")[2] if "." in file else ""
    at = row.values.get("activity")
    return Shown(
        name=name,
        files=_count(row, "files", 1),
        format=(row.text("format") or ending).casefold().lstrip("."),
        names=row.text("names") or file,
        activity=activity if at is None else _count(row, "activity"),
        facts=row.values,
    )


def _spent(row: Node) -> Spent:
    row.known("type", "cost", "on", "amount", "before_share")
    amount, on = row.money("amount"), row.day("on", needed=True)
    if amount is None or on is None:
        raise row.refuse("amount", "an earlier plan has an amount.", 'write "amount": "500.00"')
    return Spent(
        kind=slug(row.text("type")),
        cost=slug(row.text("cost")),
        on=on,
        amount=amount,
        before_share=row.money("before_share") or amount,
    )


def _grant(node: Node, key: str) -> Grant | None:
    grant = node.child(key)
    if grant is None:
        return None
    grant.known("until", "role", "by", "amount", "approved_at")
    amount: Money | None = grant.money("amount")
    return Grant(
        until=grant.day("until"), role=grant.text("role"), by=grant.text("by"), amount=amount
    )
