"""How far a slow walk through a large table has come: rows are looked at once, in the order of ids."""

from sqlalchemy import BigInteger
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from tcma.db.base import Model


class Mark(Model):
    """The last id that a walk has done with."""

    __tablename__ = "mark"

    name: Mapped[str] = mapped_column(primary_key=True)
    done_to: Mapped[int] = mapped_column(BigInteger())


def done_to(session: Session, name: str) -> int:
    """Return where a walk goes on, 0 before its first step. Two walkers wait for each other."""
    session.execute(insert(Mark).values(name=name, done_to=0).on_conflict_do_nothing())
    return session.get_one(Mark, name, with_for_update=True).done_to


def move(session: Session, name: str, to: int) -> None:
    """Note that a walk has done with every id up to `to`."""
    session.get_one(Mark, name).done_to = to
