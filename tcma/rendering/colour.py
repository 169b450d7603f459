"""Contrast of two colours, by WCAG 2.2 relative luminance."""

from __future__ import annotations

import re

HEX = re.compile(r"#[0-9a-fA-F]{6}\Z")
INK, WHITE = "#10282D", "#FFFFFF"
READABLE = 4.5


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1, of #RRGGBB."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def label_on(ground: str) -> str | None:
    """White or Ink, whichever is readable on the ground and better; None when neither is."""
    best = max((WHITE, INK), key=lambda label: contrast(label, ground))
    return best if contrast(best, ground) >= READABLE else None
