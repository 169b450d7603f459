"""Typst in a process of its own: what it keeps of fonts and earlier pages (a hundred megabytes after
a few pieces) ends with it, and a layout that never ends is stopped.

One request a line, one answer a line, both JSON; what is made lies beside the layout.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

from tcma.errors import Unavailable

SECONDS = 60
"""Of the processor, for all that one process sets; a piece takes less than one."""
STANDARDS = ["a-2a", "ua-1"]
"""Of every file: to be archived, and to be read aloud."""
_ROOT = Path(__file__).resolve().parents[2]


class Typesetter(AbstractContextManager["Typesetter"]):
    """Sets layouts with the typefaces in `fonts` until the block ends; a layout sees its own folder.

    Every question raises Unavailable when the process has ended, RuntimeError for a faulty layout.
    """

    def __init__(self, fonts: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-s", "-m", __name__, str(fonts)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_ROOT,
            text=True,
        )

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()

    def told(self, layout: Path, inputs: Mapping[str, str]) -> Any:
        """Return what a layout says of itself under `<told>`."""
        return self._ask("told", layout, inputs)

    def pdf(self, layout: Path, inputs: Mapping[str, str], *, at: datetime) -> bytes:
        """Return the file; `at` stands in it as when it was made."""
        return self._made("pdf", layout, inputs, at=at.isoformat())[0]

    def pictures(
        self, layout: Path, inputs: Mapping[str, str], *, at: datetime, dpi: float
    ) -> list[bytes]:
        """Return its pages as PNG."""
        return self._made("png", layout, inputs, at=at.isoformat(), dpi=dpi)

    def _made(
        self, what: str, layout: Path, inputs: Mapping[str, str], **more: str | float
    ) -> list[bytes]:
        names = self._ask(what, layout, inputs, **more)
        return [(layout.parent / name).read_bytes() for name in names]

    def _ask(self, what: str, layout: Path, inputs: Mapping[str, str], **more: str | float) -> Any:
        asks, answers = self._process.stdin, self._process.stdout
        assert asks is not None
        assert answers is not None
        asked = {"what": what, "layout": str(layout), "inputs": inputs} | more
        try:
            asks.write(json.dumps(asked) + "\n")
            asks.flush()
            said = answers.readline()
        except BrokenPipeError:
            said = ""
        if not said:
            raise Unavailable(
                "The typesetter stopped before the piece was done.", code="rendering.typesetter"
            )
        answer = json.loads(said)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["made"]


def _answer(asked: dict[str, Any], faces: Any) -> dict[str, Any]:
    import typst  # heavy: only the process of its own loads it

    layout = Path(asked["layout"])
    about = {
        "root": str(layout.parent),
        "font_paths": faces,
        "ignore_system_fonts": True,
        "sys_inputs": asked["inputs"],
    }
    try:
        if asked["what"] == "told":
            told = typst.query(str(layout), "<told>", field="value", one=True, **about)
            return {"made": json.loads(told)}
        made = typst.compile(
            str(layout),
            format=asked["what"],
            timestamp=datetime.fromisoformat(asked["at"]),
            **({"ppi": asked["dpi"]} if "dpi" in asked else {"pdf_standards": STANDARDS}),
            **about,
        )
    except RuntimeError as error:  # what Typst raises
        return {"error": str(error)}
    names = []
    for number, page in enumerate(made if isinstance(made, list) else [made], 1):
        names.append(f"made-{number}.{asked['what']}")
        (layout.parent / names[-1]).write_bytes(page or b"")
    return {"made": names}


def main() -> None:
    """Answer until nobody asks any more; the argument is the folder of typefaces."""
    import typst

    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    faces = typst.Fonts(include_system_fonts=False, font_paths=[sys.argv[1]])
    for line in sys.stdin:
        print(json.dumps(_answer(json.loads(line), faces)), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
