"""A version in the making: started from a version or a shipped campaign, saved file by file, undone,
made a version. Nobody overwrites what they have not seen.
"""

import io
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from PIL import Image
from sqlalchemy import delete, select

from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid, NotFound
from tcma.library.importer import Imported, art_of, fonts_of, import_files
from tcma.library.models import CampaignDraft, CampaignVersion, DraftSave
from tcma.library.sources import campaign_files, file_key, parsed
from tcma.library.specimens import Specimen, specimen
from tcma.partners.public_files import public_address
from tcma.permissions import Permission
from tcma.recent import MB, Recent
from tcma.rendering.kits import Picture, Pictures
from tcma.rendering.logos import prepare
from tcma.rendering.source import MOST_BYTES, MOST_FILES, CampaignSource, load_files

__all__ = ["CampaignDraft", "ChangedMeanwhile", "DraftSave"]
TOGETHER = timedelta(minutes=2)
"""Saves of one file by one person within this time are one step back."""
PATH = re.compile(
    r"(?:[a-z0-9_][a-z0-9_-]*/){0,2}[a-z0-9_][a-z0-9_.-]*\.(?:toml|mjml|html|css|jpg|png)\Z"
)
TEXTS = (".toml", ".mjml", ".html", ".css")
_bytes = Recent[bytes](most=600, octets=16 * MB)


class ChangedMeanwhile(Conflict):
    """Somebody else saved this file since it was read; `theirs` is what stands there now."""

    def __init__(self, *, by: str, at: datetime, theirs: bytes) -> None:
        self.by, self.at, self.theirs = by, at, theirs
        super().__init__(
            f"{by} changed this file meanwhile. Your text is kept on this page.",
            code="draft.changed",
            remedy="Look at the other version, then take it or save yours over it.",
        )


def draft_named(work: Work, slug: str, *, lock: bool = False) -> CampaignDraft:
    """Return the vendor's draft of a campaign; NotFound when there is none."""
    work.require(Permission.CAMPAIGN_AUTHOR)
    wanted = visible(
        select(CampaignDraft).where(CampaignDraft.slug == slug), work.principal, CampaignDraft
    )
    rows = work.session.scalars(wanted.with_for_update() if lock else wanted)
    row: CampaignDraft | None = rows.one_or_none()
    return found(row)


def drafts(work: Work) -> list[CampaignDraft]:
    """Return every draft of the vendor, by address."""
    work.require(Permission.CAMPAIGN_AUTHOR)
    wanted = visible(select(CampaignDraft), work.principal, CampaignDraft)
    return list(work.session.scalars(wanted.order_by(CampaignDraft.slug)))


def history(work: Work, draft: CampaignDraft) -> list[DraftSave]:
    """Return the saves of a draft, newest first."""
    wanted = select(DraftSave).where(DraftSave.draft_id == draft.id)
    return list(work.session.scalars(wanted.order_by(DraftSave.no.desc())))


def start_from_version(work: Work, version_id: UUID, *, slug: str) -> CampaignDraft:
    """Start a draft with the files of a version; Conflict when the campaign has one already."""
    version = found(work.session.get(CampaignVersion, version_id))
    if not work.principal.is_system and version.vendor_id != work.principal.vendor_id:
        raise NotFound
    files = campaign_files(work, version_id)
    return start(work, version.vendor_id, files, slug=slug, based_on=version_id)


def start(
    work: Work,
    vendor_id: UUID,
    files: Mapping[str, bytes],
    *,
    slug: str,
    based_on: UUID | None = None,
) -> CampaignDraft:
    """Start a draft with these files; Conflict when this vendor has one at that address."""
    work.require(Permission.CAMPAIGN_AUTHOR)
    known = select(CampaignDraft.id).where(
        CampaignDraft.vendor_id == vendor_id, CampaignDraft.slug == slug
    )
    if work.session.scalar(known):
        raise Conflict(
            "This campaign has a draft already.", code="draft.there", remedy="Go on with it."
        )
    kept = {path: _kept(work, data) for path, data in files.items()}
    draft = CampaignDraft(
        vendor_id=vendor_id, slug=slug, based_on=based_on, no=0, files={}, made_at=work.now
    )
    work.session.add(draft)
    work.session.flush()  # its saves refer to it
    _save(work, draft, path="", files=kept)
    work.audit("started a draft", "campaign_draft", draft.id, vendor_id=vendor_id, slug=slug)
    return draft


