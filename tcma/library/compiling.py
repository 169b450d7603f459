"""A partner's copy as finished mails and landing page, kept by the hash of what they are made of."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Invalid, NotFound
from tcma.library.copies import problems_of, slots_of
from tcma.library.ingredients import Ingredients, gather, sizes_of
from tcma.library.landings import landing_bytes
from tcma.library.models import Campaign, Page, PartnerCopy
from tcma.library.picture_texts import picture_fits
from tcma.library.rules import PageState
from tcma.library.sources import source_of
from tcma.partners.models import Partner, Vendor
from tcma.permissions import Permission
from tcma.recent import MB, Recent
from tcma.rendering import email
from tcma.rendering.email import Compiled
from tcma.rendering.images import SlotFit
from tcma.rendering.landing import Landing, render_landing
from tcma.rendering.mime import Artefact
from tcma.rendering.outlines import bare, drawn
from tcma.rendering.page_checks import check_page, refuse_faults
from tcma.rendering.studio import Draws, here
from tcma.words import joined, say

__all__ = [
    "CompiledMail",
    "Preview",
    "compile_mail",
    "landing_of",
    "outlined_landing",
    "outlined_mail",
    "outlined_page",
    "page_url_of",
    "preview_mail",
    "problems_of_copy",
    "publish_page",
    "source_of",
]
SHARED_PICTURE = "banner_1200x628"
_lately = Recent[Compiled](most=128, octets=8 * MB)
_pages = Recent[Landing](most=64, octets=8 * MB)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledMail:
    """One mail of a copy, ready for every recipient.

    `links[n-1]` is the address behind `[[link:n]]`, `link_keys[n-1]` its name for branches;
    `content_hash` names what it was made of, `artefact.sha256` the bytes.
    """

    artefact: Artefact
    subject: str
    preview: str
    html: str
    text: str
    links: tuple[str, ...]
    link_keys: tuple[str, ...]
    tokens: frozenset[str]
    language: str
    content_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """One mail as a chosen person would see it."""

    subject: str
    preview: str
    html: str
    text: str


def page_path_of(work: Work, copy: PartnerCopy) -> str:
    """Return the public path of a copy's page; of two vendors' like-named ones the later yields."""
    published = work.session.scalar(select(Page.path).where(Page.copy_id == copy.id))
    if published:
        return published
    partner = work.session.get_one(Partner, copy.partner_id)
    campaign = work.session.get_one(Campaign, copy.campaign_id)
    path = f"{partner.slug}/{campaign.slug}"
    if work.session.scalar(select(Page.id).where(Page.path == path)):
        vendor = work.session.get_one(Vendor, copy.vendor_id)
        return f"{partner.slug}/{vendor.slug}-{campaign.slug}"
    return path


def page_url_of(work: Work, copy: PartnerCopy) -> str:
    """Return the public address of a copy's landing page, published or not."""
    return f"{work.site.public_url}/go/{page_path_of(work, copy)}"


def compile_mail(  # noqa: PLR0913 - what a mail is made of
    work: Work,
    copy: PartnerCopy,
    mail_key: str,
    *,
    language: str | None = None,
    page_url: str | None = None,
    brand_id: UUID | None = None,
    basis: str = "customer",
) -> CompiledMail:
    """Compile one mail of a copy, or take it from the store when nothing it is made of changed.

    `basis` says in the footer why the list may be written to (customer, consent, enquiry).
    Raises TemplateRefused with file and line, NotFound for an unknown mail.
    """
    made_of = gather(
        work,
        copy,
        language=language,
        brand_id=brand_id,
        page_url=page_url or page_url_of(work, copy),
    )
    return compiled_once(work, made_of, mail_key, basis=basis)


def compiled_once(
    work: Work, made_of: Ingredients, mail_key: str, *, basis: str = "customer"
) -> CompiledMail:
    """Return one mail of these ingredients, compiled or from the store; raises as `compile_mail`."""
    mark = made_of.mark("mail", mail_key, basis)
    key = _key(mark)
    try:
        compiled = _unpacked(work.files.get(key))
    except NotFound:
        compiled = _compiled(made_of, mail_key, basis)
        work.files.put(key, _packed(compiled), "application/json")
    return CompiledMail(
        artefact=compiled.artefact(),
        subject=compiled.subject,
        preview=compiled.preview,
        html=compiled.html,
        text=compiled.text,
        links=compiled.links,
        link_keys=compiled.link_keys,
        tokens=compiled.tokens,
        language=compiled.language,
        content_hash=mark,
    )


