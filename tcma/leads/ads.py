"""Lead ads: who may call us, what they told of, and how it becomes a lead, once."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tcma import vault
from tcma.db.references import next_reference
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Forbidden, Invalid, NotFound, TcmaError
from tcma.ids import new_id
from tcma.jobs import Job
from tcma.leads import ad_words
from tcma.leads.ad_words import Answered, Network
from tcma.leads.capturing import Captured, Origin, take_in
from tcma.leads.intake import Capture
from tcma.leads.models_ads import AdNotice, AdSource
from tcma.library.models import Campaign
from tcma.outbox.rules import LEASE, next_try
from tcma.partners.models import Enrolment, Partner
from tcma.permissions import Permission, Principal

PURPOSE = b"tcma.lead-ads.1"
REST = timedelta(minutes=15)
"""How long a source rests after its token was refused; what it told of waits."""
BATCH = 25
NOT_READ = "It answered what we cannot read."
FEWEST_SIGNS = 8
"""Of a secret; shorter ones are guessed."""


class NoticeState(StrEnum):
    """How a lead that was told of stands; held ones wait for a person at «Ways in»."""

    WAITING = "waiting"
    TAKEN = "taken"
    HELD = "held"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSource:
    """What a person sets up; `secret` signs the calls, `token` reads the answers at the network."""

    network: Network
    name: str
    campaign_id: UUID
    partner_id: UUID | None
    secret: str
    token: str
    consent: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """A source as the desk lists it; `verify` is the word Meta asks for, the keys are never read."""

    id: UUID
    ref: str
    network: Network
    name: str
    campaign: str
    partner: str
    verify: str
    said: str
    made_by: str
    made_at: datetime
    ended_at: datetime | None
    counts: Mapping[str, int]
    refused: str


@dataclass(frozen=True, slots=True)
class Errand:
    """A lead that is to be asked for; `token` is empty when its keys do not open any more."""

    notice_id: UUID
    network: Network
    external_id: str
    token: str = field(repr=False)


def make_source(work: Work, new: NewSource) -> str:
    """Set a source up; return its reference. Invalid with fields for what is missing."""
    work.require(Permission.LEAD_ASSIGN)
    vendor_id = found(work.principal.vendor_id)
    wrong = _wrong(new)
    if wrong:
        raise Invalid("Something is missing.", code="ads.source", fields=wrong)
    mine = select(Campaign.id).where(Campaign.vendor_id == vendor_id)
    found(work.session.scalar(mine.where(Campaign.id == new.campaign_id)))
    if new.partner_id:
        found(work.session.get(Enrolment, (vendor_id, new.partner_id)))
    source_id = new_id()
    keys = json.dumps({"secret": new.secret.strip(), "token": new.token.strip()}).encode()
    one = AdSource(
        id=source_id,
        ref=next_reference(work, "ADS"),
        vendor_id=vendor_id,
        partner_id=new.partner_id,
        campaign_id=new.campaign_id,
        network=new.network,
        name=" ".join(new.name.split())[:120],
        secrets=vault.seal(work.site.secret, keys, purpose=PURPOSE, bound=source_id.bytes),
        fields=dict(new.fields),
        consent=new.consent.strip()[:2_000],
        made_by=work.principal.name,
        made_at=work.now,
    )
    work.session.add(one)
    work.audit("set up lead ads", "ad_source", one.ref, vendor_id=vendor_id, network=new.network)
    return one.ref


def _wrong(new: NewSource) -> dict[str, str]:
    asks = {
        "name": ("Say which account it is.", new.name.strip()),
        "secret": (
            "Put in the secret that signs the calls; it has eight signs or more.",
            len(new.secret.strip()) >= FEWEST_SIGNS,
        ),
        "token": (
            "Put in the token that may read the leads.",
            new.network is Network.OTHER or new.token.strip(),
        ),
        "consent": ("Write what people agree to in that form.", new.consent.strip()),
    }
    return {name: words for name, (words, is_there) in asks.items() if not is_there}


def end_source(work: Work, ref: str) -> None:
    """End a source at once; what came by it stays, what waits is not asked for any more."""
    work.require(Permission.LEAD_ASSIGN)
    one = _own(work, ref)
    if one.ended_at is None:
        one.ended_at = work.now
        work.session.execute(
            update(AdNotice).where(AdNotice.source_id == one.id).values(due_at=None)
        )
        work.audit("ended lead ads", "ad_source", one.ref, vendor_id=one.vendor_id)


def ask_again(work: Work, ref: str) -> int:
    """Ask anew for what was given up, after somebody mended what was wrong; return how many."""
    work.require(Permission.LEAD_ASSIGN)
    one = _own(work, ref)
    one.rests_until, one.said = None, ""
    again = (
        update(AdNotice)
        .where(AdNotice.source_id == one.id, AdNotice.state.in_(("refused", "waiting")))
        .values(state=NoticeState.WAITING, due_at=work.now, attempts=0)
        .returning(AdNotice.id)
    )
    count = len(work.session.scalars(again).all())
    work.wake(Job.ADS_FETCH)
    return count


def _own(work: Work, ref: str) -> AdSource:
    query = visible(select(AdSource).where(AdSource.ref == ref), work.principal, AdSource)
    return found(work.session.scalar(query))


def verify_word(work: Work, ref: str) -> str:
    """Return the word that Meta repeats when an address is set up."""
    return work.site.signer.tag("lead.ads", ref)


def challenged(work: Work, ref: str, asked: Mapping[str, str]) -> str | dict[str, str]:
    """Answer a network's question whether an address is ours; NotFound for any other question."""
    one, keys = _called(work, ref)
    code = asked.get("challengeCode", "")
    if one.network == Network.LINKEDIN and code:
        response = ad_words.challenge_of(keys["secret"], code)
        return {"challengeCode": code, "challengeResponse": response}
    right = asked.get("hub.verify_token", "") == verify_word(work, ref)
    if one.network == Network.META and asked.get("hub.mode") == "subscribe" and right:
        return asked.get("hub.challenge", "")[:200]
    raise NotFound


