"""Files in a folder of this machine: the embedded form's store."""

import os
import tempfile
from pathlib import Path

from tcma.adapters.keys import checked
from tcma.errors import NotFound, Unavailable


class DiskFiles:
    """FileStore on a folder; a reader sees a whole file or none."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, key: str, data: bytes, media_type: str) -> None:
        """Store, replacing what stood there. The media type is the row's to remember."""
        del media_type
        path = self._path(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".part-", delete=False) as new:
                new.write(data)
            Path(new.name).chmod(0o644 & ~_umask())
            Path(new.name).replace(path)
        except OSError as error:
            raise Unavailable(f"cannot write {path}: {error.strerror}") from error

    def get(self, key: str) -> bytes:
        """Return the bytes; NotFound when there are none."""
        path = self._path(key)
        try:
            return path.read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise NotFound(f"no file under {key}", code="files.not_found") from None
        except OSError as error:
            raise Unavailable(f"cannot read {path}: {error.strerror}") from error

    def exists(self, key: str) -> bool:
        """Say whether the key holds anything."""
        return self._path(key).is_file()

    def delete(self, key: str) -> None:
        """Remove; quiet when nothing stands there."""
        path = self._path(key)
        try:
            path.unlink(missing_ok=True)
        except (IsADirectoryError, NotADirectoryError, PermissionError) as error:
            if path.is_file():
                raise Unavailable(f"cannot delete {path}: {error.strerror}") from error

    def _path(self, key: str) -> Path:
        return self.folder / checked(key)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
