"""The path tracer's inner loops: signed distances, shadow rays, one bounce; compiled by numba.

A row of the scene array P is: kind, x, y, z, hx, hy, hz, cos, sin, round, three parameters,
red, green, blue (linear), glow, radius and centre of a ball about the stone. Short names are those of the formulas.
"""
# ruff: noqa: N803, N806, PLR0913, PLR0917, PLR0911, ANN001, ANN202
# ruff: noqa: NPY002 - numba compiles this subset: positional, untyped, min/max free

import math

import numpy as np
from numba import njit, prange


@njit(cache=True, fastmath=True, inline="always")
def _rbox(x, y, z, hx, hy, hz, r):
    qx, qy, qz = abs(x) - hx + r, abs(y) - hy + r, abs(z) - hz + r
    ox, oy, oz = max(qx, 0.0), max(qy, 0.0), max(qz, 0.0)
    return math.sqrt(ox * ox + oy * oy + oz * oz) + min(max(qx, qy, qz), 0.0) - r


@njit(cache=True, fastmath=True)
def _wedge(u, v, flat, thick, P, i):
    """Distance to a piece of a ring in the plane (u, v); flat is the height above that plane."""
    m, sp = P[i, 11], P[i, 12]
    rr = math.sqrt(u * u + v * v)
    th = math.atan2(v, u) - m
    if th > math.pi:
        th -= 2 * math.pi
    if th < -math.pi:
        th += 2 * math.pi
    return _rbox(rr - P[i, 10], flat, th * max(rr, 0.2), P[i, 4], thick,
                 sp * max(rr, 0.2), P[i, 9]) * 0.85  # fmt: skip


@njit(cache=True, fastmath=True)
def _stone(x, y, z, P, i):
    """Signed distance to one stone."""
    x, y, z = x - P[i, 1], y - P[i, 2], z - P[i, 3]
    c, s = P[i, 7], P[i, 8]
    x, z = c * x - s * z, s * x + c * z
    k, hx, hy, hz, r = int(P[i, 0]), P[i, 4], P[i, 5], P[i, 6], P[i, 9]
    if k == 0:
        lean = P[i, 10]
        if lean != 0.0:  # leans over in its own front plane
            c, s = math.cos(lean), math.sin(lean)
            x, y = c * x + s * y, c * y - s * x
        return _rbox(x, y, z, hx, hy, hz, r)
    if k == 1:
        return math.sqrt(x * x + y * y + z * z) - hx
    if k == 2:
        qx, qy = math.sqrt(x * x + z * z) - hx + r, abs(y) - hy + r
        return math.sqrt(max(qx, 0.0) ** 2 + max(qy, 0.0) ** 2) + min(max(qx, qy), 0.0) - r
    if k == 3:
        d = _rbox(x, y, z, hx, hy, hz, r)
        hole, sp = P[i, 10], P[i, 11]
        h = math.sqrt(x * x + (y - sp) ** 2) - hole if y > sp else abs(x) - hole
        a, b = d, -h  # smooth subtraction keeps a soft rim
        t = max(r * 0.8 - abs(a - b), 0.0) / (r * 0.8)
        return max(a, b) + t * t * r * 0.2
    if k == 4:
        return _wedge(x, y, z, hz, P, i)
    if k == 5:
        q = math.sqrt(x * x + y * y) - hx
        return math.sqrt(q * q + z * z) - hy
    if k == 6:
        return max(math.sqrt(x * x + y * y + z * z) - hx, -y)
    if k == 7:  # a box under the slope from its lower left to its upper right edge
        slope = (y * hx - x * hy) / math.sqrt(hx * hx + hy * hy)
        return max(_rbox(x, y, z, hx, hy, hz, r), slope)
    return _wedge(x, z, y, hy, P, i)


