"""The vendor's mark and the sample partners' logos, drawn as SVG with outlined words, and as PNG.

python brand_assets/draw/logos.py --fonts tcma/built/fonts --npm DIR_WITH_PARTNER_FONTS
"""

import argparse
import math
from collections.abc import Callable
from pathlib import Path

import resvg_py
from outline import subset_word, word

HOME = Path(__file__).resolve().parents[1]
INK, CORAL, WHITE = "#10282D", "#F2613F", "#FFFFFF"
PNG_HEIGHT = 320
PNG_LONGEST = 1600


def wedge(
    centre: tuple[float, float], radii: tuple[float, float], angles: tuple[float, float]
) -> str:
    """Part of a ring between two angles (degrees, counter-clockwise from the right)."""
    (cx, cy), (r0, r1), (a0, a1) = centre, radii, angles

    def at(r: float, a: float) -> str:
        x, y = cx + r * math.cos(math.radians(a)), cy - r * math.sin(math.radians(a))
        return f"{x:.2f} {y:.2f}"

    return f"M{at(r1, a0)}A{r1} {r1} 0 0 0 {at(r1, a1)}L{at(r0, a1)}A{r0} {r0} 0 0 1 {at(r0, a0)}Z"


def svg(width: float, height: float, body: str) -> str:
    box = f"0 0 {width:.1f} {height:.1f}"
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{body}</svg>\n'


def put(path: str, x: float, y: float, fill: str) -> str:
    return f'<path fill="{fill}" transform="translate({x:.1f} {y:.1f})" d="{path}"/>'


def mark(ink: str, key: str) -> str:
    """48 × 48: two arms of an arch, and the keystone that holds them, set a little proud."""
    arms = (
        wedge((24, 27), (10.5, 21), (104, 180)) + "M3 28.6h10.5v14.4h-10.5Z"
        + wedge((24, 27), (10.5, 21), (0, 76)) + "M34.5 28.6h10.5v14.4h-10.5Z"
    )  # fmt: skip
    stone = wedge((24, 27), (9, 25), (80, 100))
    return f'<path fill="{ink}" d="{arms}"/><path fill="{key}" d="{stone}"/>'


def vendor(fonts: Path, ink: str, key: str) -> str:
    name = word("corbelane", fonts / "display-600.ttf", 33, tracking=-0.018)
    return svg(58 + name.width, 48, mark(ink, key) + put(name.path, 57, 36, ink))


def fenwright(npm: Path, a: str, b: str) -> str:
    """Four reeds."""
    name = word("Fenwright", face(npm, "hanken-grotesk", 600), 34, tracking=-0.02)
    reeds = "".join(
        f'<path d="M{6 + i * 9} 46V{top}" stroke="{colour}" stroke-width="5" stroke-linecap="round"/>'
        for i, (top, colour) in enumerate(((22, b), (8, a), (16, a), (28, b)))
    )
    return svg(50 + name.width, 52, reeds + put(name.path, 48, 39, a))


def nordhagener(npm: Path, a: str, b: str) -> str:
    """A shield of nine squares, the lower ones cut to a point, beside two lines."""
    cells = "".join(
        f'<rect x="{4 + 17 * col}" y="{6 + 17 * row}" width="15" height="15"'
        f' fill="{b if (row, col) in ((0, 2), (1, 1)) else a}"/>'
        for row in range(3)
        for col in range(3)
        if (row, col) not in ((2, 0), (2, 2))
    )
    corners = f'<path fill="{a}" d="M4 40h15v15zM53 40h-15v15zM21 57h15l-7.5 9z"/>'
    font = face(npm, "space-grotesk", 700)
    first = word("Nordhagener", font, 27, tracking=-0.02)
    second = word("Rechenzentrum", font, 21.5, tracking=0.0)
    wide = max(first.width, second.width)
    return svg(
        70 + wide, 72, cells + corners + put(first.path, 68, 32, a) + put(second.path, 68, 58, b)
    )


def helianthe(npm: Path, a: str, b: str) -> str:
    """Ten petals."""
    name = word("Hélianthe", face(npm, "bricolage-grotesque", 600), 34, tracking=-0.01)
    petals = "".join(
        f'<ellipse cx="26" cy="9" rx="4.4" ry="8.4" fill="{a}" transform="rotate({i * 36} 26 26)"/>'
        for i in range(10)
    )
    centre = f'<circle cx="26" cy="26" r="6" fill="{b}"/>'
    return svg(64 + name.width, 52, petals + centre + put(name.path, 62, 38, a))


def antipodean(npm: Path, a: str, b: str) -> str:
    """One line of spaced capitals over a rule: twelve times as wide as high."""
    name = word("ANTIPODEAN ALLIANCE", face(npm, "space-grotesk", 700), 30, tracking=0.17)
    rule = f'<rect x="0" y="29" width="{name.width:.1f}" height="3.6" fill="{b}"/>'
    return svg(name.width, 33.5, put(name.path, 0, 21.6, a) + rule)


