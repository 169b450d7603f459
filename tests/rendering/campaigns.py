"""A small whole campaign in memory, and the shipped ones from disk, for tests of rendering."""

from pathlib import Path

from tcma.rendering.kits import PartnerKit, VendorKit
from tcma.rendering.source import CampaignSource, load_files, read_folder

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "campaign_templates"
SHIPPED = tuple(sorted(path.parent.name for path in TEMPLATES.glob("*/campaign.toml")))
OUTSIDE = ROOT.parent / "shared" / "data"

PARTNER = PartnerKit(
    name="Fenwright Cloud Services",
    legal_name="Fenwright Cloud Services Ltd",
    address="Unit 4, Osier Wharf, Nether Fenwick FW0 0ZZ",
    country="GB",
    site="https://fenwright.example",
    privacy_url="https://fenwright.example/privacy",
    phone="+44 113 496 0142",
    person="Maren Holloway",
    role="Client Director",
)
VENDOR = VendorKit()
PAGE = "https://go.fenwright.example/cloud-migration"


def shipped_files(slug: str = "cloud-migration") -> dict[str, bytes]:
    """The files of a shipped campaign, to be changed by a test."""
    return read_folder(TEMPLATES / slug)


def shipped(slug: str = "cloud-migration") -> CampaignSource:
    """A shipped campaign."""
    return load_files(shipped_files(slug))


def changed(path: str, old: str, new: str, slug: str = "cloud-migration") -> dict[str, bytes]:
    """A shipped campaign's files with one text replaced; the text must have been there."""
    files = shipped_files(slug)
    text = files[path].decode()
    assert old in text, f"{path} does not hold {old!r}"
    files[path] = text.replace(old, new, 1).encode()
    return files
