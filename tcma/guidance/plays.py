"""What is worth doing next for a partner, at most three things, each with the fact that says so."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from tcma.money import Money

MOST = 3
QUIET_DAYS = 60
"""Days without a launch after which one is worth a thought."""
FUND_DAYS = 60
ENDING_DAYS = 30
PRESSING_DAYS = 14
FINISH_DAYS = 7
"""So long a step of a playbook that is late comes before a further campaign."""
UNCALLED_DAYS = 3
STEADY = 3
"""Launches from which on a partner knows the way and is shown results before beginnings."""


class PlayKind(StrEnum):
    """Why something is worth doing."""

    CALL = "call"
    FUND = "fund"
    ENDING = "ending"
    PEERS = "peers"
    QUIET = "quiet"
    AGAIN = "again"
    STEP = "step"
    FIRST = "first"
    NEXT = "next"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLead:
    """An accepted lead that nobody has called, mailed or noted anything about."""

    ref: str
    company: str
    accepted_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class FundPart:
    """Money of one fund that no plan asks for; `usable_until` is the last day to plan with it."""

    ref: str
    name: str
    vendor_id: UUID
    available: Money
    usable_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A campaign of the library; `peer_leads` is the median of `peers` partners of the same tier,
    None for too few, `own_leads` what it brought this one.
    """

    slug: str
    vendor_slug: str
    vendor_id: UUID
    name: str
    minutes: int
    published_on: date
    ends_on: date | None
    last_launch: date | None
    own_leads: int = 0
    peers: int = 0
    peer_leads: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NearStep:
    """A step of a launch's playbook that is due or comes soon; step `no` of `of`."""

    ref: str
    key: str
    title: str
    campaign: str
    due_on: date
    minutes: int
    no: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a partner today. `launches` are those it started, `begun` what waits or runs,
    `steps` what playbooks ask for now or soon.
    """

    today: date
    launches: int = 0
    last_launch: date | None = None
    begun: int = 0
    uncalled: Sequence[OwnLead] = ()
    funds: Sequence[FundPart] = ()
    campaigns: Sequence[Offered] = ()
    steps: Sequence[NearStep] = ()
    may_plan: bool = True
    may_launch: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """One thing to do: what it is about, and the number behind its sentence (`days` or `number`)."""

    kind: PlayKind
    lead: OwnLead | None = None
    fund: FundPart | None = None
    campaign: Offered | None = None
    step: NearStep | None = None
    days: int = 0
    number: int = 0


def next_plays(facts: Facts) -> tuple[Play, ...]:
    """Return at most three plays, the one that loses most by waiting first; a campaign comes once."""
    chosen: list[Play] = []
    seen: set[tuple[str, str]] = set()
    for _, play in sorted(_all(facts), key=lambda pair: -pair[0]):
        about = (play.campaign.vendor_slug, play.campaign.slug) if play.campaign else None
        if about in seen or (play.kind is PlayKind.NEXT and _has_campaign(chosen)):
            continue
        chosen.append(play)
        if about:
            seen.add(about)
        if len(chosen) == MOST:
            break
    return tuple(chosen)


def _has_campaign(chosen: Sequence[Play]) -> bool:
    return any(play.campaign and play.kind is not PlayKind.FUND for play in chosen)


def _all(facts: Facts) -> Iterator[tuple[int, Play]]:
    """Yield every play the facts carry with its weight, 0 to 100."""
    yield from _of_leads(facts)
    yield from _of_funds(facts)
    yield from _of_steps(facts)
    if facts.may_launch:
        yield from _of_campaigns(facts)
        yield from _of_silence(facts)


def _of_leads(facts: Facts) -> Iterator[tuple[int, Play]]:
    since = facts.today - timedelta(days=UNCALLED_DAYS)
    cold = sorted(
        (each for each in facts.uncalled if each.accepted_on <= since),
        key=lambda each: (each.accepted_on, each.ref),
    )
    if cold:
        days = (facts.today - cold[0].accepted_on).days
        yield 95, Play(kind=PlayKind.CALL, lead=cold[0], days=days, number=len(cold))


def _of_funds(facts: Facts) -> Iterator[tuple[int, Play]]:
    """The fund that ends first: money that nobody plans with is gone after its day."""
    ending = [
        (part, (part.usable_until - facts.today).days)
        for part in facts.funds
        if part.available.minor > 0 and 0 <= (part.usable_until - facts.today).days <= FUND_DAYS
    ]
    if facts.may_plan and ending:
        part, days = min(ending, key=lambda pair: (pair[1], -pair[0].available.minor))
        theirs = [each for each in facts.campaigns if each.vendor_id == part.vendor_id]
        campaign = next(iter(_best(theirs)), None)
        weight = 90 if days <= PRESSING_DAYS else 70
        yield weight, Play(kind=PlayKind.FUND, fund=part, campaign=campaign, days=days)


def _of_steps(facts: Facts) -> Iterator[tuple[int, Play]]:
    """The step that comes next: what is due already stands above, among what needs somebody."""
    coming = [each for each in facts.steps if each.due_on > facts.today]
    if coming:
        step = min(coming, key=lambda each: (each.due_on, each.ref, each.no))
        yield 62, Play(kind=PlayKind.STEP, step=step, days=(step.due_on - facts.today).days)


def _has_begun_business(facts: Facts) -> bool:
    """Say whether a launch still waits for something: first things first, no further campaign."""
    return any(0 < (facts.today - each.due_on).days <= FINISH_DAYS for each in facts.steps)


def _of_campaigns(facts: Facts) -> Iterator[tuple[int, Play]]:
    steady = facts.launches >= STEADY
    for each in facts.campaigns:
        if each.last_launch:
            continue
        left = (each.ends_on - facts.today).days if each.ends_on else None
        if left is not None and 0 <= left <= ENDING_DAYS:
            weight = 80 if left <= PRESSING_DAYS else 60
            yield weight, Play(kind=PlayKind.ENDING, campaign=each, days=left)
        elif each.peer_leads and not _has_begun_business(facts):
            weight = (55 if steady else 45) + min(each.peer_leads, 9)
            yield weight, Play(kind=PlayKind.PEERS, campaign=each, number=each.peer_leads)


def _of_silence(facts: Facts) -> Iterator[tuple[int, Play]]:
    """A partner that never launched begins; a quiet one goes on; else there is a good next one."""
    fresh = _best([each for each in facts.campaigns if not each.last_launch])
    if _has_begun_business(facts):
        return
    if facts.begun:
        if fresh:
            yield 10, Play(kind=PlayKind.NEXT, campaign=fresh[0])
        return
    if facts.last_launch is None:
        if fresh:
            yield 75, Play(kind=PlayKind.FIRST, campaign=fresh[0])
        return
    days = (facts.today - facts.last_launch).days
    proven = max(
        (each for each in facts.campaigns if each.last_launch and each.own_leads),
        key=lambda each: (each.own_leads, each.slug),
        default=None,
    )
    if days >= QUIET_DAYS and (fresh or proven):
        if fresh:
            yield 65, Play(kind=PlayKind.QUIET, campaign=fresh[0], days=days)
        if proven:
            weight = 64 if facts.launches >= STEADY else 40
            yield (
                weight,
                Play(kind=PlayKind.AGAIN, campaign=proven, days=days, number=proven.own_leads),
            )
    elif fresh:
        yield 10, Play(kind=PlayKind.NEXT, campaign=fresh[0])


def _best(campaigns: Sequence[Offered]) -> list[Offered]:
    """Order campaigns: not launched yet, most leads at partners of the same tier, newest."""
    return sorted(
        campaigns,
        key=lambda each: (
            each.last_launch is not None,
            -(each.peer_leads or 0),
            -each.published_on.toordinal(),
            each.slug,
        ),
    )
