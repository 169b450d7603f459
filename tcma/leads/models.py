"""Leads with captures, offers by epoch, rules by version, credits, score models, opportunities."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

import tcma.launches.models  # noqa: F401 - the tables that keys of leads name
from tcma.db.base import Key, Minor, Model, Number
from tcma.db.sentences import Sentence
from tcma.leads.rules import LeadState, OfferState, Stage

COMPANY_BACKWARDS = "reverse(split_part(lower(address), '@', 2))"
"""The domain of a lead's address from its end: a company and what is below it share a beginning."""

SINCE = (
    "CASE WHEN ((state)::text = ANY ((ARRAY['new'::character varying, 'offered'::character varying, "
    "'unassigned'::character varying])::text[])) THEN created_at ELSE moved_at END"
)
"""As PostgreSQL writes it back, so that both can be compared."""


class Lead(Model):
    """One person's request to one vendor's partners. `partner_id` holds it, `source_` brought it;
    `person_id` is who works on it there, None while everybody may.

    `moved_at` is when it was last offered, answered or touched, `since` from when somebody waits: for an
    answer, or for a touch by who accepted. Turns count from epoch `counted_from`. One that was found
    to be the same request goes on in `joined_id`.
    """

    __tablename__ = "lead"
    __table_args__ = (
        Index(
            "lead_same_person",
            "vendor_id",
            "campaign_id",
            "address_hash",
            unique=True,
            postgresql_where=text("state IN ('new', 'offered', 'accepted', 'unassigned')"),
        ),
        Index("lead_holder", "partner_id", "id"),
        Index("lead_person", "vendor_id", "address_hash"),
        Index("lead_joined", "joined_id", postgresql_where=text("joined_id IS NOT NULL")),
        Index("lead_source", "source_partner_id", "id"),
        Index("lead_vendor", "vendor_id", "id"),
        Index("lead_launch", "launch_id", postgresql_where=text("launch_id IS NOT NULL")),
        Index("lead_waiting", "vendor_id", "id", postgresql_where=text("state = 'new'")),
        Index(
            "lead_unheard",
            "id",
            postgresql_where=text("state = 'unassigned' AND escalated_at IS NULL"),
        ),
        Index(
            "lead_open",
            "vendor_id",
            "partner_id",
            postgresql_where=text("state IN ('offered', 'accepted')"),
        ),
        Index(
            "lead_age",
            "vendor_id",
            "since",
            "id",
            postgresql_include=["state"],
            postgresql_where=text("state NOT IN ('won', 'lost', 'recycled')"),
        ),
        Index(
            "lead_company",
            "vendor_id",
            literal_column(COMPANY_BACKWARDS).label("backwards"),
            postgresql_ops={"backwards": "text_pattern_ops"},
        ),
    )

    id: Mapped[Key]
    ref: Mapped[str] = mapped_column(unique=True)
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partner.id"))
    source_partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partner.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    launch_id: Mapped[UUID | None] = mapped_column(ForeignKey("launch.id"))
    page_id: Mapped[UUID | None] = mapped_column(ForeignKey("page.id"))
    message_id: Mapped[int | None] = mapped_column(BigInteger())
    contact_id: Mapped[int | None] = mapped_column(BigInteger())
    state: Mapped[str] = mapped_column(server_default=LeadState.NEW)
    address: Mapped[str]
    address_hash: Mapped[bytes]
    first_name: Mapped[str]
    last_name: Mapped[str]
    company: Mapped[str]
    phone: Mapped[str]
    country: Mapped[str]
    postcode: Mapped[str]
    answers: Mapped[dict[str, Any]]
    score: Mapped[int] = mapped_column(server_default=text("0"))
    points: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), deferred=True)
    epoch: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    replied_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    loss_reason: Mapped[str | None]
    escalated_at: Mapped[datetime | None]
    moved_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    since: Mapped[datetime | None] = mapped_column(Computed(SINCE, persisted=True))
    idle_told_at: Mapped[datetime | None]
    counted_from: Mapped[int] = mapped_column(server_default=text("0"))
    joined_id: Mapped[UUID | None] = mapped_column(ForeignKey("lead.id"))


