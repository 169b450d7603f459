"""The sections of a programme file, each read into its rules: what may stand there and what it defaults to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from tcma.mdf.programme.conditions import Condition, slug
from tcma.mdf.programme.document import (
    AT_ONCE,
    CUT,
    FORTNIGHT,
    PERIODS,
    REFUSE,
    RETURN,
    WHEN_REPAID,
    Accrual,
    Activity,
    Approval,
    Cap,
    ClaimRules,
    Eligibility,
    Extension,
    FundRules,
    InvoiceRules,
    Level,
    OwnRule,
    Proof,
    RequestRules,
    Share,
)
from tcma.mdf.programme.settled import CASH, settled_by
from tcma.mdf.programme.sheet import Sheet
from tcma.mdf.programme.terms import Term, read_term
from tcma.mdf.reasons import CURABLE, Reason
from tcma.words import say

THEN = (CUT, RETURN, REFUSE)
INVOICE_FIELDS = {
    "issuer": say("who wrote it"),
    "issuer_address": say("the issuer’s address"),
    "tax_id": say("the tax number"),
    "number": say("the invoice number"),
    "issued_on": say("the date"),
    "due_on": say("the day it is due"),
    "made_out_to": say("whom it is made out to"),
    "net": say("the net sum"),
    "tax": say("the tax"),
    "total": say("the total"),
    "lines": say("the line items"),
    "terms": say("the payment terms"),
    "order_number": say("the order number"),
    "currency": say("the currency"),
    "period": say("the period of the service"),
    "bank_account": say("the bank account"),
    "seal": say("the seal"),
    "signature": say("the signature"),
}
NEVER = Condition("false", lambda _facts: False, ())
IN_ADVANCE = "before activity start"
DECIDING_ROLES = ("channel_manager", "finance", "administrator")
ON = ("request", "claim", "accrual", "expiry")
EACH = ("activity", "invoice", "proof", "cost")


def by_tier(sheet: Sheet) -> Mapping[str, Decimal]:
    """Read percentages by tier: the table `tier`."""
    tiers = sheet.table("tier")
    found = {name.casefold(): tiers.percent(name) for name in tiers.values}
    return {name: rate for name, rate in found.items() if rate is not None}


def share(sheet: Sheet) -> Share:
    """Read what the vendor pays of a cost."""
    match = sheet.text("match")
    percent, ratio = sheet.percent("percent"), None
    if match:
        sides = re.fullmatch(r"(\d{1,3})\s*:\s*(\d{1,3})", match)
        if sides is None or not int(sides[1]) or percent is not None:
            sheet.wrong("match", "A match is vendor : partner, alone.", 'write match = "1:1"')
        else:
            ratio = (Decimal(sides[1]), Decimal(sides[2]))
            percent = round(100 * ratio[0] / sum(ratio), 2)
    found = Share(
        percent=percent or Decimal(100),
        by_tier=by_tier(sheet),
        least=sheet.percent("least"),
        most=sheet.percent("most"),
        match=ratio,
    )
    if (found.least is None) != (found.most is None) or (found.least or 0) > (found.most or 0):
        sheet.wrong("least", "A range has “least” and “most”, in this order.", "least = 50")
    sheet.done()
    return found


def eligibility(sheet: Sheet, top: Sheet) -> Eligibility:
    """Read who may ask, and whether only listed activities are paid for."""
    found = Eligibility(
        statuses=sheet.texts("status"),
        tiers=sheet.texts("tiers"),
        countries=sheet.texts("countries"),
        frozen_when_overdue=sheet.flag("frozen_when_overdue"),
        listed_only=top.flag("listed_activities_only", default="activity" in top.values),
        when=sheet.condition("when"),
    )
    sheet.done()
    return found


def request(sheet: Sheet) -> RequestRules:
    """Read what a plan is held to."""
    found = RequestRules(
        needed=sheet.flag("needed", default=True),
        deadline=sheet.terms("deadline", base="activity start"),
        minimum=sheet.amount("minimum"),
        maximum=sheet.amount("maximum"),
        extension=extension(sheet),
        states=sheet.texts("states"),
        naming=_pattern(sheet),
        when_too_much=sheet.choice("when_too_much", THEN, CUT),
    )
    _less(sheet, found.minimum, found.maximum)
    sheet.done()
    return found


def approval(sheet: Sheet) -> Approval:
    """Read who decides plans, level by level, and which of them nobody has to decide."""
    sampled = sheet.percent("sampled")
    found = Approval(
        levels=_levels(sheet),
        automatic_up_to=sheet.amount("automatic_up_to"),
        sampled=Decimal(10) if sampled is None else sampled,
    )
    sheet.done()
    return found


def claim_approval(sheet: Sheet) -> Approval:
    """Read who decides claims, level by level; a claim is always decided by a person."""
    found = Approval(levels=_levels(sheet))
    sheet.done()
    return found


def _levels(sheet: Sheet) -> tuple[Level, ...]:
    levels = tuple(_level(each) for each in sheet.tables("level"))
    sums = [each.up_to for each in levels]
    if any(each is None for each in sums[:-1]) or sorted(s for s in sums if s is not None) != [
        s for s in sums if s is not None
    ]:
        words = "Each level reaches further than the one before; only the last has no limit."
        sheet.wrong("level", words, "put them in order of up_to")
    return levels or (Level(),)


def _level(sheet: Sheet) -> Level:
    found = Level(by=sheet.texts("by"), up_to=sheet.amount("up_to"))
    for role in found.by:
        if role not in DECIDING_ROLES:
            sheet.wrong("by", f"“{role}” decides no money.", ", ".join(DECIDING_ROLES))
    sheet.done()
    return found


def _less(sheet: Sheet, low: Decimal | None, high: Decimal | None) -> None:
    if low is not None and high is not None and low > high:
        sheet.wrong("minimum", "The minimum is above the maximum.", "swap them")


def _pattern(sheet: Sheet) -> str:
    pattern = sheet.text("naming")
    try:
        re.compile(pattern)
    except re.error:
        sheet.wrong("naming", "“naming” is no pattern.", 'write naming = "FY\\\\d\\\\d-.*"')
        return ""
    return pattern


def extension(sheet: Sheet) -> Extension | None:
    """Read who may grant a later last day."""
    table = sheet.table("extension")
    if not table.values:
        return None
    found = Extension(most=table.span("most"), by=table.texts("by"))
    table.done()
    return found


def claim(sheet: Sheet) -> ClaimRules:
    """Read what a claim is held to."""
    advance = sheet.get("approved_in_advance")
    before: tuple[Term, ...] = ()
    if isinstance(advance, str):
        before = sheet.terms("approved_in_advance", base="activity start")
    elif sheet.flag("approved_in_advance", default=True):
        before = (read_term(IN_ADVANCE),)
    found = ClaimRules(
        deadline=sheet.terms("deadline", base="activity end"),
        opens=sheet.terms("opens", base="activity end"),
        approved_before=before,
        fix_within=sheet.span("fix_within") or FORTNIGHT,
        minimum=sheet.amount("minimum"),
        most_claims=sheet.whole("most_claims"),
        unchanged=sheet.texts("unchanged"),
        results=sheet.terms("results", base="activity end"),
        needs=sheet.texts("needs"),
        extension=extension(sheet),
        paid_within=sheet.span("paid_within"),
        papers_kept=sheet.span("papers_kept"),
    )
    sheet.done()
    return found


def invoice(sheet: Sheet, region: str) -> InvoiceRules:
    """Read what an invoice must be and show."""
    shows = sheet.texts("shows")
    for name in shows:
        if not re.fullmatch(r"[a-z_]+", name):
            sheet.wrong("shows", f"“{name}” is no name of a field.", ", ".join(INVOICE_FIELDS))
    found = InvoiceRules(
        needed=sheet.flag("needed", default=True),
        counts=sheet.choice("counts", ("net", "total"), "net"),
        shows=shows,
        order_number=sheet.flag("order_number"),
        equals=sheet.choice("equals", ("approved", "claimed"), "approved")
        if "equals" in sheet.values
        else "",
        compares=sheet.choice("compares", ("net", "total"), "total"),
        tolerance=sheet.amount("tolerance") or Decimal(0),
        unless=sheet.condition("unless"),
        not_before=sheet.terms("not_before", base="approval"),
        not_after=sheet.terms("not_after", base="approval"),
        untaxed_from_abroad=sheet.flag("no_tax_from_abroad"),
        home=sheet.texts("home") or ((region[:2],) if region and region[0] != "X" else ()),
        made_out_to=sheet.texts("made_out_to"),
        issued_by=sheet.texts("issued_by"),
        once=sheet.flag("once", default=True),
        arithmetic=sheet.flag("arithmetic", default=True),
    )
    if found.untaxed_from_abroad and not found.home:
        sheet.wrong("no_tax_from_abroad", "Abroad of what?", 'add home = ["DE"]')
    sheet.used.add("equals")
    sheet.done()
    return found


def fund(sheet: Sheet) -> FundRules:
    """Read the fund's days, and what becomes of the rest."""
    found = FundRules(
        starts_on=sheet.day("starts_on"),
        ends_on=sheet.day("ends_on"),
        expires=sheet.terms("expires", base="earning"),
        carry_over=sheet.percent("carry_over"),
        carry_over_by=sheet.texts("carry_over_by"),
        extension=extension(sheet),
        per_partner=sheet.amount("per_partner"),
        per=sheet.choice("per", PERIODS[3:], "fund"),
        when_empty=sheet.choice("when_empty", THEN, CUT),
        asked_back=sheet.choice("asked_back", (AT_ONCE, WHEN_REPAID), AT_ONCE),
        settled_by=settled_by(sheet) or (CASH,),
    )
    sheet.done()
    return found


