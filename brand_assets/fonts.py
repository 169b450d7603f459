"""The product's typefaces: npm subsets merged for Pillow, woff2 copied for landing pages.

Runs at set-up time only; needs fontTools and brotli. Every package is under the OFL 1.1.
"""

import argparse
import hashlib
import json
import shutil
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.merge import Merger, Options
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

WESTERN = ("latin", "latin-ext", "greek", "cyrillic", "vietnamese")


@dataclass(frozen=True, slots=True)
class Face:
    """One merged file: its name in the product, the npm package, weight, subsets by preference.

    `on_web`: its subsets are also offered to landing pages. `variable`: Chinese, Japanese and Korean
    come as a hundred numbered subsets of a variable font, all of them taken, without layout tables.
    """

    name: str
    family: str
    package: str
    weight: int
    subsets: tuple[str, ...]
    on_web: bool = False
    variable: bool = False


LATIN = ("latin", "latin-ext")
FACES = (
    Face("display-600", "Geologica", "geologica", 600, WESTERN, on_web=True),
    Face("text-400", "Commissioner", "commissioner", 400, WESTERN, on_web=True),
    Face("text-600", "Commissioner", "commissioner", 600, WESTERN, on_web=True),
    Face("arabic-400", "Readex Pro", "readex-pro", 400, ("arabic", *LATIN), on_web=True),
    Face("arabic-600", "Readex Pro", "readex-pro", 600, ("arabic", *LATIN), on_web=True),
    *(
        Face(f"{script}-{weight}", f"Noto Sans {script.title()}", f"noto-sans-{script}", weight,
             (script, *LATIN))
        for script in ("hebrew", "devanagari", "thai")
        for weight in (400, 600)
    ),
    Face("japanese-500", "Noto Sans JP", "noto-sans-jp", 500, (), variable=True),
    Face("chinese-500", "Noto Sans SC", "noto-sans-sc", 500, (), variable=True),
    Face("korean-500", "Noto Sans KR", "noto-sans-kr", 500, (), variable=True),
)  # fmt: skip


def build(source: Path, target: Path, faces: tuple[Face, ...] = FACES) -> bool:
    """Fill `target`; False when it already holds exactly this.

    Raises FileNotFoundError naming the missing npm package.
    """
    wanted = _fingerprint(source, faces)
    index = target / "fonts.json"
    if index.exists() and json.loads(index.read_text()).get("fingerprint") == wanted:
        return False
    target.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor() as makers:  # the largest first, so that no core waits for them
        order = sorted(faces, key=lambda face: not face.variable)
        covers = dict(zip([face.name for face in order],
                          makers.map(_made, [(source, face, target) for face in order]),
                          strict=True))  # fmt: skip
    merged = {
        face.name: {"family": face.family, "weight": face.weight, "covers": covers[face.name]}
        for face in faces
    }
    web = [row for face in faces if face.on_web for row in _copy_woff2(source, face, target)]
    index.write_text(json.dumps({"fingerprint": wanted, "faces": web, "merged": merged}, indent=1))
    return True


def subset_file(source: Path, face: Face, subset: str) -> Path:
    """The package's woff2 of one subset; raises FileNotFoundError naming the package."""
    return _folder(source, face) / f"{face.package}-{subset}-{face.weight}-normal.woff2"


def _folder(source: Path, face: Face) -> Path:
    scope = "@fontsource-variable" if face.variable else "@fontsource"
    folder = source / scope / face.package / "files"
    if not folder.is_dir():
        raise FileNotFoundError(f"npm package {scope}/{face.package} is not in {source}")
    return folder


def _subsets(source: Path, face: Face) -> list[str]:
    return [s for s in face.subsets if subset_file(source, face, s).exists()]


def _files(source: Path, face: Face) -> list[Path]:
    if face.variable:
        return sorted(_folder(source, face).glob("*-wght-normal.woff2"))
    return [subset_file(source, face, subset) for subset in _subsets(source, face)]


def _fingerprint(source: Path, faces: tuple[Face, ...]) -> str:
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for face in faces:
        for file in _files(source, face):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _made(task: tuple[Path, Face, Path]) -> list[list[int]]:
    """Write one TTF and give the code point ranges it draws."""
    source, face, target = task
    make = _gather if face.variable else _merge
    return _ranges(make(_files(source, face), face, target / f"{face.name}.ttf"))


