"""The product's typefaces: npm subsets merged for Pillow, woff2 copied for landing pages.

Runs at set-up time only; needs fontTools and brotli. Every package is under the OFL 1.1.
"""

import argparse
import hashlib
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fontTools.merge import Merger, Options
from fontTools.ttLib import TTFont

WESTERN = ("latin", "latin-ext", "greek", "cyrillic", "vietnamese")


@dataclass(frozen=True, slots=True)
class Face:
    """One merged file: its name in the product, the npm package, weight, subsets by preference."""

    name: str
    family: str
    package: str
    weight: int
    subsets: tuple[str, ...]


FACES = (
    Face("display-600", "Geologica", "geologica", 600, WESTERN),
    Face("text-400", "Commissioner", "commissioner", 400, WESTERN),
    Face("text-600", "Commissioner", "commissioner", 600, WESTERN),
    Face("arabic-400", "Readex Pro", "readex-pro", 400, ("arabic", "latin", "latin-ext")),
    Face("arabic-600", "Readex Pro", "readex-pro", 600, ("arabic", "latin", "latin-ext")),
)


def build(source: Path, target: Path, faces: tuple[Face, ...] = FACES) -> bool:
    """Fill `target`; False when it already holds exactly this.

    Raises FileNotFoundError naming the missing npm package.
    """
    wanted = _fingerprint(source, faces)
    index = target / "fonts.json"
    if index.exists() and json.loads(index.read_text()).get("fingerprint") == wanted:
        return False
    target.mkdir(parents=True, exist_ok=True)
    listed: dict[str, object] = {"fingerprint": wanted, "faces": [], "merged": {}}
    merged: dict[str, object] = {}
    web: list[object] = []
    for face in faces:
        merged[face.name] = {
            "family": face.family,
            "weight": face.weight,
            "covers": _merge(source, face, target / f"{face.name}.ttf"),
        }
        web.extend(_copy_woff2(source, face, target))
    listed["merged"], listed["faces"] = merged, web
    index.write_text(json.dumps(listed, indent=1))
    return True


def subset_file(source: Path, face: Face, subset: str) -> Path:
    """The package's woff2 of one subset; raises FileNotFoundError naming the package."""
    folder = source / "@fontsource" / face.package / "files"
    if not folder.is_dir():
        raise FileNotFoundError(f"npm package @fontsource/{face.package} is not in {source}")
    return folder / f"{face.package}-{subset}-{face.weight}-normal.woff2"


def _subsets(source: Path, face: Face) -> list[str]:
    return [s for s in face.subsets if subset_file(source, face, s).exists()]


def _fingerprint(source: Path, faces: tuple[Face, ...]) -> str:
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for face in faces:
        for subset in _subsets(source, face):
            digest.update(subset_file(source, face, subset).read_bytes())
    return digest.hexdigest()


def _merge(source: Path, face: Face, target: Path) -> list[list[int]]:
    """Write one TTF and give the code point ranges it draws."""
    with tempfile.TemporaryDirectory() as scratch:
        parts = []
        for subset in _subsets(source, face):
            font = TTFont(subset_file(source, face, subset))
            font.flavor = None
            part = Path(scratch) / f"{subset}.ttf"
            font.save(part)
            parts.append(str(part))
        options = Options()
        options.drop_tables = ["MATH", "STAT", "HVAR", "vhea", "vmtx"]
        merged = Merger(options).merge(parts)
        merged.save(target)
    return _ranges(sorted(merged.getBestCmap()))


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
