"""A partner's contacts and lists, its imports, and the stop list."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Model, Number
from tcma.db.sentences import Sentence

OWN_FIELDS = "fields::text LIKE '%\"x\\_%'"
"""Whether somebody has a value in a field that their partner made: only they are in `contact_day`."""


class Contact(Model):
    """A person in one partner's list. `address_hash` is the keyed hash of the normal form.

    `contact_day` finds people by the dates in their partner's own fields: «partner x_key 2027-03-01»,
    and without the year.
    """

    __tablename__ = "contact"
    __table_args__ = (
        UniqueConstraint("partner_id", "address_hash", name="contact_address_once"),
        Index(
            "contact_page",
            "partner_id",
            "id",
            postgresql_include=["country", "language", "tags", "created_at"],
            postgresql_where=text("address <> ''"),
        ),
        Index("contact_hash", "address_hash"),
        Index(
            "contact_day",
            text("contact_days(partner_id, fields)"),
            postgresql_using="gin",
            postgresql_where=text(OWN_FIELDS),
        ),
    )

    id: Mapped[Number]
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partner.id"))
    address: Mapped[str]
    address_hash: Mapped[bytes]
    first_name: Mapped[str] = mapped_column(server_default="")
    last_name: Mapped[str] = mapped_column(server_default="")
    company: Mapped[str] = mapped_column(server_default="")
    country: Mapped[str] = mapped_column(server_default="")
    phone: Mapped[str] = mapped_column(server_default="")
    language: Mapped[str] = mapped_column(server_default="")
    fields: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    tags: Mapped[list[str]] = mapped_column(ARRAY(String()), server_default=text("'{}'"))
    import_id: Mapped[UUID | None]
    created_at: Mapped[datetime]


class CustomField(Model):
    """A field a partner made itself; its values stand in `contact.fields` under `key`.

    One with `removed_at` is gone for people; the row stays until its values are deleted.
    """

    __tablename__ = "custom_field"

    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str]
    kind: Mapped[str]
    choices: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    removed_at: Mapped[datetime | None]


class Segment(Model):
    """People with something in common, by a condition that is asked anew each time."""

    __tablename__ = "segment"
    __table_args__ = (
        Index(
            "segment_name",
            "partner_id",
            "name",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partner.id"))
    name: Mapped[str]
    condition: Mapped[dict[str, Any]]
    counted: Mapped[int]
    counted_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class ContactList(Model):
    """A named list with the basis on which its people may be mailed."""

    __tablename__ = "contact_list"
    __table_args__ = (UniqueConstraint("partner_id", "name", name="contact_list_name"),)

    id: Mapped[Key]
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partner.id"))
    name: Mapped[str]
    basis: Mapped[str]
    source: Mapped[str] = mapped_column(server_default="")
    evidence: Mapped[str] = mapped_column(server_default="")
    controller: Mapped[str] = mapped_column(server_default="partner")
    controller_vendor_id: Mapped[UUID | None] = mapped_column(ForeignKey("vendor.id"))
    basis_at: Mapped[datetime | None]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class ListMember(Model):
    """Contact in list. No foreign keys: they cost four fifths of the import's speed."""

    __tablename__ = "list_member"
    __table_args__ = (Index("list_member_contact", "contact_id"),)

    list_id: Mapped[UUID] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(BigInteger(), primary_key=True)