@njit(cache=True, fastmath=True)
def _march(ox, oy, oz, dx, dy, dz, tmax, P, room):
    """First hit of a ray: (distance, stone), stone -1 the ground; (-1, -1) nothing.

    Each stone whose bounding ball the ray meets is walked towards by itself, always the one that may be
    hit first; `room` keeps their numbers, how far the ray is free of each, and where it leaves its ball.
    """
    ground = -oy / dy if dy < -1e-9 else 1e9
    end, count = min(tmax, ground), 0
    for i in range(P.shape[0]):
        x, y, z, R = P[i, 18] - ox, P[i, 19] - oy, P[i, 20] - oz, P[i, 17]
        along = x * dx + y * dy + z * dz
        left = R * R - (x * x + y * y + z * z - along * along)
        if left <= 0.0:
            continue
        half = math.sqrt(left)
        if along + half > 0.0 and along - half < end:
            room[0, count], room[1, count] = i, max(along - half, 0.0)
            room[2, count] = along + half
            count += 1
    for _ in range(160 * count):
        q, t = 0, 1e9
        for k in range(count):
            if room[1, k] < t:
                q, t = k, room[1, k]
        if t > end:
            break
        i = int(room[0, q])
        d = _stone(ox + dx * t, oy + dy * t, oz + dz * t, P, i)
        if d < 0.0006 + 0.0002 * t:
            return t, i
        free = t + d * 0.97
        room[1, q] = free if free < room[2, q] else 1e9
    if ground < tmax:
        return ground, -1
    return -1.0, -1


@njit(cache=True, fastmath=True)
def _normal(x, y, z, P, h):
    if h < 0:
        return 0.0, 1.0, 0.0
    e = 0.0009
    a = _stone(x + e, y - e, z - e, P, h)
    b = _stone(x - e, y - e, z + e, P, h)
    c = _stone(x - e, y + e, z - e, P, h)
    d = _stone(x + e, y + e, z + e, P, h)
    nx, ny, nz = a - b - c + d, -a - b + c + d, -a + b - c + d
    k = 1.0 / math.sqrt(nx * nx + ny * ny + nz * nz + 1e-20)
    return nx * k, ny * k, nz * k


@njit(cache=True, fastmath=True, inline="always")
def _basis(nx, ny, nz):
    if abs(ny) < 0.99:
        ux, uy, uz = nz, 0.0, -nx
    else:
        ux, uy, uz = 1.0, 0.0, 0.0
    k = 1.0 / math.sqrt(ux * ux + uy * uy + uz * uz)
    ux, uy, uz = ux * k, uy * k, uz * k
    return ux, uy, uz, ny * uz - nz * uy, nz * ux - nx * uz, nx * uy - ny * ux


@njit(cache=True, fastmath=True)
def _sun(x, y, z, nx, ny, nz, L, P, room):
    """Light from one random point of the sun's disc; 0 in shadow."""
    ux, uy, uz, vx, vy, vz = _basis(L[0], L[1], L[2])
    a, r = 2 * math.pi * np.random.random(), L[3] * math.sqrt(np.random.random())
    ca, sa = math.cos(a) * r, math.sin(a) * r
    dx, dy, dz = L[0] + ux * ca + vx * sa, L[1] + uy * ca + vy * sa, L[2] + uz * ca + vz * sa
    k = 1.0 / math.sqrt(dx * dx + dy * dy + dz * dz)
    dx, dy, dz = dx * k, dy * k, dz * k
    ndl = nx * dx + ny * dy + nz * dz
    if ndl <= 0.0:
        return 0.0
    t, _ = _march(x + nx * 0.004, y + ny * 0.004, z + nz * 0.004, dx, dy, dz, 40.0, P, room)
    return ndl if t < 0.0 else 0.0


@njit(cache=True, fastmath=True)
def _scattered(o, d, t, L, haze, P, room):
    """Light scattered by air towards the eye: one random point of the ray (1 sample)."""
    far = min(t if t > 0.0 else 60.0, haze[2])
    q = haze[1] + (far - haze[1]) * np.random.random()
    if q <= haze[1] or far <= haze[1]:
        return 0.0
    tv, _ = _march(
        o[0] + d[0] * q, o[1] + d[1] * q, o[2] + d[2] * q, L[0], L[1], L[2], 40.0, P, room
    )
    return (far - haze[1]) * haze[0] if tv < 0.0 else 0.0