def taarnfjell(npm: Path, a: str, b: str) -> str:
    """A tower of seven stones above two lines: three times as high as wide."""
    widths = (64, 58, 54, 48, 42, 36, 26)
    stones = "".join(
        f'<rect x="{50 - w / 2}" y="{214 - 34 * i}" width="{w}" height="30" rx="4"'
        f' fill="{b if i == 6 else a}"/>'
        for i, w in enumerate(widths)
    )
    font = face(npm, "spectral", 700)
    first, second = word("Tårnfjell", font, 24), word("DRIFT", font, 15, tracking=0.32)
    lines = put(first.path, 50 - first.width / 2, 274, a)
    return svg(100, 300, stones + lines + put(second.path, 50 - second.width / 2, 295, a))


def sindyan(fonts: Path, a: str, b: str) -> str:
    """An oak right of its Arabic name."""
    big = word("سنديان", fonts / "arabic-600.ttf", 40)
    small = word("للأنظمة السحابية", fonts / "arabic-600.ttf", 13.5)
    wide = max(big.width, small.width)
    x = wide + 10
    crown = "".join(
        f'<circle cx="{x + cx:.1f}" cy="{cy}" r="{r}" fill="{b}"/>'
        for cx, cy, r in ((25, 17, 15), (14.5, 31, 12), (35.5, 31, 12))
    )
    trunk = f'<rect x="{x + 22.6:.1f}" y="30" width="4.8" height="28" rx="2.4" fill="{a}"/>'
    lines = put(big.path, wide - big.width, 32, a) + put(small.path, wide - small.width, 56, a)
    return svg(x + 48, 62, lines + crown + trunk)


def hinatagumo(npm: Path, a: str, b: str) -> str:
    """A cloud of three discs with the sun behind it."""
    name = subset_word("ひなた雲", npm / "@fontsource" / "noto-sans-jp", 700, 38)
    sun = f'<circle cx="40" cy="17" r="12.5" fill="{b}"/>'
    cloud = (
        f'<g fill="{a}"><circle cx="15" cy="34" r="13"/><circle cx="30" cy="27" r="15"/>'
        '<circle cx="46" cy="35" r="12"/><rect x="15" y="34" width="31" height="13"/></g>'
    )
    text = f'<g fill="{a}" transform="translate(68 40.5)">{name.path}</g>'
    return svg(68 + name.width, 52, sun + cloud + text)


def face(npm: Path, package: str, weight: int) -> Path:
    return npm / "@fontsource" / package / "files" / f"{package}-latin-{weight}-normal.woff2"


def partners(
    fonts: Path, npm: Path
) -> dict[str, tuple[Callable[[str, str], str], dict[str, tuple[str, str]]]]:
    """Slug → drawing and its colours; Pellworth has no logo, Hélianthe only a white one."""

    def of(draw: Callable[[Path, str, str], str], source: Path) -> Callable[[str, str], str]:
        return lambda a, b: draw(source, a, b)

    return {
        "fenwright": (of(fenwright, npm), {"dark": ("#123B7A", "#3D8FE0"), "white": (WHITE, "#8CC3FF")}),
        "nordhagener": (of(nordhagener, npm), {"dark": ("#5B2C14", "#B8661A"), "white": (WHITE, "#F2C08A")}),
        "helianthe": (of(helianthe, npm), {"white": (WHITE, WHITE)}),
        "antipodean": (of(antipodean, npm), {"dark": ("#0B5D4B", "#E4572E"), "white": (WHITE, "#F58A6C")}),
        "taarnfjell": (of(taarnfjell, npm), {"dark": ("#1D3557", "#E63946")}),
        "sindyan": (of(sindyan, fonts), {"dark": ("#1F4D3A", "#6BA368"), "white": (WHITE, "#BFE3B4")}),
        "hinatagumo": (of(hinatagumo, npm), {"dark": ("#0F4C81", "#F2A65A"), "white": (WHITE, "#F7C48D")}),
    }  # fmt: skip


def save(folder: Path, name: str, drawing: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.svg").write_text(drawing)
    width, height = (
        float(v) for v in drawing.split('viewBox="0 0 ')[1].split('"', maxsplit=1)[0].split()
    )
    scale = min(PNG_HEIGHT * (2.5 if height > 2 * width else 1) / height, PNG_LONGEST / width)
    png = resvg_py.svg_to_bytes(
        svg_string=drawing, width=round(width * scale), height=round(height * scale)
    )
    (folder / f"{name}.png").write_bytes(bytes(png))
    print(f"{folder.name}/{name} {width / height:.2f} : 1, {len(png) // 1024} kB")


def main() -> None:
    """Command line; see the module's first lines."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fonts", type=Path, required=True)
    parser.add_argument("--npm", type=Path, required=True)
    options = parser.parse_args()
    for name, ink, key in (
        ("corbelane", INK, CORAL), ("corbelane-white", WHITE, CORAL),
        ("corbelane-mono-ink", INK, INK), ("corbelane-mono-white", WHITE, WHITE),
    ):  # fmt: skip
        save(HOME / "logos", name, vendor(options.fonts, ink, key))
    save(HOME / "logos", "mark", svg(48, 48, mark(INK, CORAL)))
    save(HOME / "logos", "mark-white", svg(48, 48, mark(WHITE, CORAL)))
    for slug, (draw, versions) in partners(options.fonts, options.npm).items():
        for version, colours in versions.items():
            save(HOME / "samples" / slug, f"logo-{version}", draw(*colours))


if __name__ == "__main__":
    main()
