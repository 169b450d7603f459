"""Launches, the lists they go to, and the mails of their series."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Model
from tcma.db.sentences import Sentence
from tcma.launches.hours import Hours
from tcma.launches.rules import LaunchState


class Launch(Model):
    """A partner's run of a campaign. Version, brand and `slots` (the partner's values in its
    language) are pinned when it starts; `content_hash` is over the mails as they were frozen.
    `due_at` is when its next mail is to be frozen. It may follow a finished launch, for those who
    joined its lists since; `run_id` is the run or the day of a calendar of which it is one of many.
    """

    __tablename__ = "launch"
    __table_args__ = (
        ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
        UniqueConstraint("partner_id", "idempotency_key", name="launch_idempotency_key"),
        Index("launch_partner", "partner_id", "id"),
        Index("launch_vendor", "vendor_id", "id"),
        Index("launch_follows", "follows_id", postgresql_where=text("follows_id IS NOT NULL")),
        Index("launch_due", "due_at", postgresql_where=text("state IN ('scheduled', 'expanding')")),
    )

    id: Mapped[Key]
    ref: Mapped[str] = mapped_column(unique=True)
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("campaign_version.id"))
    copy_id: Mapped[UUID] = mapped_column(ForeignKey("partner_copy.id"))
    brand_id: Mapped[UUID] = mapped_column(ForeignKey("brand_profile.id"))
    page_id: Mapped[UUID | None] = mapped_column(ForeignKey("page.id"))
    sender_id: Mapped[UUID] = mapped_column(ForeignKey("sender.id"))
    follows_id: Mapped[UUID | None] = mapped_column(ForeignKey("launch.id"))
    run_id: Mapped[UUID | None]
    name: Mapped[str]
    language: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=LaunchState.DRAFT)
    due_at: Mapped[datetime]
    paused_reason: Mapped[str | None] = mapped_column(Sentence())
    failure: Mapped[str | None] = mapped_column(Sentence())
    idempotency_key: Mapped[str]
    content_hash: Mapped[str | None]
    slots: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    local_time: Mapped[bool] = mapped_column(server_default=text("false"))
    hours: Mapped[str] = mapped_column(server_default=Hours.ANY)
    hold_out: Mapped[int] = mapped_column(SmallInteger(), server_default=text("0"))
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class LaunchList(Model):
    """A list the launch goes to."""

    __tablename__ = "launch_list"

    launch_id: Mapped[UUID] = mapped_column(
        ForeignKey("launch.id", ondelete="CASCADE"), primary_key=True
    )
    list_id: Mapped[UUID] = mapped_column(ForeignKey("contact_list.id"), primary_key=True)


class LaunchSegment(Model):
    """A segment the launch goes to, asked in the moment of the freeze."""

    __tablename__ = "launch_segment"

    launch_id: Mapped[UUID] = mapped_column(
        ForeignKey("launch.id", ondelete="CASCADE"), primary_key=True
    )
    segment_id: Mapped[UUID] = mapped_column(ForeignKey("segment.id"), primary_key=True)


class LaunchMail(Model):
    """One mail of the series, compiled with the first; its mailing exists once it is frozen.

    A mail that is tested has a row for each variant beside its own (`trial.Arm`), which is then of
    those who wait for the winner. `links[n-1]` stands behind `[[link:n]]` of the artefact under `artefact_key`.
    """

    __tablename__ = "launch_mail"

    launch_id: Mapped[UUID] = mapped_column(
        ForeignKey("launch.id", ondelete="CASCADE"), primary_key=True
    )
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    arm: Mapped[int] = mapped_column(
        SmallInteger(), primary_key=True, autoincrement=False, server_default=text("0")
    )
    mail: Mapped[str]
    audience: Mapped[str]
    due_at: Mapped[datetime]
    subject: Mapped[str] = mapped_column(server_default="")
    artefact_key: Mapped[str | None]
    links: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    mailing_id: Mapped[int | None] = mapped_column(ForeignKey("mailing.id"), unique=True)


class LaunchTrial(Model):
    """Two variants of the first mail, tested on `share` of a hundred people for `hours`.

    B is the author's mail `variant`, or A with another `subject`, or A from another sender: `from_name`
    stands in place of its own. `shown_a` and `shown_b` are the two senders as this launch named them,
    the voices whose they are where all partners can ask the same. `mark` is the same in every
    launch that tests the same two; null until it begins. `counted` are the answers and people of A
    and B, and the partners, at the decision.
    """

    __tablename__ = "launch_trial"
    __table_args__ = (Index("launch_trial_mark", "mark"),)

    launch_id: Mapped[UUID] = mapped_column(
        ForeignKey("launch.id", ondelete="CASCADE"), primary_key=True
    )
    variant: Mapped[str] = mapped_column(server_default="")
    subject: Mapped[str] = mapped_column(server_default="")
    share: Mapped[int] = mapped_column(SmallInteger())
    hours: Mapped[int] = mapped_column(SmallInteger())
    sender_id: Mapped[UUID | None] = mapped_column(ForeignKey("sender.id"))
    from_name: Mapped[str] = mapped_column(server_default="")
    shown_a: Mapped[str] = mapped_column(server_default="")
    shown_b: Mapped[str] = mapped_column(server_default="")
    voice_a: Mapped[str] = mapped_column(server_default="")
    voice_b: Mapped[str] = mapped_column(server_default="")
    mark: Mapped[str | None]
    ends_at: Mapped[datetime | None]
    winner: Mapped[int | None] = mapped_column(SmallInteger())
    words: Mapped[str] = mapped_column(server_default="")
    counted: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    decided_at: Mapped[datetime | None]


class LaunchPolicy(Model):
    """Which launches of its partners a vendor wants approved, and by whom."""

    __tablename__ = "launch_policy"
    __table_args__ = (CheckConstraint("asks_above >= 0", name="launch_policy_above"),)

    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"), primary_key=True)
    asks_first: Mapped[bool] = mapped_column(server_default=text("false"))
    asks_above: Mapped[int | None]
    asks_edited: Mapped[bool] = mapped_column(server_default=text("false"))
    approver: Mapped[str] = mapped_column(server_default="vendor")
    changed_at: Mapped[datetime]


class LaunchApproval(Model):
    """One question whether a launch may leave, and its answer. `asked` is what the yes is bound to
    (`approval_rules.Subject`), `needs` are the reasons with their numbers, `reminders` how far the letters
    about its day are (`reminding.Told`).
    """

    __tablename__ = "launch_approval"
    __table_args__ = (
        Index("launch_approval_launch", "launch_id", "id"),
        Index(
            "launch_approval_open",
            "launch_id",
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[Key]
    launch_id: Mapped[UUID] = mapped_column(ForeignKey("launch.id", ondelete="CASCADE"))
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    approver: Mapped[str]
    state: Mapped[str]
    needs: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    asked: Mapped[dict[str, Any]]
    asked_by: Mapped[UUID | None]
    asked_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    reminders: Mapped[int] = mapped_column(SmallInteger(), server_default=text("0"))
    words: Mapped[str] = mapped_column(server_default="")
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]


class SeedAddress(Model):
    """An address that gets a copy of each launch: of all of a vendor's partners, or of one partner."""

    __tablename__ = "seed_address"
    __table_args__ = (
        CheckConstraint("num_nonnulls(vendor_id, partner_id) = 1", name="seed_address_side"),
        UniqueConstraint(
            "vendor_id",
            "partner_id",
            "address",
            name="seed_address_once",
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: Mapped[Key]
    vendor_id: Mapped[UUID | None] = mapped_column(ForeignKey("vendor.id"))
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partner.id"))
    address: Mapped[str]
    created_at: Mapped[datetime]


class LaunchSeed(Model):
    """The mailing of a launch's copies to seed addresses: one for each mail, and each variant of a test."""

    __tablename__ = "launch_seed"

    launch_id: Mapped[UUID] = mapped_column(
        ForeignKey("launch.id", ondelete="CASCADE"), primary_key=True
    )
    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id"), primary_key=True)


class RunSeed(Model):
    """A mail of a run that the vendor's seeds have had, or its variant, in a language: the first partner's."""

    __tablename__ = "run_seed"

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    arm: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    language: Mapped[str] = mapped_column(primary_key=True)


class RenderManifest(Model):
    """The signed manifest of one asset that left; the asset lies under `sent/<sha256>`."""

    __tablename__ = "render_manifest"

    launch_id: Mapped[UUID] = mapped_column(
        ForeignKey("launch.id", ondelete="CASCADE"), primary_key=True
    )
    path: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    manifest: Mapped[str]
    signed_at: Mapped[datetime]
