"""Which SVG may be drawn: well-formed, self-contained, scriptless, and small once unfolded."""

import base64
import binascii
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from tcma.words import say

MAX_ELEMENTS = 50_000
MAX_DEPTH = 200
MAX_TEXT = 2_000_000
PICTURE_KEPT = "embedded picture flattened into the logo"
ACTIVE = frozenset(
    {"script", "foreignobject", "iframe", "embed", "object", "handler", "listener", "link",
     "audio", "video", "canvas", "base", "meta", "html", "body"}
)  # fmt: skip
MOVING = frozenset({"animate", "animatemotion", "animatetransform", "animatecolor", "set"})
HREFS = frozenset({"href", "src", "data", "action", "formaction"})
SVG_NS = "{http://www.w3.org/2000/svg}"
_URL = re.compile(r"url\(\s*['\"]?\s*([^'\")]*)", re.IGNORECASE)
_DATA = re.compile(
    r"data:image/(png|jpe?g|gif|webp)\s*;\s*base64\s*,(.*)", re.IGNORECASE | re.DOTALL
)
_STYLESHEET = re.compile(rb"<\?\s*xml-stylesheet", re.IGNORECASE)
_LENGTH = re.compile(r"\s*([0-9.]+(?:e[+-]?\d+)?)\s*(px|pt|pc|mm|cm|in|em|ex)?\s*\Z", re.IGNORECASE)
_PIXELS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54,
           "in": 96.0, "em": 16.0, "ex": 8.0}  # fmt: skip


class RefusedSvgError(Exception):
    """The sentence for the person who uploaded it."""


@dataclass(frozen=True, slots=True)
class SvgReading:
    """Markup that may be drawn, what was taken out, and its own size where it states one."""

    markup: str
    width: float | None
    height: float | None
    changes: tuple[str, ...]
    warnings: tuple[str, ...]
    has_pictures: bool


def looks_like_svg(data: bytes) -> bool:
    """Whether the first element is an svg, whatever stands before it."""
    head = _as_text(data[:65_536])
    if head is None:
        return False
    bare = re.sub(
        r"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(\[.*?\]\s*)?>",
        "",
        head,
        flags=re.DOTALL | re.IGNORECASE,
    )
    return re.match(r"[\s\ufeff\x00]*<(?:[A-Za-z_][\w.-]*:)?svg[\s/>]", bare) is not None


def read_svg(data: bytes, *, check_picture: Callable[[bytes], str | None]) -> SvgReading:
    """Judge an SVG; `check_picture` gives the reason an embedded picture is refused, or None.

    Raises RefusedSvgError. References are resolved inside the document only; circles and
    unfolding of `use` beyond 50 000 elements are refused before anything is drawn.
    """
    if len(data) > MAX_TEXT:
        raise RefusedSvgError(
            say("This SVG is larger than 2 MB. Export it again without pictures.")
        )
    if _STYLESHEET.search(data):
        raise RefusedSvgError(say("This SVG loads a style sheet from elsewhere."))
    root = _parse(data)
    if _local(root) != "svg":
        raise RefusedSvgError(say("This is XML, but not an SVG picture."))
    changes: list[str] = []
    warnings: list[str] = []
    named = {e.get("id", ""): e for e in root.iter() if e.get("id")}
    for element in root.iter():
        _refuse_active(element)
        _refuse_foreign(element, check_picture, changes)
    _refuse_unfolding(root, named)
    if any(_local(e) in MOVING for e in root.iter()):
        changes.append("animation removed: the still picture is kept")
    if any(_local(e) == "text" for e in root.iter()):
        warnings.append("text is not outlined: it may be drawn in another typeface")
    size = _stated_size(root, changes)
    if not root.tag.startswith(SVG_NS):
        raise RefusedSvgError(say("This SVG does not say that it is one (xmlns is missing)."))
    pictures = PICTURE_KEPT in changes
    markup = ET.tostring(root, encoding="unicode")
    return SvgReading(markup, *size, tuple(changes), tuple(warnings), pictures)


