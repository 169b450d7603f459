"""Smooths the traced light: an edge-avoiding wavelet filter, compiled by numba.

Light is averaged over neighbours that share normal, depth, colour and roughly the light itself, in
four passes of growing steps; edges of stones and shadows stay.
"""
# ruff: noqa: N806 - short names are those of the formulas

import math

import numpy as np
import numpy.typing as npt
from numba import njit, prange

Array = npt.NDArray[np.float64]
LEVELS = 4


def smoothed(light: Array, normal: Array, depth: Array, colour: Array) -> Array:
    """Return the light, filtered; all arrays are (h, w, …) of one picture."""
    for level in range(LEVELS):
        out = np.zeros_like(light)
        _pass(light, normal, depth, colour, 2**level, 1.2 / 1.6**level, out)
        light = out
    return light


@njit(cache=True, fastmath=True, parallel=True)
def _pass(light, normal, depth, colour, step, soft, out) -> None:  # noqa: ANN001, PLR0913, PLR0917
    H, W = depth.shape
    kernel = np.array([1.0, 4.0, 6.0, 4.0, 1.0])
    for j in prange(H):
        for i in range(W):
            total = red = green = blue = 0.0
            for a in range(-2, 3):
                y = j + a * step
                if y < 0 or y >= H:
                    continue
                for b in range(-2, 3):
                    x = i + b * step
                    if x < 0 or x >= W:
                        continue
                    n = dc = dl = 0.0
                    for c in range(3):
                        n += normal[j, i, c] * normal[y, x, c]
                        dc += abs(colour[j, i, c] - colour[y, x, c])
                        dl += abs(light[j, i, c] - light[y, x, c])
                    if n <= 0.0:
                        continue
                    n *= n
                    n *= n
                    n *= n
                    n *= n  # to the power of 16, and once more times its square: 48
                    w = kernel[a + 2] * kernel[b + 2] * n * n * n
                    d = abs(depth[j, i] - depth[y, x]) / (0.06 * step)
                    w *= math.exp(-d - dc / 0.05 - dl / soft)
                    red += w * light[y, x, 0]
                    green += w * light[y, x, 1]
                    blue += w * light[y, x, 2]
                    total += w
            total += 1e-9
            out[j, i, 0], out[j, i, 1], out[j, i, 2] = red / total, green / total, blue / total