class LeadCapture(Model):
    """A submission as it came, with the consent that was shown and given; kept raw."""

    __tablename__ = "lead_capture"
    __table_args__ = (
        UniqueConstraint("source", "external_id", name="lead_capture_once"),
        Index("lead_capture_lead", "lead_id"),
    )

    id: Mapped[Key]
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("lead.id"))
    source: Mapped[str]
    external_id: Mapped[str]
    raw: Mapped[dict[str, Any]]
    digest: Mapped[bytes | None]
    consent_given: Mapped[bool]
    consent_text: Mapped[str]
    consent_version: Mapped[str]
    page_url: Mapped[str]
    at: Mapped[datetime]


class IntakeKey(Model):
    """A key that lets leads of one campaign in, by the API or a mail address, and may read them."""

    __tablename__ = "intake_key"
    __table_args__ = (Index("intake_key_vendor", "vendor_id", "id"),)

    id: Mapped[Key]
    ref: Mapped[str] = mapped_column(unique=True)
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partner.id"))
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    name: Mapped[str]
    secret_hash: Mapped[bytes] = mapped_column(unique=True)
    may_read: Mapped[bool] = mapped_column(server_default=text("false"))
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class HeldSubmission(Model):
    """A submission that looks like a machine's, whole, until a person decides."""

    __tablename__ = "held_submission"
    __table_args__ = (
        UniqueConstraint("source", "external_id", name="held_submission_once"),
        Index(
            "held_submission_waiting", "vendor_id", "id", postgresql_where=text("state = 'held'")
        ),
    )

    id: Mapped[Key]
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partner.id"))
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    page_id: Mapped[UUID | None] = mapped_column(ForeignKey("page.id"))
    source: Mapped[str]
    external_id: Mapped[str]
    payload: Mapped[dict[str, Any]]
    reason: Mapped[str]
    state: Mapped[str]
    at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("lead.id"))


class LeadOffer(Model):
    """One turn: a lead offered to a partner until `answer_by`, with the trace of why.

    A shared one stands beside others of its epoch: the first to accept has the lead. One that is taken
    from who accepted it is shared no more. `reminders` counts who was reminded: whose it is first, then
    the partner's owners.
    """

    __tablename__ = "lead_offer"
    __table_args__ = (
        ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
        UniqueConstraint("lead_id", "epoch", "partner_id", name="lead_offer_epoch"),
        Index(
            "lead_offer_one_open",
            "lead_id",
            unique=True,
            postgresql_where=text("state = 'accepted' OR (state = 'offered' AND NOT shared)"),
        ),
        Index("lead_offer_due", "answer_by", postgresql_where=text("state = 'offered'")),
        Index(
            "lead_offer_untold",
            "id",
            postgresql_where=text("told_at IS NULL AND state IN ('offered', 'gone')"),
        ),
        Index("lead_offer_partner", "partner_id", "id"),
        Index("lead_offer_lately", "vendor_id", "offered_at"),
    )

    id: Mapped[Key]
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("lead.id"))
    epoch: Mapped[int]
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(server_default=OfferState.OFFERED)
    reason: Mapped[str] = mapped_column(Sentence())
    trace: Mapped[dict[str, Any]]
    offered_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    answer_by: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
    decline_reason: Mapped[str | None]
    shared: Mapped[bool] = mapped_column(server_default=text("false"))
    reminders: Mapped[int] = mapped_column(SmallInteger(), server_default=text("0"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))


RACED = LeadOffer.trace["rule"].astext == "first"
"""Of an offer: its rule asked several at once, whatever came of it."""


class RoutingMember(Model):
    """A partner's place in the smooth weighted round robin of one territory."""

    __tablename__ = "routing_member"
    __table_args__ = ({"postgresql_with": {"fillfactor": "50"}},)

    vendor_id: Mapped[UUID] = mapped_column(primary_key=True)
    pool: Mapped[str] = mapped_column(primary_key=True)
    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    credit: Mapped[int] = mapped_column(server_default=text("0"))


class RuleVersion:
    """One version of a vendor's document of rules, as it was written; in force from `valid_from`.

    Immutable; the newest number among those whose day has come is in force.
    """

    id: Mapped[Key]
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    no: Mapped[int]
    source: Mapped[str]
    valid_from: Mapped[datetime]
    note: Mapped[str]
    made_by: Mapped[str]
    made_at: Mapped[datetime]