def _merge(files: list[Path], face: Face, target: Path) -> list[int]:
    """Subsets of one font into one, with the layout tables that Arabic and Devanagari need."""
    with tempfile.TemporaryDirectory() as scratch:
        parts = []
        for file in files:
            font = TTFont(file)
            font.flavor = None
            part = Path(scratch) / f"{file.stem}.ttf"
            font.save(part)
            parts.append(str(part))
        options = Options()
        options.drop_tables = ["MATH", "STAT", "HVAR", "vhea", "vmtx"]
        merged = Merger(options).merge(parts)
        _name(merged, face)
        merged.save(target)
    return sorted(merged.getBestCmap())


def _gather(files: list[Path], face: Face, target: Path) -> list[int]:
    """Outlines, widths and code points of a hundred subsets at one weight, glyph by glyph."""
    glyphs: dict[str, Any] = {}
    widths: dict[str, tuple[int, int]] = {}
    points: dict[int, str] = {}
    for number, file in enumerate(files):
        font = TTFont(file)
        for tag in set(font.keys()) & {
            "GPOS",
            "GSUB",
            "GDEF",
            "STAT",
            "vhea",
            "vmtx",
            "VVAR",
            "BASE",
        }:
            del font[tag]
        instantiateVariableFont(font, {"wght": face.weight}, inplace=True, optimize=False)
        names = {name: f"g{number}.{place}" for place, name in enumerate(font.getGlyphOrder())}
        for name in names if number == 0 else list(names)[1:]:  # the first file brings .notdef
            glyph = font["glyf"][name]
            for part in glyph.components if glyph.isComposite() else ():
                part.glyphName = names[part.glyphName]
            key = ".notdef" if name == ".notdef" else names[name]
            glyphs[key], widths[key] = glyph, font["hmtx"][name]
        points |= {
            point: names[name]
            for point, name in font.getBestCmap().items()
            if name != ".notdef" and point not in points
        }
    first = TTFont(files[0])
    built = FontBuilder(first["head"].unitsPerEm, isTTF=True)
    built.setupGlyphOrder(list(glyphs))
    built.setupCharacterMap(points)
    built.setupGlyf(glyphs, calcGlyphBounds=False)
    built.setupHorizontalMetrics(widths)
    built.setupHorizontalHeader(ascent=first["hhea"].ascent, descent=first["hhea"].descent)
    built.setupOS2(sTypoAscender=first["hhea"].ascent, sTypoDescender=first["hhea"].descent,
                   usWinAscent=first["OS/2"].usWinAscent, usWinDescent=first["OS/2"].usWinDescent)  # fmt: skip
    built.setupPost(keepGlyphNames=False)
    _name(built.font, face)
    built.save(target)
    return sorted(points)


def _name(font: TTFont, face: Face) -> None:
    """One family of two weights, as programs that choose a font by its name expect it."""
    style = {400: "Regular", 500: "Medium", 600: "SemiBold"}[face.weight]
    builder = FontBuilder(font=font)
    builder.setupNameTable({
        "familyName": face.family,
        "styleName": style,
        "uniqueFontIdentifier": f"{face.family} {style}",
        "fullName": f"{face.family} {style}",
        "psName": f"{face.family.replace(' ', '')}-{style}",
        "version": "1",
    })  # fmt: skip
    font["OS/2"].usWeightClass = face.weight
    font["head"].created = font["head"].modified = 0


def _ranges(points: list[int]) -> list[list[int]]:
    out: list[list[int]] = []
    for point in points:
        if out and point == out[-1][1] + 1:
            out[-1][1] = point
        else:
            out.append([point, point])
    return out


def _copy_woff2(source: Path, face: Face, target: Path) -> list[object]:
    ranges = json.loads((source / "@fontsource" / face.package / "unicode.json").read_text())
    rows: list[object] = []
    for subset in _subsets(source, face):
        file = subset_file(source, face, subset)
        shutil.copyfile(file, target / file.name)
        rows.append(
            {
                "family": face.family,
                "weight": face.weight,
                "subset": subset,
                "file": file.name,
                "unicode_range": ranges[subset],
            }
        )
    return rows


def main() -> None:
    """Command line: --from node_modules --to tcma/built/fonts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="source", type=Path, default=Path("node_modules"))
    parser.add_argument("--to", dest="target", type=Path, default=Path("tcma/built/fonts"))
    options = parser.parse_args()
    done = build(options.source, options.target)
    print(f"fonts: {'built' if done else 'up to date'} in {options.target}")


if __name__ == "__main__":
    main()
