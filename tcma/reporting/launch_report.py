"""What one launch brought, mail by mail and day by day; all launches and all campaigns in lines."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcma.db.scope import found
from tcma.delivery.models import Mailing
from tcma.delivery.queries import reactions_by_day
from tcma.delivery.small_cells import hides_from, is_few
from tcma.launches.models import Launch, LaunchMail
from tcma.launches.trial import Arm
from tcma.leads.models import Lead
from tcma.library.models import Campaign
from tcma.mdf.words import spoken
from tcma.permissions import Permission, Principal
from tcma.reporting.figures import Line, Opens, Report, mail_figures, money_figures
from tcma.reporting.gather import (
    MOST_LAUNCHES,
    LaunchFacts,
    both,
    counts_of,
    launch_facts,
    lead_counts,
    leads_seen_by,
    mail_counts,
    money_by_campaign,
    money_by_launch,
)
from tcma.reporting.metrics import Counts, Purse, Sums
from tcma.reporting.untold import FEW_SENTENCE, funnel_told, told_to
from tcma.words import joined, listed, say, say_n


@dataclass(frozen=True, slots=True)
class Day:
    """First opens and clicks by people, and leads, of one day in the vendor's zone."""

    on: date
    opened: int
    clicked: int
    leads: int


@dataclass(frozen=True, slots=True)
class LaunchReport:
    """One launch: a sentence, the funnel, the same by mail, the days, machines apart."""

    facts: LaunchFacts
    sentence: str
    funnel: Line
    by_mail: tuple[Line, ...]
    by_day: tuple[Day, ...]
    counts: Counts
    purse: Purse

    @property
    def report(self) -> Report:
        """The same as lines, for the export."""
        return Report(
            f"launch-{self.facts.ref}",
            self.facts.name,
            self.sentence,
            (self.funnel,),
        )


def launch_report(session: Session, principal: Principal, ref: str) -> LaunchReport:
    """Return the report of one launch; NotFound when it is not this principal's."""
    facts = found(next(iter(launch_facts(session, principal, ref=ref)), None))
    leads, worth = lead_counts(session, principal, Lead.launch_id, launches=[facts.id]).get(
        facts.id, (Counts(), Purse())
    )
    counts = facts.counts + leads
    purse = _money(session, principal).get(facts.id, Purse()) + worth
    line = _line(
        facts.ref, facts.name, (counts, purse), {"launch": facts.ref}, few=facts.counts.is_few
    )
    funnel = funnel_told(principal, line)
    few = facts.counts.is_few or funnel != line
    return LaunchReport(
        facts=facts,
        sentence=FEW_SENTENCE if few else _sentence(facts.name, counts, purse),
        funnel=funnel,
        by_mail=_by_mail(session, facts, shows_arms=not hides_from(principal)),
        by_day=() if few else _by_day(session, principal, facts),
        counts=replace(counts, machines=0) if few else counts,
        purse=purse,
    )


def _money(session: Session, principal: Principal) -> dict[UUID, Purse]:
    if not principal.may(Permission.FUND_READ):
        return {}
    return money_by_launch(session, principal)


def launches_report(
    session: Session,
    principal: Principal,
    *,
    since: datetime | None = None,
    campaign: str = "",
    partner: str = "",
) -> Report:
    """Return one line a launch, newest first, of one campaign or partner when their slug is given.

    Money of a shared plan stands at each of its launches.
    """
    launches = launch_facts(session, principal, since=since, campaign=campaign, partner=partner)
    these = [launch.id for launch in launches]
    answer = both(
        these,
        {launch.id: launch.counts for launch in launches},
        lead_counts(session, principal, Lead.launch_id, launches=these),
        _money(session, principal),
    )
    lines = tuple(
        _line(
            launch.ref,
            launch.name,
            answer[launch.id],
            {"launch": launch.ref},
            few=launch.counts.is_few,
        )
        for launch in launches
    )
    told = {launch.id: answer[launch.id] for launch in launches if not launch.counts.is_few}
    total = sum((counts for counts, _ in told.values()), Counts())
    sentence = _sentence(say_n("{n} launch", "{n} launches", _bringing(told)), total, Purse())
    if len(launches) == MOST_LAUNCHES:
        sentence = joined(sentence, say("Only the newest {n:,} are listed.", n=MOST_LAUNCHES))
    return told_to(principal, Report("launches", say("Launches"), sentence, lines))