def save(work: Work, slug: str, path: str, data: bytes, *, seen: str) -> CampaignDraft:
    """Save one file. `seen` is the SHA-256 of what its author had read, "" for a new file.

    Raises ChangedMeanwhile when something else stands there now, Invalid for a name that cannot be.
    """
    draft = draft_named(work, slug, lock=True)
    mark = sha256(data).hexdigest()
    now = draft.files.get(path, "")
    if now == mark:
        return draft
    if now != seen:
        last = next((each for each in history(work, draft) if each.path == path), None)
        by, at = (last.by_name, last.at) if last else ("Somebody", draft.made_at)
        raise ChangedMeanwhile(by=by, at=at, theirs=_read(work, now) if now else b"")
    if not now:
        _refuse_name(draft, path)
    if len(data) > MOST_BYTES:
        raise Invalid(f"A campaign holds at most {MOST_BYTES >> 20} MB.", code="draft.too_large")
    _save(work, draft, path=path, files=draft.files | {path: _kept(work, data)})
    return draft


def remove(work: Work, slug: str, path: str) -> CampaignDraft:
    """Take a file out of a draft; a step back brings it again."""
    draft = draft_named(work, slug, lock=True)
    if path not in draft.files:
        raise NotFound
    if path == "campaign.toml":
        raise Invalid("A campaign cannot be without campaign.toml.", code="draft.needed")
    _save(work, draft, path=path, files={k: v for k, v in draft.files.items() if k != path})
    return draft


def upload(work: Work, slug: str, path: str, data: bytes) -> CampaignDraft:
    """Put a file into a draft, in place of one of that name; a step back brings the old one again.

    Pictures go through the gate and are drawn anew; a text must be UTF-8. Raises Invalid with why not.
    """
    draft = draft_named(work, slug, lock=True)
    if path not in draft.files:
        _refuse_name(draft, path)
    if len(data) > MOST_BYTES:
        raise Invalid(f"A campaign holds at most {MOST_BYTES >> 20} MB.", code="draft.too_large")
    ready = data if path.endswith(TEXTS) else _drawn_anew(path, data)
    if path.endswith(TEXTS):
        try:
            data.decode("utf-8-sig")
        except UnicodeDecodeError:
            message = "This file is not UTF-8 text. Save it as UTF-8."
            raise Invalid(message, code="draft.encoding", fields={"file": message}) from None
    _save(work, draft, path=path, files=draft.files | {path: _kept(work, ready)})
    return draft


def rename(work: Work, slug: str, path: str, to: str) -> CampaignDraft:
    """Give a file another name; Invalid for one that is taken or cannot be."""
    draft = draft_named(work, slug, lock=True)
    if path not in draft.files:
        raise NotFound
    if path == "campaign.toml":
        raise Invalid("A campaign cannot be without campaign.toml.", code="draft.needed")
    if to == path:
        return draft
    if to in draft.files:
        message = f"There is a file “{to}” already."
        raise Invalid(message, code="draft.taken", fields={"path": message})
    _refuse_name(draft, to)
    if to.rpartition(".")[2] != path.rpartition(".")[2]:
        message = "The ending must stay: a new name does not make it another kind of file."
        raise Invalid(message, code="draft.ending", fields={"path": message})
    rest = {name: mark for name, mark in draft.files.items() if name != path}
    _save(work, draft, path="", files=rest | {to: draft.files[path]})
    return draft


def _drawn_anew(path: str, data: bytes) -> bytes:
    """A picture as the gate lets it in: upright, sRGB, 8 bits, without metadata, at most 2000 px."""
    try:
        ready = prepare(data)
    except Invalid as refused:
        raise Invalid(
            refused.message,
            code=refused.code,
            remedy=refused.remedy,
            fields={"file": refused.message},
        ) from refused
    if path.endswith(".png"):
        return ready.png
    with Image.open(io.BytesIO(ready.png)) as drawn:
        flat = Image.new("RGB", drawn.size, (255, 255, 255))
        flat.paste(drawn.convert("RGB"), (0, 0), drawn.getchannel("A"))
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=90)
    return out.getvalue()


