"""Reads what partners bring as proof in advance by rule, keeps what was seen and said, and tells both sides.

Nothing here decides: no verb and no rule of a programme reads a finding.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tcma.db.documents import Document
from tcma.db.work import Work
from tcma.ids import new_id
from tcma.invoices.proofs import ProofSeen
from tcma.library.models import Campaign, Page
from tcma.mdf.models.funding import FundActivity, Proof
from tcma.mdf.models.prechecks import ProofReading
from tcma.mdf.precheck_line import FindingLine, ReadingLine
from tcma.mdf.prechecks.facts import (
    Sought,
    facts_from,
    facts_of,
    kept,
    promised_people,
    sought_from,
)
from tcma.mdf.prechecks.findings import VERSION, findings, plain, spoken_finding
from tcma.mdf.rules import BROUGHT
from tcma.partners.models import Partner, Vendor
from tcma.words import read_back

PEOPLE = frozenset({"attendees", "guests", "participants", "audience", "people", "visitors"})
"""What programmes call the number of people that a plan promises."""


def sought_of(work: Work, proof: Proof) -> tuple[Sought, list[bytes]]:
    """Return what a partner's proof may show, and the vendor's logos (PNG) to look for in it."""
    session = work.session
    activity = session.get_one(FundActivity, proof.activity_id)
    partner = session.get_one(Partner, proof.partner_id)
    vendor = session.get_one(Vendor, proof.vendor_id)
    campaign = session.get_one(Campaign, activity.campaign_id)
    pages = select(Page.path).where(
        Page.campaign_id == campaign.id, Page.partner_id == proof.partner_id
    )
    logos = _logos(work, vendor)
    promised = (
        promised_people(value)
        for name, value in activity.facts.items()
        if name.casefold() in PEOPLE
    )
    sought = Sought(
        title=proof.title,
        kind=proof.kind,
        starts_on=activity.starts_on.isoformat(),
        ends_on=activity.ends_on.isoformat(),
        partner=_names(partner.name, partner.legal_name),
        vendor=_names(vendor.name, str(vendor.kit.get("name") or ""), vendor.legal_name),
        campaign=_names(campaign.name),
        addresses=tuple(f"{work.site.public_url}/go/{path}" for path in session.scalars(pages)),
        people=next(filter(None, promised), 0),
        has_logo=bool(logos),
    )
    return sought, logos


def _names(*names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


def _logos(work: Work, vendor: Vendor) -> list[bytes]:
    keys = (vendor.kit.get(name) for name in ("logo_key", "logo_white_key"))
    return [work.files.get(key) for key in keys if key and work.files.exists(key)]


def keep(work: Work, proof: Proof, seen: ProofSeen, sought: Sought, *, service: str) -> None:
    """Keep what the rules say of a proof, once per version; `service` is to be asked next, if any is named."""
    document = work.session.get_one(Document, proof.document_id)
    facts = facts_of(
        seen,
        sought,
        stated=document.media_type,
        again=_again(work.session, proof, document),
        today=work.now.date(),
    )
    row = {
        "proof_id": proof.id,
        "vendor_id": proof.vendor_id,
        "partner_id": proof.partner_id,
        "sought": kept(sought),
        "facts": kept(facts),
        "made_at": work.now,
    }
    found = plain(findings(facts, sought))
    _insert(work, row | {"reader": "", "rules": VERSION, "found": found, "due_at": None})
    if service and not facts.why:
        _insert(work, row | {"reader": service, "rules": VERSION, "found": [], "due_at": work.now})


def _insert(work: Work, row: dict[str, object]) -> None:
    one = insert(ProofReading).values(id=new_id(), **row)
    work.session.execute(one.on_conflict_do_nothing(constraint="proof_reading_once"))


def _again(session: Session, proof: Proof, document: Document) -> bool:
    """Say whether the partner showed the same file for another activity; others' stay the vendor's to know."""
    other = (
        select(Proof.id)
        .join(Document, Document.id == Proof.document_id)
        .where(
            Document.sha256 == document.sha256,
            Proof.partner_id == proof.partner_id,
            Proof.activity_id != proof.activity_id,
            Proof.source.startswith(BROUGHT),
        )
        .limit(1)
    )
    return session.scalar(other) is not None


def readings_of(
    session: Session, documents: Collection[UUID]
) -> dict[UUID, tuple[ReadingLine, ...]]:
    """Return per document of a proof what was read in it: the newest of the rules, then each service's."""
    rows = session.execute(
        select(
            Proof.document_id,
            ProofReading.reader,
            ProofReading.found,
            ProofReading.why,
            ProofReading.due_at,
        )
        .join(Proof, Proof.id == ProofReading.proof_id)
        .where(Proof.document_id.in_(documents))
        .order_by(Proof.document_id, ProofReading.reader, ProofReading.rules.desc())
    ).all()
    newest: dict[UUID, dict[str, ReadingLine]] = {}
    for row in rows:
        if row.due_at is None or row.reader == "":
            lines = tuple(_line(row.reader, each) for each in row.found)
            newest.setdefault(row.document_id, {}).setdefault(
                row.reader, ReadingLine(row.reader, lines, row.why)
            )
    return {document: tuple(by_reader.values()) for document, by_reader in newest.items()}


def _line(reader: str, kept_finding: dict[str, object]) -> FindingLine:
    words, remedy = str(kept_finding["words"]), str(kept_finding["remedy"])
    if reader:  # a service's words are its own, in its language
        return FindingLine(str(kept_finding["result"]), words, remedy)
    values = kept_finding["values"]
    assert isinstance(values, dict)
    told = read_back(remedy) if remedy else ""
    return FindingLine(str(kept_finding["result"]), spoken_finding(words, values), told)


def differs(session: Session, proof_id: UUID) -> bool:
    """Say whether the rules of today's version say otherwise of a proof than was kept of them."""
    one = select(ProofReading).where(
        ProofReading.proof_id == proof_id, ProofReading.reader == "", ProofReading.rules == VERSION
    )
    row = session.scalars(one).one()
    again = findings(facts_from(row.facts), sought_from(row.sought))
    return plain(again) != row.found
