"""Partners that do not exist, to try a campaign on before anybody real gets it."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import NotFound
from tcma.library.compiling import Preview
from tcma.library.ingredients import Ingredients, pictures_of
from tcma.library.models import CampaignVersion
from tcma.library.picture_texts import texts_of
from tcma.library.sources import source_of
from tcma.partners.kits import vendor_kit, vendor_logos
from tcma.partners.public_files import public_address, store_public
from tcma.partners.queries import ProfileView, vendor_brand
from tcma.permissions import Permission
from tcma.rendering.email import compile_mail
from tcma.rendering.fits import BUILT_FONTS
from tcma.rendering.images import load_recipe, render
from tcma.rendering.kits import PartnerKit, Picture, partner_from_toml
from tcma.rendering.landing import Landing, render_landing
from tcma.rendering.lockup import LogoSet, logo_set, mail_logo
from tcma.rendering.logos import prepare

SAMPLES = Path(__file__).resolve().parents[2] / "brand_assets" / "samples"
PRIMARY = "#10282D"
GROUNDS = ("#FFFFFF", "#13292F")
SUFFIXES = (".png", ".svg", ".jpg")


@dataclass(frozen=True, slots=True)
class SamplePartner:
    """An edge case in a brand's clothes; `why` says what it is there to break."""

    slug: str
    why: str
    kit: PartnerKit
    logos: LogoSet


@lru_cache(maxsize=1)
def sample_partners() -> tuple[SamplePartner, ...]:
    """Return the shipped samples, the ordinary one first."""
    folders = sorted(path for path in SAMPLES.iterdir() if (path / "kit.toml").is_file())
    samples = [_sample(folder) for folder in folders]
    return tuple(sorted(samples, key=lambda sample: "normal" not in sample.why))


def _sample(folder: Path) -> SamplePartner:
    text = (folder / "kit.toml").read_text(encoding="utf-8")
    kit = partner_from_toml(text, name=folder.name)
    logos = [
        prepare(path.read_bytes()).png
        for stem in ("logo-dark", "logo-white")
        if (path := _first(folder, stem)) is not None
    ]
    return SamplePartner(
        slug=folder.name,
        why=text.partition("\n")[0].removeprefix("# ").rstrip("."),
        kit=kit,
        logos=logo_set(
            kit.name,
            logos,
            primary=kit.colours.get("primary", PRIMARY),
            short_name=kit.short_name,
            language=kit.language,
        ),
    )


def _first(folder: Path, stem: str) -> Path | None:
    return next((p for s in SUFFIXES if (p := folder / f"{stem}{s}").is_file()), None)


def sample_named(slug: str) -> SamplePartner:
    """Return a sample by its slug; NotFound for an unknown one."""
    return found(next((each for each in sample_partners() if each.slug == slug), None))


def _made_of(work: Work, version_id: UUID, sample: SamplePartner, language: str) -> Ingredients:
    work.require(Permission.CAMPAIGN_AUTHOR)
    version = found(work.session.get(CampaignVersion, version_id))
    if not work.principal.is_system and version.vendor_id != work.principal.vendor_id:
        raise NotFound
    source = source_of(work, version_id)
    address = work.site.public_url
    return Ingredients(
        source=source,
        partner=sample.kit.with_logos(*(_head_logo(work, sample, ground) for ground in GROUNDS)),
        vendor=vendor_kit(work.session, version.vendor_id, public_url=address),
        profile=ProfileView(
            id=None,
            partner_id=version.vendor_id,
            no=0,
            fields={},
            logo_key=None,
            logo_white_key=None,
            marks={},
            made_at=None,
        ),
        pictures=pictures_of(work, version_id, address),
        language=source.language_for(language or sample.kit.language),
        page_url=f"{address}/go/{sample.slug}/{source.slug}",
    )


def _head_logo(work: Work, sample: SamplePartner, ground: str) -> Picture | None:
    if not sample.logos.colour and not sample.logos.white:
        return None
    mark = mail_logo(sample.logos, ground=ground, fonts=BUILT_FONTS)
    key = store_public(work.files, mark.data, mark.media_type)
    return Picture(public_address(work.site.public_url, key), mark.width, mark.height)


def sample_mail(
    work: Work, version_id: UUID, sample: SamplePartner, mail_key: str, *, language: str = ""
) -> Preview:
    """Return one mail of a version as a sample partner's customer would see it.

    NotFound for another vendor's version and for an unknown mail.
    """
    made_of = _made_of(work, version_id, sample, language)
    if mail_key not in {mail.key for mail in made_of.source.mails}:
        raise NotFound
    compiled = compile_mail(
        made_of.source,
        mail_key,
        partner=made_of.partner,
        vendor=made_of.vendor,
        language=made_of.language,
        page_url=made_of.page_url,
        pictures=made_of.pictures,
    )
    contact = made_of.source.sample.get("contact", {})
    person = {key: str(value) for key, value in contact.items() if key != "email"}
    shown = person | {"view_url": "#", "unsubscribe_url": "#", "preferences_url": "#"}
    return Preview(
        subject=compiled.artefact().subject(person),
        preview=compiled.preview,
        html=compiled.shown(shown),
        text=compiled.text,
    )


def sample_page(
    work: Work, version_id: UUID, sample: SamplePartner, *, language: str = ""
) -> Landing:
    """Return the landing page of a version as a sample partner would publish it."""
    made_of = _made_of(work, version_id, sample, language)
    return render_landing(
        made_of.source,
        partner=made_of.partner,
        vendor=made_of.vendor,
        language=made_of.language,
        pictures=made_of.pictures,
        page_url=made_of.page_url,
    )


def sample_picture(
    work: Work, version_id: UUID, sample: SamplePartner, name: str, *, language: str = ""
) -> bytes:
    """Return one picture of a version with a sample partner's logo, as JPEG, kept once drawn."""
    made_of = _made_of(work, version_id, sample, language)
    image = found(next((i for i in made_of.source.images if i.name == name), None))
    key = f"images/{made_of.mark('sample', sample.slug, name)}.jpg"
    if work.files.exists(key):
        return work.files.get(key)
    files = made_of.source.files
    vendor_id = work.session.get_one(CampaignVersion, version_id).vendor_id
    drawn = render(
        load_recipe(files[image.recipe].decode(), name=image.recipe),
        art={
            path[4:].rpartition(".")[0]: data
            for path, data in files.items()
            if path.startswith("art/")
        },
        partner=sample.logos,
        vendor=vendor_logos(work.files, made_of.vendor, vendor_brand(work.session, vendor_id)),
        texts=texts_of(made_of, image),
        language=made_of.language,
        fonts=BUILT_FONTS,
    )
    work.files.put(key, drawn.data, "image/jpeg")
    return drawn.data
