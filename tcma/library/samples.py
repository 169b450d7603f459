"""Partners to try a campaign on before anybody real gets it: invented edge cases, and one's own."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.partners.kits import kit_of, partner_logos
from tcma.partners.queries import brand_in_force, enrolments, partner_of
from tcma.partners.rules import EnrolmentState
from tcma.permissions import Permission
from tcma.rendering.kits import PartnerKit, partner_from_toml
from tcma.rendering.lockup import LogoSet, logo_set
from tcma.rendering.logos import prepare

SAMPLES = Path(__file__).resolve().parents[2] / "brand_assets" / "samples"
PRIMARY = "#10282D"
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


OWN = "own-"
"""What the slug of a real partner begins with among samples."""


def own_partners(work: Work, *, slug: str = "") -> tuple[SamplePartner, ...]:
    """Return the vendor's real partners as samples, by name, each in its brand profile in force.

    With a `slug` only that partner: a wall asks for each of its tiles.
    """
    work.require(Permission.CAMPAIGN_AUTHOR)
    shown: list[SamplePartner] = []
    for row in enrolments(work.session, work.principal):
        named = OWN + row.partner_slug
        if row.state not in (EnrolmentState.ACTIVE, EnrolmentState.INVITED):
            continue
        if slug and slug != named:
            continue
        profile = brand_in_force(work.session, row.partner_id)
        firm = partner_of(work.session, row.partner_id)
        kit = kit_of(profile, firm, public_url=work.site.public_url)
        tier = row.tier.value.replace("_", " ")
        shown.append(
            SamplePartner(
                slug=named,
                why=f"Your partner, {tier}",
                kit=kit,
                logos=partner_logos(work.files, kit, profile),
            )
        )
    return tuple(shown)


def partner_named(work: Work, slug: str) -> SamplePartner:
    """Return a sample, or a partner of the vendor's own, by its slug; NotFound for others."""
    if not slug.startswith(OWN):
        return sample_named(slug)
    return found(next(iter(own_partners(work, slug=slug)), None))
