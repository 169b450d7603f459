"""A version of terms that partners are asked for, and the mail that tells their owners."""

from collections.abc import Sequence
from uuid import UUID

from tcma.accounts.queries import Person, members_of
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.delivery.notices import Reader, tell_each
from tcma.partners import terms
from tcma.partners.models import Vendor
from tcma.partners.terms import NewTerms, VersionView
from tcma.partners.terms_rules import Standing
from tcma.permissions import Permission


def publish(work: Work, new: NewTerms) -> tuple[VersionView, int]:
    """Write the next version and mail every owner who has to say yes to it; also how many partners.

    It is no marketing: without the yes nobody there can launch, so nobody can be opted out of it.
    """
    version = terms.publish(work, new)
    vendor = work.session.get_one(Vendor, found(work.principal.vendor_id))
    waiting = [
        pair for pair in terms.pairs(work.session, work.principal)
        if pair.standing is Standing.WAITS
    ]  # fmt: skip
    url = f"{work.site.public_url}/console/terms/{vendor.slug}"
    letters: list[tuple[Reader, str, dict[str, str]]] = []
    for pair in waiting:
        for owner in _owners(work, pair.partner_id):
            values = {"partner": pair.partner, "title": version.title, "no": str(version.no)}
            letters.append((Reader.of(owner), url, values))
    if version.asks_again:
        tell_each(work, "terms_to_accept", letters, vendor_id=vendor.id)
    return version, len(waiting)


def _owners(work: Work, partner_id: UUID) -> Sequence[Person]:
    return members_of(work.session, partner_id=partner_id, able_to=Permission.TERMS_ACCEPT)
