"""The studio: matte still lifes of arches, blocks and spheres, lit by one soft sun and a sky.

No photograph, no third-party model: a scene is a list of stones, a camera and colours. Needs numpy
and numba, only while artwork is drawn; the product ships the finished backgrounds.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from smoothing import smoothed
from tracer import trace

Array = npt.NDArray[np.float64]
Vec = tuple[float, float, float]
BOX, SPHERE, CYLINDER, ARCH, VOUSSOIR, RING, DOME, RAMP, TIER = range(9)


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
        p, rot = more.get("p", (0.0, 0.0, 0.0)), more.get("rot", 0.0)
        cos, sin = math.cos(rot), math.sin(rot)
        (x, y, z), reach = at, math.hypot(*size)
        if kind in {VOUSSOIR, TIER}:
            u, v = p[0] * math.cos(p[1]), p[0] * math.sin(p[1])
            side, up, front = (u, v, 0.0) if kind == VOUSSOIR else (u, 0.0, v)
            x, y, z = x + cos * side + sin * front, y + up, z - sin * side + cos * front
            reach += (p[0] + size[0]) * p[2]
        elif kind == RING:
            reach = size[0] + size[1]
        turned, glow = [cos, sin, more.get("round_", 0.04)], more.get("glow", 0.0)
        ball = [reach + 0.02, x, y, z]
        self.rows.append([kind, *at, *size, *turned, *p, *linear(colour), glow, *ball])

    def box(self, at: Vec, size: Vec, colour: str, *, lean: float = 0.0, **more: Any) -> None:
        """A block standing at (x, height of its foot, z); `lean` tips it about its middle."""
        (x, y, z), (w, h, d) = at, size
        half = (w / 2, h / 2, d / 2)
        self.add(BOX, (x, y + h / 2, z), half, colour, p=(lean, 0.0, 0.0), **more)

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

    def tier(
        self, at: Vec, size: Vec, colour: str, degrees: tuple[float, float], **more: Any
    ) -> None:
        """One stone of a round step, standing on `at`: size (radius, depth, height), from right."""
        (radius, deep, height), (a0, a1), (x, y, z) = size, degrees, at
        middle, half = math.radians((a0 + a1) / 2), math.radians(abs(a1 - a0) / 2)
        shape = (deep / 2, height / 2, deep / 2)
        middle = math.atan2(math.sin(middle), math.cos(middle))
        at = (x, y + height / 2, z)
        self.add(TIER, at, shape, colour, p=(radius, middle, half), **more)

    def ramp(self, at: Vec, size: Vec, colour: str, **more: Any) -> None:
        """A block that rises from left to right, standing at (x, height of its foot, z)."""
        (x, y, z), (w, h, d) = at, size
        self.add(RAMP, (x, y + h / 2, z), (w / 2, h / 2, d / 2), colour, **more)

    def dome(self, at: Vec, r: float, colour: str, **more: Any) -> None:
        """Half a ball."""
        self.add(DOME, at, (r, r, r), colour, **more)

    def ring(self, at: Vec, r: float, thick: float, colour: str, **more: Any) -> None:
        """An upright ring round `at`."""
        self.add(RING, at, (r, thick, thick), colour, **more)


def linear(colour: str) -> Vec:
    """#RRGGBB (sRGB) to linear light."""
    v = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    red, green, blue = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    return float(red), float(green), float(blue)


def shoot(scene: Scene, camera: Camera, light: Light, *, samples: int = 9) -> npt.NDArray[np.uint8]:
    """Render to RGB (h, w, 3); `samples` a pixel, a square number."""
    width, height = camera.size
    colour, lit, normal = (np.zeros((height, width, 3)) for _ in range(3))
    depth_fog, air = np.zeros((height, width, 3)), np.zeros((height, width))
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
    smooth = smoothed(lit, normal / (strength + 1e-6), depth_fog[..., 0].copy(), colour)
    g = np.linspace(0, 1, colour.shape[0])[:, None, None]
    top, bottom = (np.array(linear(c)) for c in light.back)
    fog = depth_fog[..., 1:2]
    solid = colour * smooth / np.clip(depth_fog[..., 2:], 0.25, 1) * (1 - fog) * light.exposure
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
