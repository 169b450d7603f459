"""Human references (LCH-2026-0031) from one counter row per prefix and year."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Model
from tcma.db.work import Work


class ReferenceCounter(Model):
    """The last number given out; an aborted transaction leaves no gap."""

    __tablename__ = "reference_counter"

    prefix: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


def next_reference(work: Work, prefix: str) -> str:
    """Return the next `PREFIX-YEAR-NNNN`, unique in the installation; waits for a concurrent one to commit."""
    year = work.now.year
    fresh = insert(ReferenceCounter).values(prefix=prefix, year=year, last=1)
    statement = fresh.on_conflict_do_update(
        index_elements=["prefix", "year"], set_={"last": ReferenceCounter.last + 1}
    ).returning(ReferenceCounter.last)
    number = work.session.execute(statement).scalar_one()
    return f"{prefix}-{year}-{number:04d}"
