"""Keeps compiled pages beside the bundle, as Python keeps compiled modules: same trust, same switch.

To compile all templates takes seconds, to read them back a twentieth of that; every web process and
every `tcma up` gains them. What an author writes is not kept: it has an environment of its own.
"""

import hashlib
import pickle
import sys
from collections.abc import Iterable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemBytecodeCache
from jinja2.bccache import Bucket

HERE: Final = Path(__file__).parent
FOLDER: Final = HERE.parent / "built" / "pages"
UNREADABLE: Final = (OSError, EOFError, pickle.UnpicklingError, ValueError)


class KeptPages(FileSystemBytecodeCache):
    """The compiled templates of one environment in `folder`, which comes into being by itself.

    A page is taken back only for the same text, the same `code` (see `code_mark`) and the same
    Python. One that cannot be read is compiled, one that cannot be written is compiled next time.
    """

    def __init__(self, folder: Path, *, code: str) -> None:
        super().__init__(str(folder), "%s.page")
        self.code = code

    def get_cache_key(self, name: str, filename: str | None = None) -> str:  # noqa: ARG002 - Jinja's
        """Return the file's name: an installation may be built in one folder and run in another."""
        return super().get_cache_key(name)

    def get_source_checksum(self, source: str) -> str:
        """Return what a kept page must have been made of."""
        return hashlib.sha256(f"{self.code}\n{source}".encode()).hexdigest()

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take a page back where it is whole."""
        with suppress(*UNREADABLE):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a page, unless Python was told to keep nothing or the folder is not ours."""
        if sys.dont_write_bytecode:
            return
        with suppress(OSError):
            Path(self.directory).mkdir(parents=True, exist_ok=True)
            super().dump_bytecode(bucket)


def code_mark(files: Iterable[Path] = ()) -> str:
    """Return one hash over what decides how a text is compiled.

    That is Jinja, and our own modules: filters of fixed words are worked out while compiling.
    """
    mark = hashlib.sha256(f"{version('jinja2')} {version('markupsafe')}".encode())
    for path in files or sorted([*HERE.rglob("*.py"), *HERE.parent.glob("*.py")]):
        mark.update(path.read_bytes())
    return mark.hexdigest()


def keep(env: Environment, folder: Path = FOLDER) -> None:
    """Let an environment keep its compiled pages; the last step of its making."""
    env.bytecode_cache = KeptPages(folder, code=code_mark())


def fill(env: Environment) -> int:
    """Compile every page of an environment that is not kept yet; return how many there are."""
    names = env.list_templates(extensions=["html"])
    for name in names:
        env.get_template(name)
    return len(names)
