"""Opens and clicks as they came, each once, with the verdict beside it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

import tcma.library.models  # noqa: F401 - the table that a key names
from tcma.db.base import Model, Number


class Event(Model):
    """One reaction on one message: raw, with the verdict beside it, which may be reached again; `slot`
    is the link's number or 0.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("event_message", "message_id", "at"),
        Index("event_mailing", "mailing_id", "kind", "id"),
    )

    id: Mapped[Number]
    message_id: Mapped[int] = mapped_column(BigInteger())
    mailing_id: Mapped[int]
    kind: Mapped[int] = mapped_column(SmallInteger())
    slot: Mapped[int] = mapped_column(SmallInteger())
    verdict: Mapped[int] = mapped_column(SmallInteger())
    reasons: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    user_agent: Mapped[str]
    method: Mapped[str] = mapped_column(server_default="GET")
    network: Mapped[str] = mapped_column(server_default="")
    score: Mapped[int] = mapped_column(SmallInteger(), server_default=text("0"))
    version: Mapped[int] = mapped_column(SmallInteger(), server_default=text("1"))
    at: Mapped[datetime]


class PageSignal(Model):
    """Somebody saw a page, or took a file from it, by a mail's link; once a day. No person stands here:
    whose it is says the message, as long as it names them.
    """

    __tablename__ = "page_signal"
    __table_args__ = (Index("page_signal_lately", "at"),)

    message_id: Mapped[int] = mapped_column(BigInteger(), primary_key=True, autoincrement=False)
    page_id: Mapped[UUID] = mapped_column(ForeignKey("page.id"), primary_key=True)
    did: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class HitFile(Model):
    """How far a file of hits has been written into the tables: in one transaction with its rows."""

    __tablename__ = "hit_file"

    name: Mapped[str] = mapped_column(primary_key=True)
    read_to: Mapped[int] = mapped_column(BigInteger())
    at: Mapped[datetime]
