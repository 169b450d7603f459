"""The still lifes of the campaigns and the cameras of each format.

    python brand_assets/draw/scenes.py OUT_DIR SCALE SAMPLES [SLUG/FORMAT …]

SCALE 1, SAMPLES 9 draws the shipped art; 0.35 and 4 a fast draft.
"""

import math
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PIL import Image
from stage import Camera, Light, Scene, shoot

INK, PINE, TEAL, SAGE = "#10282D", "#15484A", "#2E7F7C", "#A9C7B4"
SAND, CHALK, CORAL, OCHRE, BLUSH = "#EFE1CE", "#FBF6EE", "#F2613F", "#E3A64A", "#F6D9C4"


def crossing(*, spare: bool) -> Scene:
    """Migration: workloads cross an arched bridge from an old dark block to a sunlit terrace."""
    s = Scene()
    s.box((-3.35, 0, 0), (1.7, 1.36, 1.7), PINE, round_=0.05)
    s.box((-3.75, 1.36, -0.3), (0.62, 0.5, 0.62), INK, round_=0.05)
    for i in range(4):
        s.arch((-1.9 + i * 1.2, 0, 0), (1.2, 1.36, 1.0), SAND, (0.43, 0.72), round_=0.03)
    s.box((-0.1, 1.36, -0.44), (4.8, 0.1, 0.08), CHALK, round_=0.02)
    s.box((3.3, 0, -0.2), (2.0, 1.36, 2.2), CHALK, round_=0.05)
    s.box((3.6, 1.36, -0.5), (1.4, 0.5, 1.5), BLUSH, round_=0.05)
    s.arch((3.75, 1.86, -0.7), (1.0, 1.25, 0.6), CHALK, (0.3, 0.62), round_=0.04)
    s.box((2.72, 1.36, 0.35), (0.36, 0.25, 0.5), BLUSH, round_=0.03)
    s.box((-1.5, 1.36, 0.1), (0.5, 0.5, 0.5), PINE, rot=0.2)
    s.box((0.0, 1.36, 0.1), (0.5, 0.5, 0.5), TEAL, rot=-0.12)
    s.box((1.45, 1.36, 0.1), (0.5, 0.5, 0.5), CORAL, rot=0.08)
    s.ball((4.05, 3.11, -0.7), 0.2, CORAL)
    if not spare:
        s.drum((-1.2, 0, 2.3), 0.34, 0.2, SAGE)
    s.ball((2.5, 0, 1.9), 0.26, OCHRE)
    return s


def gap(*, spare: bool) -> Scene:
    """Security: a wall with one stone missing; warm light falls through onto the stone in front."""
    s = Scene()
    w, h, d = 1.0, 0.5, 0.3
    tones = ("#5F9199", "#55868F", "#68999E", "#4F7F89")
    for row in range(12):
        for col in range(-9, 9):
            if (row, col) == (3, 0):
                continue
            wobble = 0.035 * math.sin(row * 12.9 + col * 4.1)
            at = (col * w + (0.5 if row % 2 else 0.0), row * h, wobble)
            s.box(at, (w, h, d), tones[(row * 5 + col * 3) % 4], round_=0.03)
    s.box((0, 0, -9), (30, 4.4, 0.2), "#F58A4B", glow=1.25)
    s.box((0, 6.0, 0), (18, 14, d), "#5F9199")
    glow = 0.16 if spare else 0.14
    s.box((0.95, 0, 1.98), (w - 0.02, h - 0.02, 0.5), CORAL, rot=-0.42, round_=0.04, glow=glow)
    return s


def keystone(*, spare: bool) -> Scene:
    """Renewal: an arch that stands, and the keystone that comes down into it."""
    s = Scene()
    n, radius = 9, 1.5
    step = 180 / n
    for i in range(n):
        if i != n // 2:
            tone = (SAGE, "#B9D2BF", "#9DBFAB")[i % 3]
            wedge = (i * step + 0.35, (i + 1) * step - 0.35)
            s.voussoir((0, 1.3, 0), (radius, 0.72, 0.9), tone, wedge, round_=0.035)
    wedge = (4 * step + 0.6, 5 * step - 0.6)
    s.voussoir((0, 2.02, 0), (radius, 0.8, 0.94), CORAL, wedge, round_=0.04)
    for x in (-radius, radius):
        s.box((x, 0, 0), (0.74, 0.63, 0.92), "#8FB49F", round_=0.035)
        s.box((x, 0.65, 0), (0.74, 0.63, 0.92), SAGE, round_=0.035)
    s.box((0, -0.02, 0), (5.4, 0.07, 2.6), CHALK, round_=0.03)
    s.box((2.75, 0.0, 0.3), (0.62, 0.62, 0.62), OCHRE, rot=0.35)
    if not spare:
        s.box((-2.75, 0.0, -0.1), (0.7, 1.25, 0.7), CHALK, rot=-0.2)
        s.ball((-2.72, 1.25, -0.1), 0.26, PINE)
    s.drum((2.2, 0, 1.35), 0.3, 0.16, PINE)
    return s


