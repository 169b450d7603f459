"""Reads one claim with case file, invoices, cuts, checks and history; and the desk's queue."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from tcma.mdf import appeals, claim_rows, four_eyes, ladders
from tcma.mdf.answer_days import Clocks
from tcma.mdf.case_files import prechecks, twins
from tcma.mdf.case_files import reading as case_file
from tcma.mdf.claims import asking, disputes, levels
from tcma.mdf.dispute_line import DisputeLine
from tcma.mdf.judging.claims import rules_of_plan
from tcma.mdf.judging.kept import why_of
from tcma.mdf.models.disputes import OPEN
from tcma.mdf.models.funding import Claim, FundRequest
from tcma.mdf.papers import invoices as claim_papers
from tcma.mdf.papers import own_shares
from tcma.mdf.programme.document import MATCHED
from tcma.mdf.queries import budget_of, claim_by_ref, names_of, timeline, vendor_of
from tcma.mdf.records import ClaimDetail, Item
from tcma.mdf.requests import views as request_views
from tcma.mdf.rules import ClaimState
from tcma.money import Money
from tcma.permissions import Permission, Principal

LONGEST_QUEUE = 200
TO_BE_PAID = (ClaimState.APPROVED, ClaimState.PAYMENT_PENDING)


def claim_detail(session: Session, principal: Principal, ref: str, *, now: datetime) -> ClaimDetail:
    """Return one claim with all that explains it; else NotFound.

    Doubts about files and numbers in other claims are for the vendor only.
    """
    claim = claim_by_ref(session, principal, ref)
    request = session.get_one(FundRequest, claim.request_id)
    activity = request_views.activity_lines(session, request, now=now, only=claim.activity_id)[0]
    deciding = not principal.partner_id
    due = case_file.worth(session, request, claim, now=now)
    items = case_file.checklist(session, request, now=now, claim=claim)
    asks = asking.questions(session, request, claim, now=now)
    told = twins.doubts(session, claim) if deciding else None
    fix_by = claim.trace.get("fix_by")
    until = appeals.open_until(claim.decided_at, claim.trace)
    names = names_of(session, claim.filed_by, claim.decided_by)
    stand = levels.standing(session, request, claim)
    return ClaimDetail(
        row=claim_rows.row_of(session, claim, now=now),
        id=claim.id,
        request=request_views.row_of(session, request, now=now),
        activity=activity,
        share_bps=activity.share_bps,
        net=due.net,
        owed=due.amount,
        cuts=due.cuts,
        remaining=claim_papers.left_for(session, claim),
        invoices=tuple(case_file.invoice_lines(session, request, claim, now=now, told=told)),
        case_file=_with_signs(session, items, told),
        checks=case_file.claim_checks(session, request, claim, now=now) if deciding else (),
        missing=(*case_file.missing(items), *asks.unsaid),
        asks=asks,
        note=claim.note,
        fix_by=date.fromisoformat(fix_by) if fix_by else None,
        appeal_until=until
        if claim.state == ClaimState.REJECTED and until and now <= until
        else None,
        appeal=claim.trace.get("appeal", ""),
        left_out=disputes.left_out(claim),
        dispute_until=disputes.open_until(session, claim),
        dispute=_dispute(session, principal, request, claim, now),
        timeline=timeline(session, "claim", claim.id),
        filed_by=names[claim.filed_by],
        decided_by=names[claim.decided_by],
        blocked=_decides(session, principal, request, claim, now),
        level=stand.number,
        levels=len(stand.levels),
        yeses=ladders.level_words(session, stand),
        why=(why := why_of(session, "claim", claim.id)),
        pay_by=why.pay_by if why and claim.state in TO_BE_PAID else None,
        matched=rules_of_plan(session, request, now).kind == MATCHED,
        own_shares=own_shares.shares_of(session, claim),
    )


def _with_signs(
    session: Session, items: Sequence[Item], told: twins.Doubts | None
) -> tuple[Item, ...]:
    """Return the case file with the doubts that this reader may see, and what was read in advance."""
    there = [item.document_id for item in items if item.document_id]
    readings = prechecks.readings_of(session, there)
    return tuple(
        replace(
            item,
            doubt=told.files.get(item.document_id, "") if told else "",
            readings=readings.get(item.document_id, ()),
        )
        if item.document_id
        else item
        for item in items
    )


def _dispute(
    session: Session, principal: Principal, request: FundRequest, claim: Claim, now: datetime
) -> DisputeLine | None:
    row = disputes.dispute_of(session, claim)
    if row is None:
        return None
    names = names_of(session, row.opened_by, row.answered_by)
    zone = vendor_of(session, claim.vendor_id).zone
    is_open = row.state == OPEN
    clocks, programme_id = Clocks(session, now), budget_of(session, request).programme_id
    involved = four_eyes.of_dispute(session, request, claim)
    return DisputeLine(
        state=row.state,
        words=row.words,
        asked=Money(row.asked_minor, claim.currency),
        held=Money(row.held_minor, claim.currency),
        opened_by=names[row.opened_by],
        answer_by=row.answer_by,
        clock=clocks.until(row.answer_by, programme_id, zone) if is_open else None,
        answered_by=names[row.answered_by],
        note=row.note,
        granted=None if row.granted_minor is None else Money(row.granted_minor, claim.currency),
        supplement=session.get_one(Claim, row.supplement_id).ref if row.supplement_id else "",
        blocked=_blocked(session, principal, request, claim, involved=involved),
    )


def _decides(
    session: Session, principal: Principal, request: FundRequest, claim: Claim, now: datetime
) -> str:
    if not principal.may(Permission.CLAIM_DECIDE) or principal.partner_id:
        return ""
    return levels.blocked(session, principal, request, claim, now=now)


def _blocked(
    session: Session,
    principal: Principal,
    request: FundRequest,
    claim: Claim,
    *,
    involved: Mapping[UUID | None, str] | None = None,
) -> str:
    if not principal.may(Permission.CLAIM_DECIDE) or principal.partner_id:
        return ""
    return four_eyes.blocked(
        session,
        principal,
        Permission.CLAIM_DECIDE,
        pair=four_eyes.Pair(claim.vendor_id, claim.partner_id),
        involved=four_eyes.of_claim(session, request, claim) if involved is None else involved,
    )