@njit(cache=True, fastmath=True)
def _bounced(x, y, z, n, P, L, sunc, skyc, gndc, room):
    """Light arriving over one cosine-weighted bounce: sky, or what another stone gives back."""
    ux, uy, uz, vx, vy, vz = _basis(n[0], n[1], n[2])
    a, q = 2 * math.pi * np.random.random(), np.random.random()
    r, w = math.sqrt(q), math.sqrt(1 - q)
    ca, sa = math.cos(a) * r, math.sin(a) * r
    bx = ux * ca + vx * sa + n[0] * w
    by = uy * ca + vy * sa + n[1] * w
    bz = uz * ca + vz * sa + n[2] * w
    t2, h2 = _march(x + n[0] * 0.004, y + n[1] * 0.004, z + n[2] * 0.004, bx, by, bz, 14.0, P, room)
    if t2 < 0.0:
        m = 0.55 + 0.45 * by
        return skyc[0] * m, skyc[1] * m, skyc[2] * m
    x2, y2, z2 = x + bx * t2, y + by * t2, z + bz * t2
    n2x, n2y, n2z = _normal(x2, y2, z2, P, h2)
    e2 = _sun(x2, y2, z2, n2x, n2y, n2z, L, P, room)
    if h2 < 0:
        cr, cg, cb, g2 = gndc[0], gndc[1], gndc[2], 0.0
    else:
        cr, cg, cb, g2 = P[h2, 13], P[h2, 14], P[h2, 15], P[h2, 16]
    am = 0.22 + 0.12 * n2y
    return (
        cr * (e2 * sunc[0] + skyc[0] * am + g2),
        cg * (e2 * sunc[1] + skyc[1] * am + g2),
        cb * (e2 * sunc[2] + skyc[2] * am + g2),
    )


@njit(cache=True, fastmath=True)
def _ray(i, j, s, n, W, H, cam):
    """Direction through one stratified sample of a pixel."""
    sx = (i + ((s % n) + np.random.random()) / n) / W * 2 - 1
    sy = 1 - (j + ((s // n) + np.random.random()) / n) / H * 2
    u = (sx - cam[13]) * cam[12]
    v = (sy - cam[14]) * cam[12] * H / W
    dx = cam[9] + u * cam[3] + v * cam[6]
    dy = cam[10] + u * cam[4] + v * cam[7]
    dz = cam[11] + u * cam[5] + v * cam[8]
    k = 1.0 / math.sqrt(dx * dx + dy * dy + dz * dz)
    return dx * k, dy * k, dz * k


@njit(cache=True, fastmath=True, parallel=True)
def trace(W, H, spp, P, cam, L, sunc, skyc, gndc, fog, haze, alb, irr, nrm, aux, vol) -> None:
    """Fill colour, light, normal, (depth, fog, hits) and haze sums of spp samples a pixel.

    cam: eye(3) right(3) up(3) forward(3) half_width shift_x shift_y; L: sun direction and size.
    """
    for j in prange(H):
        np.random.seed(1234 + j)
        n, room = int(math.sqrt(spp)), np.empty((3, P.shape[0]))
        for i in range(W):
            for s in range(n * n):
                d = _ray(i, j, s, n, W, H, cam)
                t, h = _march(cam[0], cam[1], cam[2], d[0], d[1], d[2], 120.0, P, room)
                if haze[0] > 0.0:
                    vol[j, i] += _scattered(cam, d, t, L, haze, P, room)
                if t < 0.0:
                    aux[j, i, 1] += 1.0
                    aux[j, i, 0] += 60.0
                    continue
                x, y, z = cam[0] + d[0] * t, cam[1] + d[1] * t, cam[2] + d[2] * t
                normal = _normal(x, y, z, P, h)
                ar, ag, ab, glow, f = gndc[0], gndc[1], gndc[2], 0.0, 0.0
                if h < 0:
                    f = (math.sqrt(x * x + z * z) - fog[0]) / (fog[1] - fog[0])
                    f = min(max(f, 0.0), 1.0)
                    f = f * f * (3 - 2 * f)
                else:
                    ar, ag, ab, glow = P[h, 13], P[h, 14], P[h, 15], P[h, 16]
                aux[j, i, 0] += t
                aux[j, i, 1] += f
                aux[j, i, 2] += 1.0
                e = _sun(x, y, z, normal[0], normal[1], normal[2], L, P, room)
                bounce = _bounced(x, y, z, normal, P, L, sunc, skyc, gndc, room)
                colour = (ar, ag, ab)
                for c in range(3):
                    alb[j, i, c] += colour[c]
                    nrm[j, i, c] += normal[c]
                    irr[j, i, c] += e * sunc[c] + glow + bounce[c]
