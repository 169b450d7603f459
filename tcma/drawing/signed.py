"""Signed addresses of pictures: version and brand are locked in them, and a last day.

An address names its key, and ends with it.
"""

import json
from datetime import datetime, timedelta
from uuid import UUID

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.drawing import keys
from tcma.drawing.calls import Call, locked
from tcma.drawing.keys import Scope
from tcma.drawing.rules import LONGEST_LINK_DAYS, USUAL_LINK_DAYS
from tcma.errors import Invalid

PURPOSE = "image"


def signed_address(
    work: Work, scope: Scope, call: Call, *, days: int = USUAL_LINK_DAYS
) -> tuple[str, datetime]:
    """Return the address that draws this call until its last day, and that day."""
    if not 1 <= days <= LONGEST_LINK_DAYS:
        message = f"A signed address holds 1 to {LONGEST_LINK_DAYS} days."
        raise Invalid(message, code="images.days", fields={"days": message})
    until = work.now + timedelta(days=days)
    told = [
        found(scope.key_id).hex,
        call.version_id.hex,
        call.image.name,
        call.partner_id.hex,
        call.brand_id.hex if call.brand_id else "",
        call.language,
        call.values,
    ]
    payload = json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    token = work.site.signer.sign(PURPOSE, payload, expires_at=until)
    return f"{work.site.public_url}/pic/{token}.{call.image.suffix}", until


def call_of(work: Work, token: str) -> Call:
    """Return the call of a signed address; NotFound when forged, over, recalled, or its key ended."""
    told = json.loads(work.site.signer.read(PURPOSE, token, work.now))
    key, version, picture, partner, brand, language, values = told
    scope = found(keys.scope_of_key(work.session, UUID(key)))
    return locked(
        work,
        scope,
        version_id=UUID(version),
        picture=picture,
        partner_id=UUID(partner),
        brand_id=UUID(brand) if brand else None,
        language=language,
        values=values,
    )
