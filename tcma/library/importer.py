"""An author's folder becomes an immutable version: checked, stored by content, described."""

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.library.models import Campaign, CampaignFile, CampaignVersion
from tcma.library.sources import file_key, parsed
from tcma.partners.models import Vendor
from tcma.partners.public_files import store_public
from tcma.permissions import Permission
from tcma.recent import MB, Recent
from tcma.rendering.findings import Finding, Severity, TemplateRefused
from tcma.rendering.fits import BUILT_FONTS
from tcma.rendering.lint import lint
from tcma.rendering.slots import SlotType
from tcma.rendering.source import CampaignSource, content_hash, load_files, read_folder

SUBSETS = ("latin", "latin-ext", "arabic")
"""The parts of our fonts that pages and mails may link."""
_passed = Recent[tuple[Finding, ...]](most=24, octets=MB)
DOUBLE = 2
"""Art of mails is drawn at twice the size it is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import made: `is_new` is False when the same content was there already."""

    campaign_id: UUID
    version_id: UUID
    slug: str
    no: int
    is_new: bool
    findings: tuple[Finding, ...]


def import_folder(
    work: Work, vendor_id: UUID, folder: Path, *, is_checked: bool = False
) -> Imported:
    """Import a campaign's folder with its sibling `_shared`. Raises as `import_files`.

    `is_checked` is for a folder that came with the product, whose tests hold it: nothing is rendered.
    """
    _may_author(work, vendor_id)
    source = _parsed(read_folder(folder))
    if is_checked and _passed.get(source.content_hash) is None:
        _passed.keep(source.content_hash, tuple(lint(source.files, rendered=False)))
    return _imported(work, vendor_id, source)


def import_files(work: Work, vendor_id: UUID, files: Mapping[str, bytes]) -> Imported:
    """Import files by path as the next version of the campaign that campaign.toml names.

    The same content again is the same version. Raises TemplateRefused with file, line and remedy;
    warnings are kept with the version.
    """
    _may_author(work, vendor_id)
    return _imported(work, vendor_id, _parsed(files))


def _may_author(work: Work, vendor_id: UUID) -> None:
    work.require(Permission.CAMPAIGN_AUTHOR)
    if not work.principal.is_system and work.principal.vendor_id != vendor_id:
        found(None)
    found(work.session.get(Vendor, vendor_id))


def _parsed(files: Mapping[str, bytes]) -> CampaignSource:
    """Return the campaign; the same content is parsed once per process."""
    return parsed.get(content_hash(files)) or load_files(files)


def _imported(work: Work, vendor_id: UUID, source: CampaignSource) -> Imported:
    campaign = _campaign(work, vendor_id, source)
    known = work.session.scalars(
        select(CampaignVersion).where(
            CampaignVersion.campaign_id == campaign.id,
            CampaignVersion.content_hash == source.content_hash,
        )
    ).one_or_none()
    if known is not None:
        return Imported(
            campaign_id=campaign.id,
            version_id=known.id,
            slug=campaign.slug,
            no=known.no,
            is_new=False,
            findings=(),
        )
    findings = _passed.get(source.content_hash)
    if findings is None:
        findings = _passed.keep(source.content_hash, _checked(source.files))
    return _new_version(work, campaign, source, findings)


def _checked(files: Mapping[str, bytes]) -> tuple[Finding, ...]:
    """Return the warnings of the check; TemplateRefused when it found an error."""
    findings = lint(files)
    errors = [each for each in findings if each.severity is Severity.ERROR]
    if errors:
        raise TemplateRefused(errors)
    return tuple(findings)


def _campaign(work: Work, vendor_id: UUID, source: CampaignSource) -> Campaign:
    fresh = insert(Campaign).values(
        vendor_id=vendor_id, slug=source.slug, name=source.name, created_at=work.now
    )
    work.session.execute(fresh.on_conflict_do_nothing(constraint="campaign_slug"))
    return work.session.scalars(
        select(Campaign)
        .where(Campaign.vendor_id == vendor_id, Campaign.slug == source.slug)
        .with_for_update()
    ).one()


