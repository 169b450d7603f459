"""Campaigns without a database: check a folder, render all of it, compile one MJML file."""

import argparse
import hashlib
import json
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tcma.cli.main import GOOD, WRONG, readable, say
from tcma.errors import Invalid
from tcma.rendering import headers, images, logos, tokens
from tcma.rendering import mjml as mjml_rules
from tcma.rendering.email import BY_COMPILER, compile_mail
from tcma.rendering.findings import Severity, TemplateRefused
from tcma.rendering.fits import BUILT_FONTS
from tcma.rendering.kits import (
    Contact,
    PartnerKit,
    Picture,
    Pictures,
    VendorKit,
    contact_from_toml,
    partner_from_toml,
)
from tcma.rendering.landing import render_landing
from tcma.rendering.lint import lint
from tcma.rendering.lockup import LogoSet, logo_set, mail_logo
from tcma.rendering.printing import Brands, render_print
from tcma.rendering.source import CampaignSource, load_files, read_folder

VENDOR_LOGOS = Path(__file__).resolve().parents[2] / "brand_assets" / "logos"
LARGEST_INCLUDE = 1024 * 1024
# Stands for the public file store in the .eml; the .html files point to their neighbours.
FILES = "https://files.example/"
# Rendered files are compared by hash: their date is fixed.
RENDERED_AT = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)


def check(args: argparse.Namespace) -> int:
    """Say everything that is wrong in a campaign folder."""
    found = lint(folder_of(args.dir))
    wrong = [finding for finding in found if finding.severity is Severity.ERROR]
    lines = [f"{finding.severity.value}: {finding}" for finding in found]
    lines.append(f"{len(wrong)} errors, {len(found) - len(wrong)} warnings")
    answer = {"ok": not wrong, "findings": [asdict(finding) for finding in found]}
    say(args, answer, "\n".join(lines))
    return WRONG if wrong else GOOD


def mjml(args: argparse.Namespace) -> int:
    """Print the HTML of one MJML file, or its error as FILE:LINE: message — remedy."""
    path = readable(args.file)
    try:
        text = path.read_text(encoding="utf-8-sig")
        made = mjml_rules.to_html(text, file=str(args.file), include=_beside(path))
    except UnicodeDecodeError as problem:
        line = path.read_bytes().count(b"\n", 0, problem.start) + 1
        print(f"{args.file}:{line}: not UTF-8 — save the file as UTF-8", file=sys.stderr)
        return WRONG
    except TemplateRefused as problem:
        if args.json:
            rows = [asdict(finding) for finding in problem.findings]
            print(json.dumps({"ok": False, "findings": rows}, ensure_ascii=False))
        for finding in problem.findings:
            print(finding, file=sys.stderr)
        return WRONG
    for finding in made.warnings:
        print(f"warning: {finding}", file=sys.stderr)
    say(args, {"ok": True, "html": made.html}, made.html)
    return GOOD


def render(args: argparse.Namespace) -> int:
    """Write every mail as .eml, .html and .txt, the pages, the images and a manifest."""
    source = load_files(folder_of(args.dir))
    partner = partner_from_toml(
        readable(args.partner).read_text(encoding="utf-8"), name=str(args.partner)
    )
    contact = contact_from_toml(
        readable(args.contact).read_text(encoding="utf-8"), name=str(args.contact)
    )
    if args.out.exists() and not args.out.is_dir():
        raise Invalid(f"{args.out} is not a folder.", code="config.out", remedy="Name a folder.")
    book = _Book(source, partner, contact, args.out, args.partner.parent)
    book.write_all()
    say(args, book.manifest(), "\n".join(f"{name}" for name in sorted(book.written)))
    return GOOD


def folder_of(folder: Path) -> dict[str, bytes]:
    """Return the files of a campaign's folder; Invalid (misused) when there is none."""
    if not folder.is_dir():
        raise Invalid(f"{folder}: there is no such folder", code="config.file")
    return read_folder(folder)


def _beside(path: Path) -> mjml_rules.Include:
    root = path.resolve().parent

    def include(name: str) -> str | None:
        try:
            wanted = (root / name).resolve()
            inside = wanted.is_relative_to(root) and wanted.is_file()
            if not inside or wanted.stat().st_size > LARGEST_INCLUDE:
                return None
            return wanted.read_text(encoding="utf-8-sig")
        except (OSError, ValueError):
            return None

    return include