def accrual(sheet: Sheet) -> Accrual:
    """Read how a co-op balance builds."""
    found = Accrual(
        percent=sheet.percent("percent"),
        by_tier=by_tier(sheet),
        least=sheet.percent("least"),
        most=sheet.percent("most"),
        of=sheet.choice("of", ("purchases", "sales"), "purchases"),
        minimum=sheet.amount("minimum"),
        maximum=sheet.amount("maximum"),
    )
    if found.percent is None and found.least is None and not found.by_tier:
        sheet.wrong("percent", "An accrual has a percentage.", "write percent = 2")
    sheet.done()
    return found


def formats(sheet: Sheet) -> tuple[str, ...]:
    """Read the kinds of files that are taken."""
    return tuple(each.casefold().lstrip(".") for each in sheet.texts("formats"))


def proof(sheet: Sheet) -> Proof:
    """Read one thing that must be shown."""
    code = sheet.choice("code", [each.value for each in Reason], Reason.POP_MISSING)
    found = Proof(
        name=sheet.text("proof", needed=True),
        alternatives=sheet.texts("alternatives"),
        together_with=sheet.texts("together_with"),
        when=sheet.condition("when"),
        check=sheet.condition("check"),
        count=sheet.whole("count", 1) or 1,
        for_each=sheet.text("for_each"),
        formats=formats(sheet),
        code=Reason(code),
        words=sheet.text("words"),
    )
    sheet.done()
    return found