def called(work: Work, ref: str, body: bytes, header: str) -> int:
    """Take a call: note the leads it tells of, or take in the one it brings; return how many.

    Forbidden for what is not signed, NotFound for a source nobody set up or that was ended.
    """
    one, keys = _called(work, ref)
    network = Network(one.network)
    if not ad_words.is_signed(network, keys["secret"], body, header):
        raise Forbidden("This call is not signed by who may call.", code="ads.signature")
    told = ad_words.document_of(body)
    if network is Network.OTHER:
        number, said = ad_words.answered_by_other(told)
        _take(work, one, number, said)
        return 1
    numbers = ad_words.numbers_of(network, told)
    for number in numbers:
        work.session.execute(
            insert(AdNotice)
            .values(source_id=one.id, external_id=number, state=NoticeState.WAITING,
                    due_at=work.now, at=work.now)
            .on_conflict_do_nothing(constraint="ad_notice_once")
        )  # fmt: skip
    if numbers:
        work.wake(Job.ADS_FETCH)
    return len(numbers)


def _called(work: Work, ref: str) -> tuple[AdSource, dict[str, str]]:
    query = select(AdSource).where(AdSource.ref == ref, AdSource.ended_at.is_(None))
    one = found(work.session.scalar(query))
    keys = _keys(work, one)
    return one, found(keys or None)


def _keys(work: Work, one: AdSource) -> dict[str, str]:
    """Return a source's keys; none when they were sealed with another secret."""
    try:
        plain = vault.unseal(work.site.secret, one.secrets, purpose=PURPOSE, bound=one.id.bytes)
    except ValueError:
        return {}
    return dict(json.loads(plain))


def take_due(work: Work, *, batch: int = BATCH) -> list[Errand]:
    """Lease what is to be asked for, what waited longest first."""
    free = or_(AdSource.rests_until.is_(None), AdSource.rests_until <= work.now)
    due = (
        select(AdNotice.id)
        .join(AdSource, AdSource.id == AdNotice.source_id)
        .where(AdNotice.due_at <= work.now, AdSource.ended_at.is_(None), free)
        .order_by(AdNotice.due_at)
        .limit(batch)
        .with_for_update(skip_locked=True, of=AdNotice)
    )
    taken = work.session.scalars(
        update(AdNotice)
        .where(AdNotice.id.in_(work.session.scalars(due).all()))
        .values(due_at=work.now + LEASE, attempts=AdNotice.attempts + 1)
        .returning(AdNotice)
    ).all()
    errands = []
    for notice in taken:
        one = work.session.get_one(AdSource, notice.source_id)
        token = _keys(work, one).get("token", "")
        errands.append(Errand(notice.id, Network(one.network), notice.external_id, token))
    return errands