def go_back(work: Work, slug: str, no: int) -> CampaignDraft:
    """Bring back all files as they stood after save `no`; that is a save of its own."""
    draft = draft_named(work, slug, lock=True)
    then = found(work.session.get(DraftSave, (draft.id, no)))
    if then.files != draft.files:
        _save(work, draft, path="", files=then.files)
    return draft


def discard(work: Work, slug: str) -> None:
    """Throw a draft away with its saves."""
    draft = draft_named(work, slug, lock=True)
    _forget(work, draft)
    work.audit(
        "discarded a draft", "campaign_draft", draft.id, vendor_id=draft.vendor_id, slug=slug
    )


def make_version(work: Work, slug: str) -> Imported:
    """Make the draft an immutable version, checked whole; the draft is gone then.

    Raises TemplateRefused with everything that keeps it from being one; the draft stays.
    """
    draft = draft_named(work, slug, lock=True)
    made = import_files(work, draft.vendor_id, files_of(work, draft))
    _forget(work, draft)
    return made


def files_of(work: Work, draft: CampaignDraft) -> dict[str, bytes]:
    """Return every file of a draft by path."""
    return {path: _read(work, mark) for path, mark in draft.files.items()}


def text_of(work: Work, draft: CampaignDraft, path: str) -> str:
    """Return one text file of a draft; NotFound for others."""
    if path not in draft.files or not path.endswith(TEXTS):
        raise NotFound
    return _read(work, draft.files[path]).decode("utf-8-sig", "replace").replace("\r\n", "\n")


def source_of_draft(work: Work, draft: CampaignDraft) -> CampaignSource:
    """Return a draft as its author wrote it; TemplateRefused while it cannot be read."""
    mark = content_mark(draft)
    return parsed.get(mark) or parsed.keep(mark, load_files(files_of(work, draft)))


def content_mark(draft: CampaignDraft) -> str:
    """Return the content hash its version would have, as `source.content_hash` computes it."""
    digest = sha256()
    for path in sorted(draft.files):
        digest.update(path.encode() + b"\0" + bytes.fromhex(draft.files[path]))
    return digest.hexdigest()


def specimen_of_draft(work: Work, draft: CampaignDraft) -> Specimen:
    """Return a draft to be tried on, as its version would look."""
    source = source_of_draft(work, draft)
    address = work.site.public_url
    pictures = Pictures(
        images={
            name: Picture(public_address(address, key), width, height)
            for name, (key, width, height) in art_of(work, source).items()
        },
        fonts={file: public_address(address, key) for file, key in fonts_of(work).items()},
    )
    return specimen(work, draft.vendor_id, source, pictures)


def _save(work: Work, draft: CampaignDraft, *, path: str, files: Mapping[str, str]) -> None:
    last = work.session.get(DraftSave, (draft.id, draft.no)) if draft.no else None
    draft.files = dict(files)
    goes_on = (
        last is not None
        and path
        and last.path == path
        and last.by_user == work.principal.user_id
        and work.now - last.at < TOGETHER
    )
    if goes_on and last is not None:
        last.files = dict(files)
        return
    draft.no += 1
    work.session.add(
        DraftSave(
            draft_id=draft.id,
            no=draft.no,
            path=path,
            files=dict(files),
            by_user=work.principal.user_id,
            by_name=work.principal.name,
            at=work.now,
        )
    )


def _refuse_name(draft: CampaignDraft, path: str) -> None:
    if not PATH.match(path):
        message = "Name a file such as words/it.toml: small letters, .toml, .mjml, .html, .css, .jpg or .png."
        raise Invalid(message, code="draft.name", fields={"path": message})
    if len(draft.files) >= MOST_FILES:
        message = f"A campaign holds at most {MOST_FILES} files."
        raise Invalid(message, code="draft.too_many", fields={"path": message})


def _kept(work: Work, data: bytes) -> str:
    mark = sha256(data).hexdigest()
    if not work.files.exists(file_key(mark)):
        work.files.put(file_key(mark), data, "application/octet-stream")
    return mark


def _read(work: Work, mark: str) -> bytes:
    return _bytes.get(mark) or _bytes.keep(mark, work.files.get(file_key(mark)))


def _forget(work: Work, draft: CampaignDraft) -> None:
    work.session.execute(delete(DraftSave).where(DraftSave.draft_id == draft.id))
    work.session.delete(draft)
    work.session.flush()  # its address is free again within this transaction