DRAWN: dict[str, tuple[Callable[..., Scene], Light]] = {
    "cloud-migration": (
        crossing,
        Light(sun=(-0.75, 0.52, 0.42), sun_colour=(2.7, 2.2, 1.65), sun_size=0.05,
              sky=(0.60, 0.70, 0.88), ground="#F0DCC8", back=("#F8EADB", "#F3DCC7"), fog=(8, 22)),
    ),
    "security-assessment": (
        gap,
        Light(sun=(-0.36, 0.52, -0.80), sun_colour=(11.0, 6.2, 2.9), sun_size=0.012,
              sky=(0.52, 0.74, 0.92), ground="#6C6E6E", back=("#17363E", "#10282D"), fog=(16, 34),
              haze=(0.035, 5, 12.5)),
    ),
    "renewal-upsell": (
        keystone,
        Light(sun=(0.6, 0.62, 0.55), sun_colour=(2.5, 2.15, 1.75), sun_size=0.05,
              sky=(0.64, 0.75, 0.86), ground="#DCE8D8", back=("#EAF1E4", "#DFEADB"), fog=(7, 17)),
    ),
}  # fmt: skip
CAMERAS = {
    "cloud-migration": {
        "wide": Camera((1600, 838), (11.5, 7.4, 15.5), (0.2, 1.1, 0), 45, (0.42, -0.16)),
        "hero": Camera((1280, 660), (11.5, 7.4, 15.5), (0.2, 1.15, 0), 30, (0.0, -0.10)),
        "box": Camera((600, 500), (11.5, 7.6, 15.5), (0.2, 1.2, 0), 29.5, (0.07, -0.23)),
        "square": Camera((1080, 1080), (11.5, 7.6, 15.5), (0.2, 1.2, 0), 24.5, (0.0, -0.40)),
        "tall": Camera((864, 1536), (14.0, 9.6, 10.5), (0.35, 1.0, 0), 23, (0.0, -0.30)),
        "strip": Camera((1456, 180), (11.5, 6.4, 15.5), (0.2, 1.8, 0), 84, (0.17, 0.0)),
    },
    "security-assessment": {
        "wide": Camera((1600, 838), (2.6, 2.7, 9.6), (0.5, 1.2, 0), 41, (0.36, 0.12)),
        "hero": Camera((1280, 660), (2.6, 2.9, 9.6), (0.5, 1.1, 0), 37, (0.0, 0.16)),
        "box": Camera((600, 500), (1.9, 3.0, 10), (0.5, 1.0, 0.6), 36.5, (0.44, -0.335)),
        "square": Camera((1080, 1080), (1.9, 3.0, 10), (0.5, 1.0, 0.6), 30, (0.18, -0.28)),
        "tall": Camera((720, 1280), (1.9, 3.2, 11), (0.55, 1.1, 0.6), 20, (0.0, -0.26)),
        "strip": Camera((1456, 180), (1.8, 2.2, 9.6), (0.1, 1.72, 0), 48, (0.12, 0.0)),
    },
    "renewal-upsell": {
        "wide": Camera((1600, 838), (-3.4, 3.2, 12), (0, 1.95, 0), 50, (0.46, -0.10)),
        "hero": Camera((1280, 660), (-3.4, 3.2, 12), (0, 1.8, 0), 40, (0.0, -0.04)),
        "box": Camera((600, 500), (-3.2, 3.4, 13), (0.4, 1.9, 0), 41, (0.38, -0.27)),
        "square": Camera((1080, 1080), (-3.2, 3.4, 13), (0, 1.9, 0), 30, (0, -0.42)),
        "tall": Camera((864, 1536), (-3.0, 3.8, 14), (0, 1.8, 0), 25.5, (0, -0.30)),
        "strip": Camera((1456, 180), (-2.0, 3.2, 12), (0, 3.0, 0), 62, (0.22, 0.0)),
    },
}


def draw(slug: str, form: str, *, scale: float, samples: int) -> Image.Image:
    """One background; the small box leaves out the stones that its button would cover."""
    make, light = DRAWN[slug]
    camera = CAMERAS[slug][form]
    size = (int(camera.size[0] * scale), int(camera.size[1] * scale))
    pixels = shoot(make(spare=form == "box"), replace(camera, size=size), light, samples=samples)
    return Image.fromarray(pixels)


def main() -> None:
    """Command line; see the module's first lines."""
    out, scale, samples = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    out.mkdir(parents=True, exist_ok=True)
    for job in sys.argv[4:] or [f"{slug}/{form}" for slug in CAMERAS for form in CAMERAS[slug]]:
        slug, form = job.split("/")
        start = time.perf_counter()
        draw(slug, form, scale=scale, samples=samples).save(out / f"{slug}-{form}.png")
        print(f"{job} {time.perf_counter() - start:.1f} s", flush=True)


if __name__ == "__main__":
    main()