def answered(work: Work, notice_id: UUID, said: Answered) -> None:
    """Make a lead of what a network answered; one that cannot be a lead says why."""
    notice = work.session.get_one(AdNotice, notice_id, with_for_update=True)
    if notice.state != NoticeState.WAITING:
        return
    one = work.session.get_one(AdSource, notice.source_id)
    one.said, one.rests_until, notice.due_at = "", None, None
    try:
        with work.session.begin_nested():
            done = _take(work, one, notice.external_id, said)
    except TcmaError as error:
        notice.state, notice.said = NoticeState.REFUSED, error.message[:300]
        return
    notice.state = NoticeState.TAKEN if done else NoticeState.HELD
    notice.lead_id = done.lead_id if done else None


def not_answered(work: Work, notice_id: UUID, why: str, *, denied: bool, gone: bool) -> None:
    """Let a lead wait after a network did not answer; one that is gone there is given up.

    What became of it meanwhile by another's answer stays so.
    """
    notice = work.session.get_one(AdNotice, notice_id, with_for_update=True)
    if notice.state != NoticeState.WAITING:
        return
    one = work.session.get_one(AdSource, notice.source_id)
    notice.said = why[:300]
    if denied:
        one.said, one.rests_until = why[:300], work.now + REST
        notice.due_at, notice.attempts = work.now + REST, notice.attempts - 1
        return
    notice.due_at = None if gone else next_try(notice.attempts, work.now)
    if notice.due_at is None:
        notice.state = NoticeState.REFUSED


def _take(work: Work, one: AdSource, number: str, said: Answered) -> Captured | None:
    origin = Origin(vendor_id=one.vendor_id, campaign_id=one.campaign_id, partner_id=one.partner_id)
    new = Capture(
        source=f"ads:{one.ref}",
        external_id=number,
        consent_given=said.agreed,
        consent_text=one.consent,
        consent_version=sha256(one.consent.encode()).hexdigest()[:12],
        page_url=f"{ad_words.NETWORK_WORDS[Network(one.network)]}: {one.name}"[:400],
        **ad_words.mapped(one.fields, said.answers),
    )
    return take_in(work, origin, new)


def sources(work: Work) -> Sequence[SourceView]:
    """Return a vendor's sources, those in use first, with what became of what they told."""
    principal: Principal = work.principal
    query = (
        visible(select(AdSource, Campaign.name, Partner.name.label("partner")), principal, AdSource)
        .join(Campaign, Campaign.id == AdSource.campaign_id)
        .outerjoin(Partner, Partner.id == AdSource.partner_id)
        .order_by(AdSource.ended_at.desc().nulls_first(), AdSource.id.desc())
    )
    rows = work.session.execute(query).all()
    counts, refused = _counts(work.session, [row.AdSource.id for row in rows])
    return [
        SourceView(
            id=one.id,
            ref=one.ref,
            network=Network(one.network),
            name=one.name,
            campaign=campaign,
            partner=partner or "",
            verify=verify_word(work, one.ref) if one.network == Network.META else "",
            said=one.said,
            made_by=one.made_by,
            made_at=one.made_at,
            ended_at=one.ended_at,
            counts=counts.get(one.id, {}),
            refused=refused.get(one.id, ""),
        )
        for one, campaign, partner in rows
    ]


def _counts(
    session: Session, ids: Sequence[UUID]
) -> tuple[dict[UUID, dict[str, int]], dict[UUID, str]]:
    counts: dict[UUID, dict[str, int]] = {}
    refused: dict[UUID, str] = {}
    latest = func.max(AdNotice.said).label("said")
    query = select(AdNotice.source_id, AdNotice.state, func.count().label("n"), latest)
    grouped = query.where(AdNotice.source_id.in_(ids)).group_by(AdNotice.source_id, AdNotice.state)
    for row in session.execute(grouped):
        counts.setdefault(row.source_id, {})[row.state] = row.n
        if row.state == NoticeState.REFUSED:
            refused[row.source_id] = row.said
    return counts, refused
