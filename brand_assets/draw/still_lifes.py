"""What stands in the pictures: one still life a campaign, built from the parts of an arch.

One object in coral is the point of each. `spare` leaves out the stones that the small box's button
would cover.
"""

import math

from stage import Scene

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


def keep(*, spare: bool) -> Scene:
    """Recovery: a round keep with a lit door at dusk; a ball rolls back up the ramp towards it."""
    s = Scene()
    x, high, tones = 1.9, 0.56, ("#4E9391", "#438886", "#5A9C98", "#498E8B")
    for row in range(7):
        for k in range(12):
            a = k * 30 + (15 if row % 2 else 0)
            size = (0.95 - 0.012 * row, 0.72, high - 0.012)
            tone = tones[(k * 5 + row * 3) % 4]
            s.tier((x, row * high, 0), size, tone, (a + 0.5, a + 29.5), round_=0.035)
    s.drum((x, 0, 0), 1.0, 3.85, PINE)
    s.drum((x, 3.92, 0), 1.4, 0.16, SAND, round_=0.05)
    for k in range(12):
        s.tier((x, 4.08, 0), (1.2, 0.3, 0.3), tones[k % 3], (k * 30 + 6, k * 30 + 24), round_=0.04)
    turn, dx, dz = -0.95, -0.81, 0.58
    door = 1.0
    s.arch(
        (x + dx * 1.36, 0, dz * 1.36),
        (1.24, door + 1.5, 0.72),
        CHALK,
        (0.37, door + 0.78),
        rot=turn,
        round_=0.05,
    )
    s.box((x + dx * 1.2, door, dz * 1.2), (0.9, 1.25, 0.3), "#FFA24A", rot=turn, glow=1.7)
    s.box((x + dx * 1.75, 0, dz * 1.75), (1.32, door, 0.9), SAND, rot=turn, round_=0.03)
    s.ramp((x + dx * 3.9, 0, dz * 3.9), (3.4, door, 1.04), SAND, rot=turn + math.pi / 2)
    s.ball((x + dx * 3.5, 0.66, dz * 3.5), 0.35, CORAL)
    if not spare:
        s.ball((3.2, 0, 1.9), 0.24, OCHRE)
        s.drum((0.9, 0, 3.1), 0.3, 0.18, PINE)
    return s


def order(*, spare: bool) -> Scene:
    """Data: blocks lie about, go through an arch, and stand in order behind it."""
    s = Scene()
    turn, size = -0.5, 0.62
    s.arch((-0.35, 0, 0.1), (2.5, 2.9, 0.8), CHALK, (0.78, 1.35), rot=turn, round_=0.05)
    heap = (
        (-3.2, 0.0, 0.9, 0.4, 0.0, TEAL), (-2.2, 0.0, 0.5, -0.3, 0.0, SAGE),
        (-2.75, 0.0, 1.75, 1.0, 0.0, PINE), (-1.75, 0.0, 1.5, 0.15, 0.0, CHALK),
        (-2.45, 0.62, 1.1, 0.8, 0.0, SAGE), (-3.6, 0.06, 1.95, 0.5, 0.3, SAGE),
        (-1.5, 0.11, 2.5, -0.2, 0.62, TEAL), (-2.5, 0.0, 2.75, 0.9, 0.0, OCHRE),
    )  # fmt: skip
    for x, y, z, rot, lean, tone in heap[: 7 if spare else 8]:
        s.box((x, y, z), (size, size, size), tone, rot=rot, lean=lean, round_=0.045)
    s.box((-0.6, 0, 0.6), (0.66, 0.66, 0.66), CORAL, rot=turn, round_=0.045)
    cos, sin = math.cos(turn), math.sin(turn)
    for far, tone in enumerate((CHALK, SAGE, TEAL, PINE)):
        for side in range(4):
            u, v = (side - 0.9) * 0.88, -1.5 - far * 0.88
            at = (-0.35 + cos * u + sin * v, 0, 0.1 - sin * u + cos * v)
            s.box(at, (size, 0.5 + far * 0.62, size), tone, rot=turn, round_=0.045)
    return s