def activities(top: Sheet) -> dict[str, Activity]:
    """Read the types of activities, each with what differs for it."""
    table = top.table("activity")
    found = {}
    for kind in table.values:
        sheet = table.table(kind)
        found[slug(kind)] = Activity(
            name=sheet.text("name", kind.replace("_", " ").capitalize()),
            share=share(sheet.table("share")) if "share" in sheet.values else None,
            fixed=sheet.amount("fixed"),
            eligible=sheet.texts("eligible"),
            ineligible=sheet.texts("ineligible"),
            deadline=sheet.terms("request_deadline", base="activity start"),
            claim_deadline=sheet.terms("claim_deadline", base="activity end"),
            minimum=sheet.amount("minimum"),
            maximum=sheet.amount("maximum"),
            proofs=tuple(proof(each) for each in sheet.tables("proof")),
            settled_by=settled_by(sheet),
        )
        _less(sheet, found[slug(kind)].minimum, found[slug(kind)].maximum)
        sheet.used.add("share")
        sheet.done()
    return found


def cap(sheet: Sheet, number: int, known: Mapping[str, Activity]) -> Cap:
    """Read a limit."""
    found = Cap(
        name=sheet.text("name", f"cap {number + 1}"),
        amount=sheet.amount("amount"),
        percent=sheet.percent("percent_of_fund"),
        per=sheet.choice("per", PERIODS, "request"),
        activities=sheet.texts("activities"),
        costs=sheet.texts("costs"),
        tiers=sheet.texts("tiers"),
        larger_of_both=sheet.flag("larger_of_both"),
        when=sheet.condition("when"),
        then=sheet.choice("then", THEN, CUT),
    )
    if found.amount is None and found.percent is None:
        sheet.wrong("amount", "A cap has an amount or a percent_of_fund.", 'amount = "2500.00"')
    for kind in found.activities:
        if known and slug(kind) not in known:
            sheet.wrong("activities", f"“{kind}” is no activity here.", ", ".join(known))
    sheet.done()
    return found


def own_rule(sheet: Sheet, number: int) -> OwnRule:
    """Read a rule in the author's own words."""
    codes = [each.value for each in Reason]
    code = Reason(sheet.choice("code", codes, Reason.PLAN_INCOMPLETE))
    on = sheet.texts("on") or ("request", "claim")
    if not set(on) <= set(ON):
        sheet.wrong("on", "A rule is on requests, claims, accruals or expiries.", 'on = ["claim"]')
    require = sheet.condition("require")
    if require is None and "require" not in sheet.values:
        sheet.wrong("require", "A rule says what must hold.", 'require = "…"', "missing")
    each = sheet.choice("each", EACH, "") if "each" in sheet.values else ""
    sheet.used.add("each")
    found = OwnRule(
        name=sheet.text("name", f"rule {number + 1}"),
        on=on,
        require=require or NEVER,
        when=sheet.condition("when"),
        each=each,
        code=code,
        curable=sheet.flag("curable", default=code in CURABLE),
        words=sheet.text("words"),
        remedy=sheet.text("remedy"),
    )
    sheet.done()
    return found


def curable(sheet: Sheet) -> Mapping[Reason, bool]:
    """Read which reasons this programme lets a partner repair, against the default."""
    codes = {each.value for each in Reason}
    found = {Reason(name): sheet.flag(name) for name in sheet.values if name in codes}
    sheet.used.update(codes)
    sheet.done()
    return found
