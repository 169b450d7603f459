"""What each partner brought and spent, for its vendor; for a partner, itself in one line."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcma.db.scope import visible
from tcma.launches.models import Launch
from tcma.leads.models import Lead
from tcma.partners.models import Enrolment, Partner
from tcma.partners.rules import EnrolmentState
from tcma.permissions import Permission, Principal
from tcma.reporting.figures import (
    NO_PARTNER,
    Figure,
    Line,
    Opens,
    Report,
    mail_figures,
    money_figures,
)
from tcma.reporting.gather import both, lead_counts, mail_counts, money_by_partner
from tcma.reporting.metrics import Counts, Purse, share
from tcma.reporting.untold import told_to
from tcma.words import say

NOBODY = UUID(int=0)


def partners_report(
    session: Session, principal: Principal, *, since: datetime | None = None
) -> Report:
    """Return one line a partner by name; those that never launched are named too."""
    counts = mail_counts(session, principal, Launch.partner_id, since=since)
    may = principal.may(Permission.FUND_READ)
    money = money_by_partner(session, principal) if may else {}
    by = func.coalesce(Lead.source_partner_id, NOBODY)
    leads = lead_counts(session, principal, by, since=since)
    enrolled = session.execute(
        visible(
            select(Partner.id, Partner.slug, Partner.name)
            .join(Enrolment, Enrolment.partner_id == Partner.id)
            .where(Enrolment.state == EnrolmentState.ACTIVE)
            .group_by(Partner.id)
            .order_by(Partner.name, Partner.id),
            principal,
            Enrolment,
        )
    ).all()
    answer = both([*(row.id for row in enrolled), NOBODY], counts, leads, money)
    lines = tuple(_line(row.slug, row.name, answer[row.id]) for row in enrolled)
    apart = _line(NO_PARTNER, say("Brought by no partner"), answer[NOBODY])
    total = (
        sum((c for c, _ in answer.values()), Counts()),
        sum((p for _, p in answer.values()), Purse()),
    )
    active = sum(1 for c, _ in answer.values() if c.launches)
    report = Report(
        "partners",
        say("Partners"),
        say(
            "{active} of {n} partners have launched ({percent}).",
            active=active,
            n=len(lines),
            percent=_percent(active, len(lines)),
        ),
        (*lines, apart) if NOBODY in leads else lines,
        _line("", say("All partners"), total),
    )
    return told_to(principal, report)


def _line(slug: str, name: str, both_of: tuple[Counts, Purse]) -> Line:
    counts, purse = both_of
    about = {"partner": slug} if slug else {}
    launches = Figure("launches", say("Launches"), counts.launches, Opens("launches", about))
    figures = (
        launches,
        *mail_figures(counts, about),
        *money_figures(purse, counts, about, leads=about),
    )
    opens = Opens("partner", about) if slug not in {"", NO_PARTNER} else None
    return Line(slug, name, figures, opens)


def _percent(part: int, whole: int) -> str:
    bps = share(part, whole)
    return "none" if bps is None else f"{round(bps / 100)}%"
