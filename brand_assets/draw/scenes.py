"""The still lifes of the campaigns and the cameras of each format.

    python brand_assets/draw/scenes.py OUT_DIR SCALE SAMPLES [SLUG/FORMAT …]

SCALE 1, SAMPLES 9 draws the shipped art; 0.35 and 4 a fast draft.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PIL import Image
from stage import Camera, Light, Scene, shoot
from still_lifes import crossing, gap, keep, keystone, morning, order, theatre, twice

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
    "backup-recovery": (
        keep,
        Light(sun=(-0.82, 0.36, 0.30), sun_colour=(3.1, 2.2, 1.4), sun_size=0.04,
              sky=(0.66, 0.70, 0.92), ground="#F4DEBB", back=("#FAEACD", "#F4D9AE"), fog=(8, 20)),
    ),
    "ai-ready-data": (
        order,
        Light(sun=(-0.85, 0.72, -0.02), sun_colour=(2.6, 2.25, 1.85), sun_size=0.05,
              sky=(0.66, 0.77, 0.92), ground="#D3E2E6", back=("#E7F0F2", "#D5E4E8"), fog=(8, 20)),
    ),
    "managed-workplace": (
        morning,
        Light(sun=(-0.8, 0.55, 0.48), sun_colour=(0.72, 0.57, 0.38), sun_size=0.012,
              sky=(0.80, 0.79, 0.80), ground="#E3CBB4", back=("#F6E8D9", "#F6E8D9"), fog=(30, 60),
              exposure=2.3),
    ),
    "briefing-series": (
        theatre,
        Light(sun=(-0.75, 0.36, 0.30), sun_colour=(3.1, 2.45, 1.85), sun_size=0.04,
              sky=(0.66, 0.70, 0.86), ground="#F4CDB4", back=("#FBE6D8", "#F4CFB6"), fog=(8, 20)),
    ),
    "second-life": (
        twice,
        Light(sun=(-0.7, 0.55, 0.5), sun_colour=(2.5, 2.2, 1.7), sun_size=0.05,
              sky=(0.62, 0.74, 0.84), ground="#C3D6BC", back=("#DFEBD8", "#C9DCC2"), fog=(8, 20)),
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
    "backup-recovery": {
        "wide": Camera((1200, 628), (-2.0, 4.6, 15), (0.9, 1.7, 0.6), 47, (0.42, -0.05)),
        "hero": Camera((1280, 660), (-2.0, 4.6, 15), (0.4, 1.75, 0.6), 43, (0.06, -0.01)),
        "box": Camera((600, 500), (-2.0, 4.8, 15), (0.6, 1.7, 0.6), 42, (0.46, -0.16)),
        "square": Camera((1080, 1080), (-2.0, 5.0, 15), (0.3, 1.7, 0.6), 34, (0.06, -0.38)),
        "tall": Camera((720, 1280), (-2.4, 6.0, 15), (0.4, 1.7, 0.6), 27, (0.0, -0.30)),
        "strip": Camera((1456, 180), (-2.6, 4.4, 18), (0.3, 1.3, 0), 68, (0.13, 0.0)),
    },
    "ai-ready-data": {
        "wide": Camera((1200, 628), (-3.0, 5.6, 15), (0.0, 1.1, 0.0), 42, (0.42, -0.12)),
        "hero": Camera((1280, 660), (-3.0, 5.6, 15), (-0.1, 1.15, 0.0), 36, (0.0, 0.0)),
        "box": Camera((600, 500), (-3.0, 6.0, 15), (0.0, 1.1, 0.0), 37, (0.28, -0.15)),
        "square": Camera((1080, 1080), (-3.0, 6.0, 15), (-0.35, 1.1, 0.0), 31, (0.0, -0.38)),
        "tall": Camera((720, 1280), (-3.6, 8.2, 14), (-0.3, 1.1, 0.1), 26, (0.0, -0.34)),
        "strip": Camera((1456, 180), (-3.0, 4.6, 18), (0.0, 1.2, 0.2), 86, (0.20, 0.0)),
    },
    "managed-workplace": {
        "wide": Camera((1200, 628), (1.0, 3.4, 13), (0.1, 1.7, 0), 46, (0.40, -0.10)),
        "hero": Camera((1280, 660), (1.0, 3.4, 13), (0.1, 1.9, 0), 40, (0.0, -0.06)),
        "box": Camera((600, 500), (1.0, 3.4, 13), (0.1, 1.8, 0), 37, (0.16, -0.26)),
        "square": Camera((1080, 1080), (1.0, 3.8, 13), (0.1, 1.8, 0), 30, (0.0, -0.40)),
        "tall": Camera((720, 1280), (1.2, 4.4, 13), (0.1, 1.7, 0), 25, (0.0, -0.32)),
        "strip": Camera((1456, 180), (1.4, 3.2, 8.8), (0.1, 2.35, 0), 100, (0.20, 0.0)),
    },
    "briefing-series": {
        "wide": Camera((1200, 628), (0.8, 7.6, 14.5), (0.1, 0.7, -0.6), 70, (0.49, -0.12)),
        "hero": Camera((1280, 660), (0.8, 7.6, 14.5), (0.1, 0.8, -0.6), 43, (0.0, -0.06)),
        "box": Camera((600, 500), (0.8, 8.0, 14.5), (0.1, 0.6, -0.6), 50, (0.24, -0.34)),
        "square": Camera((1080, 1080), (0.8, 8.4, 14.5), (0.1, 0.6, -0.6), 40, (0.0, -0.62)),
        "tall": Camera((720, 1280), (0.8, 11.0, 12.5), (0.1, 0.5, -0.4), 41, (0.0, -0.32)),
        "strip": Camera((1456, 180), (0.8, 6.4, 18), (0.1, 1.0, -0.6), 96, (0.19, 0.0)),
    },
    "second-life": {
        "wide": Camera((1200, 628), (-1.6, 4.4, 15.5), (0.1, 1.3, 0), 44, (0.41, -0.10)),
        "hero": Camera((1280, 660), (-1.6, 4.4, 15.5), (0.1, 1.35, 0), 34, (0.0, -0.06)),
        "box": Camera((600, 500), (-1.6, 4.6, 15.5), (0.1, 1.2, 0), 37, (0.14, -0.06)),
        "square": Camera((1080, 1080), (-1.6, 4.8, 15.5), (0.1, 1.3, 0), 29, (0.0, -0.40)),
        "tall": Camera((720, 1280), (-5.5, 6.6, 14), (0.0, 1.2, 0), 30, (0.0, -0.28)),
        "strip": Camera((1456, 180), (-2.0, 3.6, 18), (0.0, 1.35, 0), 84, (0.21, 0.0)),
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
