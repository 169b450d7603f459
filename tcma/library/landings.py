"""A landing page as it is stored: the parts around its holes, its fields, its consent."""

import json
from dataclasses import asdict

from tcma.errors import Invalid
from tcma.ports import FileStore
from tcma.rendering.landing import FormField, Landing
from tcma.rendering.page_holes import Page

FORMAT = 1


def landing_bytes(landing: Landing) -> bytes:
    """Return a page as JSON for the file store."""
    return json.dumps({"format": FORMAT, **asdict(landing)}, ensure_ascii=False).encode()


def read_landing(files: FileStore, key: str) -> Landing:
    """Return a stored page; Invalid when it was written by another release's format."""
    record = json.loads(files.get(key))
    if record.pop("format", None) != FORMAT:
        raise Invalid("This page must be published again.", code="page.format")
    for name in ("form", "thanks", "block"):
        stored = record.get(name)
        if stored is None:
            continue
        record[name] = _page(stored)
    record["more"] = {key: _page(stored) for key, stored in record.get("more", {}).items()}
    record["fields"] = tuple(
        FormField(**field | {"choices": tuple(field["choices"])}) for field in record["fields"]
    )
    return Landing(**record)


def _page(stored: dict[str, list[str]]) -> Page:
    return Page(tuple(stored["parts"]), tuple(stored["style_hashes"]))