def morning(*, spare: bool) -> Scene:
    """Workplace: a table set for six, morning light through an arched window."""
    s = Scene()
    wall, window = "#F1E0CF", -15.8  # the window stands outside the picture, towards the sun
    s.box((0, -1, -2.6), (60, 40, 0.2), wall)
    s.arch((window, 0, 8.0), (23.5, 40, 0.3), wall, (2.3, 15.0))
    s.box((window, 0, 8.0), (6, 9.6, 0.4), wall)
    s.box((window - 22, 0, 8.0), (22, 40, 0.3), wall)
    s.box((window, 0, 8.0), (0.26, 20, 0.3), wall)
    s.box((window, 14.9, 8.0), (6, 0.26, 0.3), wall)
    s.arch((0, 0, 0), (4.9, 1.5, 1.5), SAND, (1.35, 0.02), round_=0.04)
    s.box((0, 1.5, 0), (5.5, 0.16, 1.8), CHALK, round_=0.04)
    for i, tone in enumerate((TEAL, SAGE, TEAL, CORAL, TEAL, SAGE)):
        s.box((-1.75 + i * 0.6, 1.66, 0.3), (0.44, 0.44, 0.44), tone, round_=0.04)
    s.drum((-2.2, 1.66, -0.45), 0.3, 0.1, PINE)
    s.drum((-2.2, 1.7, -0.45), 0.045, 1.5, PINE)
    s.dome((-2.2, 3.0, -0.45), 0.52, OCHRE)
    s.drum((2.05, 1.66, 0.15), 0.29, 0.46, CHALK, round_=0.06)
    s.drum((2.05, 2.09, 0.15), 0.23, 0.05, "#6B4630")
    s.ring((2.38, 1.9, 0.15), 0.14, 0.045, CHALK)
    if not spare:
        s.drum((-2.9, 0, 1.1), 0.34, 0.5, OCHRE)
    return s


def theatre(*, spare: bool) -> Scene:
    """Briefing: listeners on round steps about a small stage, and the sun that comes up on it."""
    s = Scene()
    first, deep, rise = 1.75, 0.58, 0.27
    for i, tone in enumerate(("#F8EADB", "#F5E2D0", "#F2DAC5", "#EFD2BA", "#EBCAAF")):
        size = (first + i * deep, deep - 0.012, rise * (i + 1))
        s.tier((0, 0, 0), size, tone, (168, 372), round_=0.035)
    back, count = first + 4.95 * deep, 12
    for k in range(count):
        a = math.radians(171 + k * 198 / (count - 1))
        at = (back * math.cos(a), 0, back * math.sin(a))
        s.arch(at, (1.44, 2.75, 0.42), CHALK, (0.4, 1.95), rot=math.pi / 2 - a, round_=0.04)
    s.drum((0, 0, 0), 1.12, 0.16, PINE, round_=0.04)
    s.voussoir((0, 0.16, 0), (0.42, 0.84, 0.28), CORAL, (0, 180), round_=0.03)
    listeners = (
        (0, 205, TEAL), (0, 236, SAGE), (0, 318, SAGE), (1, 222, PINE), (1, 250, CHALK),
        (1, 292, TEAL), (1, 336, OCHRE), (2, 200, SAGE), (2, 240, OCHRE), (2, 272, PINE),
        (2, 310, SAGE), (3, 218, TEAL), (3, 258, SAGE), (3, 298, CHALK), (3, 330, PINE),
    )  # fmt: skip
    for row, degrees, tone in listeners[: 12 if spare else 15]:
        a, r = math.radians(degrees), first + row * deep - 0.04
        s.ball((r * math.cos(a), rise * (row + 1), r * math.sin(a)), 0.21, tone)
    return s


def twice(*, spare: bool) -> Scene:
    """Second life: the stones of an old arch cross a low wall and become a new one."""
    s = Scene()
    faded, fresh = ("#E4E1D4", "#D6D7CA", "#DDDACC"), ("#3F8F8A", "#4C9A94", "#35847F")
    n, radius, foot = 9, 1.3, 1.25
    step = 180 / n
    for x, z, tones, there in (
        (-1.75, -1.3, faded, (0, 1, 2, 3, 6, 7, 8)),
        (1.75, 0.5, fresh, (0, 1, 2, 3, 5, 6, 7, 8)),
    ):
        for i in there:
            wedge = (i * step + 0.5, (i + 1) * step - 0.5)
            s.voussoir((x, foot, z), (radius, 0.76, 1.0), tones[i % 3], wedge, round_=0.04)
        for side in (-radius, radius):
            for y, tone in ((0, tones[1]), (foot / 2, tones[2])):
                s.box((x + side, y, z), (0.78, foot / 2 - 0.012, 1.02), tone, round_=0.04)
    s.box((-1.15, 0, 1.05), (3.0, 0.44, 1.0), CHALK, rot=-0.22, round_=0.04)
    for x, z, tone, rot in (
        (-2.1, 0.84, faded[1], 0.1),
        (-1.2, 1.04, SAGE, -0.35),
        (-0.25, 1.24, CORAL, -0.15),
    ):
        s.voussoir(
            (x, 0.44 - 0.98, z), (1.3, 0.62, 0.74), tone, (78.5, 101.5), rot=rot, round_=0.04
        )
    if not spare:
        s.ball((1.5, 0, 2.1), 0.24, OCHRE)
    s.drum((2.9, 0, 1.9), 0.3, 0.18, PINE)
    return s
