"""Proves all books and keeps the answer beside each fund, for its ledger page."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.db.audit import AuditEntry
from tcma.db.work import Work
from tcma.mdf.ledger import heads
from tcma.mdf.ledger.booking import Fault, verify
from tcma.mdf.ledger_line import LedgerProof
from tcma.mdf.models.ledger import LedgerChain
from tcma.mdf.queries import fund_by_ref
from tcma.permissions import Principal

SUBJECT = "ledger"
STALE = timedelta(hours=20)
"""An unchanged answer is written down again after so long."""


def prove(work: Work) -> list[Fault]:
    """Prove every fund's books, keep their signed heads, write the answers down.

    Returns what is broken.
    """
    faults = all_faults(work)
    heads.keep(work, besides={fault.chain_id for fault in faults})
    chains = work.session.execute(
        select(LedgerChain.id, LedgerChain.vendor_id, LedgerChain.seq).order_by(LedgerChain.id)
    ).all()
    for chain in chains:
        said = [f"{fault.fault} ({fault.seq})" for fault in faults if fault.chain_id == chain.id]
        last = _last(work.session, str(chain.id))
        fresh = last is not None and last.at > work.now - STALE
        if fresh and last and (last.entries, list(last.faults)) == (chain.seq, said):
            continue
        work.audit(
            "broken" if said else "verified",
            SUBJECT,
            chain.id,
            vendor_id=chain.vendor_id,
            entries=chain.seq,
            faults=said,
        )
    return faults


def all_faults(work: Work) -> list[Fault]:
    """Return everything that is broken in all books: links, sums, facts, and earlier proofs."""
    return verify(work.session) + heads.forged(work)


def distrusted(session: Session, chain_id: UUID) -> tuple[str, ...]:
    """Return what the last proof of a fund found broken, nothing before the first one."""
    last = _last(session, str(chain_id))
    return last.faults if last else ()


def last_proof(session: Session, principal: Principal, fund_ref: str) -> LedgerProof | None:
    """Return the last proof of a vendor's fund, None before the first; else NotFound."""
    return _last(session, str(fund_by_ref(session, principal, fund_ref).id))


def _last(session: Session, chain_id: str) -> LedgerProof | None:
    row = session.execute(
        select(AuditEntry.at, AuditEntry.detail)
        .where(AuditEntry.subject == SUBJECT, AuditEntry.subject_id == chain_id)
        .order_by(AuditEntry.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return LedgerProof(row.at, row.detail["entries"], tuple(row.detail["faults"]))
