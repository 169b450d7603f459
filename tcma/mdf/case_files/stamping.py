"""The time stamp of a case file: kept when an authority gave it, asked for while there is none.

An authority that is away holds nobody up: the file goes out with the time as this installation states
it, and whoever saves it next has the authority asked again.
"""

from hashlib import sha256

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from tcma.db.work import Work
from tcma.errors import Invalid, Unavailable
from tcma.ids import new_id
from tcma.mdf.models.funding import FundRequest
from tcma.mdf.models.stamps import CaseStamp
from tcma.sealed import stamps
from tcma.sealed.stamps import Stamped, TimeAuthority

log = structlog.get_logger(__name__)


def stamp_of(
    work: Work, request: FundRequest, signature: bytes, authority: TimeAuthority
) -> Stamped | None:
    """Return the stamp of a signature, the kept one before a new one; None without any."""
    digest = sha256(signature).hexdigest()
    if (kept := _kept(work, request, digest)) is not None:
        return kept
    try:
        made = authority.stamp(signature)
    except (Unavailable, Invalid) as away:
        log.warning("no time stamp", plan=request.ref, why=away.message)
        return None
    if made is None:
        return None
    at = stamps.read(made.token, signature, stamps.roots_of(made.roots)).at
    row = insert(CaseStamp).values(
        id=new_id(),
        request_id=request.id,
        vendor_id=request.vendor_id,
        partner_id=request.partner_id,
        signature_sha256=digest,
        token=made.token,
        roots=made.roots,
        at=at,
        asked_at=work.now,
    )
    work.session.execute(row.on_conflict_do_nothing(constraint="case_stamp_signature"))
    return _kept(work, request, digest)


def _kept(work: Work, request: FundRequest, digest: str) -> Stamped | None:
    one = select(CaseStamp.token, CaseStamp.roots).where(
        CaseStamp.request_id == request.id, CaseStamp.signature_sha256 == digest
    )
    row = work.session.execute(one).one_or_none()
    return Stamped(row.token, row.roots) if row else None