def _new_version(
    work: Work, campaign: Campaign, source: CampaignSource, findings: tuple[Finding, ...]
) -> Imported:
    last = work.session.scalar(
        select(func.max(CampaignVersion.no)).where(CampaignVersion.campaign_id == campaign.id)
    )
    version = CampaignVersion(
        campaign_id=campaign.id,
        vendor_id=campaign.vendor_id,
        no=(last or 0) + 1,
        content_hash=source.content_hash,
        facts=facts_of(work, source),
        findings=[asdict(each) for each in findings],
        made_by=work.principal.user_id,
        made_at=work.now,
    )
    work.session.add(version)
    work.session.flush()  # the files refer to the version
    rows = [_stored(work, version.id, path, data) for path, data in source.files.items()]
    work.session.execute(insert(CampaignFile), rows)
    work.audit(
        "imported",
        "campaign",
        campaign.id,
        vendor_id=campaign.vendor_id,
        version=version.no,
        files=len(rows),
        warnings=len(findings),
    )
    parsed.keep(source.content_hash, source)
    return Imported(
        campaign_id=campaign.id,
        version_id=version.id,
        slug=campaign.slug,
        no=version.no,
        is_new=True,
        findings=findings,
    )


def _stored(work: Work, version_id: UUID, path: str, data: bytes) -> dict[str, Any]:
    sha256 = hashlib.sha256(data).hexdigest()
    key = file_key(sha256)
    if not work.files.exists(key):
        work.files.put(key, data, "application/octet-stream")
    return {"version_id": version_id, "path": path, "sha256": sha256, "size": len(data)}


def facts_of(work: Work, source: CampaignSource) -> dict[str, Any]:
    """Return what cards and lists show without parsing, and the public keys of art and fonts."""
    mails = [
        {
            "key": mail.key,
            "kind": mail.kind,
            "day": mail.day,
            "audience": mail.audience,
            "subject": dict(mail.subject),
        }
        for mail in source.mails
    ]
    return {
        "name": source.name,
        "summary": source.summary,
        "audience": source.audience,
        "product": source.product,
        "activity": source.activity,
        "minutes": source.minutes,
        "languages": list(source.languages),
        "tags": list(source.tags),
        "mails": mails,
        "images": [[i.name, i.width, i.height] for i in source.images],
        "claims": [asdict(claim) for claim in source.claims],
        "steps": len(source.nurture.steps),
        "playbook": [
            {
                "key": step.key,
                "kind": step.kind,
                "who": step.who,
                "day": step.day,
                "minutes": step.minutes,
                "tiers": list(step.tiers),
                "first_launch": step.first_launch,
                "title": dict(step.title),
                "why": dict(step.why),
                "says": any(step.script.values()),
            }
            for step in source.playbook
        ],
        "art": art_of(work, source),
        "fonts": fonts_of(work),
    }


def art_of(work: Work, source: CampaignSource) -> dict[str, list[Any]]:
    """Return the pictures of mails and pages: name → public key, width, height in CSS pixels."""
    out: dict[str, list[Any]] = {}
    approved = {name for slot in source.slots if slot.type is SlotType.IMAGE
                for names in slot.options.values() for name in names}  # fmt: skip
    for path, data in source.files.items():
        folder, _, name = path.rpartition("/")
        stem, _, suffix = name.rpartition(".")
        if folder != "art" or suffix not in {"jpg", "png", "webp"}:
            continue
        if not stem.startswith("hero") and stem.removesuffix("_rtl") not in approved:
            continue
        with Image.open(io.BytesIO(data)) as picture:
            width, height = picture.size
        media_type = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}[suffix]
        key = store_public(work.files, data, media_type)
        out[stem] = [key, width // DOUBLE, height // DOUBLE]
    return out


def fonts_of(work: Work) -> dict[str, str]:
    """Return the web fonts built at set-up: file name → public key; none before `make setup`."""
    listing = BUILT_FONTS / "fonts.json"
    if not listing.exists():
        return {}
    faces = json.loads(listing.read_text(encoding="utf-8"))["faces"]
    return {
        face["file"]: store_public(
            work.files, (BUILT_FONTS / face["file"]).read_bytes(), "font/woff2"
        )
        for face in faces
        if face["subset"] in SUBSETS
    }
