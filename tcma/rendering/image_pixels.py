"""From any picture Pillow opened to upright, sRGB, 8-bit RGBA of bounded size."""

import io

from PIL import Image, ImageChops, ImageCms, ImageOps

MAX_SIDE = 2000
BIG = 4_000_000
BAND = 256
_METADATA = {
    "exif": "camera data (EXIF) removed",
    "xmp": "editing data (XMP) removed",
    "icc_profile": "colours converted to sRGB",
    "photoshop": "editing data (Photoshop) removed",
}
_ORIENTATION = 0x0112


def read_pixels(im: Image.Image, *, deep: bool) -> tuple[Image.Image, list[str]]:
    """First frame as RGBA, at most 2000 px a side, and the changes that took.

    `deep`: the file has 16 bits a channel. Large pictures are shrunk in bands, so that no second
    full-size copy exists. Raises what Pillow raises for broken data.
    """
    changes: list[str] = []
    longest = max(im.size)
    if im.format in ("JPEG", "MPO") and longest > 2 * MAX_SIDE:
        im.draft(im.mode, (MAX_SIDE, MAX_SIDE))
    if getattr(im, "is_animated", False):
        im.seek(0)
        changes.append("only the first picture is kept, the others are removed")
    im.load()
    changes.extend(note for key, note in _METADATA.items() if im.info.get(key))
    turn = _turn(im)
    profile = im.info.get("icc_profile")
    if im.mode in ("CMYK", "LAB", "YCbCr"):
        changes.append("colours converted from print (CMYK) to screen (RGB)")
    if deep or im.mode.startswith(("I", "F")):
        changes.append("16-bit colour reduced to 8-bit")
    image = _rgba(im, profile if isinstance(profile, bytes) else None)
    if turn is not None:
        image = image.transpose(turn)
        changes.append("turned upright")
    if longest > MAX_SIDE:
        image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
        changes.append(f"scaled down from {longest} to {MAX_SIDE} px")
    return _bare(image), changes


def is_white(image: Image.Image) -> bool:
    """Whether most of what is visible (alpha ≥ 50 %) is white on a transparent ground."""
    red, green, blue, alpha = image.split()
    visible = alpha.point([0] * 128 + [255] * 128)
    lowest = ImageChops.darker(red, ImageChops.darker(green, blue)).histogram(visible)
    area = sum(lowest)
    return 0 < area < 0.98 * image.width * image.height and sum(lowest[232:]) >= 0.55 * area


def _turn(im: Image.Image) -> Image.Transpose | None:
    try:
        value = im.getexif().get(_ORIENTATION)
    except (OSError, ValueError, SyntaxError, KeyError, TypeError):
        return None
    flip = Image.Transpose
    return {
        2: flip.FLIP_LEFT_RIGHT, 3: flip.ROTATE_180, 4: flip.FLIP_TOP_BOTTOM, 5: flip.TRANSPOSE,
        6: flip.ROTATE_270, 7: flip.TRANSVERSE, 8: flip.ROTATE_90,
    }.get(value if isinstance(value, int) else 1)  # fmt: skip


def _rgba(im: Image.Image, profile: bytes | None) -> Image.Image:
    if im.mode in ("CMYK", "LAB", "YCbCr"):
        return _managed(im, profile) or im.convert("RGB").convert("RGBA")
    if im.mode.startswith(("I", "F")):
        grey = im.convert("I").point(lambda v: v * (1 / 257)).convert("L")
        return grey.convert("RGBA")
    image = _shrunk(im) if im.width * im.height > BIG else im.convert("RGBA")
    return (_managed(image, profile) or image) if profile else image


def _shrunk(im: Image.Image) -> Image.Image:
    """RGBA reduced by a whole factor, band by band."""
    factor = max(1, max(im.size) // MAX_SIDE)
    if factor == 1:
        return im.convert("RGBA")
    step = BAND * factor
    out = Image.new("RGBA", (-(-im.width // factor), -(-im.height // factor)))
    for top in range(0, im.height, step):
        band = im.crop((0, top, im.width, min(top + step, im.height)))
        band.info.update(im.info)
        out.paste(band.convert("RGBA").reduce(factor), (0, top // factor))
    return out


def _managed(im: Image.Image, profile: bytes | None) -> Image.Image | None:
    """Colours by the embedded profile, or None where there is none that fits."""
    if not profile:
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = str(source.profile.xcolor_space).strip()
        mode = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}.get(space)
        if mode is None or (im.mode in ("CMYK", "LAB")) != (mode in ("CMYK", "LAB")):
            return None
        plain = im if im.mode == mode else im.convert(mode)
        target = ImageCms.createProfile("sRGB")
        done = ImageCms.profileToProfile(plain, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    if done is None:
        return None
    out = done.convert("RGBA")
    if "A" in im.getbands():
        out.putalpha(im.getchannel("A"))
    return out


def _bare(image: Image.Image) -> Image.Image:
    clean = ImageOps.expand(image, 0)
    clean.info.clear()
    return clean
