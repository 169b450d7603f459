"""Two versions beside each other: what partners would see changed, then every line of every file."""

from hashlib import sha256
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from tcma.errors import Invalid
from tcma.library.samples import SamplePartner, partner_named, sample_partners
from tcma.library.specimens import Specimen, specimen_of
from tcma.library.trying import mail_of, page_of, picture_drawn
from tcma.permissions import Permission
from tcma.rendering.differences import differences
from tcma.web.auth import allows
from tcma.web.console.copy_parts import Part, parts_of
from tcma.web.studio import studio
from tcma.web.studio.previews import version_at
from tcma.web.unit_of_work import work


@studio.get("/campaigns/<slug>/versions/<int:no>/diff/<int:other>")
@allows(Permission.CAMPAIGN_AUTHOR)
def version_diff(slug: str, no: int, other: int) -> ResponseReturnValue:
    """Show what is different between two versions, in pictures and in text."""
    old_no, new_no = sorted((no, other))
    old, new = (specimen_of(work(), version_at(slug, each).id) for each in (old_no, new_no))
    sample = partner_named(work(), request.args.get("as", sample_partners()[0].slug))
    language = new.source.language_for(request.args.get("lang") or sample.kit.language)
    looks = Looks(old, new, sample, language)
    changed = [part for part in parts_of(new.source) if looks.differ(part)]
    part = next((each for each in changed if each.slug == request.args.get("see")), None)
    part = part or (changed[0] if changed else None)
    asked: dict[str, Any] = {"as": sample.slug, "lang": language}
    sides: list[dict[str, Any]] = [{"slug": slug, "no": each} | asked for each in (old_no, new_no)]
    return render_template(
        "studio/campaigns/diff.html",
        name=new.source.name,
        slug=slug,
        numbers=(old_no, new_no),
        files=differences(old.source.files, new.source.files),
        changed=changed,
        part=part,
        pictures=looks.pictures() if part and part.kind == "images" else [],
        sample=sample,
        samples=sample_partners(),
        language=language,
        languages=new.source.languages,
        documents=[url_for("studio.preview_document", part=part.slug, **side) for side in sides]
        if part and part.kind != "images"
        else [],
        image_at=lambda name, side: url_for("studio.version_image", name=name, **sides[side]),
        at=lambda **now: url_for(
            "studio.version_diff",
            slug=slug, no=new_no, other=old_no, **asked | {"see": part.slug if part else ""} | now,
        ),
    )  # fmt: skip


class Looks:
    """Two specimens as one partner would send them in one language."""

    def __init__(self, old: Specimen, new: Specimen, sample: SamplePartner, language: str) -> None:
        self.sample = sample
        self.specimens = (old, new)
        self.made_of = [each.sent_by(work(), sample, language) for each in (old, new)]

    def differ(self, part: Part) -> bool:
        """Does a reader see a difference? What only one of them has, or cannot make, is one."""
        if part.kind == "images":
            return bool(self.pictures())
        return self._document(0, part) != self._document(1, part)

    def pictures(self) -> list[tuple[str, bool, bool]]:
        """Return the pictures that changed: name, is it in the old one, in the new one."""
        names = dict.fromkeys(i.name for s in self.specimens for i in s.source.images)
        marks = {name: (self._picture(0, name), self._picture(1, name)) for name in names}
        return [(name, bool(a), bool(b)) for name, (a, b) in marks.items() if a != b]

    def _document(self, side: int, part: Part) -> str:
        made_of = self.made_of[side]
        try:
            if part.kind == "page":
                page = page_of(made_of).named(part.page)
                return "".join(page.parts) if page else ""
            if part.mail not in {mail.key for mail in made_of.source.mails}:
                return ""
            mail = mail_of(made_of, part.mail)
        except Invalid as refused:
            return refused.message
        return f"{mail.subject}\n{mail.preview}\n{mail.html}"

    def _picture(self, side: int, name: str) -> str:
        specimen = self.specimens[side]
        image = next((each for each in specimen.source.images if each.name == name), None)
        if image is None:
            return ""
        try:
            drawn = picture_drawn(work(), self.sample, self.made_of[side], image)
        except Invalid:
            return ""
        return sha256(work().files.get(drawn.key)).hexdigest()