@dataclass
class _Book:
    """One rendering of a campaign into a folder."""

    source: CampaignSource
    partner: PartnerKit
    contact: Contact
    out: Path
    kit_folder: Path

    def __post_init__(self) -> None:
        self.language = self.source.language_for(self.partner.language)
        self.written: dict[str, str] = {}

    def put(self, name: str, data: bytes) -> str:
        """Write one file and remember its hash; returns its public address."""
        path = self.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self.written[name] = hashlib.sha256(data).hexdigest()
        return FILES + name

    def write_all(self) -> None:
        """Everything of the campaign in the partner's language."""
        partner_set = self._logos(self.kit_folder, self.partner.name)
        vendor_set = self._logos(VENDOR_LOGOS, "Corbelane", names=("corbelane", "corbelane-white"))
        kit = self._headed(self.partner, partner_set)
        vendor = self._vendor(vendor_set)
        pictures = self._pictures()
        page_url = (kit.site or "https://partner.example").rstrip("/") + f"/{self.source.slug}"
        for mail in self.source.mails:
            self._mail(mail.key, kit, vendor, pictures, page_url)
        landing = render_landing(
            self.source,
            partner=kit,
            vendor=vendor,
            language=self.language,
            pictures=pictures,
            page_url=page_url,
        )
        self.put("landing.html", self._local(landing.form.show(action="/lead")))
        self.put("thanks.html", self._local(landing.thanks.show()))
        for name, further in landing.more.items():
            self.put(f"landing-{name}.html", self._local(further.show()))
        self._banners(partner_set, vendor_set)
        self._prints(kit, vendor, partner_set, vendor_set, page_url)
        manifest = json.dumps(self.manifest(), indent=1, ensure_ascii=False).encode()
        (self.out / "manifest.json").write_bytes(manifest)

    def manifest(self) -> dict[str, Any]:
        """What was rendered, of what, and the hash of each file."""
        return {
            "campaign": self.source.slug,
            "version": self.source.content_hash,
            "partner": self.partner.name,
            "language": self.language,
            "files": dict(sorted(self.written.items())),
        }

    def _mail(
        self, key: str, kit: PartnerKit, vendor: VendorKit, pictures: Pictures, page_url: str
    ) -> None:
        made = compile_mail(
            self.source,
            key,
            partner=kit,
            vendor=vendor,
            language=self.language,
            page_url=page_url,
            pictures=pictures,
        )
        artefact = made.artefact()
        values = dict(self.contact.tokens) | self._addresses(made.links)
        seen = {name: url for name, url in values.items() if name not in BY_COMPILER}
        domain = (kit.site or "https://partner.example").split("//")[-1].split("/")[0]
        head = headers.headers(
            from_name=kit.name,
            from_address=f"{kit.from_local}@{domain}",
            to_address=self.contact.email,
            subject=artefact.subject(values),
            date=RENDERED_AT,
            message_id=f"{self.source.slug}.{key}@{domain}",
            unsubscribe_url=values["unsubscribe_url"],
        )
        self.put(f"mails/{key}.eml", head + artefact.fill(values))
        self.put(f"mails/{key}.html", self._local(made.shown(seen), "../"))
        self.put(f"mails/{key}.txt", tokens.fill_text(made.text, values).encode())

    def _local(self, html: str, up: str = "") -> bytes:
        return html.replace(FILES, up).encode()

    def _addresses(self, links: tuple[str, ...]) -> dict[str, str]:
        own = {
            f"{name}_url": f"https://mail.example/{name}"
            for name in ("view", "unsubscribe", "preferences", "open_pixel", "unseen")
        }
        return own | {f"link:{n}": url for n, url in enumerate(links, 1)}

    def _logos(
        self, folder: Path, name: str, names: tuple[str, ...] = ("logo-dark", "logo-white")
    ) -> LogoSet:
        found: list[bytes] = []
        for stem in names:
            for suffix in (".png", ".svg", ".jpg", ".webp", ".gif"):
                path = folder / f"{stem}{suffix}"
                if path.is_file():
                    found.append(logos.prepare(path.read_bytes()).png)
                    break
        primary = self.partner.colours.get("primary", "#10282D")
        return logo_set(
            name, found, primary=primary, short_name=self.partner.short_name, language=self.language
        )

    def _headed(self, kit: PartnerKit, marks: LogoSet) -> PartnerKit:
        if not marks.colour and not marks.white:
            return kit
        shown = mail_logo(marks, ground=self.source.look["top"], fonts=BUILT_FONTS)
        address = self.put("images/partner.png", shown.data)
        picture = Picture(address, shown.width, shown.height)
        return kit.with_logos(picture, picture)

    def _vendor(self, marks: LogoSet) -> VendorKit:
        if not marks.colour and not marks.white:
            return VendorKit()
        shown = mail_logo(marks, ground=self.source.look["top"], fonts=BUILT_FONTS)
        address = self.put("images/vendor.png", shown.data)
        picture = Picture(address, shown.width, shown.height)
        return VendorKit(logo=picture, logo_on_dark=picture)

    def _pictures(self) -> Pictures:
        found: dict[str, Picture] = {}
        for name in ("hero", "hero_rtl"):
            data = self.source.files.get(f"art/{name}.jpg")
            if data:
                found[name] = Picture(self.put(f"images/{name}.jpg", data), 640, 330)
        fonts = {
            path.name: self.put(f"fonts/{path.name}", path.read_bytes())
            for path in sorted(BUILT_FONTS.glob("*.woff2"))
            if any(part in path.name for part in ("-latin-", "-arabic-"))
        }
        return Pictures(found, fonts)

    def _banners(self, partner: LogoSet, vendor: LogoSet) -> None:
        art = {
            path.removeprefix("art/").rsplit(".", 1)[0]: data
            for path, data in self.source.files.items()
            if path.startswith("art/")
        }
        for image in self.source.images:
            recipe = images.load_recipe(
                self.source.files[image.recipe].decode("utf-8"), name=image.name
            )
            drawn = images.render(
                recipe,
                art=art,
                partner=partner,
                vendor=vendor,
                texts=image.texts[self.language],
                language=self.language,
                fonts=BUILT_FONTS,
            )
            self.put(f"images/{image.name}.{image.suffix}", drawn.data)

    def _prints(
        self,
        kit: PartnerKit,
        vendor: VendorKit,
        partner_logos: LogoSet,
        vendor_logos: LogoSet,
        page_url: str,
    ) -> None:
        brands = Brands(
            partner=kit, vendor=vendor, partner_logos=partner_logos, vendor_logos=vendor_logos
        )
        for piece in self.source.prints:
            for marks, suffix in ((False, ""), (True, "-printer")):
                made = render_print(
                    self.source,
                    piece,
                    brands=brands,
                    language=self.language,
                    page_url=page_url,
                    marks=marks,
                )
                self.put(f"print/{piece.name}{suffix}.pdf", made.data)