def _key(mark: str) -> str:
    return f"compiled/{mark}.json"


def _compiled(
    made_of: Ingredients,
    mail_key: str,
    basis: str,
    *,
    outline: bool = False,
    draw: Draws = here,
) -> Compiled:
    if mail_key not in {mail.key for mail in made_of.source.mails}:
        raise NotFound
    return draw(
        email.compile_mail,
        made_of.source,
        mail_key,
        partner=made_of.partner,
        vendor=made_of.vendor,
        language=made_of.language,
        page_url=made_of.page_url,
        slots=made_of.slots,
        pictures=made_of.pictures,
        basis=basis,
        outline=outline,
    )


def _packed(compiled: Compiled) -> bytes:
    record = asdict(compiled) | {"tokens": sorted(compiled.tokens)}
    return json.dumps(record, ensure_ascii=False).encode()


def _unpacked(data: bytes) -> Compiled:
    record = json.loads(data)
    for name in ("links", "link_keys", "warnings"):
        record[name] = tuple(record[name])
    return Compiled(**record | {"tokens": frozenset(record["tokens"])})


def preview_mail(  # noqa: PLR0913 - what a mail is made of
    work: Work,
    copy: PartnerCopy,
    mail_key: str,
    *,
    tokens: Mapping[str, str] | None = None,
    language: str | None = None,
    values: Mapping[str, Any] | None = None,
    outline: bool = False,
) -> Preview:
    """Return a mail as one person would see it, with values that are not saved yet.

    Without `tokens` the campaign's sample contact is greeted. Links lead to their real addresses.
    With `outline` the partner's own texts are framed and named.
    """
    work.require(Permission.CAMPAIGN_READ)
    page_url = page_url_of(work, copy)
    made_of = gather(work, copy, language=language, values=values, page_url=page_url)
    mark = made_of.mark("mail", mail_key, "outlined" if outline else "customer")
    compiled = _lately.get(mark) or _lately.keep(
        mark, _compiled(made_of, mail_key, "customer", outline=outline)
    )
    person = dict(tokens) if tokens is not None else _sample(made_of)
    shown = person | {"view_url": "#", "unsubscribe_url": "#", "preferences_url": "#"}
    filled = compiled.artefact()
    slots = {slot.key: slot for slot in made_of.source.slots}
    return Preview(
        subject=filled.subject(person),
        preview=compiled.preview,
        html=drawn(compiled.shown(shown), slots) if outline else compiled.shown(shown),
        text=bare(compiled.text),
    )


def _sample(made_of: Ingredients) -> dict[str, str]:
    contact = made_of.source.sample.get("contact", {})
    return {key: str(value) for key, value in contact.items() if key != "email"}


def landing_of(
    work: Work,
    copy: PartnerCopy,
    *,
    language: str | None = None,
    values: Mapping[str, Any] | None = None,
) -> Landing:
    """Return a copy's landing page, for the preview and for publishing."""
    page_url = page_url_of(work, copy)
    return _landing(gather(work, copy, language=language, values=values, page_url=page_url))


def outlined_page(work: Work, copy: PartnerCopy, *, page: str = "") -> str:
    """Return a copy's landing page, or a further `page` of its site, with the partner's own texts
    framed and named.
    """
    made_of = gather(work, copy, page_url=page_url_of(work, copy))
    slots = {slot.key: slot for slot in made_of.source.slots}
    landing = _landing(made_of, outline=True)
    return drawn(found(landing.named(page)).show(action="#", stamp="-"), slots)


def outlined_mail(made_of: Ingredients, mail_key: str, draw: Draws) -> str:
    """Return a mail with the marks that name the partner's own texts, compiled where `draw` says."""
    return _compiled(made_of, mail_key, "customer", outline=True, draw=draw).html


