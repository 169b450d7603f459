"""The studio: matte still lifes of arches, blocks and spheres, lit by one soft sun and a sky.

No photograph, no third-party model: a scene is a list of stones, a camera and colours. Needs numpy
and numba, only while artwork is drawn; the product ships the finished backgrounds.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from tracer import trace

Array = npt.NDArray[np.float64]
Vec = tuple[float, float, float]
BOX, SPHERE, CYLINDER, ARCH, VOUSSOIR = range(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """Sun (direction, linear colour, angular size), sky, ground and backdrop (top, bottom)."""

    sun: Vec
    sun_colour: Vec
    sun_size: float
    sky: Vec
    ground: str
    back: tuple[str, str]
    fog: tuple[float, float]
    haze: Vec = (0.0, 0.0, 0.0)
    exposure: float = 0.5


@dataclass(frozen=True, slots=True)
class Camera:
    """Pixel size, eye, point looked at, horizontal field in degrees, shift of the subject (-1..1)."""

    size: tuple[int, int]
    eye: Vec
    look: Vec
    fov: float
    shift: tuple[float, float]


class Scene:
    """Stones on the ground y = 0; sizes are full sizes, angles radians unless said."""

    def __init__(self) -> None:
        self.rows: list[list[float]] = []

    def add(self, kind: int, at: Vec, size: Vec, colour: str, **more: Any) -> None:
        """`more`: rot, round_, p (three parameters of the kind), glow."""
        hx, hy, hz = size
        p, rot = more.get("p", (0.0, 0.0, 0.0)), more.get("rot", 0.0)
        bound = math.sqrt(hx * hx + hy * hy + hz * hz) + 0.05
        if kind == VOUSSOIR:
            bound = p[0] + hx + hz + 0.2
        turned = [math.cos(rot), math.sin(rot), more.get("round_", 0.04)]
        self.rows.append(
            [kind, *at, hx, hy, hz, *turned, *p, *linear(colour), more.get("glow", 0.0), bound]
        )

    def box(self, at: Vec, size: Vec, colour: str, **more: Any) -> None:
        """A block standing at (x, height of its foot, z)."""
        (x, y, z), (w, h, d) = at, size
        self.add(BOX, (x, y + h / 2, z), (w / 2, h / 2, d / 2), colour, **more)

    def ball(self, at: Vec, r: float, colour: str, **more: Any) -> None:
        self.add(SPHERE, (at[0], at[1] + r, at[2]), (r, r, r), colour, **more)

    def drum(self, at: Vec, r: float, h: float, colour: str, **more: Any) -> None:
        self.add(CYLINDER, (at[0], at[1] + h / 2, at[2]), (r, h / 2, r), colour, **more)

    def arch(
        self, at: Vec, size: Vec, colour: str, opening: tuple[float, float], **more: Any
    ) -> None:
        """A block with an arched opening: (half width, height where the curve starts)."""
        (x, y, z), (w, h, d) = at, size
        p = (opening[0], opening[1] - h / 2, 0)
        self.add(ARCH, (x, y + h / 2, z), (w / 2, h / 2, d / 2), colour, p=p, **more)

    def voussoir(
        self, at: Vec, size: Vec, colour: str, degrees: tuple[float, float], **more: Any
    ) -> None:
        """One wedge of a stone arch round `at`: size (radius, thickness, depth), from right."""
        radius, thick, depth = size
        a0, a1 = degrees
        middle, half = math.radians((a0 + a1) / 2), math.radians(abs(a1 - a0) / 2)
        shape = (thick / 2, thick / 2, depth / 2)
        self.add(VOUSSOIR, at, shape, colour, p=(radius, middle, half), **more)


def linear(colour: str) -> Vec:
    """#RRGGBB (sRGB) to linear light."""
    v = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    red, green, blue = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    return float(red), float(green), float(blue)