class ContactImport(Model):
    """One uploaded file on its way into a list; counts add up to `rows_n` when done.

    `heads` names its set of column heads, empty for a file without.
    """

    __tablename__ = "contact_import"
    __table_args__ = (
        Index("contact_import_partner", "partner_id", "id"),
        Index("contact_import_heads", "partner_id", "heads", postgresql_where=text("heads <> ''")),
        Index(
            "contact_import_due",
            "state",
            "partner_id",
            postgresql_where=text("state IN ('importing', 'undoing')"),
        ),
    )

    id: Mapped[Key]
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partner.id"))
    list_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact_list.id"))
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    file_name: Mapped[str]
    state: Mapped[str]
    encoding: Mapped[str] = mapped_column(server_default="")
    delimiter: Mapped[str] = mapped_column(server_default="")
    mapping: Mapped[dict[str, Any]]
    heads: Mapped[str] = mapped_column(server_default="")
    preview: Mapped[dict[str, Any]]
    rows_n: Mapped[int] = mapped_column(server_default=text("0"))
    added_n: Mapped[int] = mapped_column(server_default=text("0"))
    known_n: Mapped[int] = mapped_column(server_default=text("0"))
    stopped_n: Mapped[int] = mapped_column(server_default=text("0"))
    refused_n: Mapped[int] = mapped_column(server_default=text("0"))
    report_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    error: Mapped[str] = mapped_column(Sentence(), server_default="")
    made_by: Mapped[UUID | None]
    made_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class ContactImportChange(Model):
    """How a contact that was known before stood when an import met it: what undo brings back.

    No foreign keys, as in `ListMember`; the rows go with the right to undo, after 30 days.
    """

    __tablename__ = "contact_import_change"

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(BigInteger(), primary_key=True)
    joined: Mapped[bool]
    was: Mapped[dict[str, Any]]


class ContactMerge(Model):
    """Two contacts that are one person, or were said to be two: then `other_hash` is null.

    `was` is how both stood, for undo; it is emptied after 30 days. The other's hash stays, so that
    a later file or form with that address finds the person. No foreign keys, as in `ListMember`.
    """

    __tablename__ = "contact_merge"
    __table_args__ = (
        CheckConstraint("kept_id <> other_id", name="contact_merge_two"),
        UniqueConstraint("other_id", "kept_id", name="contact_merge_pair"),
        Index("contact_merge_kept", "kept_id"),
        Index("contact_merge_hash", "partner_id", "other_hash", unique=True),
    )

    id: Mapped[Key]
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partner.id"))
    kept_id: Mapped[int] = mapped_column(BigInteger())
    other_id: Mapped[int] = mapped_column(BigInteger())
    other_hash: Mapped[bytes | None]
    was: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    made_by: Mapped[UUID | None]
    at: Mapped[datetime]


class ConsentEntry(Model):
    """A line of the consent ledger: added, never changed; it outlives the contact by its hash."""

    __tablename__ = "consent_entry"
    __table_args__ = (
        CheckConstraint(
            "kind <> 'implied' OR act <> 'given' OR expires_at IS NOT NULL",
            name="consent_implied_ends",
        ),
        Index(
            "consent_entry_now",
            "address_hash",
            "partner_id",
            text("id DESC"),
            postgresql_include=["act", "expires_at", "vendor_id"],
        ),
        Index("consent_entry_partner", "partner_id", "id"),
    )

    id: Mapped[Number]
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partner.id"))
    vendor_id: Mapped[UUID | None] = mapped_column(ForeignKey("vendor.id"))
    contact_id: Mapped[int | None] = mapped_column(BigInteger())
    address_hash: Mapped[bytes]
    purpose: Mapped[str]
    channel: Mapped[str]
    act: Mapped[str]
    kind: Mapped[str]
    jurisdiction: Mapped[str] = mapped_column(server_default="")
    source: Mapped[str] = mapped_column(server_default="")
    text_version: Mapped[str] = mapped_column(server_default="")
    evidence: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    at: Mapped[datetime]
    expires_at: Mapped[datetime | None]


class Suppression(Model):
    """An address that must not be mailed, within a scope; a null column means any. Each reason stands for
    itself: what a person takes back leaves a dead address dead.
    """

    __tablename__ = "suppression"
    __table_args__ = (
        UniqueConstraint(
            "address_hash",
            "vendor_id",
            "partner_id",
            "topic",
            "reason",
            name="suppression_once",
            postgresql_nulls_not_distinct=True,
        ),
        Index("suppression_partner", "partner_id", "id"),
    )

    id: Mapped[Number]
    address_hash: Mapped[bytes]
    vendor_id: Mapped[UUID | None] = mapped_column(ForeignKey("vendor.id"))
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partner.id"))
    topic: Mapped[str | None]
    reason: Mapped[str]
    message_id: Mapped[int | None] = mapped_column(BigInteger())
    at: Mapped[datetime]