def campaigns_report(
    session: Session, principal: Principal, *, since: datetime | None = None
) -> Report:
    """Return one line a campaign with its sum; a bare page's leads count too."""
    counts = mail_counts(session, principal, Launch.campaign_id, since=since)
    may = principal.may(Permission.FUND_READ)
    money = money_by_campaign(session, principal) if may else {}
    leads = lead_counts(session, principal, Lead.campaign_id, since=since)
    answer = both({*counts, *leads, *money}, counts, leads, money)
    named = session.execute(
        select(Campaign.id, Campaign.slug, Campaign.name)
        .where(Campaign.id.in_(list(answer)))
        .order_by(Campaign.name, Campaign.id)
    )
    lines = tuple(
        _line(row.slug, row.name, answer[row.id], {"campaign": row.slug}) for row in named
    )
    total = (
        sum((counts for counts, _ in answer.values()), Counts()),
        sum((purse for _, purse in answer.values()), Purse()),
    )
    report = Report(
        "campaigns",
        say("Campaigns"),
        _sentence(say_n("{n} campaign", "{n} campaigns", _bringing(answer)), *total),
        lines,
        _line("", say("All campaigns"), total, {}),
    )
    return told_to(principal, report)


def _bringing(answer: Mapping[UUID, tuple[Counts, Purse]]) -> int:
    # A plan or a draft alone brings nothing; where nothing came, all that were tried are told.
    return sum(1 for counts, _ in answer.values() if counts.leads) or len(answer)


def _line(
    key: str,
    name: str,
    both_of: tuple[Counts, Purse],
    about: Mapping[str, str],
    *,
    few: bool = False,
) -> Line:
    counts, purse = both_of
    opens = Opens("report", dict(about)) if about else None
    figures = (
        *mail_figures(counts, about, few=few),
        *money_figures(purse, counts, about, leads=about, few=few),
    )
    return Line(key, name, figures, opens)


def _sentence(name: str, counts: Counts, purse: Purse) -> str:
    leads = say_n("{n} lead", "{n} leads", counts.leads)
    won = say_n("{n} opportunity", "{n} opportunities", counts.opportunities)
    if not counts.opportunities:
        said = say("{name} brought {leads}.", name=name, leads=leads)
    elif not purse.worth:
        said = say("{name} brought {leads} and {won}.", name=name, leads=leads, won=won)
    else:
        said = say(
            "{name} brought {leads} and {won} worth {worth}.",
            name=name,
            leads=leads,
            won=won,
            worth=said_sums(purse.worth),
        )
    if not purse.claimed:
        return said
    return joined(said, say("The funds paid for {sum}.", sum=said_sums(purse.claimed)))


def said_sums(sums: Sums) -> str:
    """Return sums of several currencies in words; «nothing» for none."""
    return listed(spoken(each) for each in sums) if sums else say("nothing")


ARM_WORDS = {Arm.REST: say(", the rest"), Arm.A: say(", test A"), Arm.B: say(", test B")}
"""How the parts of a mail that was tested are told apart."""


def _by_mail(session: Session, facts: LaunchFacts, *, shows_arms: bool) -> tuple[Line, ...]:
    """Return each mail of the series; its variants apart only where none went to too few people."""
    if not facts.mailings:
        return ()
    counts = counts_of(session, list(facts.mailings))
    rows = session.execute(
        select(LaunchMail.no, LaunchMail.arm, Mailing.id, Mailing.subject)
        .join(Mailing, Mailing.id == LaunchMail.mailing_id)
        .where(LaunchMail.launch_id == facts.id)
        .order_by(LaunchMail.no, LaunchMail.arm)
    ).all()
    tested = {row.no for row in rows if row.arm}
    joined_up = {row.no for row in rows if not shows_arms and is_few(counts[row.id].sent)} & tested
    lines = []
    for row in rows:
        together, of_mail, about = row.no in joined_up, counts[row.id], f"{row.no}-{row.arm}"
        if together and row.arm != Arm.REST:
            continue
        if together:
            about = str(row.no)
            of_mail = sum((counts[each.id] for each in rows if each.no == row.no), Counts())
        apart = row.no in tested and not together
        figures = mail_figures(
            of_mail, {"launch": facts.ref, "mail": about}, few=row.id in facts.untold
        )
        lines.append(
            Line(
                f"{row.no}{ARM_WORDS[row.arm]}" if apart else str(row.no),
                row.subject or say("Mail {no}", no=row.no),
                figures[:4],
            )
        )
    return tuple(lines)


def _by_day(session: Session, principal: Principal, facts: LaunchFacts) -> tuple[Day, ...]:
    seen = reactions_by_day(session, [each for each in facts.mailings if each not in facts.untold])
    day = func.date(func.timezone(facts.zone, Lead.created_at))
    came: dict[date, int] = dict(
        session.execute(
            select(day, func.count())
            .where(Lead.launch_id == facts.id, leads_seen_by(principal))
            .group_by(day)
        ).all()
    )
    opened = {on: counts["human_opened"] for on, counts in seen.items()}
    clicked = {on: counts["human_clicked"] for on, counts in seen.items()}
    days = (
        Day(on, opened.get(on, 0), clicked.get(on, 0), came.get(on, 0))
        for on in sorted({*opened, *came})
    )
    return tuple(each for each in days if each.opened or each.clicked or each.leads)