def _as_text(data: bytes) -> str | None:
    for mark, codec in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data[: len(data) // 2 * 2].decode(codec, "replace")
    if b"\x00" in data[:512]:
        return None
    return data.decode("utf-8", "replace")


def _parse(data: bytes) -> ET.Element:
    try:
        root = fromstring(data, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as refused:
        raise RefusedSvgError(
            say("This SVG declares entities (a DTD), which we do not read.")
        ) from refused
    except (ET.ParseError, ValueError, LookupError) as broken:
        raise RefusedSvgError(
            say("This SVG is not well formed: {broken}.", broken=broken)
        ) from broken
    for depth, _ in _walk(root):
        if depth > MAX_DEPTH:
            raise RefusedSvgError(say("This SVG nests its groups deeper than 200 levels."))
    return root


def _walk(root: ET.Element) -> Iterator[tuple[int, ET.Element]]:
    todo = [(0, root)]
    while todo:
        depth, element = todo.pop()
        yield depth, element
        todo.extend((depth + 1, child) for child in element)


def _local(element: ET.Element) -> str:
    return element.tag.rsplit("}", 1)[-1].lower()


def _refuse_active(element: ET.Element) -> None:
    name = _local(element)
    if name in MOVING and element.get("attributeName", "").lower().endswith("href"):
        raise RefusedSvgError(say("This SVG changes an address while it plays."))
    if name in ACTIVE:
        raise RefusedSvgError(
            say("This SVG contains <{name}>: pictures may not carry programs or pages.", name=name)
        )
    for attribute in element.attrib:
        if attribute.rsplit("}", 1)[-1].lower().startswith("on"):
            raise RefusedSvgError(
                say("This SVG contains an event handler: pictures may not carry programs.")
            )


def _refuse_foreign(
    element: ET.Element, check_picture: Callable[[bytes], str | None], changes: list[str]
) -> None:
    for attribute, value in element.attrib.items():
        if attribute.rsplit("}", 1)[-1].lower() in HREFS:
            _refuse_address(element, value.strip(), check_picture, changes)
        for address in _URL.findall(value):
            if address and not address.strip().startswith("#"):
                raise RefusedSvgError(say("This SVG refers to something outside itself."))
    if _local(element) == "style":
        css = "".join(element.itertext())
        if "@import" in css.lower() or "\\" in css:
            raise RefusedSvgError(say("This SVG loads a style sheet from elsewhere."))
        if any(
            not a.strip().startswith(("#", "data:font", "data:application"))
            for a in _URL.findall(css)
        ):
            raise RefusedSvgError(say("This SVG refers to something outside itself."))


def _refuse_address(
    element: ET.Element,
    value: str,
    check_picture: Callable[[bytes], str | None],
    changes: list[str],
) -> None:
    if not value or value.startswith("#"):
        return
    name = _local(element)
    if re.sub(r"[\s\x00-\x1f]", "", value).lower().startswith(("javascript:", "vbscript:")):
        raise RefusedSvgError(say("This SVG contains a script address."))
    if name == "a":
        changes.append("link removed: only the picture is kept")
        return
    embedded = _DATA.match(value)
    if name not in ("image", "feimage") or not embedded:
        raise RefusedSvgError(say("This SVG refers to something outside itself."))
    try:
        picture = base64.b64decode(re.sub(r"\s", "", embedded[2]), validate=True)
    except (binascii.Error, ValueError) as broken:
        raise RefusedSvgError(say("A picture inside this SVG is damaged.")) from broken
    if reason := check_picture(picture):
        raise RefusedSvgError(say("A picture inside this SVG is refused: {reason}", reason=reason))
    changes.append(PICTURE_KEPT)


def _targets(element: ET.Element, named: dict[str, ET.Element]) -> Iterator[ET.Element]:
    """Elements this one unfolds: by href, or by url(#…) of a paint, mask, clip, marker, filter."""
    for attribute, value in element.attrib.items():
        linked = attribute.rsplit("}", 1)[-1].lower() == "href"
        if linked and (target := named.get(value.strip().removeprefix("#"))) is not None:
            yield target
        for address in _URL.findall(value):
            if (target := named.get(address.strip().lstrip("#"))) is not None:
                yield target


def _refuse_unfolding(root: ET.Element, named: dict[str, ET.Element]) -> None:
    weights: dict[ET.Element, int] = {}
    open_: set[ET.Element] = set()
    todo: list[tuple[ET.Element, bool]] = [(root, False)]
    while todo:
        element, done = todo.pop()
        below = [*element, *_targets(element, named)]
        if done:
            open_.discard(element)
            weights[element] = 1 + sum(weights.get(b, 1) for b in below)
            if weights[element] > MAX_ELEMENTS:
                raise RefusedSvgError(say("This SVG unfolds into more than 50 000 shapes."))
            continue
        if element in weights:
            continue
        if element in open_:
            raise RefusedSvgError(say("This SVG refers to itself in a circle."))
        open_.add(element)
        todo.append((element, True))
        for b in below:
            if b in open_:
                raise RefusedSvgError(say("This SVG refers to itself in a circle."))
            if b not in weights:
                todo.append((b, False))


def _stated_size(root: ET.Element, changes: list[str]) -> tuple[float | None, float | None]:
    box = [float(v) for v in re.findall(r"-?[0-9.]+(?:e[+-]?\d+)?", root.get("viewBox", ""), re.IGNORECASE)
           if v.count(".") < 2 and v != "."]  # fmt: skip
    width, height = (_pixels(root.get(side, "")) for side in ("width", "height"))
    if len(box) == 4 and box[2] > 0 and box[3] > 0:
        if width is None or height is None:
            return box[2], box[3]
    elif width is None or height is None:
        changes.append("no size stated: measured from what is drawn")
        return None, None
    if not (width and height):
        raise RefusedSvgError(say("This SVG has no area."))
    return width, height


def _pixels(stated: str) -> float | None:
    match = _LENGTH.match(stated)
    return float(match[1]) * _PIXELS[(match[2] or "").lower()] if match else None
