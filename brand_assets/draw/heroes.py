"""Finished art of a campaign from the drawn PNGs: banner grounds, and mail heroes without a seam.

python brand_assets/draw/heroes.py DRAWN_DIR
"""

import sys
from pathlib import Path

from PIL import Image, ImageColor, ImageOps

HOME = Path(__file__).resolve().parents[2]
FORMATS = ("wide", "square", "tall", "strip", "box")
LIMIT = 200_000
TOPS = {  # section colour above the hero, and the share of its height that fades into it
    "cloud-migration": ("#F8EADB", 0.12),
    "security-assessment": ("#10282D", 0.34),
    "renewal-upsell": ("#EAF1E4", 0.12),
    "backup-recovery": ("#FAEACD", 0.12),
    "ai-ready-data": ("#E7F0F2", 0.12),
    "managed-workplace": ("#EFDDCB", 0.34),
    "briefing-series": ("#FBE6D8", 0.12),
    "second-life": ("#DFEBD8", 0.12),
}


def faded(art: Image.Image, colour: str, reach: float) -> Image.Image:
    """The top edge dissolved into a colour, so that no box shows in the mail."""
    out = art.copy()
    fade = Image.linear_gradient("L").resize(art.size)
    mask = fade.point([int(max(0.0, 1 - v / 255 / reach) ** 1.5 * 255) for v in range(256)])
    out.paste(Image.new("RGB", art.size, ImageColor.getrgb(colour)), (0, 0), mask)
    return out


def save(art: Image.Image, file: Path, quality: int) -> None:
    """JPEG of at most 200 kB."""
    while True:
        art.save(file, quality=quality, optimize=True, progressive=True)
        if file.stat().st_size <= LIMIT:
            print(f"{file.relative_to(HOME)}: {file.stat().st_size // 1024} kB, q{quality}")
            return
        quality -= 3


def main() -> None:
    """Write campaign_templates/<slug>/art/*.jpg for every drawing found."""
    drawn = Path(sys.argv[1])
    for slug, (colour, reach) in TOPS.items():
        target = HOME / "campaign_templates" / slug / "art"
        target.mkdir(parents=True, exist_ok=True)
        for name in FORMATS:
            source = drawn / f"{slug}-{name}.png"
            if source.exists():
                save(Image.open(source).convert("RGB"), target / f"{name}.jpg", 92)
        source = drawn / f"{slug}-hero.png"
        if source.exists():
            hero = faded(Image.open(source).convert("RGB"), colour, reach)
            save(hero, target / "hero.jpg", 84)
            save(ImageOps.mirror(hero), target / "hero_rtl.jpg", 84)


if __name__ == "__main__":
    main()