class RoutingVersion(RuleVersion, Model):
    """Which partner gets a lead."""

    __tablename__ = "routing_version"
    __table_args__ = (UniqueConstraint("vendor_id", "no", name="routing_version_no"),)


class PointsVersion(RuleVersion, Model):
    """How many points a lead has."""

    __tablename__ = "points_version"
    __table_args__ = (UniqueConstraint("vendor_id", "no", name="points_version_no"),)


class ScoreModel(Model):
    """What was learnt from a vendor's closed leads on one day: its card, and its points as data.

    Immutable; the newest number is in use when its card says that it beats the points by rule.
    """

    __tablename__ = "score_model"
    __table_args__ = (UniqueConstraint("vendor_id", "no", name="score_model_no"),)

    id: Mapped[Key]
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    no: Mapped[int]
    shown: Mapped[bool]
    card: Mapped[dict[str, Any]]
    table: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]


class LeadChance(Model):
    """A lead's chance by one model, in thousandths, and what spoke for and against it."""

    __tablename__ = "lead_chance"

    lead_id: Mapped[UUID] = mapped_column(ForeignKey("lead.id"), primary_key=True)
    model_id: Mapped[UUID] = mapped_column(ForeignKey("score_model.id"))
    per_mille: Mapped[int]
    reasons: Mapped[list[Any]]
    at: Mapped[datetime]


class LeadTouch(Model):
    """What a seller recorded: a call, a reply, a note."""

    __tablename__ = "lead_touch"
    __table_args__ = (Index("lead_touch_lead", "lead_id", "id"),)

    id: Mapped[Number]
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("lead.id"))
    kind: Mapped[str]
    note: Mapped[str]
    actor_name: Mapped[str]
    at: Mapped[datetime]


class Opportunity(Model):
    """A deal with a sum and a date; `stage` is how far it is, or was when it closed.

    It came of a lead, or a seller registered it without one; then `company` and `domain` say whose it is.
    `moved_at` is its last progress, `warned_at` when its people heard that it lapses, `kept_until` how long it
    was given; `pressed` is the form it was registered by, so that pressing twice registers once.
    """

    __tablename__ = "opportunity"
    __table_args__ = (
        CheckConstraint(
            "stage IN ('qualified', 'proposal', 'negotiation')", name="opportunity_stage"
        ),
        Index("opportunity_partner", "partner_id", "id"),
        CheckConstraint("lead_id IS NOT NULL OR company <> ''", name="opportunity_whose"),
        Index("opportunity_vendor", "vendor_id", "id"),
        UniqueConstraint("partner_id", "pressed", name="opportunity_pressed"),
        Index(
            "opportunity_registered",
            "vendor_id",
            "partner_id",
            postgresql_where=text("state = 'open' AND lead_id IS NULL"),
        ),
    )

    id: Mapped[Key]
    ref: Mapped[str] = mapped_column(unique=True)
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("lead.id"), unique=True)
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partner.id"))
    campaign_id: Mapped[UUID | None] = mapped_column(ForeignKey("campaign.id"))
    company: Mapped[str] = mapped_column(server_default="")
    domain: Mapped[str] = mapped_column(server_default="")
    registered_by: Mapped[str] = mapped_column(server_default="")
    name: Mapped[str]
    state: Mapped[str]
    stage: Mapped[str] = mapped_column(server_default=Stage.QUALIFIED)
    amount_minor: Mapped[Minor]
    currency: Mapped[str]
    closes_on: Mapped[date | None]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    loss_reason: Mapped[str | None]
    moved_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    warned_at: Mapped[datetime | None]
    kept_until: Mapped[datetime | None]
    pressed: Mapped[UUID | None]


class LeadTask(Model):
    """Something the holder of a lead is asked to do by a time; `source` makes asking twice one."""

    __tablename__ = "lead_task"
    __table_args__ = (UniqueConstraint("lead_id", "source", name="lead_task_once"),)

    id: Mapped[Key]
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("lead.id"))
    words: Mapped[str]
    due_at: Mapped[datetime]
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None]
    source: Mapped[str]
