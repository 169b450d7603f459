"""The whole preflight of a planned launch, with which funds pay for it and how filters see its mails."""

from dataclasses import replace

from tcma.db.work import Work
from tcma.launches import preflight as launches
from tcma.launches import weighing
from tcma.launches.preflight import Preflight
from tcma.launches.queries import launch_detail
from tcma.launches.rules import Area, Finding, Fix, Severity, heaviest_first
from tcma.mdf.records import RequestRow
from tcma.mdf.requests.views import requests_for_campaign, requests_of_launch
from tcma.mdf.rules import RequestState
from tcma.mdf.words import spoken, spoken_day, spoken_state
from tcma.permissions import Permission
from tcma.words import say


def preflight(work: Work, ref: str) -> Preflight:
    """Return the preflight of a launch with what is to be said of its money and of spam filters.

    Only whoever may read funds hears of them; money never keeps a launch from starting.
    """
    verdict = launches.preflight(work, ref)
    said = weighing.findings(work, ref)
    principal = work.principal
    if principal.is_system or principal.may(Permission.FUND_READ):
        line = launch_detail(work.session, principal, ref, now=work.now).line
        tied = requests_of_launch(work.session, principal, line.id, now=work.now)
        free = requests_for_campaign(work.session, principal, line.campaign_id, now=work.now)
        said += findings(tied, [] if tied else free)
    return replace(verdict, findings=tuple(heaviest_first([*verdict.findings, *said])))


def findings(tied: list[RequestRow], free: list[RequestRow]) -> list[Finding]:
    """Return what the preflight says: of the plans a launch is tied to, else of those it could be."""
    found = [_tied(row) for row in tied]
    found += [
        Finding(
            Area.FUNDS, Severity.LOOK,
            say("No funds pay for it, though {fund} has approved {ref} for this campaign.", fund=row.fund_name, ref=row.ref),
            Fix.NONE, say("Plan the launch anew and choose {ref} to have it paid.", ref=row.ref),
        )
        for row in free[:1]
    ]  # fmt: skip
    return found or [Finding(Area.FUNDS, Severity.GOOD, say("No funds are spent on it."))]


def _tied(row: RequestRow) -> Finding:
    if row.state is not RequestState.APPROVED or row.approved is None:
        words = say("{ref} is {state}: its money is not reserved for this launch.", ref=row.ref, state=spoken_state(row.state))  # fmt: skip
        return Finding(Area.FUNDS, Severity.LOOK, words)
    reserved = spoken(row.approved)
    if row.claim_by is None:
        words = say("{fund} pays: {reserved} reserved, {ref}.", fund=row.fund_name, reserved=reserved, ref=row.ref)  # fmt: skip
    else:
        words = say("{fund} pays: {reserved} reserved, {ref}, to be claimed by {day}.", fund=row.fund_name, reserved=reserved, ref=row.ref, day=spoken_day(row.claim_by))  # fmt: skip
    return Finding(Area.FUNDS, Severity.GOOD, words)