def outlined_landing(made_of: Ingredients, draw: Draws) -> Landing:
    """Return the landing page with such marks."""
    return _rendered(made_of, outline=True, draw=draw)


def _landing(made_of: Ingredients, *, outline: bool = False) -> Landing:
    mark = made_of.mark("page", "outlined" if outline else "")
    return _pages.get(mark) or _pages.keep(mark, _rendered(made_of, outline=outline))


def _rendered(made_of: Ingredients, *, outline: bool, draw: Draws = here) -> Landing:
    return draw(
        render_landing,
        made_of.source,
        partner=made_of.partner,
        vendor=made_of.vendor,
        language=made_of.language,
        slots=made_of.slots,
        pictures=made_of.pictures,
        page_url=made_of.page_url,
        share_image=_share_image(made_of),
        outline=outline,
    )


def _share_image(made_of: Ingredients) -> str:
    """The address at which the page's picture for link previews is drawn when it is asked for."""
    drawn_here = any(image.name == SHARED_PICTURE for image in made_of.source.images)
    if not drawn_here or "/go/" not in made_of.page_url:
        return ""
    return made_of.page_url.replace("/go/", "/share/", 1) + ".jpg"


def publish_page(work: Work, copy: PartnerCopy) -> Page:
    """Put the copy's landing page at its public address, or renew what stands there.

    Its accessibility and weight are measured first and kept with it; Invalid (`page.checks`) when
    they do not hold.
    """
    made_of = gather(work, copy, page_url=page_url_of(work, copy))
    landing = _landing(made_of)
    sizes = sizes_of(work, made_of)
    for further in landing.more.values():
        refuse_faults(check_page(further.show(), look=made_of.source.look, sizes=sizes))
    shown = landing.form.show(action="/", stamp="-")
    report = check_page(shown, look=made_of.source.look, sizes=sizes)
    refuse_faults(report)
    key = f"pages/{landing.sha256}.json"
    if not work.files.exists(key):
        work.files.put(key, landing_bytes(landing), "application/json")
    page = work.session.scalars(
        select(Page).where(Page.copy_id == copy.id).with_for_update()
    ).one_or_none()
    if page is None:
        page = Page(
            vendor_id=copy.vendor_id,
            partner_id=copy.partner_id,
            copy_id=copy.id,
            campaign_id=copy.campaign_id,
            path=page_path_of(work, copy),
        )
        work.session.add(page)
    page.version_id, page.key, page.state = copy.version_id, key, PageState.LIVE
    page.style_hashes = list(dict.fromkeys(landing.form.style_hashes + landing.thanks.style_hashes))
    page.consent_text, page.consent_version = landing.consent_text, landing.consent_version
    page.published_at, page.report = work.now, report.record()
    work.session.flush()  # launches and leads name the page by its id
    work.audit(
        "published page",
        "partner_copy",
        copy.id,
        vendor_id=copy.vendor_id,
        partner_id=copy.partner_id,
        path=page.path,
        consent_version=page.consent_version,
    )
    return page


def problems_of_copy(work: Work, copy: PartnerCopy) -> list[str]:
    """Return a sentence for everything that keeps a copy from leaving.

    Slots first; when they are whole, pictures whose text does not fit, mails, the page. What was
    compiled before is not compiled again.
    """
    source = source_of(work, copy.version_id)
    said = problems_of(source, slots_of(copy), copy.language)
    if said:
        return list(said.values())
    try:
        made_of = gather(work, copy, page_url=page_url_of(work, copy))
        for name, fits in picture_fits(made_of).items():
            said |= {f"{name}.{fit.slot}": _misfit(name, fit) for fit in fits if not fit.fits}
        for mail in source.mails:
            if not work.files.exists(_key(made_of.mark("mail", mail.key, "customer"))):
                compile_mail(work, copy, mail.key)
        _landing(made_of)
    except Invalid as refused:
        said["template"] = refused.message
    return list(said.values())


def _misfit(name: str, fit: SlotFit) -> str:
    size = name.rpartition("_")[2].replace("x", " × ")
    said = (
        say("The button does not fit the {size} picture.", size=size)
        if fit.slot == "cta_label"
        else say("The headline does not fit the {size} picture.", size=size)
    )
    return joined(said, fit.remedy)