def shoot(scene: Scene, camera: Camera, light: Light, *, samples: int = 9) -> npt.NDArray[np.uint8]:
    """Render to RGB (h, w, 3); `samples` a pixel, a square number."""
    width, height = camera.size
    colour, lit, normal = (np.zeros((height, width, 3)) for _ in range(3))
    depth_fog, air = np.zeros((height, width, 2)), np.zeros((height, width))
    n = int(math.sqrt(samples)) ** 2
    sun = np.array(light.sun, float)
    trace(
        width, height, n, np.array(scene.rows, np.float64), _frame(camera),
        np.array([*(sun / np.linalg.norm(sun)), light.sun_size]),
        np.array(light.sun_colour, float), np.array(light.sky, float),
        np.array(linear(light.ground)), np.array(light.fog, float), np.array(light.haze, float),
        colour, lit, normal, depth_fog, air,
    )  # fmt: skip
    image = _developed(light, [a / n for a in (colour, lit, normal, depth_fog, air)])
    noise = np.random.default_rng(7).normal(0, 0.9 / 255, (height, width, 1))
    return (np.clip(image + noise, 0, 1) * 255 + 0.5).astype(np.uint8)


def _frame(camera: Camera) -> Array:
    eye = np.array(camera.eye, float)
    forward = np.array(camera.look, float) - eye
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, [0, 1, 0])
    right /= np.linalg.norm(right)
    up = np.cross(right, forward)
    half = math.tan(math.radians(camera.fov) / 2)
    return np.array([*eye, *right, *up, *forward, half, *camera.shift])


def _developed(light: Light, sums: list[Array]) -> Array:
    """Filter the light, lay it on the colours, dissolve into the backdrop, map to sRGB 0..1."""
    colour, lit, normal, depth_fog, air = sums
    strength = np.linalg.norm(normal, axis=-1, keepdims=True)
    smooth = _filtered(lit, normal / (strength + 1e-6), depth_fog[..., 0], colour)
    g = np.linspace(0, 1, colour.shape[0])[:, None, None]
    top, bottom = (np.array(linear(c)) for c in light.back)
    fog = depth_fog[..., 1:2]
    solid = colour * smooth / np.clip(strength, 0.5, 1) * (1 - fog) * light.exposure
    image = solid + (top * (1 - g) + bottom * g) * fog
    if light.haze[0]:
        image += _blurred(air)[..., None] * np.array(light.sun_colour) * light.exposure
    shoulder = 0.8 + 0.2 * (1 - np.exp(-(image - 0.8) / 0.2))
    image = np.clip(np.where(image > 0.8, shoulder, image), 0, 1)
    return np.where(image <= 0.0031308, image * 12.92, 1.055 * image ** (1 / 2.4) - 0.055)


def _blurred(air: Array) -> Array:
    """Three box blurs each way: nearly a Gaussian."""
    k = max(air.shape[1] // 170, 1)
    for axis in (0, 1, 0, 1, 0, 1):
        pad = [(k + 1, k) if a == axis else (0, 0) for a in (0, 1)]
        sums = np.cumsum(np.pad(air, pad, mode="edge"), axis)
        m = air.shape[axis]
        air = (sums.take(range(2 * k + 1, 2 * k + 1 + m), axis) - sums.take(range(m), axis)) / (
            2 * k + 1
        )
    return air


def _filtered(light: Array, normal: Array, depth: Array, colour: Array) -> Array:
    """Edge-avoiding wavelet filter of the light, guided by normal, depth and colour (4 passes)."""
    kernel = np.array([1, 4, 6, 4, 1]) / 16
    for level in range(4):
        step, out, total = 2**level, np.zeros_like(light), np.zeros(light.shape[:2])
        for a in range(-2, 3):
            for b in range(-2, 3):
                light2, normal2, depth2, colour2 = (
                    np.roll(m, (a * step, b * step), (0, 1)) for m in (light, normal, depth, colour)
                )
                w = kernel[a + 2] * kernel[b + 2] * np.maximum((normal * normal2).sum(-1), 0) ** 48
                w *= np.exp(-np.abs(depth - depth2) / (0.06 * step))
                w *= np.exp(-np.abs(colour - colour2).sum(-1) / 0.05)
                w *= np.exp(-np.abs(light - light2).sum(-1) / (1.2 / 1.6**level))
                out += light2 * w[..., None]
                total += w
        light = out / (total[..., None] + 1e-9)
    return light
