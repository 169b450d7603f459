"""How far each chain had come when it was proved, signed, so that later proofs can compare."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from tcma.db.work import Work
from tcma.errors import Invalid
from tcma.ids import new_id
from tcma.mdf.ledger.booking import Fault
from tcma.mdf.models.funding import FundBudget
from tcma.mdf.models.ledger import LedgerChain, LedgerHead, LedgerTransfer
from tcma.sealed.keys import signed_by, signing_key


def keep(work: Work, *, besides: Collection[UUID], again: bool = False) -> int:
    """Sign and keep the head of every chain that moved since, `again` of all; not of those
    `besides`, which are broken. Returns how many.
    """
    last = _newest().subquery()
    moved = (last.c.seq.is_(None)) | (last.c.seq < LedgerChain.seq)
    rows = work.session.execute(
        select(LedgerChain.id, LedgerChain.seq, LedgerChain.head_hash)
        .outerjoin(last, last.c.chain_id == LedgerChain.id)
        .where(LedgerChain.seq > 0, *(() if again else (moved,)))
        .order_by(LedgerChain.id)
    ).all()
    key = signing_key(work.site.secret)
    kept = [
        LedgerHead(
            id=new_id(),
            chain_id=row.id,
            seq=row.seq,
            hash=row.head_hash,
            at=work.now,
            signature=key.sign(message(row.id, row.seq, row.head_hash)),
        )
        for row in rows
        if row.id not in besides
    ]
    work.session.add_all(kept)
    return len(kept)


def message(chain_id: UUID, seq: int, digest: bytes) -> bytes:
    """Return what is signed of a head."""
    return f"tcma ledger head 1\n{chain_id}\n{seq}\n{digest.hex()}\n".encode()


def forged(work: Work) -> list[Fault]:
    """Return the newest kept head of each chain that this installation did not sign.

    Older ones need no look: the newest covers, by its hash, everything before it.
    """
    key = signing_key(work.site.secret).public_key()
    faults = []
    for head in work.session.scalars(_newest()):
        if not signed_by(key, head.signature, message(head.chain_id, head.seq, head.hash)):
            fund = work.session.get_one(FundBudget, head.chain_id).ref
            said = f"the proof of No. {head.seq} was not signed here"
            faults.append(Fault(fund, head.chain_id, head.seq, said))
    return faults


def newest(session: Session) -> list[dict[str, Any]]:
    """Return the newest head of each chain, to be kept outside of this installation."""
    return [
        {
            "chain": str(head.chain_id),
            "seq": head.seq,
            "hash": head.hash.hex(),
            "signature": head.signature.hex(),
        }
        for head in session.scalars(_newest())
    ]


def compared(work: Work, kept: Sequence[Mapping[str, Any]]) -> list[Fault]:
    """Return what heads that were kept outside show; those that this installation never signed
    raise Invalid.
    """
    key = signing_key(work.site.secret).public_key()
    faults = []
    for one in kept:
        try:
            chain, seq, digest = UUID(one["chain"]), int(one["seq"]), bytes.fromhex(one["hash"])
            signature = bytes.fromhex(one["signature"])
        except (KeyError, TypeError, ValueError) as error:
            raise Invalid("This is no list of heads.", code="ledger.heads") from error
        if not signed_by(key, signature, message(chain, seq, digest)):
            raise Invalid("These heads are of another installation.", code="ledger.heads")
        stands = work.session.scalar(
            select(LedgerTransfer.hash).where(
                LedgerTransfer.chain_id == chain, LedgerTransfer.seq == seq
            )
        )
        if stands != digest:
            budget = work.session.get(FundBudget, chain)
            said = f"entries up to No. {seq} are not those that were proved"
            faults.append(Fault(budget.ref if budget else "?", chain, seq, said))
    return faults


def _newest() -> Any:
    return (
        select(LedgerHead)
        .ext(distinct_on(LedgerHead.chain_id))
        .order_by(LedgerHead.chain_id, LedgerHead.seq.desc(), LedgerHead.id.desc())
    )
